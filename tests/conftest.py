"""What every test may ask for: a database and a broker of its stack, and the whole product live.

PIPELINES_TEST_STACK chooses the pair: `embedded` (SQLite and the bundled Redis, the default) or
`server` (PostgreSQL and Redis). Each test process has its own services on free loopback ports.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services import Postgres, RedisServer, missing_services

if TYPE_CHECKING:
    from tests.live_stack import LiveStack

STACK = os.environ.get("PIPELINES_TEST_STACK", "embedded")


class Session:
    """The services of this test process; what nobody asks for is never started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pipelines-tests-"))
        self.postgres: Postgres | None = None
        self.redis = RedisServer(bundled=STACK == "embedded")
        if STACK == "server":
            self.postgres = Postgres()
            self.postgres.start()

    @property
    def database_url(self) -> str:
        if self.postgres is not None:
            return self.postgres.url
        return f"sqlite:///{self.folder / 'db.sqlite3'}"

    def stop(self) -> None:
        self.redis.stop()
        if self.postgres is not None:
            self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


SESSION = pytest.StashKey[Session]()


def pytest_configure(config: pytest.Config) -> None:
    # A background job of a shell ignores it, and so would everything that the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if STACK not in {"embedded", "server"}:
        raise pytest.UsageError(f"PIPELINES_TEST_STACK is embedded or server, not {STACK!r}")
    if config.pluginmanager.is_blocked("django") or config.option.collectonly:
        return
    if STACK == "server" and missing_services():
        raise pytest.UsageError(f"not installed: {', '.join(missing_services())}")
    session = config.stash[SESSION] = Session()
    for name in [name for name in os.environ if name.startswith("PIPELINES_")]:
        if name != "PIPELINES_TEST_STACK":
            del os.environ[name]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="pipelines_ui.settings",
        PIPELINES_DATA_DIR=str(session.folder),
        PIPELINES_DATABASE_URL=session.database_url,
        PIPELINES_REDIS_URL=session.redis.url,
        PIPELINES_LEASE_SECONDS="3",
        PIPELINES_RENEW_SECONDS="0.5",
        PIPELINES_TICK_SECONDS="0.2",
        PIPELINES_ABORT_GRACE_SECONDS="1",
    )
    from django.conf import settings

    # A file, not memory: races between two connections need a database that both can open.
    if session.postgres is None:
        test_database = str(session.folder / "test.sqlite3")
        settings.DATABASES["default"]["TEST"] = {"NAME": test_database}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS.append("testserver")


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying(request: pytest.FixtureRequest) -> None:
    if not request.config.pluginmanager.is_blocked("django"):
        from tests.emptying import empty_as_here

        empty_as_here()


def pytest_unconfigure(config: pytest.Config) -> None:
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other pair; that is a choice of this call, not a skip."""
    other = "server" if STACK == "embedded" else "embedded"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failure: there nothing may be missing."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A file that skips itself whole is a failure in CI too."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Dropping the database would fail on a connection still open; its server goes whole anyway."""
    return True


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Session:
    """The databases and brokers of this test process."""
    return pytestconfig.stash[SESSION]


@pytest.fixture
def broker(services: Session) -> RedisServer:
    """A running Redis at settings.PIPELINES_REDIS_URL, empty; `.kill()` and `.start()` it."""
    import redis

    from orchestrator.announce import reachability

    if not services.redis.is_running:
        services.redis.start()
    with redis.Redis.from_url(services.redis.url) as client:
        client.flushall()
    # A test before may have met it away, after which it is left alone for a second.
    while not reachability.is_worth_trying():
        time.sleep(0.02)
    return services.redis


@pytest.fixture(scope="session")
def _whole_stack(
    services: Session, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["LiveStack"]:
    from tests.live_stack import LiveStack

    stack = LiveStack(tmp_path_factory.mktemp("stack"), postgres=services.postgres)
    try:
        stack.start_all()
        yield stack
    finally:
        stack.stop_all()


@pytest.fixture
def live_stack(_whole_stack: "LiveStack") -> "LiveStack":
    """The product as real processes on free ports, shared by the session; all of them running."""
    _whole_stack.start_all()
    return _whole_stack
