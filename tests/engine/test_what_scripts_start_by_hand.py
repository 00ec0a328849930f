"""Tasks that a script enqueues and runs that it triggers: they are steps of its run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orchestrator.actions.adopting import (
    enqueue_as_step,
    enqueue_run_as_step,
    start_as_step,
)
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import Idempotency, abort_run, clone_run
from orchestrator.actions.scripts import add_steps, make_run
from orchestrator.actions.tasks import create_task, dequeue_task, reset_task
from orchestrator.controller import advance
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import (
    Agent,
    Attempt,
    GraphPart,
    IdempotencyKey,
    Pipeline,
    Project,
    Run,
    Task,
)
from orchestrator.queries import runs as queries
from orchestrator.store import execution
from orchestrator.store.added_steps import GraphClosed, KeyConflict
from tests.engine.driving import claimed, ended, lose_lease, script_of
from tests.engine.playing import check_run, claim, end, play_all, settle, statuses
from tests.makers import drive, make_pipeline, make_project, make_template

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def script(project: Project, agent: Agent) -> Task:
    """A script by itself that is being executed; it is no run yet."""
    task = draft(project, "loop")
    Task.objects.filter(pk=task.pk).update(status="queued", fence=1, queue="services")
    assert execution.claim(task.pk, 1, agent.pk, 1000)
    return Task.objects.get(pk=task.pk)


def draft(project: Project, name: str) -> Task:
    body = {"script": "print(1)"}
    return create_task(actor="ada", project=project, name=name, kind="python", body=body)


def enqueue(script: Task, task: Task, **more: Any) -> Task:
    return enqueue_as_step(actor="ada", script=script.pk, task=task, **more)


def started(script: Task, pipeline: Pipeline, **more: Any) -> Run:
    return start_as_step(script=script.pk, actor="ada", pipeline=pipeline, **more)


def test_what_a_script_enqueues_makes_it_a_run_and_is_its_step(
    project: Project, script: Task, agent: Agent
) -> None:
    train = draft(project, "train: a/b")
    assert enqueue(script, train).status == Status.QUEUED
    settle()
    run = Run.objects.get(pk=script.pk)
    assert (run.driver, run.status, run.pipeline.slug) == ("script", "running", "loop")
    assert statuses(run) == {"train a b": "queued"}
    attempt = Attempt.objects.get(run=run)
    assert (attempt.task_id, attempt.origin) == (train.pk, "script")
    claim(Task.objects.get(pk=train.pk), agent)
    settle()
    assert statuses(run) == {"train a b": "running"}
    play_all(agent)
    end(Task.objects.get(pk=train.pk), outputs={"n": 1})
    settle()
    assert statuses(run) == {"train a b": "completed"}
    assert ended(run).status == Status.COMPLETED
    check_run(run)
    assert queries.step_detail(run, "train a b")["status"] == "completed"


@pytest.mark.parametrize("event", [TaskEvent.END_WELL, TaskEvent.END_BADLY])
def test_what_ends_before_the_run_knows_of_it_is_known_then(
    project: Project, script: Task, agent: Agent, event: TaskEvent
) -> None:
    train = draft(project, "train")
    enqueue(script, train)
    queued = Task.objects.get(pk=train.pk)
    assert execution.claim(queued.pk, queued.fence, agent.pk, 1000)
    execution.finish(queued.pk, queued.fence, agent.pk, execution.Result(event, reason="so"))
    settle()
    run = Run.objects.get(pk=script.pk)
    assert statuses(run) == {"train": "completed" if event is TaskEvent.END_WELL else "failed"}
    assert ended(run).status == Status.COMPLETED, "a script that saw it has succeeded"
    check_run(run)


def test_a_script_that_is_taken_up_enqueues_nothing_twice(
    project: Project, script: Task, agent: Agent
) -> None:
    train, other = draft(project, "train"), draft(project, "train")
    for _ in range(2):
        assert enqueue(script, train, key="loop.py:7 #1").pk == train.pk
    settle()
    run = Run.objects.get(pk=script.pk)
    lose_lease(run)
    claimed(run, agent)
    assert enqueue(script, train, key="loop.py:7 #1").status == Status.QUEUED
    enqueue(script, other, key="loop.py:7 #2", name="again")
    with pytest.raises(KeyConflict, match='another "task"'):
        enqueue(script, draft(project, "third"), key="loop.py:7 #1", name="train")
    play_all(agent)
    assert statuses(run) == {"train": "completed", "again": "completed"}
    assert Attempt.objects.filter(run=run).count() == 2
    assert run.taken_up == 1
    ended(run)
    check_run(run)


def test_only_drafts_are_enqueued_and_not_for_a_run_that_ends(
    project: Project, script: Task, agent: Agent
) -> None:
    train = draft(project, "train")
    enqueue(script, train, key="a")
    settle()
    with pytest.raises(Conflict, match="step of a run"):
        enqueue(script, Task.objects.get(pk=train.pk), key="b")
    run = Run.objects.get(pk=script.pk)
    abort_run(actor="ada", run=run)
    settle()
    late = draft(project, "late")
    with pytest.raises(GraphClosed):
        enqueue(script, late, key="c")
    late.refresh_from_db()
    assert late.status == Status.DRAFT
    assert statuses(run) == {"train": "aborted"}
    ended(run, TaskEvent.CONFIRM_GONE)
    check_run(run)


def test_what_is_enqueued_while_the_run_is_told_to_end_is_ended_with_it(
    project: Project, script: Task, agent: Agent
) -> None:
    enqueue(script, draft(project, "first"))
    settle()
    run, late = Run.objects.get(pk=script.pk), draft(project, "late")
    abort_run(actor="ada", run=run)
    enqueue(script, late)
    inner = started(script, make_pipeline(project, "inner"))
    settle()
    ended(run, TaskEvent.CONFIRM_GONE)
    settle()
    late.refresh_from_db()
    inner.refresh_from_db()
    assert (late.status, inner.status) == (Status.ABORTED, Status.ABORTED)
    check_run(run)


@pytest.mark.parametrize("kind", ["task", "run"])
def test_what_comes_after_the_runs_end_does_not_go_on_by_itself(
    project: Project, script: Task, agent: Agent, kind: str
) -> None:
    enqueue(script, draft(project, "first"))
    settle()
    run, late = Run.objects.get(pk=script.pk), draft(project, "late")
    pipeline = make_pipeline(project, "inner")
    abort_run(actor="ada", run=run)
    advance(run.pk)
    Task.objects.filter(pk=run.pk).update(status="aborted")
    Run.objects.filter(pk=run.pk).update(status="running")
    # The run seems to go on to whoever asks, and has ended when its turn comes to it.
    inner = started(script, pipeline) if kind == "run" else None
    if inner is None:
        enqueue(script, late)
    Run.objects.filter(pk=run.pk).update(status="aborted")
    settle()
    if inner is not None:
        inner.refresh_from_db()
        assert inner.status == Status.ABORTED
    else:
        late.refresh_from_db()
        assert late.status == Status.ABORTED


def test_a_step_that_a_script_enqueued_is_tried_again_with_a_task_like_it(
    project: Project, script: Task, agent: Agent
) -> None:
    train = draft(project, "train")
    Task.objects.filter(pk=train.pk).update(parameters={"General/a": 1})
    enqueue(script, train)
    settle()
    run = Run.objects.get(pk=script.pk)
    play_all(agent)
    rerun(actor="ada", run=run, steps=["train"])
    play_all(agent)
    first, second = Attempt.objects.filter(run=run).order_by("number")
    assert (first.task_id, second.status) == (train.pk, "completed")
    assert second.task is not None
    assert second.task_id != train.pk
    assert second.task.parameters == {"General/a": 1}
    train.refresh_from_db()
    assert train.status == Status.COMPLETED
    ended(run)
    check_run(run)


def test_a_run_that_a_script_triggers_is_drawn_under_it(
    project: Project, script: Task, agent: Agent
) -> None:
    inner = started(script, make_pipeline(project, "inner"), parameters={"rows": 3})
    settle()
    run = Run.objects.get(pk=script.pk)
    inner.refresh_from_db()
    assert statuses(run) == {"inner": "queued"} or statuses(run) == {"inner": "running"}
    assert inner.parent_attempt is not None
    assert inner.parent_attempt.run_id == run.pk
    play_all(agent)
    assert statuses(run) == {"inner": "completed"}
    again = started(script, inner.pipeline, key="b")
    settle()
    assert statuses(run) == {"inner": "completed", "inner_1": "running"}
    abort_run(actor="ada", run=run)
    settle()
    ended(run, TaskEvent.CONFIRM_GONE)
    again.refresh_from_db()
    assert (run.status, again.status) == (Status.ABORTED, Status.ABORTED)
    for each in (run, inner, again):
        check_run(each)


def test_a_run_that_has_ended_before_it_is_adopted_is_seen_so(
    project: Project, script: Task, agent: Agent
) -> None:
    inner = started(script, make_pipeline(project, "inner"))
    abort_run(actor="ada", run=inner)
    while Run.objects.get(pk=inner.pk).status != Status.ABORTED:
        advance(inner.pk)
    settle()
    run = Run.objects.get(pk=script.pk)
    assert statuses(run) == {"inner": "aborted"}
    ended(run)
    check_run(run)


def test_a_script_triggers_a_run_that_a_script_drives(
    project: Project, script: Task, agent: Agent
) -> None:
    looping = drive(make_pipeline(project, "looping", document={"schema": 1, "steps": []}))
    inner = started(script, looping)
    settle()
    run = Run.objects.get(pk=script.pk)
    assert statuses(run) == {"looping": "queued"}
    claimed(inner, agent)
    assert statuses(run) == {"looping": "running"}
    with pytest.raises(Invalid, match="in a circle"):
        started(script_of(inner), looping)
    ended(inner, TaskEvent.END_BADLY, reason="so")
    assert statuses(run) == {"looping": "failed"}
    assert ended(run).status == Status.COMPLETED
    check_run(run)
    check_run(inner)


def test_the_same_trigger_gives_one_step(project: Project, script: Task) -> None:
    inner = started(script, make_pipeline(project, "inner"), key="a")
    settle()
    assert GraphPart.objects.filter(run=script.pk).count() == 1
    assert Attempt.objects.filter(task=inner.pk).count() == 1


def test_a_draft_run_of_a_script_is_its_step_once_it_is_enqueued(
    project: Project, script: Task, agent: Agent
) -> None:
    inner = started(script, make_pipeline(project, "inner"), draft=True)
    settle()
    run = Run.objects.get(pk=script.pk)
    assert (inner.status, statuses(run)) == (Status.DRAFT, {})
    assert Task.objects.get(pk=inner.pk).parent_id == run.pk
    enqueue_run_as_step(actor="ada", script=script.pk, run=inner)
    settle()
    assert statuses(run) == {"inner": "running"}
    play_all(agent)
    assert statuses(run) == {"inner": "completed"}
    clone = clone_run(actor="ada", run=inner)
    enqueue_run_as_step(actor="ada", script=script.pk, run=clone)
    play_all(agent)
    assert statuses(run) == {"inner": "completed", "inner_1": "completed"}
    assert ended(run).status == Status.COMPLETED
    for each in (run, inner, clone):
        check_run(each)


def test_what_is_about_to_be_a_step_is_no_run_and_stays_in_its_queue(
    project: Project, script: Task, agent: Agent
) -> None:
    train = draft(project, "train")
    enqueue(script, train)
    queued = Task.objects.get(pk=train.pk)
    with pytest.raises(Conflict, match="step of a run"):
        dequeue_task(actor="ada", task=queued)
    assert execution.claim(queued.pk, queued.fence, agent.pk, 1000)
    # It is faster than the turn of the run whose step it becomes.
    with pytest.raises(Conflict, match="only a task by itself"):
        make_run(actor="ada", task=Task.objects.get(pk=train.pk))
    with pytest.raises(Conflict, match="only a task by itself"):
        enqueue(train, draft(project, "below"))
    settle()
    assert statuses(Run.objects.get(pk=script.pk)) == {"train": "running"}


def test_what_could_not_become_a_step_is_by_itself_again(project: Project, script: Task) -> None:
    enqueue(script, draft(project, "first"))
    settle()
    run, late = Run.objects.get(pk=script.pk), draft(project, "late")
    enqueue(script, late)
    Run.objects.filter(pk=run.pk).update(status="aborted")
    settle()
    late.refresh_from_db()
    assert late.status == Status.ABORTED
    reset_task(actor="ada", task=late)
    assert late.status == Status.DRAFT


def test_a_step_that_is_a_run_has_that_runs_status_in_references_too(
    project: Project, script: Task, agent: Agent
) -> None:
    make_template(project)
    looping = drive(make_pipeline(project, "looping", document={"schema": 1, "steps": []}))
    inner = started(script, looping)
    settle()
    run = Run.objects.get(pk=script.pk)
    claimed(inner, agent)
    load = {"key": "a", "step": {"name": "work", "template": "load"}}
    add_steps(actor="ada", run=Run.objects.get(pk=inner.pk), steps=[load])
    settle()
    play_all(agent)
    ended(inner)
    # As when a run ends otherwise than its script: one of a controller, by its steps.
    Task.objects.filter(pk=inner.pk).update(status="failed")
    after = {"name": "after", "template": "load", "when": '${looping.status} == "completed"'}
    asked = {"key": "b", "step": after}
    add_steps(actor="ada", run=Run.objects.get(pk=run.pk), steps=[asked])
    settle()
    assert statuses(run)["after"] == "queued"


def test_the_key_of_a_script_is_kept_as_long_as_the_run(project: Project, script: Task) -> None:
    pipeline = make_pipeline(project, "inner")
    old = Idempotency(f"script:{script.pk}", "a", "hash", by_script=True)
    new = Idempotency(f"script:{script.pk}", "b", "hash", by_script=True)
    first = started(script, pipeline, key="a", idempotency=old)
    settle()
    days = IdempotencyKey.objects.get(run=first).created_at - timedelta(days=3)
    IdempotencyKey.objects.filter(run=first).update(created_at=days)
    assert started(script, pipeline, key="b", idempotency=new).pk != first.pk
    # Whatever would be refused by now, such as a version that there is no more.
    again = started(script, pipeline, key="a", idempotency=old, version=7)
    assert again.pk == first.pk
    settle()
    assert len(statuses(Run.objects.get(pk=script.pk))) == 2


def test_a_task_that_became_a_step_is_answered_again(project: Project, script: Task) -> None:
    task = draft(project, "mine")
    make_run(actor="ada", task=script)
    settle()
    asked = [{"key": "a", "step": {"name": "its own", "task": str(task.pk)}}]
    add_steps(actor="ada", run=Run.objects.get(pk=script.pk), steps=asked)
    settle()
    task.refresh_from_db()
    assert task.status == Status.QUEUED
    there, signal = add_steps(actor="ada", run=Run.objects.get(pk=script.pk), steps=asked)
    assert ([one.name for one in there], signal) == (["its own"], None)
    other = [{"key": "a", "step": {"name": "its own", "template": "nothing"}}]
    with pytest.raises(KeyConflict):
        add_steps(actor="ada", run=Run.objects.get(pk=script.pk), steps=other)
