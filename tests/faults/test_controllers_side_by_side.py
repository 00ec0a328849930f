"""Twenty Python controllers beside each other on one agent, which dies while they work.

There are more of them than the agent for scripts has slots, and the agent for steps has two:
scripts wait for steps, but never take a place from one. Two steps stay at a gate, so that every run
is somewhere in the middle when the scripts' agent is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults.checker import read_executions
from tests.faults.workload import COMMAND, FINAL, PROJECT, ROOT, Stack, Workload

CONTROLLERS = 20
GATED = 2

CONTROLLER = """
from pipelines import PipelineController

def named(pipeline, node, parameters):
    tag = pipeline.get_parameters()["tag"]
    parameters["General/step"] = f"{tag}-{node.name}"

pipe = PipelineController(name="side by side", project=%(project)r, version="1.0.0")
pipe.add_parameter("folder", %(folder)r)
pipe.add_parameter("tag", "0")
pipe.add_parameter("gate", "the gate")
pipe.set_default_execution_queue("default")
same = {"General/folder": "${pipeline.folder}", "General/step": "", "General/seconds": 0}
gated = {**same, "General/gate": "${pipeline.gate}"}
base = {"base_task_project": %(project)r, "base_task_name": %(command)r}
pipe.add_step("first", **base, parameter_override=same, pre_execute_callback=named)
pipe.add_step(
    "second", **base, parents=["first"], parameter_override=gated, pre_execute_callback=named
)
pipe.start()
"""


def test_many_controllers_share_an_agent_and_are_taken_up_when_it_dies(
    stack: Stack, folder: Path, tmp_path: Path
) -> None:
    _start_in_a_shell(stack, folder, tmp_path)
    path = f"pipelines/{PROJECT}/side-by-side/runs/"
    for tag in range(1, CONTROLLERS):
        given = {"tag": str(tag), "gate": "the gate" if tag < GATED else ""}
        stack.api.send("POST", path, {"parameters": given})
    ids = [run["id"] for run in _runs(stack)]
    assert len(ids) == CONTROLLERS
    workload = Workload(stack, folder, [], ids[0])

    gated = [f"{tag}-second" for tag in range(GATED)]
    workload.wait(lambda: all(map(workload.stays_at, gated)), "two steps to stay at the gate")
    stack.live.kill("services")
    stack.live.start("services")
    workload.open("the gate")

    workload.wait(lambda: all(run["status"] in FINAL for run in _runs(stack)), "all runs to end")
    runs = _runs(stack)
    assert {run["status"] for run in runs} == {"completed"}, [run["reason"] for run in runs]
    rows = stack.rows(ids)
    assert [each["broken"] for each in rows.values()] == [""] * CONTROLLERS
    executed = sorted(each.step for each in read_executions(folder))
    steps = [f"{tag}-{step}" for tag in range(CONTROLLERS) for step in ("first", "second")]
    assert executed == sorted(steps)
    taken_up = [stack.api.get(f"tasks/{run}/")["fence"] for run in ids]
    assert max(taken_up) > 1, "no script was executing when its agent was killed"


def _start_in_a_shell(stack: Stack, folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "controller.py"
    script.write_text(CONTROLLER % {"project": PROJECT, "folder": str(folder), "command": COMMAND})
    own = {"PIPELINES_URL": stack.live.base_url, "PIPELINES_TOKEN": stack.token}
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _runs(stack: Stack) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = stack.api.get(
        f"runs/?pipeline={PROJECT}/side-by-side&limit={CONTROLLERS}"
    )["results"]
    return runs
