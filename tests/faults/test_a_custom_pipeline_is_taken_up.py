"""A script that trains until it is good enough, killed half-way in three ways, and taken up.

The script drives its run by hand: it clones a task, changes it, enqueues it, waits for it, looks at
its metric; from the third time on it runs a whole training pipeline instead. While one of its
trainings stays at a gate the script is killed; then its supervisor; then its agent. Each time
another process goes on with what is there already.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from tests.faults import processes
from tests.faults.workload import FINAL, PROJECT, Stack, Workload

GOOD_ENOUGH = 0.1
BY_CLONE = ["train at 1.6", "train at 0.8"]
BY_PIPELINE = 3
TRAINING = "training-by-hand"

TRAIN = """
import time
from pathlib import Path
from pipelines import Task

task = Task.current_task()
folder = Path(task.get_parameter("General/folder"))
rate = task.get_parameter("General/rate", 1.0, cast=True)
(folder / f"training-{task.id}").touch()
(folder / f"reached-{rate}").touch()
while not (folder / f"{rate}.open").exists():
    time.sleep(0.02)
task.get_logger().report_scalar("loss", "validation", rate, 1)
"""

TUNE = f"""
import os
from pathlib import Path
from pipelines import Client, Task

task = Task.init("{PROJECT}", "tune by hand", task_type=Task.TaskTypes.controller)
folder = Path(task.get_parameter("General/folder"))
(folder / f"script-{{os.getpid()}}").write_text(str(os.getppid()))
trainer = Task.get_task(project_name="{PROJECT}", task_name="{TRAINING}")
rate, losses = 1.6, []
while not losses or losses[-1] > {GOOD_ENOUGH}:
    if len(losses) < 2:
        trial = Task.clone(source_task=trainer, name=f"train at {{rate}}")
        trial.set_parameters({{"General/folder": str(folder), "General/rate": rate}})
        Task.enqueue(trial, queue_name="default")
        trial.wait_for_status()
        losses.append(trial.get_last_scalar_metrics()["loss"]["validation"]["last"])
    else:
        given = {{"folder": str(folder), "rate": rate}}
        run = Client().trigger("{PROJECT}/{TRAINING}", given).wait()
        losses.append(run.step("train").metric("loss", "validation"))
    rate /= 2
print("losses", losses)
task.set_output("losses", losses)
"""


def test_a_custom_pipeline_goes_on_after_its_script_supervisor_and_agent_were_killed(
    stack: Stack, folder: Path
) -> None:
    stack.add_template(TRAINING, _training())
    steps = [
        {
            "name": "train",
            "template": TRAINING,
            "parameters": {"folder": "${pipeline.folder}", "rate": "${pipeline.rate}"},
        }
    ]
    rate = {"name": "rate", "type": "number", "default": 1.0}
    given = {"name": "folder", "type": "string", "required": True}
    stack.publish(TRAINING, steps, parameters=[given, rate])
    task = stack.api.send("POST", "tasks/", _controller(folder))
    stack.api.send("POST", f"tasks/{task['id']}/enqueue/", {"queue": "services"})
    workload = Workload(stack, folder, [], task["id"])

    scripts: list[int] = []
    for rate_, kill in ((1.6, _kill_script), (0.8, _kill_supervisor), (0.4, _kill_agent)):
        workload.wait((folder / f"reached-{rate_}").exists, f"rate {rate_}")
        [script] = [pid for pid in _scripts(folder) if pid not in scripts]
        scripts.append(script)
        kill(stack, folder, script)
        workload.wait(lambda: len(_scripts(folder)) > len(scripts), "the script to be taken up")
        workload.open(str(rate_))
    for rate_ in (0.2, 0.1):
        workload.open(str(rate_))

    workload.wait(lambda: workload.run()["status"] in FINAL, "the run to end")
    run, rows = workload.run(), workload.rows()
    assert (run["status"], rows["broken"]) == ("completed", ""), workload.describe(rows)
    assert run["outputs"] == {"losses": [1.6, 0.8, 0.4, 0.2, 0.1]}
    assert len(list(folder.glob("training-*"))) == len(BY_CLONE) + BY_PIPELINE
    steps_now = [*rows["steps"]]
    assert steps_now[:2] == BY_CLONE
    assert len(steps_now) == len(BY_CLONE) + BY_PIPELINE, steps_now
    assert {step["status"] for step in rows["steps"].values()} == {"completed"}
    assert {each["number"] for each in rows["attempts"]} == {1}
    runs = stack.api.get(f"runs/?pipeline={PROJECT}/{TRAINING}")["results"]
    assert len(runs) == BY_PIPELINE
    assert len(_scripts(folder)) == len(scripts) + 1


def _training() -> dict[str, Any]:
    declared = [
        {"name": "General/folder", "type": "string"},
        {"name": "General/rate", "type": "number", "default": 1.0},
    ]
    return {"kind": "python", "script": TRAIN, "parameters": declared}


def _controller(folder: Path) -> dict[str, Any]:
    given = {"General/folder": str(folder)}
    named = {"project": PROJECT, "name": "tune by hand", "type": "controller"}
    return {**named, "kind": "python", "script": TUNE, "parameters": given}


def _scripts(folder: Path) -> list[int]:
    """The processes that have executed the script so far."""
    return [int(path.name.partition("-")[2]) for path in folder.glob("script-*")]


def _kill_script(stack: Stack, folder: Path, script: int) -> None:
    os.kill(script, signal.SIGKILL)


def _kill_supervisor(stack: Stack, folder: Path, script: int) -> None:
    os.kill(int((folder / f"script-{script}").read_text()), signal.SIGKILL)


def _kill_agent(stack: Stack, folder: Path, script: int) -> None:
    name = _agent_of(stack, script)
    stack.live.kill(name)
    stack.live.start(name)


def _agent_of(stack: Stack, script: int) -> str:
    """The name of the stack's process below which the script lives."""
    [name] = [name for name, pid in stack.live.pids.items() if script in processes.below(pid)]
    return name
