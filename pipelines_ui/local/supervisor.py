"""Starts the stack's processes, starts again what dies, and ends them all.

It sleeps until a signal comes: a child's end, Ctrl-C, or TERM.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from types import FrameType

from pipelines_ui.local.children import Child, ChildFailed, wait_until_ready
from pipelines_ui.local.stack import Plan, Stack

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_SECONDS = 60.0
_READY_SECONDS = 120.0

Say = Callable[[str], None]


class AlreadyRunning(Exception):
    """Another supervisor uses the data folder."""


class Stop(BaseException):
    """Somebody pressed Ctrl-C or sent TERM."""


def _raise_stop(number: int, frame: FrameType | None) -> None:
    raise Stop


class Supervisor:
    """One run of the whole product on this machine."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self._plan = plan
        self._say = say
        self._lock = _lock(plan)
        self._stack = Stack(plan)
        self._tries: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._wake, self._waker = socket.socketpair()

    def run(self, began: float) -> int:
        """Start everything and stay until told to stop; the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _raise_stop)
        try:
            link = self._start_all()
            took = time.monotonic() - began
            self._say(f"\nReady in {took:.1f} s. Sign in once with this link:\n\n  {link}\n")
            self._say(f"Logs: {self._stack.logs}. Ctrl-C stops everything; start again to go on.")
            self._watch()
        except Stop:
            self._say("\nStopping…")
        finally:
            self._stop_all()
        self._say("Stopped; nothing is left running.")
        return 0

    def _start_all(self) -> str:
        children = self._stack.children
        database = self._stack.environment.get("PIPELINES_DATABASE_URL") or "SQLite"
        self._say(f"data: {self._plan.data}")
        if "redis" in children:
            children["redis"].start()
            bundled = "bundled_redis" in " ".join(children["redis"].command)
            self._say(f"redis: {'the bundled server' if bundled else children['redis'].command[0]}")
        self._say(f"database: {database.split(':')[0]}")
        link = self._prepare()
        for child in children.values():
            if child.name != "redis":
                child.start()
        for child in children.values():
            wait_until_ready(child, _READY_SECONDS)
            self._say(f"{child.name}: running")
        return link

    def _prepare(self) -> str:
        """Migrate, seed and make the link: one process for all, since each costs a second."""
        log = self._stack.logs / "prepare.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        child = Child(
            name="prepare",
            command=self._stack.manage("prepare"),
            environment=self._stack.environment,
            log=log,
            is_ready=lambda: False,
        )
        log.unlink(missing_ok=True)
        self._stack.children["prepare"] = child
        child.start()
        assert child.process is not None
        code = child.process.wait()
        del self._stack.children["prepare"]
        if code != 0:
            raise ChildFailed(_in_words(child.last_lines()))
        *told, link = log.read_text(encoding="utf-8").strip().splitlines()
        log.unlink()
        for line in told:
            self._say(f"database: {line}")
        return link

    def _watch(self) -> None:
        self._wake.setblocking(False)
        self._waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        while True:
            self._look()
            pause = min(self._due.values(), default=None)
            timeout = None if pause is None else max(0.0, pause - time.monotonic())
            if select.select([self._wake], [], [], timeout)[0]:
                self._wake.recv(4096)

    def _look(self) -> None:
        now = time.monotonic()
        for name, child in self._stack.children.items():
            if child.is_running():
                continue
            if name not in self._due:
                self._due[name] = now + self._pause_after(child, now)
            elif self._due[name] <= now:
                del self._due[name]
                child.start()
                self._say(f"{name}: started again")

    def _pause_after(self, child: Child, now: float) -> float:
        """Say that the child has ended and how long to wait; longer each time it happens soon."""
        # Whatever it left behind in its group must not live beside its successor.
        child.kill()
        if now - child.started > _STEADY_SECONDS:
            self._tries[child.name] = 0
        tries = self._tries.get(child.name, 0)
        self._tries[child.name] = tries + 1
        pause: float = min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE)
        assert child.process is not None
        ended = _how_it_ended(child.process)
        self._say(f"{child.name}: {ended} (see {child.log}); starting it again in {pause:g} s")
        return pause

    def _stop_all(self) -> None:
        """Everything at once, Redis last: the others still speak to it while they end."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        *others, last = _redis_last(self._stack.children)
        for child in others:
            child.signal(signal.SIGTERM)
        for child in others:
            if not child.finish(time.monotonic() + child.grace):
                self._say(f"{child.name}: did not stop in {child.grace:g} s and was killed")
        last.stop()
        self._lock.close()


def _in_words(output: str) -> str:
    """A wrong setting is a sentence; anything else needs its traceback."""
    _, found, sentence = output.rpartition("ImproperlyConfigured: ")
    return sentence if found else f"The database could not be prepared:\n{output}"


def _redis_last(children: dict[str, Child]) -> list[Child]:
    return sorted(children.values(), key=lambda child: child.name == "redis")


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    if code is not None and code < 0:
        return f"killed by signal {-code}"
    return f"ended with code {code}"


def _lock(plan: Plan) -> TextIOWrapper:
    """Hold the data folder as long as this process lives, however it ends."""
    path = Path(plan.data) / "supervisor.lock"
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        who = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(
            f"Another `make run` uses the data folder {plan.data} (process {who}).\n"
            "Stop it first, or set PIPELINES_DATA_DIR to another folder."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}, {plan.base_url}\n")
    file.flush()
    return file
