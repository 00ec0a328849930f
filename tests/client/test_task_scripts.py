"""Scripts that work with tasks by hand: registered from a shell, run by agents, looked at again."""

from __future__ import annotations

import re
from pathlib import Path

from tests.client.shell import Shell, until

BASE = """
from pipelines import Task

task = Task.init("examples", "Toy Base Task")
params = {"Example_Param": 1}
task.connect(params)
print("Example_Param is {}".format(params["Example_Param"]))
"""
CONTROLLER = """
from pipelines import Task

task = Task.init("examples", "Simple Controller Task", task_type=Task.TaskTypes.controller)
param = task.connect(dict())
param["Example_Param"] = 3
template = Task.get_task(project_name=task.get_project_name(), task_name="Toy Base Task")
cloned = Task.clone(source_task=template, name="Auto generated cloned task")
values = cloned.get_parameters()
values["Example_Param"] = param["Example_Param"]
cloned.set_parameters(values)
print("enqueue", cloned.id)
Task.enqueue(cloned.id, queue_name="default")
"""
SEARCH = """
import random
from pipelines import Task

task = Task.init(project_name="examples", task_name="Random Search",
                 task_type=Task.TaskTypes.optimizer)
params = {"low": 2, "high": 5, "samples": 3}
params = task.connect(params)
base = Task.get_task(project_name="examples", task_name="Toy Base Task")
for i in range(params["samples"]):
    cloned = Task.clone(source_task=base, name=base.name + " {}".format(i), parent=base.id)
    values = cloned.get_parameters()
    values["General/Example_Param"] = random.randint(params["low"], params["high"])
    cloned.set_parameters(values)
    print("enqueue", cloned.id)
    Task.enqueue(cloned.id, queue_name="default")
"""


def enqueued(text: str) -> list[str]:
    return re.findall(r"^enqueue (\S+)$", text, re.MULTILINE)


def test_a_task_made_like_another_is_changed_and_enqueued_from_a_shell(shell: Shell) -> None:
    assert "Example_Param is 1\n" in shell.run(BASE).stdout
    done = shell.run(CONTROLLER)
    (clone,) = enqueued(done.stdout)
    task = shell.ended(clone)
    assert (task["status"], task["name"]) == ("completed", "Auto generated cloned task")
    assert task["parameters"]["General/Example_Param"] == 3
    assert "Example_Param is 3\n" in shell.log(clone)
    controller = shell.task("Simple Controller Task")
    assert controller["type"] == "controller"
    assert controller["parameters"] == {"General/Example_Param": 3}


def test_the_same_script_does_the_same_when_an_agent_executes_it(shell: Shell) -> None:
    shell.run(BASE)
    shell.run(CONTROLLER)
    ended = shell.ended(shell.task("Simple Controller Task")["id"])
    again = shell.post(f"tasks/{ended['id']}/clone/", {"name": "by an agent"})
    shell.post(f"tasks/{again['id']}/enqueue/", {"queue": "services"})
    task = shell.ended(again["id"])
    assert task["status"] == "completed", shell.log(again["id"])
    (clone,) = enqueued(shell.log(again["id"]))
    assert shell.ended(clone)["status"] == "completed"
    assert "Example_Param is 3\n" in shell.log(clone)


def test_a_search_enqueues_several_tasks_each_with_its_own_values(shell: Shell) -> None:
    shell.run(BASE)
    clones = enqueued(shell.run(SEARCH).stdout)
    base = shell.task("Toy Base Task")
    assert len(set(clones)) == 3
    for n, clone in enumerate(clones):
        task = shell.ended(clone)
        assert (task["status"], task["name"]) == ("completed", f"Toy Base Task {n}")
        assert task["parent"] == base["id"]
        assert 2 <= task["parameters"]["General/Example_Param"] <= 5
    assert until(lambda: shell.task("Random Search")["status"] == "completed", "it has ended")


CUSTOM = """
import sys
from pipelines import Task

task = Task.init("examples", "Trains until it is good", task_type=Task.TaskTypes.controller)
base = Task.get_task(project_name="examples", task_name="Scores")
for depth in range(1, 5):
    trained = Task.clone(base, name="train")
    trained.update_parameters({"General/depth": depth})
    Task.enqueue(trained, queue_name="default")
    trained.wait_for_status()
    score = trained.get_reported_single_value("score")
    print("depth", depth, "score", score, flush=True)
    if score >= 0.6:
        break
task.set_output("depth", depth)
"""
SCORES = """
from pipelines import Task

task = Task.init("examples", "Scores")
given = task.connect({"depth": 1})
task.execute_remotely()
task.get_logger().report_single_value("score", given["depth"] * 0.2)
"""


def test_a_script_that_trains_until_it_is_good_enough_is_a_run_with_its_trainings(
    shell: Shell,
) -> None:
    shell.run(SCORES)
    shell.run(CUSTOM)
    task = shell.task("Trains until it is good")
    assert task["run"] == task["id"]
    run = shell.client.run(task["id"]).wait(60)
    assert (run.status, run.outputs) == ("completed", {"depth": 3})
    steps = [(step.name, step.status) for step in run.steps()]
    assert steps == [("train", "completed"), ("train_1", "completed"), ("train_2", "completed")]
    again = shell.client.trigger("examples/trains-until-it-is-good").wait(90)
    assert (again.status, again.outputs) == ("completed", {"depth": 3})
    assert len(again.steps()) == 3


HEARS_BY_WHAT_IT_WAITS_FOR = """
    from pathlib import Path
    from pipelines.task_start import session_of

    session = session_of(task._context)
    renew = session._renew

    def not_heard():
        session.context.api.send("POST", "tasks/%s/renew/" % task.id, {})
        return True

    session._renew = not_heard
    Path("ready").touch()
    trained.wait_for_status()
"""


def test_an_abort_of_the_run_reaches_the_script_in_the_shell_and_what_it_enqueued(
    shell: Shell,
) -> None:
    """It hears of that by what it waits for, long before it would be told at a renewal."""
    slow = SCORES.replace('"Scores"', '"Sleeps"') + "import time\ntime.sleep(60)\n"
    shell.run(slow, "sleeps.py")
    script = CUSTOM.replace('"Scores"', '"Sleeps"').replace("until it is good", "for long")
    with shell.running(
        script.replace("    trained.wait_for_status()", HEARS_BY_WHAT_IT_WAITS_FOR, 1)
    ) as process:
        run = shell.client.run(shell.task("Trains for long")["id"])
        until(lambda: [one.status for one in run.steps()] == ["running"], "the training runs")
        run.abort()
        out, err = process.communicate(timeout=60)
    assert err.splitlines()[-1] == "ended: an abort was asked for", (out, err)
    assert "Traceback" not in err
    assert process.returncode != 0
    assert run.wait(60).status == "aborted"
    assert [step.status for step in run.steps()] == ["aborted"]


LOST_ONCE = """
import os
import pathlib
import signal
from pipelines import Task

task = Task.init("examples", "Is lost once")
given = task.connect({"mark": ""})
task.execute_remotely()
mark = pathlib.Path(given["mark"])
if not mark.exists():
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
task.get_logger().report_single_value("score", 7)
"""
WAITS = """
from pipelines import Task

task = Task.init("examples", "Waits for what is lost", task_type=Task.TaskTypes.controller)
base = Task.get_task(project_name="examples", task_name="Is lost once")
trained = Task.clone(base, name="train")
trained.update_parameters({"General/mark": MARK})
Task.enqueue(trained, queue_name="default")
first = trained.id
trained.wait_for_status()
print("score", trained.get_reported_single_value("score"), trained.id != first)
"""


def test_a_script_waits_on_for_a_task_that_was_lost_and_is_tried_again(
    shell: Shell, tmp_path: Path
) -> None:
    shell.run(LOST_ONCE)
    done = shell.run(WAITS.replace("MARK", repr(str(tmp_path / "lost"))))
    assert "score 7.0 True" in done.stdout
    run = shell.client.run(shell.task("Waits for what is lost")["id"]).wait(60)
    assert run.status == "completed", run.about["reason"]
    attempts = run.api.get(f"runs/{run.id}/steps/train/")["attempts"]
    assert [each["status"] for each in attempts] == ["crashed", "completed"]
