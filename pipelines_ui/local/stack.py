"""Which processes make up the product on one machine, and what each is told."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines_ui.local import ports
from pipelines_ui.local.children import Child
from pipelines_ui.local.redis_child import ROOT, installed_server, redis_child


@dataclass(kw_only=True)
class Plan:
    """Where the stack keeps its things and on which port people find it."""

    data: Path
    port: int
    slots: int = 2
    bundled_redis: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        return self.extra.get("PIPELINES_BASE_URL", f"http://{ports.HOST}:{self.port}")


class Stack:
    """The children by name, in the order in which they start; they stop in the other."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.logs = plan.data / "logs"
        self.ready = plan.data / "ready"
        self.ready.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "PIPELINES_DATA_DIR": str(plan.data),
            "PIPELINES_BASE_URL": plan.base_url,
            "PYTHONUNBUFFERED": "1",
            **plan.extra,
        }
        self.children: dict[str, Child] = {}
        if not self.environment.get("PIPELINES_REDIS_URL"):
            self._add_redis()
        self._add_web()
        self._add_worker("controller", ["controller", "--with-tick"])
        slots = str(plan.slots)
        self._add_worker("agent", ["agent", "--queues", "default", "--slots", slots])
        self._add_worker("services", ["agent", "--queues", "services", "--slots", "16"])

    def start_redis(self) -> None:
        if "redis" in self.children:
            self.children["redis"].start()

    def manage(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "manage.py"), *arguments]

    def _add_redis(self) -> None:
        child, url = redis_child(
            self.plan.data / "redis",
            log=self.logs / "redis.log",
            environment=self.environment,
            server=None if self.plan.bundled_redis else installed_server(),
        )
        self.children["redis"] = child
        self.environment["PIPELINES_REDIS_URL"] = url

    def _add_web(self) -> None:
        port = self.plan.port
        self.children["web"] = Child(
            name="web",
            command=[
                *(sys.executable, "-m", "uvicorn", "pipelines_ui.asgi:application"),
                *("--host", ports.HOST, "--port", str(port), "--app-dir", str(ROOT)),
                *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"),
                # Browsers reconnect by themselves; a dead one must be noticed.
                *("--ws-ping-interval", "20", "--ws-max-size", "65536"),
            ],
            environment=self.environment,
            log=self.logs / "web.log",
            is_ready=lambda: ports.answers(port),
            grace=6,
        )

    def _add_worker(self, name: str, arguments: list[str]) -> None:
        flag = self.ready / name

        def is_ready() -> bool:
            child = self.children[name]
            return flag.exists() and flag.read_text(encoding="utf-8").strip() == str(child.pid)

        self.children[name] = Child(
            name=name,
            command=self.manage(*arguments),
            environment={**self.environment, "PIPELINES_READY_FILE": str(flag)},
            log=self.logs / f"{name}.log",
            is_ready=is_ready,
        )
