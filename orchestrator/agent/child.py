"""The agent's side of one supervisor: start it, give it orders, hear how the attempt ended."""

from __future__ import annotations

import json
import logging
import marshal
import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from orchestrator.agent.folder import AGENT_MARKER, MARKER
from orchestrator.agent.forked import supervisor
from orchestrator.agent.output import Output
from orchestrator.agent.reader import Reader
from orchestrator.agent.servers import ForkServers

logger = logging.getLogger(__name__)

LOST = "supervisor lost"
NEVER_STARTED = "fork server lost"
START_SECONDS = 60.0
_LAST_OUTPUT_SECONDS = 10.0
_KILL_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """What a supervisor is told to start, and for how long it may go on."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    marker: str
    timeout: float | None
    grace: float
    lease: float
    lost_grace: float
    python: str = sys.executable
    is_script: bool = False

    def words(self) -> dict[str, Any]:
        """The order as the supervisor reads it."""
        return {
            "argv": list(self.argv),
            "env": dict(self.env),
            "markers": [MARKER, AGENT_MARKER],
            "cwd": self.cwd,
            "marker": self.marker,
            "timeout": self.timeout,
            "grace": self.grace,
            "lease": self.lease,
            "lost_grace": self.lost_grace,
            "is_script": self.is_script,
        }


@dataclass(slots=True)
class End:
    """How the process ended, in the supervisor's words."""

    event: str
    code: int | None = None
    signal: int | None = None
    cause: str = ""
    left: int = 0
    forced: bool = False
    survivors: list[int] = field(default_factory=list)
    errno: int = 0
    peak: int = 0


class Child:
    """A supervisor and, below it, one attempt's processes."""

    def __init__(self, order: Order, output: Output, reader: Reader, servers: ForkServers) -> None:
        self._order = order
        self._output = output
        self._reader = reader
        self._ended = threading.Event()
        self._said = b""
        self._pid = self.supervisor_pid = 0
        self._end: End | None = None
        self._ordering = threading.Lock()
        self._servers = servers
        self._orders = -1
        self._start()

    def end(self, cause: str, grace: float) -> None:
        """Have everything ended; the first cause counts, the shortest grace as well."""
        self._tell(f"end {cause} {grace}\n")

    def renew(self, lease: float) -> None:
        """Let it go on for so long; without this it ends by itself."""
        self._tell(f"lease {lease}\n")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the supervisor has ended."""
        if seconds is None and not self._ended.wait(START_SECONDS) and not self._pid:
            # Its fork server stands still, and would for ever.
            self._servers.give_up(self._order.python)
        return self._ended.wait(seconds)

    def finish(self) -> End:
        """Collect what is left of an ended supervisor: its last word and the last output."""
        end = self._end or self._confirm_without_supervisor()
        with self._ordering:
            os.close(self._orders)
            self._orders = -1
        self._output.wait_for_end(self._reader, _LAST_OUTPUT_SECONDS)
        return end

    def _start(self) -> None:
        """Have a supervisor forked, holding the other ends of these pipes, and tell it what to do.

        The fork server is only handed descriptors: all about the attempt goes through the pipe.
        """
        pipes = [os.pipe() for _ in range(4)]
        (orders, self._orders), (status_read, status), (out_read, out), (err_read, err) = pipes
        try:
            self._servers.fork(self._order.python, (orders, status, out, err))
        except OSError:
            for descriptor in (self._orders, status_read, out_read, err_read):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (orders, status, out, err):
                os.close(descriptor)
        self._output.read("stdout", out_read, self._reader)
        self._output.read("stderr", err_read, self._reader)
        self._reader.watch(status_read, self._hear)
        data = marshal.dumps(self._order.words())
        self._tell(f"{len(data):08d}".encode() + data)

    def _tell(self, words: str | bytes) -> None:
        data = words.encode() if isinstance(words, str) else words
        # It has ended by itself meanwhile, or nothing can reach it any more.
        with self._ordering, suppress(BrokenPipeError):
            while data and self._orders >= 0:
                data = data[os.write(self._orders, data) :]

    def _hear(self, data: bytes) -> None:
        self._said += data
        *lines, self._said = self._said.split(b"\n")
        for line in lines:
            self._understand(line)
        if not data:
            self._ended.set()

    def _understand(self, line: bytes) -> None:
        try:
            word = json.loads(line)
            if word["event"] == supervisor.STARTED:
                self.supervisor_pid, self._pid = int(word["supervisor"]), int(word["pid"])
            else:
                self._end = End(**word)
        except (ValueError, KeyError, TypeError):
            # A step could write into its supervisor's pipe; that must not deafen the agent.
            logger.warning("a supervisor said what none says: %r", line[:200])

    def _confirm_without_supervisor(self) -> End:
        """The supervisor was killed: end what it left behind, as far as it can be found."""
        marker = self._order.marker.encode()
        deadline = time.monotonic() + _KILL_PATIENCE_SECONDS
        if self._pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, supervisor.KILL)
        while survivors := supervisor.marked(marker):
            for pid in survivors:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, supervisor.KILL)
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        event = LOST if self._pid else NEVER_STARTED
        return End(event=event, cause=event, forced=True, survivors=sorted(survivors))


def describe(pids: Sequence[int]) -> str:
    """A few process numbers as text."""
    return ", ".join(map(str, pids[:5])) + (", …" if len(pids) > 5 else "")
