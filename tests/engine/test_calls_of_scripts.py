"""Callbacks in the script that drives a run: in which order, with what, and what comes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from orchestrator import clock
from orchestrator.actions.by_hand import skip_step
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import abort_run, abort_steps, run_again
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Attempt, Call, Run, Step, Task
from orchestrator.store import script_calls
from tests.engine.playing import check_run, claim, end, queued_tasks, statuses
from tests.engine.scripting import Raises, Script, answer, asking, driven, open_calls, told

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

ALL = ("pre", "post", "created", "completed")
NEXT = ["created next", "run next", "completed next completed"]


def fails(name: str, _attempt: int) -> TaskEvent:
    return TaskEvent.END_BADLY if name == "load" else TaskEvent.END_WELL


def step(run: Run, name: str = "load") -> Step:
    return Step.objects.get(run=run, path=name)


BEGINS = ["pre load", "created load", "run load"]
ENDS = ["completed load completed", "post load completed"]
ENDS_BADLY = ["completed load failed", "post load failed"]


@pytest.mark.parametrize(
    ("ends", "answers", "seen", "outcome"),
    [
        ("well", {}, [*BEGINS, *ENDS, *NEXT], ("completed", "completed", "completed")),
        ("badly", {}, [*BEGINS, *ENDS_BADLY], ("failed", "skipped", "failed")),
        ("well", {"pre": False}, ["pre load"], ("skipped", "skipped", "completed")),
        ("well", {"pre": {"skip": "no"}}, ["pre load"], ("skipped", "skipped", "completed")),
        ("well", {"pre": Raises("x")}, ["pre load"], ("failed", "skipped", "failed")),
        ("well", {"pre": "rubbish"}, ["pre load"], ("failed", "skipped", "failed")),
        ("well", {"created": False}, BEGINS[:2], ("skipped", "skipped", "completed")),
        ("well", {"completed": Raises("x")}, [*BEGINS, ENDS[0]], ("failed", "skipped", "failed")),
        ("well", {"post": Raises("x")}, [*BEGINS, *ENDS], ("failed", "skipped", "failed")),
        ("badly", {"post": Raises("x")}, [*BEGINS, *ENDS_BADLY], ("failed", "skipped", "failed")),
    ],
)
def test_the_order_of_calls_and_what_comes_of_them(
    ends: str, answers: dict[str, Any], seen: list[str], outcome: tuple[str, str, str]
) -> None:
    run = driven(asking(*ALL))
    script = Script(run, lambda call: answers.get(call["kind"]) if call["step"] == "load" else None)
    script.begin()
    script.until_it_rests(fails if ends == "badly" else lambda _n, _a: TaskEvent.END_WELL)
    assert script.seen == seen
    found = statuses(run)
    assert (found["load"], found["next"], run.status) == outcome
    assert not Task.objects.filter(parent=run.pk, status__in=("draft", "queued")).exists()


def test_a_callback_is_told_of_the_step_its_parameters_and_its_task() -> None:
    run = driven(asking(*ALL, "status"))
    script = Script(run)
    script.begin()
    script.until_it_rests()
    attempt = Attempt.objects.get(run=run, step__path="load")
    by_kind = {call["kind"]: call["arguments"]["step"] for call in script.calls}
    first = next(call["arguments"] for call in script.calls if call["kind"] == "pre")
    assert first["run"]["id"] == str(run.pk)
    assert first["step"]["parameters"] == {"General/rows": 100}
    assert first["step"]["task"] is None
    of_load = [c["arguments"]["step"] for c in script.calls if c["step"] == "load"]
    assert {one["task"] for one in of_load[1:]} == {str(attempt.task_id)}
    assert (by_kind["post"]["status"], by_kind["post"]["outputs"]) == ("completed", {"score": 1})
    moves = [(m["previous_status"], m["status"]) for m in of_load if m["previous_status"]]
    assert moves[0] == ("pending", "queued")
    assert moves[-1][1] == "completed"


def test_a_callback_before_the_task_changes_its_parameters() -> None:
    run = driven(asking("pre"))
    script = Script(run, lambda call: {"parameters": {"General/rows": 7}})
    script.begin()
    script.until_it_rests()
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert attempt.resolved == {"General/rows": 7}


def test_one_that_raises_fails_the_step_with_its_traceback() -> None:
    run = driven(asking("pre"))
    script = Script(run, lambda call: Raises("no"))
    script.begin()
    script.until_it_rests()
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert attempt.reason == "its pre callback failed: ValueError: no"
    assert attempt.traceback == "Traceback: line 1"


def test_a_step_says_that_it_waits_for_its_callback() -> None:
    run = driven(asking("pre"))
    script = Script(run)
    script.begin()
    assert (step(run).status, step(run).reason) == ("pending", "waits for its pre callback")
    check_run(run)


def test_a_cached_step_is_called_for_but_has_no_new_task() -> None:
    run = driven(asking(*ALL, "status", cache=True))
    script = Script(run)
    script.begin()
    script.until_it_rests()
    again = Script(run_again(actor="ada", run=run))
    again.begin()
    again.until_it_rests()
    assert statuses(again.run)["load"] == "cached"
    original = Attempt.objects.get(run=again.run, step__path="load").task_id
    assert Attempt.objects.filter(run=run, task=original).exists()
    after = [c["arguments"]["step"] for c in again.calls if c["event_status"] == "cached"]
    assert {one["task"] for one in after} == {str(original)}
    assert {one["outputs"]["score"] for one in after} == {1}
    of_load = [seen for seen in again.seen if "load" in seen]
    assert of_load == [
        "pre load",
        "completed load cached",
        "post load cached",
        "status load cached",
    ]


def test_an_aborted_step_is_called_for_and_nobody_waits() -> None:
    run = driven(asking("post", "completed"))
    script = Script(run)
    script.begin()
    (task,) = queued_tasks(run)
    claim(task, script.agent)
    abort_steps(actor="ada", run=run, steps=["load"])
    script.turn()
    task.refresh_from_db()
    end(task, TaskEvent.CONFIRM_GONE, reason="aborted")
    script.turn()
    assert statuses(run) == {"load": "aborted", "next": "skipped"}
    assert [told(call) for call in open_calls(run)] == [
        "completed load aborted",
        "post load aborted",
    ]
    script.until_it_rests()
    assert run.status == Status.ABORTED


def test_how_a_step_stands_is_told_before_what_that_asks_for_and_its_end_last() -> None:
    """Its task begins and ends between two turns, and is tried once more in one."""
    run = driven(asking(*ALL, "status", "retry"))
    script = Script(run, lambda call: call["attempt"] == 1 if call["kind"] == "retry" else None)
    script.begin()
    script.until_it_rests(fails)
    launched = ["created load", "status load queued", "run load", "status load running"]
    assert [seen for seen in script.seen if "load" in seen] == [
        "pre load",
        *launched,
        "retry load failed",
        "status load pending",
        "pre load",
        *launched,
        "retry load failed",
        *ENDS_BADLY,
        "status load failed",
    ]


def test_a_script_says_whether_a_failed_step_is_tried_once_more() -> None:
    run = driven(asking("retry"))
    script = Script(run, lambda call: call["arguments"]["step"]["retries"] < 1)
    script.begin()
    script.until_it_rests(fails)
    assert script.seen == ["run load", "retry load failed"] * 2
    assert statuses(run)["load"] == "failed"


def test_what_a_script_finds_calls_it_too() -> None:
    run = driven(asking("pre"), driver="script")
    script = Script(run)
    script.begin()
    script.until_it_rests()
    assert script.seen == ["pre load", "run load", "run next"]
    assert run.status == Status.COMPLETED


# Time -----------------------------------------------------------------------------------------


def deadline(run: Run) -> Any:
    return Call.objects.get(run=run, kind="pre").deadline_at


def pass_time(run: Run, seconds: float) -> None:
    """So much of the time to answer is over."""
    past = deadline(run) - timedelta(seconds=seconds)
    Call.objects.filter(run=run, kind="pre").update(deadline_at=past)
    Run.objects.filter(pk=run.pk).update(due_at=past)


def test_who_does_not_answer_in_time_fails_the_step() -> None:
    run = driven(asking("pre", timeout=60))
    script = Script(run)
    script.begin()
    assert run.due_at == deadline(run)
    assert timezone.now() < run.due_at <= timezone.now() + timedelta(seconds=60)
    pass_time(run, 61)
    clock.tick()
    script.turn()
    assert (step(run).status, step(run).reason) == (
        "failed",
        "its pre callback was not answered in time",
    )
    with pytest.raises(script_calls.CallIsOver):
        answer(run, 1)
    script.until_it_rests()
    assert run.status == Status.FAILED


def test_the_clock_stands_still_while_the_script_does_not_run() -> None:
    run = driven(asking("pre", timeout=60))
    script = Script(run)
    script.begin()
    pass_time(run, 40)
    script.end(TaskEvent.CANNOT_RUN, reason="its agent was lost")
    assert (script.task.status, run.taken_up) == (Status.QUEUED, 1)
    call = Call.objects.get(run=run)
    assert (call.deadline_at, run.due_at) == (None, None)
    assert call.left_seconds is not None
    assert 10 < call.left_seconds <= 20
    assert step(run).status == Status.PENDING
    script.begin()
    assert timezone.now() < deadline(run) <= timezone.now() + timedelta(seconds=20)
    assert [told(call) for call in open_calls(run)] == ["pre load"], "it is asked once more"
    script.until_it_rests()
    assert run.status == Status.COMPLETED
    assert Call.objects.filter(run=run).count() == 1


def test_a_script_that_has_ended_leaves_its_calls_failed() -> None:
    run = driven(asking("pre"))
    script = Script(run)
    script.begin()
    script.end()
    assert (step(run).status, step(run).reason) == (
        "failed",
        "its pre callback was not answered: its script has ended",
    )
    assert run.status == Status.FAILED
    check_run(run)


def test_nobody_asks_a_script_that_has_ended_before() -> None:
    run = driven(asking("completed", "status"))
    script = Script(run)
    script.begin()
    while script.answered():
        pass
    (task,) = queued_tasks(run)
    claim(task, script.agent)
    script.end()
    end(task)
    script.turn()
    assert step(run).reason == "its completed callback was not answered: its script has ended"
    assert open_calls(run) == []
    check_run(run)


def test_the_abort_of_a_run_drops_what_it_waited_for() -> None:
    run = driven(asking("pre", "status"))
    script = Script(run)
    script.begin()
    abort_run(actor="ada", run=run)
    script.turn()
    assert Call.objects.get(run=run, kind="pre").state == "dropped"
    script.end(TaskEvent.CONFIRM_GONE, reason="aborted")
    assert run.status == Status.ABORTED
    assert open_calls(run) == []
    check_run(run)


def test_a_step_that_waits_for_its_callback_can_be_skipped_by_hand() -> None:
    run = driven(asking("pre"))
    script = Script(run)
    script.begin()
    skip_step(actor="ada", run=run, step="load", reason="enough")
    script.turn()
    with pytest.raises(script_calls.CallIsOver):
        answer(run, 1)
    script.until_it_rests()
    assert (step(run).status, run.status) == ("skipped", "completed")


# Reruns ---------------------------------------------------------------------------------------


def test_a_rerun_of_a_step_with_callbacks_asks_the_script_again() -> None:
    run = driven(asking("pre"))
    script = Script(run)
    script.begin()
    script.until_it_rests()
    rerun(actor="ada", run=run, steps=["load"])
    script.turn()
    assert (script.task.status, run.status, run.round) == (Status.QUEUED, Status.RUNNING, 2)
    script.begin()
    script.until_it_rests()
    assert script.seen == ["pre load", "run load", "run next", "pre load", "run load"]
    assert Attempt.objects.filter(run=run, step__path="load").count() == 2
    assert run.status == Status.COMPLETED


def test_a_rerun_of_a_step_without_callbacks_leaves_the_script_alone() -> None:
    run = driven(asking("pre"))
    script = Script(run)
    script.begin()
    script.until_it_rests()
    rerun(actor="ada", run=run, steps=["next"])
    script.turn()
    assert script.task.status == Status.COMPLETED
    script.until_it_rests()
    assert script.seen == ["pre load", "run load", "run next", "run next"]
    assert (run.status, run.round) == (Status.COMPLETED, 2)
