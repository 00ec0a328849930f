"""The fork servers of this agent: one for each Python that steps are executed with."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from orchestrator.agent.folder import folder_of_client, search_path
from orchestrator.agent.forked.appearance import ROOM, ROOM_BYTES

logger = logging.getLogger(__name__)

_MOST_IDLE = 4
_END_SECONDS = 5.0
# Started with `-c`, so that what lies beside this file is found, and only for as long as it takes.
_START = "import sys; sys.path[0] = {folder!r}; from forked.server import main; main()"


class ForkServer:
    """A process that forks supervisors; it ends when the agent does."""

    def __init__(self, python: str) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    python,
                    "-c",
                    _START.format(folder=str(Path(__file__).parent)),
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env=_environment(python),
                cwd="/",
            )
        self.pid = self._process.pid
        self.used_at = time.monotonic()

    def fork(self, descriptors: Sequence[int]) -> None:
        """Hand these descriptors to a new supervisor."""
        self.used_at = time.monotonic()
        socket.send_fds(self._socket, [b"+"], list(descriptors))

    def stop(self, *, at_once: bool = False) -> None:
        """End it; what it has forked goes on."""
        self._socket.close()
        if at_once:
            self._process.kill()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ForkServers:
    """One fork server for each Python, started when first needed, and again when it is lost."""

    def __init__(self) -> None:
        self._servers: dict[str, ForkServer] = {}
        self._lock = threading.Lock()

    def fork(self, python: str, descriptors: Sequence[int]) -> None:
        """Have a supervisor forked by this Python, with these descriptors."""
        with self._lock:
            server = self._servers.get(python) or self._start(python)
            try:
                server.fork(descriptors)
            except (BrokenPipeError, ConnectionResetError):
                logger.warning("fork server %d was lost; another is started", server.pid)
                self._stop(python)
                self._start(python).fork(descriptors)

    def pid(self, python: str) -> int:
        """The process that forks for this Python, or 0."""
        with self._lock:
            server = self._servers.get(python)
            return server.pid if server else 0

    def give_up(self, python: str) -> None:
        """Kill a fork server that does not answer; what it was asked for has its end by that."""
        with self._lock:
            server = self._servers.pop(python, None)
        if server is not None:
            logger.error("fork server %d does not answer and is killed", server.pid)
            server.stop(at_once=True)

    def stop(self) -> None:
        """End all of them."""
        with self._lock:
            for python in list(self._servers):
                self._stop(python)

    def _start(self, python: str) -> ForkServer:
        while len(self._servers) >= _MOST_IDLE:
            self._stop(min(self._servers, key=lambda name: self._servers[name].used_at))
        server = self._servers[python] = ForkServer(python)
        return server

    def _stop(self, python: str) -> None:
        with suppress(OSError):
            self._servers.pop(python).stop()


def _environment(python: str) -> dict[str, str]:
    """Only what an interpreter reads at its start; the rest is a step's own and comes with it."""
    return {
        ROOM: " " * ROOM_BYTES,
        "PATH": search_path(python),
        "HOME": os.devnull,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(folder_of_client()),
        "PYTHONUNBUFFERED": "1",
    }
