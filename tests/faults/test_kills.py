"""kill -9 of agent, controller, Redis and web, each in the middle of a run of two hundred steps.

One after the other in one run: at each a step stays at a gate until the fault was put in, and the
run must have gone on before the next one, so that a failure names whose death it was.
"""

from pathlib import Path
from typing import Any

from tests.faults.workload import (
    STEP,
    Stack,
    Workload,
    many_steps,
    name_of,
    python_template,
)

AT_AGENT, AT_CONTROLLER, AT_REDIS, AT_WEB = 40, 80, 120, 160

TELLER = f'''
import subprocess, sys
from pathlib import Path
from pipelines import Task

task = Task.current_task()
folder = Path(task.get_parameter("General/folder"))
subprocess.run([sys.executable, {str(STEP)!r}, folder, "{name_of(AT_WEB)}", "0", "web"], check=True)
(folder / "telling").touch()
task.upload_artifact("told", "although nobody was there", wait_on_upload=True)
'''


def test_a_run_goes_on_after_each_of_its_processes_was_killed(stack: Stack, folder: Path) -> None:
    gates = {AT_AGENT: "agent", AT_CONTROLLER: "controller", AT_REDIS: "redis", AT_WEB: "web"}
    steps = many_steps(200, gates=gates)
    stack.add_template("teller", python_template(TELLER))
    told = {"General/folder": "${pipeline.folder}"}
    steps[AT_WEB] |= {"template": "teller", "parameters": told}
    workload = stack.start(folder, steps)

    _kill_the_agent(workload)
    _kill_the_controller(workload)
    _kill_redis(workload)
    _kill_the_web_process(workload)

    workload.wait_until_ended()
    rows = workload.rows()
    tries = [(a["status"], a["origin"]) for a in _attempts(rows, name_of(AT_AGENT))]
    assert tries == [("crashed", "first"), ("completed", "retry")]
    # Whatever else was tried twice was in the other slot of the agent that was killed.
    crashed = [a for a in rows["attempts"] if a["status"] != "completed"]
    assert {a["status"] for a in crashed} == {"crashed"}
    assert len(crashed) <= 2, workload.describe(rows)
    [teller] = _attempts(rows, name_of(AT_WEB))
    assert [teller["task"], 1, "told"] in [each[:3] for each in rows["artifacts"]]


def _attempts(rows: dict[str, Any], step: str) -> list[dict[str, Any]]:
    return [attempt for attempt in rows["attempts"] if attempt["step"] == step]


def _wait_at(workload: Workload, index: int) -> str:
    name = name_of(index)
    workload.wait(lambda: workload.stays_at(name), f"{name} to begin")
    return name


def _kill_the_agent(workload: Workload) -> None:
    """Its step is lost with it; the next agent finds a second attempt."""
    name = _wait_at(workload, AT_AGENT)
    workload.stack.live.kill("agent")
    workload.stack.live.start("agent")
    workload.wait(lambda: workload.executions_of(name) == 2, f"{name} to be tried again")
    workload.open("agent")
    workload.wait_for_children(name, "after the agent was killed")


def _kill_the_controller(workload: Workload) -> None:
    name = _wait_at(workload, AT_CONTROLLER)
    workload.stack.live.kill("controller")
    workload.open("controller")
    workload.stack.live.start("controller")
    workload.stack.wait_until_consumed()
    workload.wait_for_children(name, "after the controller was killed")


def _kill_redis(workload: Workload) -> None:
    """It comes back empty; in between a step ends and what follows it cannot be published."""
    name = _wait_at(workload, AT_REDIS)
    workload.stack.live.kill("redis")
    workload.stack.live.empty_redis()
    workload.open("redis")
    workload.wait(lambda: not workload.stays_at(name), f"{name} to end while Redis is away")
    workload.stack.live.start("redis")
    workload.stack.wait_until_consumed()
    workload.wait_for_children(name, "after Redis was killed and came back empty")


def _kill_the_web_process(workload: Workload) -> None:
    """A step that has something to tell it waits until it is back."""
    name = _wait_at(workload, AT_WEB)
    workload.stack.live.kill("web")
    workload.open("web")
    workload.wait(lambda: (workload.folder / "telling").exists(), "a step to need the web process")
    workload.stack.live.start("web")
    workload.wait_for_children(name, "after the web process was killed")
