"""A stub server that has one run, told by its changes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.client.stub_server import StubServer

RUN = "0192f000-0000-7000-8000-000000000001"


class RunServer(StubServer):
    """Tells the changes that the run has, some more of them each time it is asked."""

    def __init__(self, *, at_once: int = 100, ends: str = "completed") -> None:
        super().__init__()
        self.at_once = at_once
        self.ends = ends
        self.changes: list[dict[str, Any]] = []
        self.told = 0
        self.asked: list[tuple[str, Any]] = []
        self.triggers: dict[str, Any] = {}
        self.steps: list[dict[str, Any]] = []
        self.again: list[dict[str, Any]] = []
        self.driver = "graph"
        self.refuses = ""
        self.parameters: list[dict[str, Any]] = []
        self.queues: list[dict[str, Any]] = []
        self.agents: list[dict[str, Any]] = []
        self.log = "one\ntwo\n"

    def tell(self, kind: str, **data: Any) -> None:
        self.changes.append({"n": len(self.changes) + 1, "kind": kind, "data": data})

    @property
    def run(self) -> dict[str, Any]:
        over = self.told >= len(self.changes)
        return {
            "id": RUN,
            "number": 1,
            "project": "demo",
            "pipeline": "flow",
            "name": "",
            "version": 1,
            "driver": self.driver,
            "status": self.ends if over else "running",
            "reason": "",
            "actor": "ada",
            "parameters": {"rows": 5},
            "outputs": {"score": 0.5} if over else {},
            "counts": {self.ends: 2} if over else {"running": 1, "pending": 1},
            "steps": 2,
            "last_change": len(self.changes),
            "created_at": "2026-01-01T00:00:00.000000Z",
            "started_at": "2026-01-01T00:00:00.000000Z",
            "ended_at": "2026-01-01T00:01:05.000000Z" if over else None,
            "url": "/runs/demo/flow/1/",
            "stop_reason": "",
        }

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        parts = urlsplit(path)
        tail = parts.path.removeprefix("/api/v1/")
        lists = {"queues/": self.queues, "agents/": self.agents, "projects/": []}
        if not self.answer_badly and tail in lists:
            return 200, _json({"next": None, "previous": None, "results": lists[tail]})
        if tail == f"tasks/{RUN}/logs/":
            return 200, self._log_from(int(parse_qs(parts.query)["from"][0]))
        if self.answer_badly or not tail.startswith(("runs/", "pipelines/demo/flow/")):
            return super().answer(method, path, headers, body)
        self.requests.append((method, path))
        value = json.loads(body) if body else None
        if tail == "runs/":
            found = [] if "status=queued" in parts.query else [self.run]
            return 200, _json({"next": None, "previous": None, "results": found})
        if tail == "pipelines/demo/flow/":
            return 200, _json({"parameters": self.parameters})
        if tail.startswith("pipelines/"):
            if value is not None and "like" in value:
                self.again.append(value)
            else:
                self.triggers.setdefault(headers["idempotency-key"], value)
            return 201, _json(self.run)
        tail = tail.removeprefix(f"runs/{RUN}/").removeprefix("runs/demo/flow/1/")
        return self._answer(method, tail, parse_qs(parts.query), value)

    def _answer(
        self, method: str, tail: str, query: dict[str, list[str]], value: Any
    ) -> tuple[int, bytes]:
        if method == "POST":
            return self._ask(tail, value)
        if tail == "":
            if "wait" in query:
                self.told = len(self.changes)
            return 200, _json(self.run)
        if tail == "snapshot/":
            return 200, _json({"number": 0, "statuses": "pp", "run": {"started_at": None}})
        if tail == "graph/":
            nodes = [{"index": 0, "name": "load"}, {"index": 1, "name": "score"}]
            return 200, _json({"nodes": nodes})
        if tail == "changes/":
            return 200, self._stream(int(query["since"][0]))
        if tail == "steps/":
            return 200, _json(self.steps)
        if tail.startswith("steps/") and tail.endswith("/logs/"):
            return 200, self._log_from(int(query["from"][0]))
        for step in self.steps:
            if tail == f"steps/{step['name']}/":
                return 200, _json(step)
        return 404, _json({"title": "Not found", "code": "not_found"})

    def _ask(self, verb: str, value: Any) -> tuple[int, bytes]:
        self.asked.append((verb, value))
        if self.refuses:
            self.tell("refused", signal=7, verb=verb, reason=self.refuses)
        else:
            self.tell("asked", signal=7, verb=verb, detail={})
        return 202, _json({"signal": 7})

    def _log_from(self, start: int) -> bytes:
        piece = {"stream": "stdout", "text": self.log[start : start + 4]}
        end = start + 4 >= len(self.log)
        return _json({"pieces": [piece], "to": start + 4, "end": end})

    def _stream(self, since: int) -> bytes:
        self.told = max(self.told, min(since + self.at_once, len(self.changes)))
        found = self.changes[since : self.told]
        frames = [{"from": one["n"], "to": one["n"], "changes": [one]} for one in found]
        return b"\n".join([*(_json(frame) for frame in frames), b"", b""])


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
