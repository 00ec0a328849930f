"""One step on this machine: what it tells of its output and its end, whatever happens."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipelines.http import Api
from pipelines.local_step import LocalStep
from tests.client.stub_server import TOKEN, StubServer
from tests.client.workshop import PACKAGE


class TaskServer(StubServer):
    """Has one task; takes what it is told of it, though at times its answer is lost."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self.about = {"kind": "python", "body": {"script": script}, "parameters": {}}
        self.heard: dict[str, list[dict[str, str]]] = {}
        self.loses = 0
        self.takes_output = True
        self.ending: dict[str, Any] = {}

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        said = json.loads(body) if body else {}
        match urlsplit(path).path.removeprefix("/api/v1/tasks/t/"):
            case "start/":
                return 200, json.dumps({"fence": 1, "renew_every": 60, "token": "own"}).encode()
            case "output/" if not self.takes_output:
                return 503, b"{}"
            case "output/":
                assert (
                    self.heard.setdefault(headers["idempotency-key"], said["pieces"])
                    == (said["pieces"])
                ), "another batch under the same key"
                self.loses -= 1
                return (503 if self.loses >= 0 else 200), b"{}"
            case "finish/":
                self.ending = said
        return 200, json.dumps(self.about).encode()

    @property
    def output(self) -> str:
        return "".join(piece["text"] for pieces in self.heard.values() for piece in pieces)


def executed(server: TaskServer, patience: float = 10) -> dict[str, Any]:
    with server:
        api = Api(server.url, TOKEN, patience=patience)
        step = LocalStep(
            api, {"id": "t", "name": "step"}, str(PACKAGE.parent), lambda *a, **k: None
        )
        assert step.claim()
        step.run()
    return server.ending


def test_output_whose_answer_was_lost_is_not_told_twice() -> None:
    server = TaskServer(
        "import time\nfor n in range(8):\n    print(n, flush=True)\n    time.sleep(0.15)\n"
    )
    server.loses = 3
    assert executed(server)["status"] == "completed"
    assert server.output == "".join(f"{n}\n" for n in range(8))


@pytest.mark.parametrize(
    ("number", "name"), [("signal.SIGKILL", "SIGKILL"), ("signal.SIGRTMIN + 6", "signal 40")]
)
def test_a_signal_of_whatever_number_is_an_end(number: str, name: str) -> None:
    server = TaskServer(f"import os, signal\nos.kill(os.getpid(), {number})\n")
    ending = executed(server)
    assert (ending["status"], ending["reason"]) == ("failed", f"it was ended by {name}")


def test_output_that_nobody_takes_fails_a_step_that_ended_well() -> None:
    server = TaskServer("print('well')\n")
    server.takes_output = False
    ending = executed(server, patience=0.1)
    assert ending["status"] == "failed"
    assert ending["reason"].startswith("its output could not be delivered: the server at ")
