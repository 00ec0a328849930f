"""execute_remotely: a script leaves its task to agents, or registers itself as a template."""

from __future__ import annotations

from tests.client.shell import Shell

LEAVES = """
from pipelines import Task
task = Task.init(project_name="shell", task_name="{name}")
values = {{"rows": 3}}
task.connect(values)
print("before", Task.running_locally())
task.execute_remotely({how})
print("rows", values["rows"], "after", Task.running_locally(), flush=True)
{rest}
"""


def leaving(name: str, how: str = "", rest: str = "") -> str:
    return LEAVES.format(name=name, how=how, rest=rest)


def test_with_a_queue_the_rest_is_executed_by_an_agent(shell: Shell) -> None:
    done = shell.run(leaving("to a queue", "queue_name='default'"))
    assert done.stdout == "before True\n"
    assert "waits in the queue 'default'" in done.stderr
    task = shell.ended(shell.task("to a queue")["id"])
    assert task["status"] == "completed", shell.log(task["id"])
    assert task["parameters"] == {"General/rows": 3}
    log = shell.log(task["id"])
    assert log.index("before False") < log.index("rows 3 after False")


def test_without_one_the_script_is_registered_as_a_template(shell: Shell) -> None:
    script = leaving("to be a template")
    done = shell.run(script)
    assert "kept as template shell/to-be-a-template, version 1" in done.stderr
    assert done.stdout == "before True\n"
    template = shell.get("tasks/shell/to-be-a-template/")
    assert [(one["name"], one["default"]) for one in template["declared"]] == [("General/rows", 3)]
    again = shell.run(script)
    assert "shell/to-be-a-template, version 1" in again.stderr
    changed = shell.run(script + "# changed\n")
    assert "shell/to-be-a-template, version 2" in changed.stderr
    clone = shell.post("tasks/shell/to-be-a-template/clone/", {"parameters": {"rows": 5}})
    shell.post(f"tasks/{clone['id']}/enqueue/")
    assert shell.ended(clone["id"])["status"] == "completed"
    assert "rows 5 after False\n" in shell.log(clone["id"])


def test_a_copy_is_left_and_the_script_goes_on(shell: Shell) -> None:
    how = "queue_name='default', clone=True, exit_process=False"
    done = shell.run(leaving("stays", how))
    assert done.stdout == "before True\nrows 3 after True\n"
    assert shell.task("stays")["status"] == "completed"
    copy = shell.ended(shell.task("Clone of stays")["id"])
    assert copy["status"] == "completed"
    assert "rows 3 after False" in shell.log(copy["id"])


def test_one_task_cannot_be_in_two_places(shell: Shell) -> None:
    done = shell.run(leaving("both", "clone=False, exit_process=False"), code=1)
    assert "ValueError: execute_remotely: a task that goes on elsewhere" in done.stderr
    done = shell.run(leaving("no such queue", "queue_name='no such'"), code=1)
    assert 'Could not find queue named "no such"' in done.stderr
    assert shell.task("no such queue")["status"] == "failed"
