"""Pausing, breakpoints, timeouts, the first failure, so many at a time: the rules as tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import (
    AbortRun,
    Pause,
    PauseAt,
    Rerun,
    Resume,
    TaskStands,
)
from orchestrator.domain.graph import Retries
from orchestrator.domain.planner import RunView, fold, in_words
from orchestrator.domain.states import Status, StopReason
from tests.domain.simulation import (
    NOW,
    changed,
    ended,
    graph,
    play,
    settle,
    statuses,
    view_of,
    with_options,
)

CHAIN = ((), (0,), (1,))


def later(seconds: float):
    return NOW + timedelta(seconds=seconds)


def running(view: RunView, step: int) -> RunView:
    return fold(view, [TaskStands(step, 1, Status.RUNNING, started_at=NOW)], NOW)


def test_while_a_run_is_paused_what_runs_goes_on_and_nothing_new_starts():
    view = settle(fold(settle(view_of(graph(*CHAIN))), [Pause(1, "ada")], NOW))
    assert (view.status, view.reason) == (Status.PAUSED, "paused by ada")
    view = ended(view, 0, Status.COMPLETED)
    assert (statuses(view), view.status) == ("cpp", Status.PAUSED)
    view = settle(fold(view, [Resume(2, "ada")], NOW))
    assert (statuses(view), view.status, view.reason) == ("cqp", Status.RUNNING, "")


PAUSED_ENDS = [(Status.COMPLETED, Status.COMPLETED), (Status.FAILED, Status.FAILED)]


@pytest.mark.parametrize(("end", "outcome"), PAUSED_ENDS)
def test_a_paused_run_none_of_whose_steps_can_move_ends(end, outcome):
    view = settle(fold(settle(view_of(graph((), (), (1,)))), [Pause(1)], NOW))
    view = ended(ended(view, 0, Status.COMPLETED), 1, Status.FAILED)
    assert (statuses(view), view.status) == ("cfs", Status.FAILED)
    view = settle(fold(settle(view_of(graph(()))), [Pause(1)], NOW))
    assert ended(view, 0, end).status is outcome


REFUSED = [
    (Status.PAUSED, Pause(1), "the run is paused"),
    (Status.COMPLETED, Pause(1), "the run is completed"),
    (Status.QUEUED, Pause(1), "the run has not started"),
    (Status.RUNNING, Resume(1), "the run is running, not paused"),
    (Status.ABORTING, Resume(1), "the run is aborting, not paused"),
    (Status.FAILED, PauseAt(1, ("a",)), "the run is failed already"),
]


@pytest.mark.parametrize(("status", "fact", "reason"), REFUSED)
def test_what_is_not_possible_is_refused_with_the_reason(status, fact, reason):
    view = view_of(graph(()))
    before = fold(view, [], NOW)
    object.__setattr__(before, "status", status)
    after = fold(before, [fact], NOW)
    assert after.status is status
    assert (after.remarks[-1].kind, after.remarks[-1].data["reason"]) == (Kind.REFUSED, reason)


def test_a_paused_run_is_aborted():
    view = settle(fold(running(settle(view_of(graph(*CHAIN))), 0), [Pause(1)], NOW))
    view = settle(fold(view, [AbortRun(2)], NOW))
    assert (statuses(view), view.status) == ("ass", Status.ABORTING)
    assert view.steps[0].status is Status.ABORTING


def test_a_rerun_of_a_paused_run_waits_until_it_goes_on():
    view = ended(settle(view_of(graph((), ()))), 0, Status.FAILED)
    view = settle(fold(view, [Pause(1), Rerun(2, (0,))], NOW))
    assert (statuses(view), view.status) == ("pq", Status.PAUSED)
    assert statuses(settle(fold(view, [Resume(3)], NOW))) == "qq"


def test_a_failed_attempt_of_a_paused_run_is_tried_again_once_it_goes_on():
    view = settle(view_of(changed(graph(()), 0, retries=Retries(number=1))))
    view = ended(fold(view, [Pause(1)], NOW), 0, Status.FAILED)
    assert (statuses(view), view.status) == ("p", Status.PAUSED)
    assert statuses(settle(fold(view, [Resume(3)], NOW))) == "q"


def test_a_run_pauses_before_a_step_and_passes_it_once():
    view = view_of(with_options(graph((), (0,), (0,)), pause_at=frozenset({"b"})))
    view = ended(settle(view), 0, Status.COMPLETED)
    assert (statuses(view), view.status) == ("cpp", Status.PAUSED)
    assert view.reason == 'paused before "b"'
    view = settle(fold(view, [Resume(1)], NOW))
    assert (statuses(view), view.status) == ("cqq", Status.RUNNING)
    view = play(view, lambda *_: Status.COMPLETED)
    view = settle(fold(view, [Rerun(2, (1,))], NOW))
    assert (statuses(view), view.status) == ("cpc", Status.PAUSED)


def test_steps_to_pause_at_are_set_and_taken_away_while_it_runs():
    view = settle(fold(settle(view_of(graph(*CHAIN))), [PauseAt(1, ("b",))], NOW))
    assert ended(view, 0, Status.COMPLETED).status is Status.PAUSED
    view = fold(view, [PauseAt(2)], NOW)
    assert statuses(ended(view, 0, Status.COMPLETED)) == "cqp"


def test_a_step_that_waits_too_long_in_its_queue_fails_and_is_tried_again():
    node = changed(graph(()), 0, queue_timeout=60, retries=Retries(number=1))
    view = settle(view_of(node))
    assert (view.steps[0].due_at, view.steps[0].due_why) == (later(60), "queue_timeout")
    view = settle(fold(view, [], later(60)), later(60))
    assert (statuses(view), view.steps[0].attempt) == ("q", 2)
    assert view.attempts[0, 1].reason == "it waited in its queue for 1 min"
    view = settle(fold(view, [], later(120)), later(120))
    assert (view.steps[0].status, view.status) == (Status.FAILED, Status.FAILED)


def test_one_that_starts_in_time_or_just_then_does_not_fail():
    view = settle(view_of(changed(graph(()), 0, queue_timeout=60)))
    assert running(view, 0).steps[0].due_at is None
    view = settle(fold(view, [], later(60)), later(60), withdrawn=Status.RUNNING)
    assert (statuses(view), view.steps[0].due_at) == ("r", None)


def test_one_that_its_agent_gives_back_waits_anew():
    view = running(settle(view_of(changed(graph(()), 0, queue_timeout=60))), 0)
    view = fold(view, [TaskStands(0, 1, Status.QUEUED)], later(500))
    assert view.steps[0].due_at == later(560)
    assert fold(view, [TaskStands(0, 1, Status.QUEUED)], later(530)).steps[0].due_at == later(560)


def over_time() -> RunView:
    view = settle(view_of(with_options(graph(*CHAIN), timeout=3600)))
    object.__setattr__(view, "deadline_at", later(3600))
    return running(view, 0)


@pytest.mark.parametrize("paused", [False, True])
def test_a_run_that_takes_too_long_is_aborted_and_has_failed(paused):
    view = fold(over_time(), [Pause(1)] if paused else [], NOW)
    view = settle(fold(view, [], later(3600)), later(3600))
    assert (view.status, view.stop_reason) == (Status.ABORTING, StopReason.DEADLINE)
    view = ended(view, 0, Status.ABORTED, later(3601))
    assert (view.status, view.reason) == (Status.FAILED, "the run took longer than 1 h")


def test_a_run_that_goes_on_after_its_end_has_all_its_time_again():
    view = settle(fold(over_time(), [], later(3600)), later(3600))
    view = ended(view, 0, Status.ABORTED, later(3601))
    view = settle(fold(view, [Rerun(1, failed=True)], later(5000)), later(5000))
    assert (view.status, view.deadline_at) == (Status.RUNNING, later(8600))


def test_the_first_failure_ends_a_run_that_is_to_end_with_it():
    view = settle(view_of(with_options(graph((), (), (1,)), abort_on_failure=True)))
    view = running(view, 1)
    view = ended(view, 0, Status.FAILED)
    assert (view.status, view.stop_reason) == (Status.ABORTING, StopReason.FAILURE)
    assert view.reason == '"a" failed'
    view = ended(view, 1, Status.ABORTED)
    assert (statuses(view), view.status) == ("fas", Status.FAILED)


def test_a_failure_that_does_not_count_or_is_tried_again_does_not_end_it():
    options = with_options(graph((), ()), abort_on_failure=True)
    view = ended(settle(view_of(changed(options, 0, may_fail=True))), 0, Status.FAILED)
    assert view.status is Status.RUNNING
    again = changed(options, 0, retries=Retries(number=1))
    assert ended(settle(view_of(again)), 0, Status.FAILED).status is Status.RUNNING


def test_so_many_run_at_a_time_those_of_higher_priority_first():
    wide = with_options(graph((), (), (), ()), max_parallel=2)
    view = settle(view_of(changed(wide, 3, priority=5)))
    assert statuses(view) == "qppq"
    view = ended(view, 0, Status.COMPLETED)
    assert statuses(view) == "cqpq"
    view = play(view, lambda *_: Status.COMPLETED)
    assert view.status is Status.COMPLETED


WORDS = [(0.5, "0.5 s"), (45, "45 s"), (60, "1 min"), (90, "1 min 30 s"), (7325, "2 h 2 min")]


@pytest.mark.parametrize(("seconds", "words"), WORDS)
def test_durations_are_said_in_their_two_largest_units(seconds, words):
    assert in_words(seconds) == words
