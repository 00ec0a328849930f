"""When a step starts, waits or is skipped; retries, aborts and reruns: the rules as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    CouldNotLaunch,
    Progressed,
    Rerun,
    SkippedBy,
    TaskStands,
)
from orchestrator.domain.graph import Retries
from orchestrator.domain.planner import (
    Standing,
    StepView,
    fold,
    news,
    plan,
    standing,
)
from orchestrator.domain.states import Status
from tests.domain.simulation import (
    NOW,
    changed,
    ended,
    graph,
    play,
    settle,
    statuses,
    view_of,
)

CHAIN = ((), (0,), (1,))
#  a → b → d
#  └→ c ┘
DIAMOND = ((), (0,), (0,), (1, 2))

STANDINGS = [
    ("pending", "", False, "OPEN"),
    ("running", "", False, "OPEN"),
    ("completed", "", False, "GOOD"),
    ("cached", "", False, "GOOD"),
    ("failed", "", False, "BAD"),
    ("crashed", "", False, "BAD"),
    ("aborted", "", False, "BAD"),
    ("failed", "", True, "GOOD"),
    ("skipped", "bad parent", False, "BAD"),
    ("skipped", "abort", False, "BAD"),
    ("skipped", "passed parent", False, "PASSED"),
    ("skipped", "person", False, "PASSED"),
]


@pytest.mark.parametrize(("status", "skipped_by", "may_fail", "expected"), STANDINGS)
def test_a_parent_looks_to_its_children_as_it_ended(status, skipped_by, may_fail, expected):
    node = changed(graph(()), 0, may_fail=may_fail).nodes[0]
    step = StepView(0, status=Status(status), skipped_by=SkippedBy(skipped_by))
    assert standing(step, node) is Standing[expected]


def test_a_chain_is_launched_one_after_the_other():
    view = settle(view_of(graph(*CHAIN)))
    seen = [statuses(view)]
    for step in range(3):
        view = ended(view, step, Status.COMPLETED)
        seen.append(statuses(view))
    assert seen == ["qpp", "cqp", "ccq", "ccc"]
    assert view.status is Status.COMPLETED


def test_a_failure_skips_everything_below_and_names_the_first_cause():
    view = ended(settle(view_of(graph(*CHAIN))), 0, Status.FAILED)
    assert statuses(view) == "fss"
    assert [step.reason for step in view.steps.values()] == ["", '"a" failed', '"a" failed']
    assert view.status is Status.FAILED


def test_planning_twice_says_the_same_and_carried_out_there_is_nothing_left():
    view = view_of(graph(*DIAMOND))
    assert plan(view, NOW) == plan(view, NOW)
    view = settle(view)
    assert plan(view, NOW) == ()


def test_a_task_that_stands_as_it_stood_changes_nothing():
    view = ended(settle(view_of(graph(*DIAMOND))), 0, Status.COMPLETED)
    again = fold(view, [TaskStands(0, 1, Status.RUNNING), TaskStands(0, 1, Status.FAILED)], NOW)
    assert again.steps == view.steps


def test_the_news_of_an_older_attempt_are_not_folded():
    view = settle(fold(settle(view_of(graph(()))), [TaskStands(0, 1, Status.CRASHED)], NOW))
    assert view.steps[0].attempt == 2
    assert fold(view, [TaskStands(0, 1, Status.FAILED)], NOW).steps == view.steps


def test_a_crash_is_tried_again_at_once_at_most_twice_in_a_row():
    view = settle(view_of(graph(())))
    for attempt in (1, 2):
        view = ended(view, 0, Status.CRASHED)
        assert (statuses(view), view.steps[0].attempt) == ("q", attempt + 1)
    view = ended(view, 0, Status.CRASHED)
    assert statuses(view) == "x"


def test_a_crash_is_not_tried_again_when_the_step_says_so():
    lonely = changed(graph(()), 0, retries=Retries(on=("failed",)))
    assert statuses(ended(settle(view_of(lonely)), 0, Status.CRASHED)) == "x"


def due(view):
    moment = view.steps[0].due_at
    assert moment is not None
    return moment


def test_retries_wait_longer_each_time_up_to_their_limit():
    retries = Retries(number=3, delay=10, factor=3, limit=50)
    view = settle(view_of(changed(graph(()), 0, retries=retries)))
    now, waits = NOW, []
    for _ in range(3):
        view = ended(view, 0, Status.FAILED, now)
        waits.append((due(view) - now).total_seconds())
        assert statuses(settle(view, now)) == "p"
        now = due(view)
        view = settle(view, now)
        assert statuses(view) == "q"
    assert waits == [10, 30, 50]
    assert statuses(ended(view, 0, Status.FAILED, now)) == "f"


def test_the_random_part_of_a_delay_is_bounded_and_the_same_for_the_same_attempt():
    retries = Retries(number=1, delay=10, jitter=0.5)
    view = settle(view_of(changed(graph(()), 0, retries=retries)))
    dues = {due(ended(view, 0, Status.FAILED)) for _ in range(3)}
    assert len(dues) == 1
    assert timedelta(seconds=10) <= dues.pop() - NOW <= timedelta(seconds=15)


def test_a_step_that_could_not_be_launched_has_failed_with_the_reason():
    view = settle(fold(view_of(graph(*CHAIN)), [CouldNotLaunch(0, "no queue")], NOW))
    assert statuses(view) == "fss"
    assert view.attempts[0, 1].reason == view.steps[0].reason == "no queue"


def test_aborting_a_run_skips_what_waits_and_asks_what_runs():
    view = ended(settle(view_of(graph(*DIAMOND))), 0, Status.COMPLETED)
    view = fold(view, [TaskStands(1, 1, Status.RUNNING, started_at=NOW)], NOW)
    view = settle(fold(view, [AbortRun(7, "ada")], NOW))
    assert [step.status.value for step in view.steps.values()] == [
        "completed",
        "aborting",
        "aborted",
        "skipped",
    ]
    assert view.status is Status.ABORTING
    view = ended(view, 1, Status.ABORTED)
    assert view.status is Status.ABORTED


def test_a_retry_that_waits_ends_as_its_last_attempt_when_the_run_is_aborted():
    retries = Retries(number=1, delay=10)
    view = ended(settle(view_of(changed(graph(()), 0, retries=retries))), 0, Status.FAILED)
    view = settle(fold(view, [AbortRun(1)], NOW))
    assert statuses(view) == "f"
    assert view.attempts[0, 2].status is Status.SKIPPED
    assert view.status is Status.FAILED


@pytest.mark.parametrize("ask", [AbortRun(1), AbortSteps(1, (0,))])
@pytest.mark.parametrize("end", [Status.FAILED, Status.CRASHED])
def test_an_abort_that_meets_a_bad_end_is_not_answered_by_a_retry(ask, end):
    stubborn = changed(graph(()), 0, retries=Retries(number=1))
    view = settle(fold(settle(view_of(stubborn)), [TaskStands(0, 1, end), ask], NOW))
    assert (view.steps[0].status, view.status) == (end, Status.FAILED)
    view = fold(settle(view_of(stubborn)), [ask], NOW)
    view = settle(fold(view, [TaskStands(0, 1, end)], NOW))
    assert (view.steps[0].status, view.status) == (end, Status.FAILED)


REFUSALS = [
    (AbortSteps(1, (1,)), 'step "b" has not started'),
    (Rerun(1, (0,), overrides={1: {}}), 'step "b" is not among those that are rerun'),
    (Rerun(1, failed=True), "there is nothing to rerun"),
]


@pytest.mark.parametrize(("fact", "reason"), REFUSALS)
def test_what_is_not_possible_is_refused_with_the_reason(fact, reason):
    view = settle(view_of(graph(*CHAIN)))
    after = fold(view, [fact], NOW)
    assert after.steps == view.steps
    (remark,) = after.remarks
    assert (remark.kind, remark.data["reason"]) == (Kind.REFUSED, reason)


@pytest.mark.parametrize("fact", [Rerun(1, (0,)), Rerun(1, failed=True), Rerun(1, stale=True)])
def test_a_run_whose_steps_are_not_there_yet_refuses_a_rerun(fact):
    young = replace(view_of(graph(*CHAIN)), complete=False, steps={}, loaded={}, tally={})
    (remark,) = fold(young, [fact], NOW).remarks
    assert (remark.kind, remark.data["reason"]) == (Kind.REFUSED, "the run has not started")


def test_an_ended_run_refuses_to_be_aborted():
    view = ended(settle(view_of(graph(()))), 0, Status.COMPLETED)
    assert fold(view, [AbortRun(1)], NOW).remarks[-1].kind is Kind.REFUSED


def test_rerunning_one_step_leaves_its_children_and_marks_them_stale():
    view = play(view_of(graph(*CHAIN)), lambda *_: Status.COMPLETED)
    view = settle(fold(view, [Rerun(1, (0,), actor="ada")], NOW))
    assert statuses(view) == "qcc"
    assert [step.stale for step in view.steps.values()] == [False, True, False]
    assert (view.round, view.status, view.ended_at) == (2, Status.RUNNING, None)
    view = ended(view, 0, Status.COMPLETED)
    assert view.status is Status.COMPLETED
    assert view.attempts[0, 2].actor == "ada"


def test_rerunning_a_failed_step_gives_what_it_held_up_its_chance():
    view = ended(settle(view_of(graph(*CHAIN))), 0, Status.FAILED)
    view = settle(fold(view, [Rerun(1, (0,))], NOW))
    assert statuses(view) == "qpp"
    view = play(view, lambda *_: Status.COMPLETED)
    assert (statuses(view), view.status) == ("ccc", Status.COMPLETED)


def test_a_step_held_up_by_two_stays_skipped_until_both_are_well():
    view = ended(settle(view_of(graph(*DIAMOND))), 0, Status.COMPLETED)
    view = ended(ended(view, 1, Status.FAILED), 2, Status.FAILED)
    view = settle(fold(view, [Rerun(1, (1,))], NOW))
    assert statuses(view) == "cqfs"
    view = ended(view, 1, Status.COMPLETED)
    assert (statuses(view), view.status) == ("ccfs", Status.FAILED)


def test_what_a_rerun_overrides_is_inherited_by_later_attempts():
    view = ended(settle(view_of(graph(()))), 0, Status.COMPLETED)
    view = settle(fold(view, [Rerun(1, (0,), overrides={0: {"queue": "gpu"}})], NOW))
    view = ended(view, 0, Status.CRASHED)
    assert view.attempts[0, 3].overrides == {"queue": "gpu"}


def test_after_a_partial_rerun_an_aborted_run_is_still_aborted():
    view = settle(fold(settle(view_of(graph((), (), (0,), (1,)))), [AbortRun(1)], NOW))
    assert statuses(view) == "aass"
    view = settle(fold(view, [Rerun(2, (0,))], NOW))
    view = play(view, lambda *_: Status.COMPLETED)
    assert (statuses(view), view.status) == ("cacs", Status.ABORTED)


def test_progress_is_kept_for_the_attempt_that_runs_only():
    view = settle(view_of(graph(())))
    assert fold(view, [Progressed(0, 1, 0.5)], NOW).steps[0].progress is None
    view = fold(view, [TaskStands(0, 1, Status.RUNNING, started_at=NOW)], NOW)
    assert fold(view, [Progressed(0, 1, 0.5)], NOW).steps[0].progress == 0.5
    assert fold(view, [Progressed(0, 2, 0.5)], NOW).steps[0].progress is None


def test_the_end_of_a_run_is_the_last_thing_that_is_told_of_it():
    before = view_of(graph(()))
    after = ended(settle(before), 0, Status.COMPLETED)
    assert news(before, after)[-1].kind is Kind.RUN_STATUS


def test_progress_that_comes_with_the_news_of_the_start_is_not_lost():
    view = settle(view_of(graph(())))
    half = Progressed(0, 1, 0.5)
    start = TaskStands(0, 1, Status.RUNNING, started_at=NOW)
    assert fold(view, [half, start], NOW).steps[0].progress == 0.5
    assert fold(view, [half, start], NOW) == fold(view, [start, half], NOW)
