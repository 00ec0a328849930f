"""A script is asked about steps that it does not know yet: the answer waits until it does."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipelines.automation.component import Component
from pipelines.automation.node import Node
from pipelines.automation.script_run import ScriptRun
from pipelines.http import Api
from pipelines.task import Task
from tests.client.stub_server import TOKEN, StubServer

PATIENCE_SECONDS = 10


class RunServer(StubServer):
    """A run that gives its steps names of its own, and asks when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.open: dict[int, dict[str, Any]] = {}
        self.answers: dict[int, Any] = {}
        self.changes_told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.was_looked_at = threading.Event()
        self.is_answered = threading.Event()
        self.before_added: Callable[[str], None] = lambda name: None

    def ask(self, step: str) -> None:
        """Ask for a callback, and wait until the script has seen that."""
        number = len(self.open) + len(self.answers) + 1
        said = {"name": step, "attempt": 1, "status": "pending", "parameters": {}}
        self.open[number] = {
            "number": number, "kind": "pre", "step": step, "arguments": {"step": said}
        }  # fmt: skip
        self.was_looked_at.clear()
        self.changes_told.put({"n": number, "kind": "called", "data": {"by": "script"}})
        assert self.was_looked_at.wait(PATIENCE_SECONDS)

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        given: Any = {"status": "running", "last_change": 0}
        if "/changes/" in path:
            given = {"changes": [self.changes_told.get()]}
        elif path.endswith("/calls/?open=1&by=script"):
            given = list(self.open.values())
            self.was_looked_at.set()
        elif path.endswith("/answer/"):
            number = int(path.split("/")[-3])
            self.answers[number] = json.loads(body)
            del self.open[number]
            self.is_answered.set()
        elif method == "POST":
            self.count += 1
            name = f"named-{self.count}"
            self.before_added(name)
            given = {"steps": [{"name": name, "index": self.count}]}
        return 200, json.dumps(given).encode()


class Asked:
    """A component whose callback before a step notes that it was called."""

    name = "asked"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def step(self, *_: Any) -> dict[str, Any]:
        return {"parameters": {}}

    def node(self, name: str, step: Any) -> Node:
        return Node(name)

    def captured(self, settings: Any) -> Any:
        return SimpleNamespace(components=[])

    def callbacks(self, run: ScriptRun) -> dict[str, Any]:
        return {"pre": lambda pipeline, node, parameters: self.seen.append(node.name)}


@pytest.fixture
def server() -> Iterator[RunServer]:
    with RunServer() as made:
        yield made


def script_of(server: RunServer) -> ScriptRun:
    context = SimpleNamespace(api=Api(server.url, TOKEN, patience=1))
    task = cast(Task, SimpleNamespace(id="r1", _context=context))
    return ScriptRun(task, {"id": "r1", "project": "p", "pipeline": "q"})


def test_a_step_that_is_asked_about_before_its_script_has_heard_its_name(
    server: RunServer,
) -> None:
    asked = Asked()
    script = script_of(server)
    script.add(cast(Component, asked), {})

    def ask_and_let_it_answer(name: str) -> None:
        server.ask(name)
        # A script that does not wait for the name has answered by then.
        server.is_answered.wait(0.3)

    server.before_added = ask_and_let_it_answer

    script.add(cast(Component, asked), {})

    assert server.is_answered.wait(PATIENCE_SECONDS)
    assert asked.seen == ["named-2"]
    assert server.answers == {1: {"value": None}}


def test_a_script_that_is_executed_again_comes_to_the_step_later(server: RunServer) -> None:
    asked = Asked()
    script = script_of(server)
    script.add(cast(Component, asked), {})
    server.ask("named-3")
    script.add(cast(Component, asked), {})
    assert (asked.seen, server.answers) == ([], {})

    script.add(cast(Component, asked), {})

    assert server.is_answered.wait(PATIENCE_SECONDS)
    assert asked.seen == ["named-3"]
    assert server.answers == {1: {"value": None}}
