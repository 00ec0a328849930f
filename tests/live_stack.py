"""The whole product as real processes, built by the code that `make run` uses."""

import shutil
import signal
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from pipelines_ui.local import ports
from pipelines_ui.local.children import Child, wait_until_ready
from pipelines_ui.local.redis_child import installed_server
from pipelines_ui.local.stack import Plan, Stack
from tests.services import Postgres

SHORT = {
    "PIPELINES_LEASE_SECONDS": "3",
    "PIPELINES_RENEW_SECONDS": "0.5",
    "PIPELINES_TICK_SECONDS": "0.2",
    "PIPELINES_ABORT_GRACE_SECONDS": "5",
    "PIPELINES_DRAIN_SECONDS": "1",
}

_LOCKED_SECONDS = 2.0


class LiveStack:
    """Web, controller, two agents and Redis; leases of three seconds unless told otherwise."""

    def __init__(
        self,
        folder: Path,
        *,
        postgres: Postgres | None = None,
        times: Mapping[str, str] = SHORT,
    ) -> None:
        self._postgres = postgres
        self._database = f"stack_{uuid.uuid4().hex[:8]}"
        self._is_prepared = False
        extra = dict(times)
        if postgres is not None:
            extra["PIPELINES_DATABASE_URL"] = postgres.create_database(self._database)
        else:
            extra["PIPELINES_DATABASE_URL"] = f"sqlite:///{folder / 'db.sqlite3'}"
        extra["PIPELINES_REDIS_URL"] = ""
        bundled = postgres is None or installed_server() is None
        plan = Plan(data=folder, port=ports.free_port(), bundled_redis=bundled, extra=extra)
        self._stack = Stack(plan)
        self.base_url = plan.base_url
        self.port = plan.port
        self.folder = folder

    @property
    def children(self) -> dict[str, Child]:
        return self._stack.children

    @property
    def environment(self) -> dict[str, str]:
        """What the processes are told; a test may run others with it."""
        return dict(self._stack.environment)

    @property
    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self.children.items() if child.pid}

    def start_all(self) -> None:
        """Start whatever is not running and wait until everything is ready."""
        missing = [child for child in self.children.values() if not child.is_running()]
        for child in missing:
            if child.name == "redis":
                child.start()
        if not self._is_prepared:
            # The checks would import every page, once more for each stack.
            self.manage("migrate", "--verbosity", "0", "--skip-checks")
            self._is_prepared = True
        for child in missing:
            if child.name != "redis":
                child.start()
        for child in missing:
            wait_until_ready(child, 90)

    def stop_all(self) -> None:
        # All at once, Redis last: the others still speak to it while they end.
        others = [child for child in self.children.values() if child.name != "redis"]
        for child in others:
            child.signal(signal.SIGTERM)
        for child in others:
            child.finish(time.monotonic() + child.grace)
        self.children["redis"].kill()
        if self._postgres is not None:
            self._postgres.drop_database(self._database)

    def start(self, name: str) -> None:
        """Start one process again: web, controller, agent, services or redis."""
        child = self.children[name]
        if not child.is_running():
            child.start()
        wait_until_ready(child, 90)

    def stop(self, name: str) -> None:
        self.children[name].stop()

    def kill(self, name: str) -> None:
        """kill -9 of one process and its group."""
        self.children[name].kill()

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one process alone, as a debugger would."""
        self.children[name].signal(number)

    def freeze(self, name: str) -> None:
        """Stop a process where it stands; on SQLite only where it does not hold the one lock.

        PostgreSQL's server takes the lock of a run from a process that is silent; SQLite has no
        server, so there a frozen writer keeps all others waiting until it goes on.
        """
        for _ in range(200):
            self.signal(name, signal.SIGSTOP)
            if self._postgres is not None or self._can_be_written():
                return
            self.signal(name, signal.SIGCONT)
        raise AssertionError(f"{name} was inside a transaction whenever it was looked at")

    def _can_be_written(self) -> bool:
        with closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=0.5)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            connection.rollback()
            return True

    def cut_database(self, *, restart: bool) -> str:
        """Cut all connections, or kill the server; what was done, in words.

        SQLite has neither: there a stranger keeps its one lock for a while.
        """
        if self._postgres is None:
            with closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=30)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(_LOCKED_SECONDS)
                connection.rollback()
            return f"database locked for {_LOCKED_SECONDS:g} s"
        if restart:
            self._postgres.kill()
            self._postgres.start()
            return "database killed"
        return f"{self._postgres.cut(self._database)} connections to the database cut"

    def empty_redis(self) -> None:
        """Forget what a stopped Redis has kept on disk; the bundled one keeps nothing."""
        shutil.rmtree(self.folder / "redis" / "appendonlydir", ignore_errors=True)

    @contextmanager
    def another_web(self, name: str) -> Iterator[int]:
        """One more web process on a port of its own, for as long as the block lasts."""
        first, port = self.children["web"], ports.free_port()
        self.children[name] = Child(
            name=name,
            command=[str(port) if word == str(self.port) else word for word in first.command],
            environment=first.environment,
            log=first.log.with_name(f"{name}.log"),
            is_ready=lambda: ports.answers(port),
            grace=first.grace,
        )
        try:
            self.start(name)
            yield port
        finally:
            self.children.pop(name).stop()

    @contextmanager
    def another_agent(self, name: str, queue: str = "default", slots: int = 2) -> Iterator[None]:
        """One more agent of a queue, for as long as the block lasts."""
        first = self.children["agent"]
        flag = self.folder / "ready" / name
        child = Child(
            name=name,
            command=self._stack.manage(
                "agent", "--queues", queue, "--slots", str(slots), "--name", name
            ),
            environment={**first.environment, "PIPELINES_READY_FILE": str(flag)},
            log=first.log.with_name(f"{name}.log"),
            is_ready=flag.exists,
        )
        flag.unlink(missing_ok=True)
        self.children[name] = child
        try:
            self.start(name)
            yield
        finally:
            child.stop()
            del self.children[name]

    def manage(self, *arguments: str, seconds: float = 90) -> str:
        """The output of a management command with the stack's environment."""
        done = subprocess.run(
            self._stack.manage(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def sign_in_link(self, user: str = "admin") -> str:
        """A one-time address that signs the person in; makes the person when unknown."""
        return self.manage("sign_in_link", user).strip().splitlines()[-1]

    def logs(self) -> str:
        """The last lines of every process, for a failure's message."""
        return "\n".join(
            f"--- {name}\n{child.last_lines(40)}" for name, child in self.children.items()
        )
