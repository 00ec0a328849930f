"""Why a step is held back by people, the clock, limits or its hooks: one sentence of truth."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.domain.states import Status
from orchestrator.models import Line, Run, Step, Task
from orchestrator.queries.runs import runs_with_names, step_detail, steps
from tests.live.rows import DIAMOND, make_agent, make_project, make_run

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 1, 2, 18, 30, tzinfo=UTC)
MIDDLE = {"load": "completed", "clean": "completed", "train a": "running"}
QUEUED = {**MIDDLE, "train b": "queued"}
APPROVAL = {"roles": ["editor"], "deadline": 60, "on_deadline": "approve"}


def why(run: Run, name: str = "train b") -> str:
    """The sentence, asked for the step and read from the table."""
    fresh = runs_with_names().get(pk=run.pk)
    sentence: str = step_detail(fresh, name)["why"]
    assert {row["name"]: row["why"] for row in steps(fresh)}[name] == sentence
    return sentence


def set_run(run: Run, **values: Any) -> None:
    Run.objects.filter(pk=run.pk).update(**values)


def set_step(run: Run, name: str = "train b", **values: Any) -> None:
    Step.objects.filter(run=run, path=name).update(**values)


def test_a_run_that_somebody_paused() -> None:
    run = make_run(make_project(), MIDDLE)
    set_run(run, status="paused", reason="paused by ada")
    assert why(run) == "the run is paused by ada"
    assert why(run, "compare") == 'waits for "train a" and "train b"; the run is paused by ada'


def test_a_run_that_paused_before_a_step() -> None:
    run = make_run(make_project(), MIDDLE)
    set_run(run, status="paused", reason='paused before "train b"')
    assert why(run) == "the run is paused before this step"
    assert why(run, "compare").endswith('; the run is paused before "train b"')


def test_a_paused_run_keeps_places_and_what_was_sent_may_still_start() -> None:
    run = make_run(make_project(), QUEUED)
    make_agent(["default"])
    set_run(run, status="paused", reason="paused by ada")
    Task.objects.filter(name="train b").update(held=True)
    assert why(run) == "the run is paused by ada; its place in the queue is kept"
    Task.objects.filter(name="train b").update(held=False)
    assert why(run).endswith(", though the run is paused by ada: it was sent before")


def test_a_delay_before_a_retry() -> None:
    run = make_run(make_project(), MIDDLE)
    set_step(run, due_at=LATE, due_why="retry", reason="attempt 1 failed: exit code 1")
    assert why(run) == "is tried again at 2 Jan, 18:30 UTC; attempt 1 failed: exit code 1"


def test_a_limit_of_time_in_the_queue() -> None:
    run = make_run(make_project(), QUEUED)
    set_step(run, due_at=LATE, due_why="queue_timeout")
    assert why(run) == (
        'no agent serves the queue "default"; '
        "it fails at 2 Jan, 18:30 UTC if it has not started by then"
    )


@pytest.mark.parametrize("status", ["pending", "running"])
def test_a_hook_that_has_not_answered(status: str) -> None:
    run = make_run(make_project(), {**MIDDLE, "train b": status})
    set_step(run, due_at=LATE, due_why="call", reason="waits for its pre hook")
    assert why(run) == "waits for its pre hook"


@pytest.mark.parametrize(
    ("approval", "due", "sentence"),
    [
        ({}, None, "waits for the answer of an operator"),
        (
            APPROVAL,
            LATE,
            "waits for the answer of an editor until 2 Jan, 18:30 UTC; then it counts as approved",
        ),
    ],
)
def test_a_person_who_has_not_answered(approval: Any, due: Any, sentence: str) -> None:
    step = {"name": "ask", "kind": "approval", "approval": approval}
    document = {"schema": 1, "steps": [step]}
    run = make_run(make_project(), {"ask": "awaiting"}, document=document)
    set_step(run, "ask", due_at=due, due_why="approval" if due else "")
    assert why(run, "ask") == sentence


def test_so_many_steps_of_the_run_at_a_time() -> None:
    run = make_run(make_project(), MIDDLE, document={**DIAMOND, "run": {"max_parallel": 1}})
    assert why(run) == "the run lets only one step run at a time, and 1 does"


def test_so_many_items_at_a_time_and_a_fan_out_that_is_asked_to_end() -> None:
    step = {"name": "a", "template": "load", "for_each": {"list": [1, 2], "max_parallel": 1}}
    run = make_run(make_project(), {"a": "aborting"}, document={"schema": 1, "steps": [step]})
    set_step(run, "a", items=5, items_open=2)
    assert why(run, "a") == "asked to end; 2 of its 5 items have not ended yet"


def test_a_run_that_waits_for_a_place() -> None:
    project = make_project()
    run = make_run(project, status=Status.QUEUED)
    line = Line.objects.create(kind="pipeline", name=str(run.pipeline_id), limit=1, paused=True)
    set_run(run, line=line)
    sentence = why(run, "load")
    assert sentence.startswith("the run has not started yet: the pipeline is paused")
    assert "number 1 of 1 in line" in sentence


def test_somebody_who_passed_it_over() -> None:
    run = make_run(make_project(), {"train b": "skipped"})
    set_step(run, skipped_by="person", reason="by ada: it is known")
    assert why(run) == "skipped by ada: it is known"
