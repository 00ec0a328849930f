"""How far an abort has come is told, of each attempt and of those who have not confirmed it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orchestrator.controller import advance
from orchestrator.domain.states import TaskEvent
from orchestrator.models import Run, Task
from orchestrator.store import execution
from tests.api.asking import Asker
from tests.engine.playing import claim, end, make_agent, queued_tasks
from tests.makers import make_pipeline

pytestmark = pytest.mark.django_db


def aborted(project: Any, asker: Asker) -> tuple[Run, list[Task], uuid.UUID]:
    """A run whose two steps were running when it was aborted, and their agent."""
    from orchestrator.actions.runs import start_run
    from tests.makers import make_template

    make_template(project)
    steps = [{"name": name, "template": "load", "grace": 20} for name in ("a", "b")]
    pipeline = make_pipeline(project, document={"schema": 1, "steps": steps})
    run = start_run(actor="ada", pipeline=pipeline)
    advance(run.pk)
    agent, tasks = make_agent("gpu-1"), queued_tasks(run)
    for task in tasks:
        claim(task, agent)
    advance(run.pk)
    assert asker.post(f"runs/{run.pk}/abort/").status_code == 202
    advance(run.pk)
    return run, tasks, agent.pk


def test_whoever_has_not_confirmed_is_named_with_agent_and_deadline(
    ada: Asker, project: Any, broker: Any
) -> None:
    run, (first, _), agent = aborted(project, ada)
    execution.tell_delivered(agent, {(first.pk, 1): 20})
    told = ada.get(f"runs/{run.pk}/unconfirmed/").json()["unconfirmed"]
    assert [(one["step"], one["agent"], one["title"]) for one in told] == [
        ("a", "gpu-1", ""),
        ("b", "gpu-1", ""),
    ]
    assert told[0]["delivered_at"] is not None
    assert (told[1]["delivered_at"], told[1]["kill_at"]) == (None, None)
    first.refresh_from_db()
    assert first.kill_at
    assert first.abort_delivered_at
    assert first.kill_at - first.abort_delivered_at == timedelta(seconds=20)
    why = ada.get(f"runs/{run.pk}/steps/a/").json()["why"]
    assert why.startswith("asked to end at ")
    assert why.endswith(" UTC by force")

    end(first, TaskEvent.CONFIRM_GONE, reason="aborted")
    advance(run.pk)
    told = ada.get(f"runs/{run.pk}/unconfirmed/").json()["unconfirmed"]
    assert [one["step"] for one in told] == ["b"]
    abort = ada.get(f"runs/{run.pk}/steps/a/").json()["attempts"][0]["abort"]
    assert (abort["killed"], abort["lease_until"]) == (False, None)
    assert abort["asked_at"] <= abort["delivered_at"] <= abort["ended_at"]


def test_delivery_is_told_once_and_only_of_what_is_to_end(
    ada: Asker, project: Any, broker: Any
) -> None:
    _, (first, second), agent = aborted(project, ada)
    asked = {(first.pk, 1): 20.0, (second.pk, 2): 20.0}
    assert execution.tell_delivered(agent, asked) == [first.pk]
    assert execution.tell_delivered(agent, asked) == []


def test_an_attempt_that_nobody_aborts_says_nothing_of_it(
    ada: Asker, project: Any, broker: Any
) -> None:
    run, (first, _), _ = aborted(project, ada)
    Task.objects.filter(pk=first.pk).update(abort_requested_at=None, started_at=timezone.now())
    assert ada.get(f"runs/{run.pk}/steps/a/").json()["attempts"][0]["abort"] is None
