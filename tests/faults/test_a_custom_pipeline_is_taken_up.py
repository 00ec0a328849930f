"""A script that trains until it is good enough, killed half-way in three ways, and taken up.

The script drives its run by hand: it clones a task, changes it, enqueues it, waits for it, looks at
its metric. While one of its trainings stays at a gate the script is killed; then its supervisor;
then its agent. Each time another process goes on with what is there already.
"""

from __future__ import annotations

import os
import signal
import uuid
from pathlib import Path
from typing import Any

from tests.faults import processes
from tests.faults.workload import FINAL, PROJECT, Stack, Workload

GOOD_ENOUGH = 0.1
TRAININGS = 5

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
from pipelines import Task

task = Task.init("{PROJECT}", "tune by hand", task_type=Task.TaskTypes.controller)
folder = Path(task.get_parameter("General/folder"))
(folder / f"script-{{os.getpid()}}").write_text(str(os.getppid()))
trainer = Task.get_task(project_name="{PROJECT}", task_name="trainer")
rate, losses = 1.6, []
while not losses or losses[-1] > {GOOD_ENOUGH}:
    trial = Task.clone(source_task=trainer, name=f"train at {{rate}}")
    trial.set_parameters({{"General/folder": str(folder), "General/rate": rate}})
    Task.enqueue(trial, queue_name="default")
    trial.wait_for_status()
    losses.append(trial.get_last_scalar_metrics()["loss"]["validation"]["last"])
    rate /= 2
print("losses", losses)
task.set_output("losses", losses)
"""


def test_a_custom_pipeline_goes_on_after_its_script_supervisor_and_agent_were_killed(
    stack: Stack, folder: Path
) -> None:
    slug = f"trainer-{uuid.uuid4().hex[:6]}"
    declared: list[dict[str, Any]] = [
        {"name": "General/folder", "type": "string"},
        {"name": "General/rate", "type": "number", "default": 1.0},
    ]
    stack.add_template(slug, {"kind": "python", "script": TRAIN, "parameters": declared})
    stack.api.send("PUT", f"tasks/{PROJECT}/{slug}/", _named("trainer", declared))
    task = stack.api.send("POST", "tasks/", _controller(folder))
    stack.api.send("POST", f"tasks/{task['id']}/enqueue/", {"queue": "services"})
    workload = Workload(stack, folder, [], task["id"])

    scripts: list[int] = []
    for rate, kill in ((1.6, _kill_script), (0.8, _kill_supervisor), (0.4, _kill_agent)):
        workload.wait((folder / f"reached-{rate}").exists, f"rate {rate}")
        [script] = [pid for pid in _scripts(folder) if pid not in scripts]
        scripts.append(script)
        kill(stack, folder, script)
        workload.wait(lambda: len(_scripts(folder)) > len(scripts), "the script to be taken up")
        workload.open(str(rate))
    for rate in (0.2, 0.1):
        workload.open(str(rate))

    workload.wait(lambda: workload.run()["status"] in FINAL, "the run to end")
    run, rows = workload.run(), workload.rows()
    assert (run["status"], rows["broken"]) == ("completed", ""), workload.describe(rows)
    assert run["outputs"] == {"losses": [1.6, 0.8, 0.4, 0.2, 0.1]}
    assert len(list(folder.glob("training-*"))) == TRAININGS
    assert [step["status"] for step in rows["steps"].values()] == ["completed"] * TRAININGS
    assert [each["number"] for each in rows["attempts"]] == [1] * TRAININGS
    made = stack.api.get(f"tasks/?parent={task['id']}&limit=100")["results"]
    assert len(made) == TRAININGS, [each["name"] for each in made]
    assert len(_scripts(folder)) == len(scripts) + 1


def _named(name: str, declared: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "kind": "python", "script": TRAIN, "parameters": declared}


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
