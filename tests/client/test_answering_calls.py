"""Calls put to callbacks: what they are given, what is made of their answers; on a stub server."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipelines.automation.answering import Answering
from pipelines.automation.node import Node
from pipelines.errors import ServerUnavailable
from pipelines.http import Api
from tests.client.stub_server import TOKEN, StubServer

OWNER = object()


class CallServer(StubServer):
    """Has calls that are open, and keeps their answers."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[dict[str, Any]] = []
        self.answers: dict[int, Any] = {}
        self.refuses = 0

    def ask(self, kind: str, **step: Any) -> int:
        number = len(self.calls) + 1
        said = {"name": "load", "attempt": 1, "status": "pending", "parameters": {}, **step}
        self.calls.append({"number": number, "kind": kind, "step": said["name"],
                           "attempt": said["attempt"], "arguments": {"step": said}})  # fmt: skip
        return number

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        import json

        if method == "GET" and path.endswith("/calls/?open=1&by=script"):
            return 200, json.dumps(self.calls).encode()
        if self.refuses:
            return self.refuses, b'{"title": "Nobody waits", "code": "over"}'
        number = int(path.split("/calls/")[1].split("/")[0])
        self.answers[number] = json.loads(body)
        return 204, b""


@pytest.fixture
def calls() -> Iterator[CallServer]:
    with CallServer() as server:
        yield server


def answering(server: CallServer, **callbacks: Callable[..., Any]) -> tuple[Answering, Node]:
    node = Node("load")
    made = Answering(
        Api(server.url, TOKEN, patience=1),
        "r1",
        owner=OWNER,
        node_of=lambda name: node if name == "load" else None,
        callback_of=lambda name, kind: callbacks.get(kind),
    )
    return made, node


@pytest.mark.parametrize(
    ("returned", "value"),
    [(None, None), (True, None), (False, False), (0, None), ("", None)],
)
def test_only_false_itself_skips(calls: CallServer, returned: Any, value: Any) -> None:
    number = calls.ask("pre")
    answering(calls, pre=lambda pipeline, node, parameters: returned)[0].answer_open()
    assert calls.answers == {number: {"value": value}}


def test_parameters_that_are_changed_in_place_are_the_answer(calls: CallServer) -> None:
    seen = []

    def pre(pipeline: Any, node: Node, parameters: dict[str, Any]) -> None:
        seen.append((pipeline is OWNER, node.name, node.status, copy.deepcopy(parameters)))
        parameters["General/rows"] = 7
        parameters["General/list"].append(3)

    calls.ask("pre", parameters={"General/rows": 5, "General/list": [1], "General/same": "x"})
    answering(calls, pre=pre)[0].answer_open()
    given = {"General/rows": 5, "General/list": [1], "General/same": "x"}
    assert seen == [(True, "load", "pending", given)]
    changed = {"General/rows": 7, "General/list": [1, 3]}
    assert calls.answers == {1: {"value": {"parameters": changed}}}


def test_each_kind_is_given_what_its_callback_takes(calls: CallServer) -> None:
    given: list[Any] = []
    for kind, more in (
        ("created", {"status": "pending", "task": "t1", "parameters": {"General/x": 1}}),
        ("status", {"status": "running", "previous_status": "queued", "task": "t1"}),
        ("retry", {"status": "crashed", "task": "t1", "retries": 2, "attempt": 3}),
        ("completed", {"status": "failed", "task": "t1"}),
        ("post", {"status": "failed", "task": "t1"}),
    ):
        calls.ask(kind, **more)

    def take(pipeline: Any, node: Node, *rest: Any) -> bool:
        task = node.job.task_id() if node.job else None
        given.append((node.status, task, *rest))
        return True

    names = ("created", "status", "retry", "completed", "post")
    answering(calls, **dict.fromkeys(names, take))[0].answer_open()
    assert given == [
        ("pending", "t1", {"General/x": 1}),
        ("running", "t1", "queued"),
        ("failed", "t1", 2),
        ("failed", "t1"),
        ("failed", "t1"),
    ]
    nothing = {"value": None}
    assert [calls.answers[n] for n in range(1, 6)] == [
        nothing, nothing, {"value": True}, nothing, nothing
    ]  # fmt: skip


def test_a_status_that_reads_the_same_is_not_told(calls: CallServer) -> None:
    told: list[str] = []
    calls.ask("status", status="aborting", previous_status="running")
    answering(calls, status=lambda pipeline, node, previous: told.append(previous))[0].answer_open()
    assert (told, calls.answers) == ([], {1: {"value": None}})


@pytest.mark.parametrize("raises", [ValueError("no"), SystemExit(3)], ids=["error", "exit"])
def test_what_raises_is_told_with_its_own_traceback(
    calls: CallServer, raises: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    def pre(*_: Any) -> None:
        raise raises

    calls.ask("pre")
    answering(calls, pre=pre)[0].answer_open()
    answer = calls.answers[1]
    assert answer["reason"] == f"{type(raises).__name__}: {raises}"
    assert "in pre\n    raise raises" in answer["traceback"]
    assert "answering.py" not in answer["traceback"]
    assert answer["traceback"] in capsys.readouterr().err


def test_a_retry_callback_that_raises_means_no_retry(
    calls: CallServer, capsys: pytest.CaptureFixture[str]
) -> None:
    calls.ask("retry", status="failed")
    answering(calls, retry=lambda *_: 1 / 0)[0].answer_open()
    assert calls.answers == {1: {"value": False}}
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_json_cannot_hold_is_the_callback_s_mistake(calls: CallServer) -> None:
    def pre(pipeline: Any, node: Node, parameters: dict[str, Any]) -> None:
        parameters["General/rows"] = sys

    calls.ask("pre")
    answering(calls, pre=pre)[0].answer_open()
    assert calls.answers[1]["reason"].startswith("the callback changed a parameter to what JSON")


def test_each_call_is_answered_once_also_when_nobody_waits_any_more(calls: CallServer) -> None:
    asked: list[str] = []
    made, _ = answering(calls, post=lambda pipeline, node: asked.append(node.name))
    calls.ask("post")
    calls.refuses = 409
    assert made.answer_open() is True
    assert made.answer_open() is False
    assert asked == ["load"]


def test_a_call_without_a_callback_says_so(calls: CallServer) -> None:
    calls.ask("post")
    calls.ask("pre", name="other")
    answering(calls)[0].answer_open()
    said = [calls.answers[n]["reason"] for n in (1, 2)]
    assert said == [
        "the script has no callback for post of step 'load'",
        "the script has no callback for pre of step 'other'",
    ]


def test_an_answer_that_cannot_be_told_is_no_answer(calls: CallServer) -> None:
    made, _ = answering(calls, post=lambda *given: None)
    calls.ask("post")
    calls.refuses = 503
    with pytest.raises(ServerUnavailable):
        made.answer_open()
