"""One child process: started on a leash, its output in a file, ended for certain."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_LOG_KEPT = 5 * 1024 * 1024


@dataclass
class Child:
    """What to run under which name, and how one sees that it is ready."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    is_ready: Callable[[], bool]
    grace: float = 10
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started: float = 0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_KEPT:
            self.log.replace(self.log.with_suffix(".old.log"))
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid())]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*leash, *self.command],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C in the terminal must reach the supervisor alone: it ends the rest in order.
                start_new_session=True,
            )
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End the process and its whole group at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def finish(self, deadline: float) -> bool:
        """Wait for the end until `deadline`, then kill; say whether it ended by itself."""
        if self.process is None:
            return True
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        # Whatever it left behind in its group goes too.
        self.kill()
        return True

    def stop(self) -> bool:
        self.signal(signal.SIGTERM)
        return self.finish(time.monotonic() + self.grace)

    def last_lines(self, count: int = 20) -> str:
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "\n".join(lines[-count:])


class ChildFailed(Exception):
    """A child ended, or was not ready in time; the message carries the end of its output."""


def wait_until_ready(child: Child, seconds: float, *, pause: float = 0.03) -> None:
    deadline = time.monotonic() + seconds
    while not child.is_ready():
        if not child.is_running():
            code = child.process.returncode if child.process else None
            raise ChildFailed(
                f"{child.name} ended with code {code} before it was ready:\n{child.last_lines()}"
            )
        if time.monotonic() > deadline:
            raise ChildFailed(
                f"{child.name} was not ready after {seconds:g} s:\n{child.last_lines()}"
            )
        time.sleep(pause)
