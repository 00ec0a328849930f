"""Hooks in Python: who is called when, with what, and what comes of the answers."""

from __future__ import annotations

import pytest

from orchestrator.actions.by_hand import skip_step
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, abort_steps, run_again, start_run
from orchestrator.controller import advance
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Attempt, Call, Run, Step, Task
from tests.engine.hooking import STEP_HOOKS, Play, Raises, hooked, python
from tests.engine.playing import changes_of, check_run, claim, end, make_agent, statuses
from tests.engine.starting import started

pytestmark = pytest.mark.django_db

ALL = (*STEP_HOOKS, "created", "completed")


def fails(name: str, _attempt: int) -> TaskEvent:
    return TaskEvent.END_BADLY if name == "load" else TaskEvent.END_WELL


def hook_task(run: Run, kind: str = "") -> Task:
    rows = Task.objects.filter(parent=run.pk, type="service", status=Status.QUEUED)
    return rows.get(name__contains=kind)


def step(run: Run, name: str = "load") -> Step:
    return Step.objects.get(run=run, path=name)


NEXT = ["created next", "run next", "completed next completed"]


@pytest.mark.parametrize(
    ("ends", "answers", "seen", "outcome"),
    [
        (
            "completes",
            {},
            [
                "pre load",
                "created load",
                "run load",
                "completed load completed",
                "post load completed",
                *NEXT,
            ],
            ("completed", "completed", "completed"),
        ),
        (
            "fails",
            {},
            [
                "pre load",
                "created load",
                "run load",
                "completed load failed",
                "post load failed",
            ],
            ("failed", "skipped", "failed"),
        ),
        ("completes", {"pre": False}, ["pre load"], ("skipped", "skipped", "completed")),
        ("completes", {"pre": {"skip": "no"}}, ["pre load"], ("skipped", "skipped", "completed")),
        ("completes", {"pre": Raises("x")}, ["pre load"], ("failed", "skipped", "failed")),
        ("completes", {"pre": "rubbish"}, ["pre load"], ("failed", "skipped", "failed")),
        (
            "completes",
            {"created": False},
            ["pre load", "created load"],
            ("skipped", "skipped", "completed"),
        ),
        (
            "completes",
            {"completed": Raises("x")},
            ["pre load", "created load", "run load", "completed load completed"],
            ("failed", "skipped", "failed"),
        ),
        (
            "completes",
            {"post": Raises("x")},
            [
                "pre load",
                "created load",
                "run load",
                "completed load completed",
                "post load completed",
            ],
            ("failed", "skipped", "failed"),
        ),
        (
            "fails",
            {"post": Raises("x")},
            [
                "pre load",
                "created load",
                "run load",
                "completed load failed",
                "post load failed",
            ],
            ("failed", "skipped", "failed"),
        ),
    ],
)
def test_the_order_of_calls_and_what_comes_of_them(ends, answers, seen, outcome, broker):
    run = started(hooked(*ALL))
    play = Play(lambda kind, event: answers.get(kind) if event["step"]["name"] == "load" else None)
    play.until_it_rests(run, fails if ends == "fails" else lambda _n, _a: TaskEvent.END_WELL)
    assert play.seen == seen
    found = statuses(run)
    assert (found["load"], found["next"], run.status) == outcome
    assert not Task.objects.filter(parent=run.pk, status__in=("draft", "queued")).exists()


def test_a_cached_step_is_called_for_but_has_no_new_task(broker):
    document = hooked(*ALL, cache=True)
    first = started(document)
    Play().until_it_rests(first)
    second = run_again(actor="ada", run=first)
    play = Play()
    play.until_it_rests(second)
    assert play.seen[:3] == ["pre load", "completed load cached", "post load cached"]
    assert statuses(second)["load"] == "cached"


def test_a_cached_step_whose_post_hook_raises_fails(broker):
    first = started(hooked("post", cache=True))
    Play().until_it_rests(first)
    second = run_again(actor="ada", run=first)
    Play(lambda *_: Raises("too old")).until_it_rests(second)
    assert step(second).status == "failed"
    assert step(second).reason == "its post hook failed: ValueError: too old"


def test_a_pre_hook_changes_parameters(broker):
    run = started(hooked("pre"))
    play = Play(lambda *_: {"parameters": {"rows": 7}})
    play.until_it_rests(run)
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert attempt.resolved == {"General/rows": 7}
    assert attempt.task is not None
    assert attempt.task.parameters == {"General/rows": 7}
    assert play.events[0]["step"]["parameters"] == {"General/rows": 100}


def test_a_parameter_that_the_template_does_not_take_fails_the_step(broker):
    run = started(hooked("pre"))
    Play(lambda *_: {"parameters": {"lines": 7}}).until_it_rests(run)
    assert step(run).status == "failed"
    assert "lines" in step(run).reason


def test_several_hooks_are_called_one_after_another_and_see_what_the_others_said(broker):
    document = hooked()
    document["steps"][0]["hooks"] = {"pre": [python("a"), python("b")]}
    run = started(document)
    said = iter([{"parameters": {"rows": 1}}, {"parameters": {"rows": 2}}])
    play = Play(lambda *_: next(said))
    play.until_it_rests(run)
    seen = [event["step"]["parameters"]["General/rows"] for event in play.events]
    assert seen == [100, 1]
    assert Attempt.objects.get(run=run, step__path="load").resolved == {"General/rows": 2}


def test_while_a_hook_is_awaited_the_step_says_so(broker):
    run = started(hooked("pre", "post"))
    play = Play()
    advance(run.pk)
    assert (step(run).status, step(run).reason) == ("pending", "waits for its pre hook")
    play.execute(hook_task(run), lambda _n, _a: TaskEvent.END_WELL)
    advance(run.pk)
    play.execute(
        Task.objects.get(attempts__run=run, status="queued"), lambda _n, _a: TaskEvent.END_WELL
    )
    advance(run.pk)
    assert (step(run).status, step(run).reason) == ("running", "waits for its post hook")
    assert step(run, "next").status == "pending"
    check_run(run)
    play.until_it_rests(run)
    assert (step(run).status, step(run).reason) == ("completed", "")


def test_what_an_event_holds(broker):
    run = started(hooked("post", "ended"))
    play = Play()
    play.until_it_rests(run)
    post, ended = play.events
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert post["event"] == "post"
    assert post["step"] == {
        "name": "load",
        "index": 0,
        "attempt": 1,
        "status": "completed",
        "previous_status": "",
        "retries": 0,
        "reason": "",
        "task": str(attempt.task_id),
        "parameters": {"General/rows": 100},
        "outputs": {"score": 1},
    }
    assert post["run"]["id"] == str(run.pk)
    assert post["run"]["pipeline"] == "alpha/chain"
    assert "step" not in ended
    assert ended["run"]["status"] == "completed"


def test_a_failed_hook_leaves_its_traceback_with_the_step(broker):
    run = started(hooked("pre"))
    agent = make_agent(queues=("services",))
    advance(run.pk)
    task = hook_task(run)
    claim(task, agent)
    end(task, TaskEvent.END_BADLY, reason="ValueError: no")
    Task.objects.filter(pk=task.pk).update(
        outcome={"reason": "ValueError: no", "traceback": "Traceback: line 1"}
    )
    advance(run.pk)
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert attempt.traceback == "Traceback: line 1"
    assert attempt.reason == "its pre hook failed: ValueError: no"
    check_run(run)


def test_a_hook_whose_agent_is_lost_is_executed_again(broker):
    run = started(hooked("pre"))
    agent = make_agent(queues=("services",))
    for tried in range(1, 4):
        advance(run.pk)
        task = hook_task(run)
        assert Call.objects.get(run=run).tries == tried
        claim(task, agent)
        end(task, TaskEvent.CANNOT_RUN, reason="agent lost")
    advance(run.pk)
    assert step(run).status == "failed"
    assert step(run).reason == "its pre hook crashed: agent lost"


def test_a_retried_step_is_called_for_before_each_attempt_and_once_after_the_last(broker):
    run = started(hooked("pre", "post", retries={"number": 1}))
    play = Play()
    play.until_it_rests(run, fails)
    assert play.seen == ["pre load", "run load", "pre load", "run load", "post load failed"]


def test_a_hook_may_want_a_failed_step_to_be_tried_once_more(broker):
    run = started(hooked("retry", "post"))
    play = Play(lambda kind, event: event["step"]["retries"] < 2 if kind == "retry" else None)
    play.until_it_rests(run, fails)
    again = ["run load", "retry load failed"]
    assert play.seen == [*again, *again, *again, "post load failed"]
    attempts = Attempt.objects.filter(run=run, step__path="load").order_by("number")
    assert [one.origin for one in attempts] == ["first", "retry", "retry"]
    assert (step(run).status, run.status) == ("failed", "failed")


def test_a_hook_is_asked_for_a_retry_when_the_step_says_nothing_else(broker):
    run = started(hooked("retry", retries={"number": 1}))
    play = Play(lambda *_: Raises("unsure"))
    play.until_it_rests(run, fails)
    assert play.seen == ["run load", "run load", "retry load failed"]
    assert (step(run).status, step(run).reason) == ("failed", "")


def test_the_moves_of_one_step_are_told_to_its_own_hooks(broker):
    document = hooked("status")
    document["steps"][0]["hooks"]["status"] = [python("own")]
    run = started(document)
    play = Play()
    play.until_it_rests(run)
    assert play.seen.count("status load completed") == 2
    assert play.seen.count("status next completed") == 1
    moves = [e["step"] for e in play.events if "step" in e and e["step"]["name"] == "load"]
    told = {(move["previous_status"], move["status"]) for move in moves}
    assert ("pending", "queued") in told
    assert {status for _, status in told} >= {"queued", "completed"}


def test_status_hooks_hold_nothing_and_are_told_of_the_run_too(broker):
    run = started(hooked("status"))
    play = Play()
    play.until_it_rests(run)
    assert "status load completed" in play.seen
    assert play.seen[-1] == "status run completed"
    assert len(play.seen) == len(set(play.seen))


def test_an_ended_hook_is_called_once_a_round(broker):
    run = started(hooked("ended"))
    play = Play()
    play.until_it_rests(run)
    assert play.seen.count("ended run completed") == 1
    rerun(actor="ada", run=run, steps=["next"])
    play.until_it_rests(run)
    assert play.seen.count("ended run completed") == 2


def test_an_aborted_step_is_called_for_but_nobody_waits(broker):
    run = started(hooked("completed", "post"))
    play = Play()
    advance(run.pk)
    task = Task.objects.get(attempts__run=run, status="queued")
    claim(task, play.agent)
    abort_steps(actor="ada", run=run, steps=["load"])
    advance(run.pk)
    task.refresh_from_db()
    end(task, TaskEvent.CONFIRM_GONE, reason="aborted")
    advance(run.pk)
    assert step(run).status == "aborted"
    assert run_status(run) == "aborted"
    play.until_it_rests(run)
    assert sorted(play.seen) == ["completed load aborted", "post load aborted"]


def run_status(run: Run) -> str:
    run.refresh_from_db()
    return run.status


@pytest.mark.parametrize("kind", ["pre", "created", "post"])
def test_the_abort_of_a_run_ends_the_hooks_that_it_waits_for(kind, broker):
    run = started(hooked(kind))
    play = Play()
    advance(run.pk)
    if kind == "post":
        task = Task.objects.get(attempts__run=run, status="queued")
        play.execute(task, lambda _n, _a: TaskEvent.END_WELL)
        advance(run.pk)
    task = hook_task(run)
    abort_run(actor="ada", run=run)
    advance(run.pk)
    task.refresh_from_db()
    assert task.status == "aborted"
    assert run_status(run) == "aborted"
    assert Call.objects.get(run=run).state == "dropped"
    assert not Task.objects.filter(parent=run.pk, status__in=("draft", "queued")).exists()
    check_run(run)


def test_a_step_that_waits_for_its_hook_can_be_skipped_by_hand(broker):
    run = started(hooked("pre"))
    advance(run.pk)
    skip_step(actor="ada", run=run, step="load", reason="enough")
    Play().until_it_rests(run)
    assert step(run).status == "skipped"
    assert Call.objects.get(run=run).state == "dropped"


def test_calls_and_answers_are_told(broker):
    run = started(hooked("pre"))
    Play().until_it_rests(run)
    told = [(c["kind"], c["data"]) for c in changes_of(run) if c["kind"] in ("called", "answered")]
    (called, asked), (answered, said) = told
    assert (called, answered) == ("called", "answered")
    assert asked["kind"] == said["kind"] == "pre"
    assert (asked["step"], asked["number"], asked["by"]) == (0, 1, "python")
    assert said["state"] == "answered"


def test_hooks_run_beside_the_steps_in_the_queue_for_services(broker):
    run = started(hooked("pre"))
    advance(run.pk)
    task = hook_task(run)
    assert (task.queue, task.name) == ("services", "load · pre hook")
    assert task.limits == {"timeout": 600.0}


def test_items_of_a_fan_out_are_called_for_one_by_one(broker):
    document = hooked("pre", "post", "status", for_each={"list": [1, 2]})
    run = started(document)
    play = Play()
    play.until_it_rests(run)
    assert run.status == "completed"
    steps = [seen for seen in play.seen if seen.startswith(("pre", "post"))]
    assert sorted(steps) == [
        "post load[0] completed",
        "post load[1] completed",
        "pre load[0]",
        "pre load[1]",
    ]
    assert "status load completed" in play.seen


def test_an_item_may_say_no(broker):
    run = started(hooked("pre", for_each={"list": [1, 2]}))
    Play(lambda _kind, event: event["step"]["name"] != "load[1]").until_it_rests(run)
    found = statuses(run)
    assert (found["load[0]"], found["load[1]"]) == ("completed", "skipped")
    assert (found["load"], run.status) == ("completed", "completed")


def test_a_rerun_of_a_step_that_waits_for_its_post_hook_ends_the_hook(broker):
    run = started(hooked("post"))
    play = Play()
    advance(run.pk)
    task = Task.objects.get(attempts__run=run, status="queued")
    play.execute(task, lambda _n, _a: TaskEvent.END_WELL)
    advance(run.pk)
    first = hook_task(run)
    rerun(actor="ada", run=run, steps=["load"])
    play.until_it_rests(run)
    first.refresh_from_db()
    assert first.status == "aborted"
    assert (step(run).status, step(run).attempt, run.status) == ("completed", 2, "completed")


def test_a_nested_run_is_called_for_as_a_step_is(broker):
    from orchestrator.actions.pipelines import create_pipeline, publish
    from orchestrator.models import Project

    run = started(hooked())
    project = Project.objects.get()
    steps = [{"name": "inner", "template": "load"}]
    inner = create_pipeline(
        actor="ada", project=project, slug="inner", document={"schema": 1, "steps": steps}
    )
    publish(actor="ada", pipeline=inner)
    hooks = {"pre": [python()], "post": [python()]}
    nests = {"name": "nests", "kind": "pipeline", "pipeline": "inner", "hooks": hooks}
    outer = create_pipeline(
        actor="ada", project=project, slug="outer", document={"schema": 1, "steps": [nests]}
    )
    publish(actor="ada", pipeline=outer)
    run = start_run(actor="ada", pipeline=outer)
    play = Play()
    for _ in range(6):
        for living in Run.objects.exclude(status="completed").filter(pipeline__in=[inner, outer]):
            play.until_it_rests(living)
    assert play.seen == ["pre nests", "run inner", "post nests completed"]
    run.refresh_from_db()
    assert run.status == "completed"
