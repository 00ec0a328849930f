"""What a program does with a token, on the real thing: start, follow, abort, rerun, download."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines import Client, RequestRefused
from pipelines.command_line import main
from tests.live_stack import LiveStack

PATIENCE_SECONDS = 120
MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
from orchestrator.models import User
User.objects.get_or_create(username="admin", defaults={"is_superuser": True})
print(create_token(actor="admin", name="wire", scopes=("admin",))[1])
"""
SAY = {
    "kind": "python",
    "script": (
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "task.upload_artifact('word', task.get_parameter('word'))\n"
    ),
    "parameters": [{"name": "word", "type": "string", "default": "nothing"}],
}
WAIT = {
    "kind": "command",
    "argv": ["sleep", "{General/seconds}"],
    "parameters": [{"name": "seconds", "type": "number", "default": 600}],
}
DOCUMENT = {
    "schema": 1,
    "parameters": [{"name": "word", "type": "string", "default": "hello"}],
    "steps": [
        {"name": "say", "template": "say", "parameters": {"word": "${pipeline.word}"}},
        {"name": "wait", "template": "wait", "parents": ["say"]},
    ],
}


class Program:
    """A program with a token."""

    def __init__(self, stack: LiveStack) -> None:
        self._stack = stack
        self._token = stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
        self.access = (stack.base_url, self._token)
        self.options = ("--url", stack.base_url, "--token", self._token)
        project = {"name": "Wire", "slug": f"wire-{time.time_ns():x}"}
        self.project = self.ask("POST", "projects/", project)["slug"]
        for name, template in (("say", SAY), ("wait", WAIT)):
            body = {"project": self.project, "name": name, "template": True, **template}
            self.ask("POST", "tasks/", body)
        made = {"project": self.project, "slug": "talk", "document": DOCUMENT}
        self.pipeline = f"pipelines/{self.project}/talk/"
        self.ask("POST", "pipelines/", made)
        self.ask("POST", f"{self.pipeline}publish/", {}, If_Match='"1"')

    def open(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        address = path if path.startswith("/") else f"/api/v1/{path}"
        request = urllib.request.Request(
            self._stack.base_url + address,
            None if body is None else json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            method=method,
        )
        return urllib.request.urlopen(request, timeout=PATIENCE_SECONDS)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        with self.open(method, path, body, **headers) as answer:
            return json.load(answer)

    def follow(self, run: str, since: int = 0) -> Iterator[dict[str, Any]]:
        """Read the run's changes as they come, until the server ends the stream."""
        with self.open("GET", f"runs/{run}/changes/?stream=1&since={since}") as answer:
            for line in answer:
                if line.strip():
                    yield from json.loads(line)["changes"]

    def until(
        self, changes: Iterator[dict[str, Any]], told: Callable[[dict[str, Any]], bool]
    ) -> list[dict[str, Any]]:
        """Read changes up to the one that is waited for."""
        seen = []
        for change in changes:
            seen.append(change)
            if told(change):
                return seen
        pytest.fail(f"the stream ended before it; seen: {json.dumps(seen)}\n{self._stack.logs()}")


def says(kind: str, **values: Any) -> Callable[[dict[str, Any]], bool]:
    """Make the question whether a change is of this kind and has these values."""
    return lambda change: (
        change["kind"] == kind
        and all(change["data"].get(name) == value for name, value in values.items())
    )


@pytest.fixture
def program(live_stack: LiveStack) -> Program:
    return Program(live_stack)


def test_a_run_is_started_followed_aborted_and_rerun(program: Program) -> None:
    run = program.ask("POST", f"{program.pipeline}runs/", {"parameters": {"word": "grüße"}})
    changes = program.follow(run["id"])
    seen = program.until(changes, says("step_status", step=1, status="running"))
    signal = program.ask("POST", f"runs/{run['id']}/steps/wait/abort/", {})["signal"]
    seen += program.until(changes, says("asked", signal=signal))
    seen += program.until(changes, says("step_status", step=1, status="aborted"))
    # The stream ends by itself, with the run.
    seen += list(changes)
    assert [change["n"] for change in seen] == list(range(1, len(seen) + 1))
    statuses = [change["data"]["status"] for change in seen if says("step_status", step=1)(change)]
    assert statuses[-2:] == ["aborting", "aborted"]
    ended = program.ask("GET", f"runs/{run['id']}/")
    assert (ended["status"], ended["last_change"]) == ("aborted", seen[-1]["n"])

    step = program.ask("GET", f"runs/{run['id']}/steps/say/")
    with program.open("GET", step["attempts"][0]["artifacts"][0]["url"]) as file:
        assert file.read().decode() == "grüße"

    body = {"parameters": {"seconds": 0}}
    program.ask("POST", f"runs/{run['id']}/steps/wait/rerun/", body)
    again = program.until(
        program.follow(run["id"], ended["last_change"]), says("run_status", status="completed")
    )
    assert any(says("attempt_added", step=1, number=2, origin="rerun")(one) for one in again)
    assert program.ask("GET", f"runs/{run['id']}/snapshot/")["statuses"] == "cc"


def test_a_pipeline_goes_from_a_terminal_into_a_file_and_back(
    program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "talk.yaml"
    access = program.options
    name = f"{program.project}/talk"
    assert main(["export", name, "--version", "draft", "-o", str(file), *access]) == 0
    assert "steps:\n" in file.read_text(encoding="utf-8")
    assert main(["apply", str(file), "--slug", "copy", "--note", "copied", *access]) == 0
    assert capsys.readouterr().out == f"{program.project}/copy, version 1\n"
    copied = program.ask("GET", f"pipelines/{program.project}/copy/versions/1/")
    assert [step["name"] for step in copied["document"]["steps"]] == ["say", "wait"]
    file.write_text(file.read_text(encoding="utf-8").replace("template: say", "template: saay"))
    assert main(["apply", str(file), *access]) == 1
    told = capsys.readouterr().err
    assert "error: step 'say', steps[0].template: there is no template \"saay\"" in told
    assert 'did you mean "say"?' in told


HEAR = {
    "kind": "python",
    "script": (
        "from pathlib import Path\n"
        "from pipelines import StorageManager, Task\n"
        "task = Task.current_task()\n"
        "address = task.get_parameter('from')\n"
        "task.set_output('heard', Path(StorageManager.get_local_copy(address)).read_text())\n"
    ),
    "parameters": [{"name": "from", "type": "string", "default": ""}],
}
TWO = {
    "schema": 1,
    "steps": [
        {"name": "say", "template": "say", "parameters": {"word": "once"}},
        {"name": "hear", "template": "hear", "parameters": {"from": "${say.artifacts.word}"}},
    ],
}


def test_a_step_alone_reads_what_an_earlier_run_has_left(program: Program) -> None:
    body = {"project": program.project, "name": "hear", "template": True, **HEAR}
    program.ask("POST", "tasks/", body)
    program.ask("POST", "pipelines/", {"project": program.project, "slug": "two", "document": TWO})
    runs = f"pipelines/{program.project}/two/runs/"
    for part in ({}, {"only": ["hear"]}):
        run = program.ask("POST", runs, {"version": "draft", **part}, If_Match='"1"')
        program.until(program.follow(run["id"]), says("run_status", status="completed"))
        step = program.ask("GET", f"runs/{run['id']}/steps/hear/")
        assert step["attempts"][0]["outputs"] == {"heard": "once"}
        assert run["steps"] == (1 if part else 2)


def test_the_client_outlives_a_restart_of_the_server(
    program: Program, live_stack: LiveStack
) -> None:
    client = Client(*program.access)
    name = f"{program.project}/talk"
    run = client.trigger(name, {"word": "twice"}, key="once")
    assert client.trigger(name, {"word": "twice"}, key="once").id == run.id
    seen = []
    for change in run.follow(timeout=PATIENCE_SECONDS):
        seen.append(change["n"])
        if says("step_status", step=1, status="running")(change):
            live_stack.kill("web")
            live_stack.start("web")
            assert run.step("wait").abort()["change"] > change["n"]
    assert seen == list(range(1, len(seen) + 1))
    assert run.status == "aborted"
    assert run.step("say").artifacts["word"].get() == "twice"
    with pytest.raises(RequestRefused, match="aborted already"):
        run.abort()
    preview = run.preview_rerun(failed=True)
    assert preview["steps"]["wait"]["effect"] == "will run"
    run.rerun("wait", parameters={"wait": {"seconds": 0}})
    assert run.wait(PATIENCE_SECONDS).status == "completed"


def test_a_terminal_starts_looks_on_and_mends(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*words: str) -> str:
        assert main([*words, *program.options]) == 0
        return capsys.readouterr().out

    words = ("-p", "word=5", "--until", "say", "--follow")
    name, ended = told("run", f"{program.project}/talk", *words).splitlines()
    assert ended.startswith(f"{name} completed after ")
    assert json.loads(told("show", name, "--json"))["parameters"] == {"word": "5"}
    assert "artifact word, 1 bytes" in told("show", name, "say")
    assert told("rerun", name, "--from", "say", "--dry-run").startswith("say  will run\n")
    assert "completed" in told("rerun", name, "--from", "say", "--wait")
    assert "attempt 2  " in told("show", name, "say")
    assert told("logs", name, "say", "-f") == told("logs", name, "say")
    assert name in told("runs", "--project", program.project)
    assert "good  no run waits for a controller" in told("doctor")
    assert told("queues").startswith("default ")
