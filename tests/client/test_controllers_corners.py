"""Corners of controllers, each once on a real server: a table of what is seen after each run."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from pipelines import RequestRefused
from tests.client.shell import Shell, until
from tests.client.test_controllers import (
    ended,
    runs,
    script,
    started,
    steps,
    task_of,
    templates,
)
from tests.live_stack import LiveStack

CONFIGURED = """
from pipelines import Task
task = Task.current_task()
print("layers", task.get_configuration_object("model"))
print("notes", task.get_configuration_object("notes"))
"""


@pytest.fixture(scope="module")
def module_shell(
    _whole_stack: LiveStack, shell_token: str, tmp_path_factory: pytest.TempPathFactory
) -> Shell:
    made = Shell(_whole_stack, tmp_path_factory.mktemp("corners"), shell_token)
    with suppress(RequestRefused):
        made.post("projects/", {"name": "shell", "slug": "shell"})
    templates(made)
    return made


def started_marked(shell: Shell, mark: str) -> dict[str, Any]:
    done = shell.run(script("marked.py").replace("MARK", mark), f"{mark}.py")
    assert "waits in queue" in done.stdout
    return runs(shell, f"marked-{mark}")[0]


class Kept:
    """What is there after the run of kept.py."""

    def __init__(self, shell: Shell) -> None:
        configuration = {"model": '{"layers": 1}', "notes": "some", "other": "left"}
        body = {"project": "shell", "name": "Configured", "kind": "python", "script": CONFIGURED}
        shell.post("tasks/", {**body, "configuration": configuration})
        self.run = ended(shell, started(shell, "kept.py"))
        self.log = shell.log(self.run["id"])
        self.tasks = {name: task_of(shell, self.run, name) for name in steps(shell, self.run)}
        self.logs = {name: shell.log(task["id"]) for name, task in self.tasks.items()}
        path = f"tasks/{self.run['id']}/"
        self.artifacts = {row["name"]: row for row in shell.client.rows(f"{path}artifacts/")}
        self.samples = str(shell.get(f"{path}samples/"))


@pytest.fixture(scope="module")
def kept(module_shell: Shell) -> Kept:
    return Kept(module_shell)


def test_all_of_it_has_completed(kept: Kept) -> None:
    assert kept.run["status"] == "completed", (kept.log, kept.logs)
    assert "nodes ['completed', 'completed', 'completed']" in kept.log


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("made", "value 7"),
        ("made", 'layers {"layers": 1}'),
        ("configured", "notes none"),
        ("keep", "kept good"),
    ],
)
def test_what_a_step_has_printed(kept: Kept, step: str, line: str) -> None:
    assert line in kept.logs[step]


def test_other_configurations_are_the_step_s_and_the_rest_is_the_base_task_s(kept: Kept) -> None:
    configuration = kept.tasks["configured"]["configuration"]
    assert configuration["notes"] == "none"
    assert configuration["other"] == "left"
    assert "3" in configuration["model"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("from a step", "json"),
        ("step model", "model"),
        ("from the script", "json"),
        ("own model", "model"),
    ],
)
def test_what_is_kept_with_the_run(kept: Kept, name: str, kind: str) -> None:
    assert kept.artifacts[name]["kind"] == kind


@pytest.mark.parametrize("series", ["step", "script"])
def test_what_is_reported_to_the_run(kept: Kept, series: str) -> None:
    assert series in kept.samples


@pytest.mark.parametrize(("mark", "status"), [("failed", "failed"), ("aborted", "aborted")])
def test_a_run_that_its_script_marks_keeps_what_the_script_has_left(
    module_shell: Shell, mark: str, status: str
) -> None:
    shell = module_shell
    run = ended(shell, started_marked(shell, mark))
    log = shell.log(run["id"])
    assert run["status"] == status, log
    assert steps(shell, run)["slow"]["status"] in ("aborted", "skipped")
    names = {row["name"] for row in shell.client.rows(f"tasks/{run['id']}/artifacts/")}
    assert "early" in names
    if mark == "failed":
        assert "last words" in log
        assert "late" in names
        task = shell.get(f"tasks/{run['id']}/")
        assert task["outputs"] == {"word": "said"}
        assert "the script has marked the pipeline as failed" in run["reason"]


FLAGS = {
    "plain": ("aborted", "skipped"),
    "may": ("aborted", "skipped"),
    "on": ("aborted", "completed"),
    "stops": ("aborted", "skipped"),
}


def test_what_a_step_aborted_by_a_person_means_is_as_its_flags_say(module_shell: Shell) -> None:
    shell = module_shell
    run = started(shell, "ended_by_hand.py")
    left = set(FLAGS)

    def all_aborted() -> bool:
        for name, row in steps(shell, run).items():
            if name in left and row["status"] in ("queued", "running"):
                shell.post(f"runs/{run['id']}/steps/{name}/abort/")
                left.discard(name)
        return not left

    until(all_aborted, f"every step is aborted\n{shell.log(run['id'])}")
    run = ended(shell, run)
    rows = steps(shell, run)
    found = {name: (rows[name]["status"], rows[f"after {name}"]["status"]) for name in FLAGS}
    assert found == FLAGS
    assert run["status"] == "aborted", run


CACHED = """
from pipelines import PipelineDecorator

def after(pipeline, node):
    print("after", node.status, node.job.task_id() == node.executed, node.executed)

@PipelineDecorator.component(return_values=["n"], cache=True, post_execute_callback=after)
def only_here(n):
    return n * 41 + 1

@PipelineDecorator.pipeline(name="cached-after", project="shell")
def flow():
    only_here(1)

if __name__ == "__main__":
    PipelineDecorator.run_locally()
    flow()
"""


def test_a_cached_component_s_callback_has_the_task_whose_result_it_took(
    module_shell: Shell,
) -> None:
    first, second = (
        next(line for line in done.stdout.splitlines() if line.startswith("after"))
        for done in (module_shell.run(CACHED), module_shell.run(CACHED))
    )
    assert first.startswith("after completed True")
    assert second == first.replace("completed", "cached")


STOPPED = """
from pipelines import PipelineDecorator, Task

@PipelineDecorator.component(return_values=["n"])
def endless():
    import time
    time.sleep(60)

@PipelineDecorator.pipeline(name="stopped MARK", project="shell")
def flow():
    endless()
    Task.current_task().upload_artifact("early", {"n": 1})
    PipelineDecorator.get_current_pipeline().stop(mark_MARK=True)
    print(endless())

if __name__ == "__main__":
    WHERE
    flow()
"""


@pytest.mark.parametrize("where", ["agent", "here"])
@pytest.mark.parametrize("mark", ["failed", "aborted"])
def test_a_pipeline_function_that_ends_its_run(module_shell: Shell, mark: str, where: str) -> None:
    shell = module_shell
    is_here = where == "here"
    call = "PipelineDecorator.run_locally()" if is_here else "pass"
    text = STOPPED.replace("MARK", mark).replace("WHERE", call)
    process = shell.begin(text, f"{where}-{mark}.py")
    _, err = process.communicate(timeout=60)
    run = ended(shell, runs(shell, f"stopped-{mark}")[0])
    assert run["status"] == mark, (err, shell.log(run["id"]))
    if mark == "failed":
        assert "the script has marked the pipeline as failed" in run["reason"]
    names = {row["name"] for row in shell.client.rows(f"tasks/{run['id']}/artifacts/")}
    assert "early" in names
    assert {row["status"] for row in steps(shell, run).values()} <= {"aborted", "skipped"}
