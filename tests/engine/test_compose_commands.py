"""Each service's command in docker-compose.yml runs, with its environment, as a local process.

Names of hosts become loopback with ports of the test's own, and the data folder one of the test's;
everything else is as the file says. The sample then runs, triggered over REST.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipelines.http import Api
from pipelines_ui.local import ports
from pipelines_ui.local.children import Child, wait_until_ready
from tests.services import Postgres

if TYPE_CHECKING:
    from tests.conftest import Session

pytestmark = pytest.mark.server

ROOT = Path(__file__).resolve().parents[2]
MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
print(create_token(actor="admin", name="compose", scopes=("runs:write",))[1])
"""
QUICK = {"epochs": 3, "trees": 5, "rows_fraction": 0.5}
PATIENCE_SECONDS = 240.0
_VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


class Compose:
    """The services of the file, each as a command and an environment for this machine."""

    def __init__(self, postgres: Postgres, folder: Path) -> None:
        document = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
        self.services: dict[str, dict[str, Any]] = document["services"]
        self.folder = folder
        self.web_port, self.redis_port = ports.free_port(), ports.free_port()
        self.variables = {
            "PIPELINES_SECRET_KEY": secrets.token_urlsafe(40),
            "POSTGRES_PASSWORD": secrets.token_urlsafe(20),
            "REDIS_PASSWORD": secrets.token_urlsafe(20),
            "PIPELINES_BASE_URL": self.url,
        }
        (folder / "redis").mkdir()
        place = shlex.quote(str(folder / "redis"))
        here = f"--bind {ports.HOST} --port {self.redis_port} --dir {place}"
        self.places = {
            "@postgres:5432/": f"@{ports.HOST}:{postgres.port}/",
            "@redis:6379/": f"@{ports.HOST}:{self.redis_port}/",
            "http://web:8000": self.url,
            "0.0.0.0": ports.HOST,
            "8000": str(self.web_port),
            "redis-server ": f"redis-server {here} ",
            "redis-cli ": f"redis-cli -p {self.redis_port} ",
            "/data": str(folder / "data"),
        }

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.web_port}"

    def command(self, service: str) -> list[str]:
        words = [self._here(word) for word in self.services[service]["command"]]
        # A container starts in the folder of the program.
        return ["sh", "-c", 'cd "$0" && exec "$@"', str(ROOT), *words]

    def environment(self, service: str) -> dict[str, str]:
        """What the file gives the service, and nothing of this process but where programs are."""
        own = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        given = self.services[service]["environment"].items()
        return {"PATH": own, "LANG": "C.UTF-8", **{name: self._here(text) for name, text in given}}

    def is_healthy(self, service: str) -> bool:
        how, *words = self.services[service]["healthcheck"]["test"]
        words = [self._here(word) for word in words]
        command = ["sh", "-c", *words] if how == "CMD-SHELL" else words
        asked = subprocess.run(
            command,
            env=self.environment(service),
            capture_output=True,
            timeout=30,
            check=False,
        )
        return asked.returncode == 0

    def run(self, service: str, *command: str) -> str:
        """Run a command to its end as `docker compose run SERVICE COMMAND` would."""
        done = subprocess.run(
            command or self.command(service),
            cwd=ROOT,
            env=self.environment(service),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{service} {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def child(self, service: str) -> Child:
        has_check = "healthcheck" in self.services[service]
        return Child(
            name=service,
            command=self.command(service),
            environment=self.environment(service),
            log=self.folder / f"{service}.log",
            is_ready=lambda: not has_check or self.is_healthy(service),
            grace=float(self.services[service].get("stop_grace_period", "10s").rstrip("s")),
        )

    def _here(self, text: str) -> str:
        text = _VARIABLE.sub(self._value, text)
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def _value(self, match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, how, rest = match.groups()
        if name in self.variables:
            return self.variables[name]
        assert how == "-", f"{name} has neither a value nor a default: {rest}"
        return str(rest)


@pytest.fixture
def compose(services: Session, tmp_path: Path) -> Iterator[Compose]:
    assert services.postgres is not None
    compose = Compose(services.postgres, tmp_path)
    given = compose.services["postgres"]["environment"]
    with services.postgres.database_of(given["POSTGRES_USER"], given["POSTGRES_DB"]):
        yield compose


@contextmanager
def running(compose: Compose, service: str) -> Iterator[Child]:
    """The service, ready; it must end by itself when it is told to."""
    child = compose.child(service)
    child.start()
    try:
        wait_until_ready(child, 120, pause=0.3)
        yield child
    except BaseException:
        child.kill()
        raise
    assert child.stop(), f"{service} did not end in {child.grace:g} s:\n{child.last_lines(40)}"


def logs(children: Mapping[str, Child]) -> str:
    return "\n".join(f"--- {name}\n{child.last_lines(30)}" for name, child in children.items())


def test_the_sample_runs_on_the_services_of_the_compose_file(compose: Compose) -> None:
    programs = [name for name in compose.services if name not in ("postgres", "redis", "migrate")]
    assert set(programs) >= {"web", "controller", "agent", "agent-services"}
    children: dict[str, Child] = {}
    with ExitStack() as stack:
        children["redis"] = stack.enter_context(running(compose, "redis"))
        compose.run("migrate")
        for name in programs:
            children[name] = stack.enter_context(running(compose, name))
        compose.run("web", "python", "manage.py", "seed_sample")
        token = compose.run("web", "python", "manage.py", "shell", "-v0", "-c", MAKE_TOKEN).split()
        api = Api(compose.url, token[-1], patience=30)
        run = api.send("POST", "pipelines/sample/digits/runs/", {"parameters": QUICK})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while run["status"] not in {"completed", "failed", "aborted"}:
            assert time.monotonic() < deadline, f"{run}\n{logs(children)}"
            time.sleep(0.3)
            run = api.get(f"runs/{run['id']}/")
        assert run["status"] == "completed", f"{run}\n{logs(children)}"
        assert run["outputs"]["score"] > 0.8
        silent = [name for name, child in children.items() if not child.is_running()]
        assert not silent, f"{silent} ended by themselves\n{logs(children)}"


def test_nothing_in_the_compose_file_is_left_to_chance(compose: Compose) -> None:
    """Every program is told where database and broker are, and images have a version."""
    for name, service in compose.services.items():
        assert re.search(r":[\d.]+", service["image"]), f"{name}: {service['image']}"
        if "build" in service:
            told = compose.environment(name)
            assert told["PIPELINES_PRODUCTION"] == "yes"
            assert str(compose.redis_port) in told["PIPELINES_REDIS_URL"]
            assert told["PIPELINES_DATABASE_URL"].startswith("postgresql://pipelines:")
