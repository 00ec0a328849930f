"""The product as real processes, driven over REST as any program would."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bench import processes, shapes
from pipelines.http import Api
from tests.live_stack import LiveStack
from tests.services import Postgres

PROJECT = "bench"
LONGEST_SECONDS = 1800
_MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
from orchestrator.models import User
User.objects.get_or_create(username="admin", defaults={"is_superuser": True})
print(create_token(actor="admin", name="bench", scopes=("admin",))[1])
"""


class Product:
    """One live stack, its token, and the pipelines that were made on it."""

    def __init__(self, name: str, live: LiveStack, postgres: Postgres | None) -> None:
        self.name = name
        self.live = live
        self._postgres = postgres
        self.token = live.manage("shell", "-v0", "-c", _MAKE_TOKEN).split()[-1]
        self.api = Api(live.base_url, self.token, patience=60)
        self.api.send("POST", "projects/", {"name": "Bench", "slug": PROJECT})
        for slug, template in shapes.TEMPLATES.items():
            body = {"project": PROJECT, "name": slug, "slug": slug, "template": True, **template}
            self.api.send("POST", "tasks/", body)
        self._pipelines: set[str] = set()

    @property
    def folder(self) -> Path:
        return self.live.folder

    @property
    def redis_url(self) -> str:
        return self.live.environment["PIPELINES_REDIS_URL"]

    def pipeline(self, slug: str, steps: shapes.Steps) -> str:
        """Publish a pipeline, once however often it is asked for; give back its address."""
        address = f"pipelines/{PROJECT}/{slug}"
        if slug not in self._pipelines:
            document = {"schema": 1, "steps": steps}
            body = {"project": PROJECT, "slug": slug, "name": slug, "document": document}
            self.api.send("POST", "pipelines/", body)
            revision = self.api.get(f"{address}/draft/")["revision"]
            headers = {"If-Match": f'"{revision}"'}
            self.api.send("POST", f"{address}/publish/", {}, headers=headers)
            self._pipelines.add(slug)
        return address

    def start(self, address: str) -> str:
        run: str = self.api.send("POST", f"{address}/runs/", {})["id"]
        return run

    def wait(self, run: str) -> dict[str, Any]:
        """Look until the run has completed; ever less often, as a look costs half a step."""
        pause = 0.1
        deadline = time.monotonic() + LONGEST_SECONDS
        while True:
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)
            row: dict[str, Any] = self.api.get(f"runs/{run}/")
            if row["status"] == "completed":
                return row
            if row["status"] in ("failed", "aborted") or time.monotonic() > deadline:
                raise AssertionError(f"run {run} is {row['status']}\n{self.live.logs()}")

    def seconds_of(self, address: str) -> float:
        """From the call until the run's end, by the clock that both share."""
        began = time.time()
        row = self.wait(self.start(address))
        return datetime.fromisoformat(row["ended_at"]).timestamp() - began

    def abort(self, run: str) -> None:
        """End a run of which enough was seen, so that it does not work beside what follows."""
        self.api.send("POST", f"runs/{run}/abort/", {})
        deadline = time.monotonic() + 60
        while self.api.get(f"runs/{run}/")["status"] not in ("aborted", "completed", "failed"):
            if time.monotonic() > deadline:
                raise AssertionError(f"run {run} does not end\n{self.live.logs()}")
            time.sleep(0.1)

    def pids(self) -> set[int]:
        """Every process of the stack, its database's included."""
        roots = list(self.live.pids.values())
        if self._postgres is not None and self._postgres.pid:
            roots.append(self._postgres.pid)
        return processes.tree_of(roots)

    def cpu_seconds(self) -> float:
        return processes.cpu_seconds(self.pids())


@contextmanager
def product(name: str) -> Iterator[Product]:
    """SQLite with the bundled server ("embedded"), or PostgreSQL with Redis ("server")."""
    folder = Path(tempfile.mkdtemp(prefix="pipelines-bench-"))
    postgres = Postgres(durable=True) if name == "server" else None
    live = None
    for setting in [key for key in os.environ if key.startswith("PIPELINES_")]:
        del os.environ[setting]
    try:
        if postgres is not None:
            postgres.start()
        # The product's own leases and ticks, not the short ones of the tests.
        live = LiveStack(folder, postgres=postgres, times={"PIPELINES_DRAIN_SECONDS": "1"})
        live.start_all()
        yield Product(name, live, postgres)
    finally:
        if live is not None:
            live.stop_all()
        if postgres is not None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
