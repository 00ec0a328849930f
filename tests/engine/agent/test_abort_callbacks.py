"""What a task of each kind still does when it is aborted is done within its grace, and kept."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from tests.engine.agent.by_hand import InBackground, log_of, make_task, wait_for
from tests.engine.agent.test_ending import ask_to_abort

CALLBACK = """
import time
from pipelines import Task
def saved():
    Task.current_task().set_output("epoch", 3)
    Task.current_task().upload_artifact("checkpoint", "weights")
    print("saved", flush=True)
def train():
    Task.current_task().register_abort_callback(saved)
    print("ready", flush=True)
    time.sleep(600)
"""
SHELL = "trap 'printf {\\\"epoch\\\":3} > outputs.json; echo saved; exit' TERM; echo ready; read x"
KINDS: dict[str, dict[str, Any]] = {
    "python": {"script": CALLBACK + "train()"},
    "function": {"source": CALLBACK, "name": "train"},
    # A shell that is asked to end waits for its program first; this one waits in itself.
    "command": {"argv": ["sh", "-c", "mkfifo never; " + SHELL + " < never"]},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_saves_when_it_is_aborted_is_kept(agent: ServingAgent, kind: str) -> None:
    step = InBackground(make_task(kind, KINDS[kind], limits={"grace": 20}))
    wait_for(lambda: "ready" in log_of(step.task, "stdout"), "its first line")
    ask_to_abort(step.task, agent)
    task = step.join()
    assert (task.status, task.outcome["reason"]) == (Status.ABORTED, "aborted"), log_of(task)
    assert log_of(task, "stdout") == "ready\nsaved\n"
    assert task.outputs == {"epoch": 3}
    if kind != "command":
        assert task.artifacts.get().name == "checkpoint"


def test_a_callback_that_takes_longer_than_the_grace_is_killed(agent: ServingAgent) -> None:
    script = (
        "import time\nfrom pipelines import Task\n"
        "Task.current_task().register_abort_callback(lambda: time.sleep(600))\n"
        "print('ready', flush=True)\ntime.sleep(600)"
    )
    step = InBackground(make_task("python", {"script": script}, limits={"grace": 0.3}))
    wait_for(lambda: "ready" in log_of(step.task, "stdout"), "its first line")
    ask_to_abort(step.task, agent)
    task = step.join()
    assert task.status == Status.ABORTED
    assert task.outcome["reason"].endswith("did not end when asked to, and was killed")
