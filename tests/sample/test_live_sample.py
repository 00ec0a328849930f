"""The sample on the real thing: seeded, triggered over REST, executed by agents."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.http import Api
from tests.client.workshop import PACKAGE
from tests.live_stack import LiveStack

FINAL = {"completed", "failed", "aborted"}
MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
print(create_token(actor="admin", name="tests", scopes=("runs:write", "pipelines:write"))[1])
"""
QUICK = {"epochs": 3, "trees": 5, "rows_fraction": 0.5}


class Stack:
    """A live stack with the sample in it, and a token to speak to it with."""

    def __init__(self, live: LiveStack) -> None:
        live.manage("seed_sample")
        self.live = live
        self.token = live.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
        self.api = Api(live.base_url, self.token, patience=10)

    def run(self, pipeline: str, **parameters: Any) -> dict[str, Any]:
        """Start a run and give it back when it has ended."""
        return self.wait_until(self.start(pipeline, **parameters), lambda r: r["status"] in FINAL)

    def start(self, pipeline: str, **parameters: Any) -> dict[str, Any]:
        body = {"parameters": parameters}
        run: dict[str, Any] = self.api.send("POST", f"pipelines/{pipeline}/runs/", body)
        return run

    def wait_until(
        self, run: dict[str, Any], condition: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """Ask for the run until it is as wanted."""
        deadline = time.monotonic() + 180
        while not condition(run):
            if time.monotonic() > deadline:
                pytest.fail(f"{json.dumps(run, indent=1)}\n{self.live.logs()}")
            time.sleep(0.3)
            run = self.api.get(f"runs/{run['id']}/")
        return run

    def steps(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {step["name"]: step for step in self.api.pages(f"runs/{run['id']}/steps/")}

    def execute(self, template: str, **parameters: Any) -> dict[str, Any]:
        """Clone a template, enqueue the clone and give it back when it has completed."""
        task: dict[str, Any] = self.api.send(
            "POST", f"tasks/{template}/clone/", {"parameters": parameters}
        )
        self.api.send("POST", f"tasks/{task['id']}/enqueue/", {})
        deadline = time.monotonic() + 90
        while task["status"] in {"draft", "queued", "running"}:
            assert time.monotonic() < deadline, f"{task}\n{self.live.logs()}"
            time.sleep(0.2)
            task = self.api.get(f"tasks/{task['id']}/")
        assert task["status"] == "completed", task["outcome"]
        return task

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PACKAGE.parent),
            "PIPELINES_URL": self.live.base_url,
            "PIPELINES_TOKEN": self.token,
        }
        return subprocess.run(
            [sys.executable, "-m", "pipelines", *words],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def seeded() -> dict[str, Stack]:
    """Stacks that have the sample already, by address."""
    return {}


@pytest.fixture
def stack(live_stack: LiveStack, seeded: dict[str, Stack]) -> Stack:
    if live_stack.base_url not in seeded:
        seeded[live_stack.base_url] = Stack(live_stack)
    return seeded[live_stack.base_url]


def test_the_sample_runs_to_its_end_and_leaves_results(stack: Stack, tmp_path: Path) -> None:
    run = stack.run("sample/digits", **QUICK)
    steps = stack.steps(run)
    assert run["status"] == "completed", {n: (s["status"], s["reason"]) for n, s in steps.items()}
    assert 0.9 < run["outputs"]["score"] <= 1
    report = stack.api.get(f"runs/{run['id']}/steps/report/")
    found = {one["name"]: one for one in report["attempts"][-1]["artifacts"]}
    assert found["picture"]["media_type"] == "image/svg+xml"
    assert found["mistakes"]["media_type"] == "image/png"
    target = tmp_path / "mistakes.png"
    address = f"tasks/{report['attempts'][-1]['task']}/artifacts/mistakes/"
    assert stack.api.download(address, str(target)) == found["mistakes"]["sha256"]
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_data_pipeline_feeds_a_training_pipeline(stack: Stack) -> None:
    run = stack.run("sample/digits-training", epochs=2, trees=3)
    steps = stack.steps(run)
    assert run["status"] == "completed", {n: (s["status"], s["reason"]) for n, s in steps.items()}
    assert run["outputs"]["best"] in {"softmax", "forest"}
    nested = stack.api.get(f"runs/{run['id']}/steps/data/")["attempts"][-1]["nested"]
    data = stack.api.get(f"runs/{nested['run']}/")
    assert (data["pipeline"], data["origin"], data["status"]) == (
        "digits-data",
        "parent",
        "completed",
    )
    assert data["parent"] == {"run": run["id"], "step": "data", "attempt": 1}


def test_the_death_of_the_web_process_fails_no_step(stack: Stack) -> None:
    run = stack.start("sample/digits", **QUICK, pause_seconds=0.5)
    stack.wait_until(run, lambda run: run["counts"].get("completed", 0) >= 3)
    stack.live.kill("web")
    stack.live.start("web")
    run = stack.wait_until(run, lambda run: run["status"] in FINAL)
    steps = stack.steps(run)
    assert run["status"] == "completed", {n: (s["status"], s["reason"]) for n, s in steps.items()}
    assert {step["attempt"] for step in steps.values()} == {1}
    task = stack.api.get(f"runs/{run['id']}/steps/forest/")["attempts"][-1]["task"]
    (series,) = [
        one for one in stack.api.pages(f"tasks/{task}/samples/") if one["series"] == "newest tree"
    ]
    assert [step for step, _ in series["points"]] == [1, 2, 3, 4, 5]


def test_what_only_the_script_knew_is_written_back_to_its_task(stack: Stack) -> None:
    script = "from pipelines import Task\nTask.current_task().connect({'rows': 3, 'seed': 7})\n"
    body = {"project": "sample", "name": "Undeclared", "slug": "undeclared", "template": True}
    declared = [{"name": "General/rows", "type": "integer", "default": 5}]
    stack.api.send("POST", "tasks/", {**body, "script": script, "parameters": declared})
    task = stack.execute("sample/undeclared")
    assert task["parameters"] == {"General/rows": 5, "General/seed": 7}


def test_a_step_that_may_fail_does_not_fail_the_run(stack: Stack) -> None:
    run = stack.run("sample/flaky-download", break_chance=0)
    statuses = {name: step["status"] for name, step in stack.steps(run).items()}
    assert statuses == {"download": "completed", "mirror": "failed", "tidy": "completed"}
    assert run["status"] == "completed"
    assert run["outputs"] == {"arrived": ["main_status"]}


def test_a_step_that_fails_is_tried_again(stack: Stack) -> None:
    pipeline = "sample/retried"
    document = {
        "schema": 1,
        "steps": [
            {
                "name": "download",
                "template": "sample/download",
                "parameters": {"General/break_chance": 1.0, "General/seconds": 0.1},
                "retries": {"number": 2, "delay": 0},
            }
        ],
    }
    body = {"project": "sample", "slug": "retried", "name": "Retried", "document": document}
    stack.api.send("POST", "pipelines/", body)
    revision = stack.api.get(f"pipelines/{pipeline}/draft/")["revision"]
    seen = {"If-Match": f'"{revision}"'}
    stack.api.send("POST", f"pipelines/{pipeline}/publish/", {}, headers=seen)
    run = stack.run(pipeline)
    step = stack.api.get(f"runs/{run['id']}/steps/download/")
    assert run["status"] == "failed"
    assert [(one["status"], one["origin"]) for one in step["attempts"]] == [
        ("failed", "first"),
        ("failed", "retry"),
        ("failed", "retry"),
    ]


def test_a_file_becomes_a_template_on_the_command_line_and_runs(
    stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "half.py"
    file.write_text('def main(rows: int = 100):\n    return {"half": rows // 2}\n')
    words = ("template", "add", str(file), "--project", "sample", "--name", "Half of it")
    first = stack.command(*words)
    assert first.stdout == "sample/half-of-it, version 1; parameters: General/rows\n", first.stderr
    file.write_text(file.read_text() + "# changed\n")
    assert "version 2" in stack.command(*words).stdout
    listed = stack.command("template", "list", "--project", "sample").stdout
    assert any(line.split()[:2] == ["sample/half-of-it", "v2"] for line in listed.splitlines())
    refused = stack.command("template", "add", str(file), "--project", "smaple", "--name", "n")
    assert refused.returncode == 1
    assert '(404): there is no project "smaple"' in refused.stderr
    assert "smaple" not in {project["slug"] for project in stack.api.pages("projects/")}

    assert stack.execute("sample/half-of-it", **{"General/rows": 9})["outputs"] == {"half": 4}
