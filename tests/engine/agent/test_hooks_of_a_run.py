"""Hooks in Python, executed by an agent: what they return and raise arrives at their step."""

from __future__ import annotations

import pytest

from orchestrator import controller
from orchestrator.agent.execution import execute
from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Run, Step, Task
from tests.engine.agent.by_hand import log_of
from tests.engine.playing import check_run
from tests.engine.starting import started

pytestmark = pytest.mark.django_db(transaction=True)


def with_hook(kind: str, code: str) -> Run:
    hooks = {kind: [{"kind": "python", "code": code, "timeout": 30}]}
    step = {"name": "load", "template": "load", "hooks": hooks}
    return carried_to_its_end(started({"schema": 1, "steps": [step]}))


def carried_to_its_end(run: Run) -> Run:
    controller.advance(run.pk)
    while task := Task.objects.filter(parent_id=run.pk, status=Status.QUEUED).first():
        _, told = execute(task.id, task.fence)
        assert told == run.pk, "whoever executes a hook takes its run's turn"
        controller.advance(run.pk)
    check_run(run)
    return run


def load(run: Run) -> Step:
    return Step.objects.get(run=run, path="load")


def test_parameters_that_a_hook_returns_arrive(agent: ServingAgent) -> None:
    code = (
        "def hook(event):\n"
        "    print('rows:', event['step']['parameters']['General/rows'])\n"
        "    return {'parameters': {'rows': 3}}\n"
    )
    run = with_hook("pre", code)
    assert load(run).status == "completed"
    assert Attempt.objects.get(run=run).resolved == {"General/rows": 3}
    hook = Task.objects.get(parent_id=run.pk, type="service")
    assert "rows: 100" in log_of(hook)


@pytest.mark.parametrize("answer", ["False", "{'skip': 'enough'}"])
def test_a_no_skips_the_step(answer: str, agent: ServingAgent) -> None:
    run = with_hook("pre", f"def hook(event):\n    return {answer}\n")
    assert load(run).status == "skipped"


def test_a_hook_that_raises_fails_its_step_with_the_traceback(agent: ServingAgent) -> None:
    run = with_hook("post", "def hook(event):\n    raise ValueError('too small')\n")
    assert load(run).status == "failed"
    assert load(run).reason == "its post hook failed: exit code 1: ValueError: too small"
    attempt = Attempt.objects.get(run=run)
    assert "raise ValueError('too small')" in attempt.traceback
