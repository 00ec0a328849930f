"""The callbacks of a controller: which, in which order, with what, and what comes of each way in
which a step can end. One script on an agent; each row of the table is one of its steps."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from pipelines import RequestRefused
from tests.client.shell import Shell, until
from tests.client.test_controllers import ended, started, steps
from tests.live_stack import LiveStack

STEP = """
import sys, time
from pipelines import Task
task = Task.current_task()
how = task.connect({"how": "well", "value": 0})["how"]
if how == "badly":
    sys.exit(3)
if how == "slowly":
    time.sleep(60)
print("how:", how)
"""


class Told:
    """What the script and its run tell of all steps."""

    def __init__(self, shell: Shell, run: dict[str, Any]) -> None:
        self.run = run
        self.log = shell.log(run["id"])
        self.seen: list[dict[str, Any]] = json.loads(self._line("seen "))
        self.executed: dict[str, Any] = json.loads(self._line("executed "))
        self.successful = self._line("successful ")
        self.steps = steps(shell, run)
        self.calls = [row for row in shell.get(f"runs/{run['id']}/calls/") if row["by"] == "script"]

    def of(self, step: str) -> list[str]:
        """The callbacks of a step in order; those before its end without its status."""
        found = []
        for row in self.seen:
            if row["step"] == step:
                words = [row["kind"], str(row["attempt"])]
                found.append(
                    " ".join(
                        words if row["kind"] in ("pre", "created") else [*words, row["status"]]
                    )
                )
        return found

    def _line(self, start: str) -> str:
        lines = [line for line in self.log.splitlines() if line.startswith(start)]
        assert lines, self.log
        return lines[-1][len(start) :]


@pytest.fixture(scope="module")
def told(
    _whole_stack: LiveStack, shell_token: str, tmp_path_factory: pytest.TempPathFactory
) -> Told:
    shell = Shell(_whole_stack, tmp_path_factory.mktemp("callbacks"), shell_token)
    with suppress(RequestRefused):
        shell.post("projects/", {"name": "shell", "slug": "shell"})
    declared = [
        {"name": "General/how", "default": "well"},
        {"name": "General/value", "type": "integer", "default": 0},
    ]
    template = {"project": "shell", "name": "How", "slug": "how", "template": True}
    with suppress(RequestRefused):
        shell.post("tasks/", {**template, "kind": "python", "script": STEP, "parameters": declared})
    run = started(shell, "callbacks.py")

    def is_running() -> bool:
        rows = steps(shell, run)
        return bool(rows) and rows["aborted"]["status"] == "running"

    until(is_running, f"the step to be aborted is running\n{shell.log(run['id'])}")
    shell.post(f"runs/{run['id']}/steps/aborted/abort/")
    return Told(shell, ended(shell, run))


BEGUN = ["pre 1", "created 1", "status 1 queued", "status 1 running"]

ROWS = {
    "completed": (
        "completed",
        [*BEGUN, "completed 1 completed", "post 1 completed", "status 1 completed"],
    ),
    "failed": ("failed", [*BEGUN, "completed 1 failed", "post 1 failed", "status 1 failed"]),
    "aborted": (
        "aborted",
        [*BEGUN, "completed 1 aborted", "post 1 aborted", "status 1 aborted"],
    ),
    "cached": ("cached", ["pre 1", "completed 1 cached", "post 1 cached", "status 1 cached"]),
    "skipped": ("skipped", ["pre 1", "status 1 skipped"]),
    "refused": ("skipped", ["pre 1", "created 1", "status 1 skipped"]),
    "retried": (
        "completed",
        [
            *BEGUN, "retry 1 failed", "status 2 pending", "pre 2", "created 2", "status 2 queued",
            "status 2 running", "completed 2 completed", "post 2 completed", "status 2 completed",
        ],
    ),
    "gives up": (
        "failed",
        [
            *BEGUN, "retry 1 failed", "status 2 pending", "pre 2", "created 2", "status 2 queued",
            "status 2 running", "retry 2 failed", "completed 2 failed", "post 2 failed",
            "status 2 failed",
        ],
    ),
    "pre raises": ("failed", ["pre 1", "status 1 failed"]),
    "post raises": (
        "failed",
        [*BEGUN, "completed 1 completed", "post 1 completed", "status 1 failed"],
    ),
    "after failed": ("skipped", ["status 0 skipped"]),
}  # fmt: skip


@pytest.mark.parametrize("step", ROWS)
def test_each_way_to_end_calls_in_its_order(told: Told, step: str) -> None:
    status, calls = ROWS[step]
    assert told.steps[step]["status"] == status
    assert told.of(step) == calls


@pytest.mark.parametrize("step", ROWS)
def test_the_run_has_a_row_of_each_call(told: Told, step: str) -> None:
    words = [call.rsplit(" ", 1)[0] if call.count(" ") == 2 else call for call in ROWS[step][1]]
    asked = [(row["kind"], row["attempt"]) for row in told.calls if row["step"] == step]
    # A running step that is asked to end is another status to the run, and none to the script.
    if step == "aborted":
        asked.remove(("status", 1))
    assert [f"{kind} {attempt}" for kind, attempt in asked] == words


def test_callbacks_run_in_one_thread_that_is_not_the_script_s(told: Told) -> None:
    assert {row["thread"] for row in told.seen} == {"pipelines-controller"}


def test_before_there_is_a_task_the_node_has_none(told: Told) -> None:
    has_task = {
        (row["kind"], row["task"]) for row in told.seen if row["kind"] in ("pre", "created")
    }
    assert has_task == {("pre", False), ("created", True)}


def test_a_cached_step_has_the_task_whose_result_it_took(told: Told) -> None:
    tasks = {row["kind"]: row["task"] for row in told.seen if row["step"] == "cached"}
    assert tasks == {"pre": False, "completed": True, "post": True, "status": True}


def test_what_is_told_besides(told: Told) -> None:
    retried = [row for row in told.seen if row["step"] == "retried"]
    assert [row["more"] for row in retried if row["kind"] == "status"] == [
        ["pending"], ["queued"], ["running"], ["pending"], ["queued"], ["running"]
    ]  # fmt: skip
    assert [row["more"] for row in told.seen if row["kind"] == "retry"] == [[0], [0], [1]]
    assert [row["more"] for row in retried if row["kind"] in ("pre", "created")] == [
        ["badly"], ["badly"], ["badly"], ["well"]
    ]  # fmt: skip


def test_a_changed_parameter_arrives(told: Told, shell: Shell) -> None:
    detail = shell.get(f"runs/{told.run['id']}/steps/retried/")
    task = shell.get(f"tasks/{detail['attempts'][1]['task']}/")
    assert task["parameters"]["General/how"] == "well"
    assert detail["attempts"][1]["origin"] == "retry"
    assert "how: well" in shell.log(task["id"])


@pytest.mark.parametrize(
    ("step", "line"),
    [("pre raises", "ValueError: not this one"), ("post raises", "ValueError: not like this")],
)
def test_an_exception_is_told_where_it_was_and_why(told: Told, step: str, line: str) -> None:
    kind = step.partition(" ")[0]
    assert told.steps[step]["reason"] == f"its {kind} callback failed: {line}"
    call = next(row for row in told.calls if (row["step"], row["kind"]) == (step, kind))
    assert (call["state"], call["reason"]) == ("failed", told.steps[step]["reason"])
    assert f"in {kind}\n" in call["traceback"]
    assert line in told.log


def test_nodes_say_whether_their_children_may_run(told: Told) -> None:
    tasks = {name for name, executed in told.executed.items() if isinstance(executed, str)}
    assert tasks == {"completed", "cached", "retried"}
    assert told.executed["cached"] == told.executed["completed"]
    others = {name: executed for name, executed in told.executed.items() if name not in tasks}
    assert others == {
        "failed": False, "aborted": False, "gives up": False, "pre raises": False,
        "post raises": False, "skipped": None, "refused": None, "after failed": None,
    }  # fmt: skip


def test_the_run_ends_as_its_steps_do_and_its_script_well(told: Told) -> None:
    assert told.run["status"] == "failed"
    assert told.successful == "False"
