"""PostgreSQL and Redis for the tests: started from the installed programs on free loopback ports.

Nothing of the system is used: each test process has servers, folders and passwords of its own.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines_ui.local import ports
from pipelines_ui.local.children import Child, wait_until_ready
from pipelines_ui.local.redis_child import installed_server, redis_child


def postgres_programs() -> Path | None:
    """The folder of the newest installed PostgreSQL server, or None."""
    beside_path = shutil.which("postgres")
    if beside_path and shutil.which("initdb"):
        return Path(beside_path).resolve().parent
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0,
    )
    return found[-1].parent if found else None


def missing_services() -> list[str]:
    missing = []
    if postgres_programs() is None:
        missing.append("PostgreSQL")
    if installed_server() is None:
        missing.append("Redis")
    return missing


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: name another user, when this one is root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Postgres:
    """A PostgreSQL of the tests' own, gone when they end; without durability unless asked for."""

    def __init__(self, *, durable: bool = False) -> None:
        self._durable = durable
        programs = postgres_programs()
        assert programs is not None, "PostgreSQL is not installed"
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="pipelines-pg-"))
        self.port = ports.free_port()
        self._child: Child | None = None
        user = _unprivileged()
        self._as_user = []
        if user is not None:
            group = "postgres" if user == "postgres" else "nogroup"
            shutil.chown(self.folder, user, group)
            self._as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
            # Changing the user takes the leash off; this puts it on again.
            self._as_user += ["--pdeathsig", "KILL"]

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@{ports.HOST}:{self.port}/{database}"

    def start(self) -> None:
        data = self.folder / "data"
        if not data.exists():
            initdb = [str(self._programs / "initdb"), "-D", str(data), "-U", "postgres"]
            self._run([*initdb, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"])
        options = {
            "listen_addresses": ports.HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
        }
        if not self._durable:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        command = [*self._as_user, str(self._programs / "postgres"), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._child = Child(
            name="postgres",
            command=command,
            environment={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            log=Path(f"{self.folder}.log"),
            is_ready=self._accepts,
        )
        self._child.start()
        wait_until_ready(self._child, 60)

    def create_database(self, name: str) -> str:
        """One that keeps what it has committed, also when the server is killed."""
        self._sql(f'CREATE DATABASE "{name}"')
        self._sql(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
        return self.url_of(name)

    @contextmanager
    def database_of(self, user: str, name: str) -> Iterator[None]:
        """A database that belongs to a user of its own, for as long as the block lasts."""
        self._sql(f'CREATE ROLE "{user}" LOGIN')
        self._sql(f'CREATE DATABASE "{name}" OWNER "{user}"')
        try:
            yield
        finally:
            self.drop_database(name)
            self._sql(f'DROP ROLE "{user}"')

    def drop_database(self, name: str) -> None:
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def kill(self) -> None:
        assert self._child is not None
        self._child.kill()

    def cut(self, name: str) -> int:
        """End everybody's connection to a database; how many there were."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            return cut.rowcount

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        Path(f"{self.folder}.log").unlink(missing_ok=True)

    def _accepts(self) -> bool:
        asked = subprocess.run(
            [str(self._programs / "pg_isready"), "-q", "-h", ports.HOST, "-p", str(self.port)],
            check=False,
            timeout=10,
        )
        return asked.returncode == 0

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            [*self._as_user, *command],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.folder,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


class RedisServer:
    """A Redis of the tests' own; its address stays the same when it is killed and started."""

    def __init__(self, *, bundled: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pipelines-redis-"))
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        self._child, self.url = redis_child(
            self.folder,
            log=self.folder / "redis.log",
            environment=environment,
            server=None if bundled else installed_server(),
        )

    @property
    def is_running(self) -> bool:
        return self._child.is_running()

    def start(self) -> None:
        self._child.start()
        wait_until_ready(self._child, 30)

    def kill(self) -> None:
        self._child.kill()

    def stop(self) -> None:
        self._child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for(look: Callable[[], object], *, seconds: float = 20, what: str = "") -> None:
    """Look until the answer is true; after the deadline fail with the last answer seen."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s for {what or look}; last saw {seen!r}")
        time.sleep(0.02)
