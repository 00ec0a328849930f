"""The examples do what they say, run as a person would: in a shell, against the real server."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipelines import RequestRefused
from tests.client.shell import Shell, until

EXAMPLES = Path(__file__).parents[2] / "examples"
OVER = ("completed", "failed", "aborted")


class Examples:
    """Starts examples, and looks at what becomes of them."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell

    def leave(self, name: str) -> None:
        """Run a script that leaves its task as a draft."""
        self.shell.run((EXAMPLES / name).read_text(encoding="utf-8"), Path(name).name)

    def run(self, name: str, pipeline: str) -> dict[str, Any]:
        """Run a script that starts a run, and give the run once it has ended well."""
        before = {run["id"] for run in self.runs(pipeline)}
        self.leave(name)
        new = until(lambda: {run["id"] for run in self.runs(pipeline)} - before, "there is a run")
        (run_id,) = new
        return self.ended(run_id)

    def runs(self, pipeline: str) -> list[dict[str, Any]]:
        with suppress(RequestRefused):
            return list(self.shell.client.rows(f"pipelines/examples/{pipeline}/runs/"))
        return []

    def ended(self, run_id: str) -> dict[str, Any]:
        run = until(lambda: self._final(run_id), f"run {run_id} has ended")
        assert run["status"] == "completed", (run, self.steps(run), self.log(run_id))
        return dict(run)

    def _final(self, run_id: str) -> dict[str, Any] | None:
        run = self.shell.get(f"runs/{run_id}/")
        return run if run["status"] in OVER else None

    def steps(self, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {step["name"]: step for step in self.shell.get(f"runs/{run['id']}/steps/")}

    def task(self, run: dict[str, Any], step: str) -> dict[str, Any]:
        attempts = self.shell.get(f"runs/{run['id']}/steps/{quote(step)}/")["attempts"]
        return dict(self.shell.get(f"tasks/{attempts[-1]['task']}/"))

    def log(self, task_id: str) -> str:
        return self.shell.log(task_id)

    def statuses(self, run: dict[str, Any]) -> dict[str, str]:
        return {name: step["status"] for name, step in self.steps(run).items()}


@pytest.fixture
def examples(shell: Shell) -> Examples:
    with suppress(RequestRefused):
        shell.post("projects/", {"name": "examples", "slug": "examples"})
    return Examples(shell)


def test_a_pipeline_of_tasks_clones_them(examples: Examples) -> None:
    for name in ("load", "clean", "report"):
        examples.leave(f"from_tasks/{name}.py")
        assert examples.shell.task(f"temperatures: {name}")["status"] == "draft"
    run = examples.run("from_tasks/pipeline.py", "temperatures")
    rows = examples.steps(run)
    assert {name: row["parents"] for name, row in rows.items()} == {
        "load": [],
        "clean": ["load"],
        "report": ["clean"],
    }
    assert set(examples.statuses(run).values()) == {"completed"}
    assert "60 days, 3 of them broken" in examples.log(examples.task(run, "load")["id"])
    said = examples.log(examples.task(run, "report")["id"])
    assert re.search(r"1[0-9.]+ degrees in the mean, \d+ cold days", said)


def test_a_pipeline_of_functions_is_cached_and_nested(examples: Examples) -> None:
    run = examples.run("from_functions.py", "words")
    assert list(examples.steps(run)) == ["count", "rank", "say"]
    said = examples.log(examples.task(run, "say")["id"])
    assert "  3 the" in said
    assert "  2 and" in said
    again = examples.run("from_functions.py", "words")
    assert set(examples.statuses(again).values()) == {"cached"}

    outer = examples.run("nested.py", "words-of-two-texts")
    assert examples.statuses(outer) == {"short": "completed", "long": "completed"}
    inner = [one for one in examples.runs("words") if one["id"] not in (run["id"], again["id"])]
    assert len(inner) == 2
    logs = [examples.log(examples.task(one, "say")["id"]) for one in inner]
    assert any("  4 a" in log and "  4 rose" in log for log in logs), logs


def test_a_pipeline_of_decorators_finds_its_steps_as_it_goes(examples: Examples) -> None:
    run = examples.run("from_decorators.py", "slope")
    steps = examples.steps(run)
    assert set(steps) == {"make_points", "try_slope", *(f"try_slope_{n}" for n in range(1, 6))}
    assert set(examples.statuses(run).values()) == {"completed"}
    low, high = map(float, re.findall(r"\d+\.\d\d", examples.log(run["id"]))[-2:])
    assert low <= 3.05
    assert high >= 2.95


def test_a_pipeline_by_hand_trains_until_it_is_good_enough(examples: Examples) -> None:
    examples.leave("train.py")
    run = examples.run("custom_loop.py", "train-until-good")
    assert examples.statuses(run) == {f"train {n}": "completed" for n in (1, 2, 3)}
    said = examples.log(run["id"])
    assert re.search(r"round 1: rate 0\.025 gives 0\.[0-8]\d", said)
    assert re.search(r"round 3: rate 0\.1 gives 0\.9\d", said)


def can_be_had(*requirements: str) -> bool:
    """Tell whether packages come from where this machine gets its own."""
    words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*words, "-d", folder, *requirements], capture_output=True)
        return done.returncode == 0


def test_a_pipeline_that_needs_packages_trains_on_a_table(examples: Examples) -> None:
    try:
        run = examples.run("tabular.py", "wine")
    except AssertionError:
        if not can_be_had("scikit-learn==1.7.2"):
            pytest.skip("scikit-learn cannot be installed here")
        raise
    assert examples.statuses(run) == dict.fromkeys(
        ("load", "train forest", "train logistic", "choose"), "completed"
    )
    said = examples.log(examples.task(run, "train forest")["id"])
    accuracy = float(re.findall(r"forest: ([0-9.]+)", said)[0])
    assert accuracy > 0.9
    assert "the best is" in examples.log(examples.task(run, "choose")["id"])
