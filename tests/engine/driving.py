"""Playing scripts by hand: their tasks claimed and ended as agents do it, without any process."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from orchestrator import clock
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Agent, Run, Task
from orchestrator.store import execution
from tests.engine.playing import settle


def script_of(run: Run) -> Task:
    """The task of the script that drives a run, as it stands now."""
    return Task.objects.get(pk=run.pk)


def claimed(run: Run, agent: Agent) -> Task:
    """The script of a run, claimed as agents do."""
    script = script_of(run)
    assert execution.claim(script.pk, script.fence, agent.pk, 1000), f"it is {script.status}"
    settle()
    run.refresh_from_db()
    return script_of(run)


def ended(run: Run, event: TaskEvent = TaskEvent.END_WELL, **more: Any) -> Run:
    """The run after its script has ended so, as agents say it."""
    script = script_of(run)
    assert script.agent_id is not None
    result = execution.Result(event, **more)
    assert execution.finish(script.pk, script.fence, script.agent_id, result)
    settle()
    run.refresh_from_db()
    return run


def lose_lease(run: Run) -> None:
    """The agent of the script does not renew any more."""
    past = timezone.now() - timedelta(seconds=1)
    assert Task.objects.filter(pk=run.pk, lease_until__isnull=False).update(lease_until=past)
    clock.end_leases()
    settle()
    run.refresh_from_db()
