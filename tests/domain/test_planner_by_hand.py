"""Steps that somebody skips, completes or fails by hand: what becomes of them and of the others."""

from __future__ import annotations

import pytest

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import AbortRun, ByHand, Rerun, TaskStands, Verb
from orchestrator.domain.graph import Retries
from orchestrator.domain.planner import RunView, fold, news
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
WORDS = {"c": Status.COMPLETED, "f": Status.FAILED, "a": Status.ABORTED}


def by_hand(verb: str, step: int = 0, **outputs: object) -> ByHand:
    return ByHand(7, step, Verb(verb), "we know better", outputs, "ada")


def chain_where(first: str) -> RunView:
    """A chain of three whose first step stands so."""
    view = view_of(graph(*CHAIN))
    if first == "p":
        return view
    view = settle(view)
    if first == "q":
        return view
    if first in "rg":
        view = fold(view, [TaskStands(0, 1, Status.RUNNING, started_at=NOW)], NOW)
        stop = TaskStands(0, 1, Status.ABORTING, started_at=NOW)
        return view if first == "r" else fold(view, [stop], NOW)
    return ended(view, 0, WORDS[first])


ROWS = [
    # how the first step stands, what is asked, how all stand then; nothing: it is refused
    ("p", "skip", "sss"),
    ("q", "skip", "sss"),
    ("r", "skip", ""),
    ("g", "skip", ""),
    ("f", "skip", ""),
    ("p", "complete", "cqp"),
    ("q", "complete", ""),
    ("r", "complete", ""),
    ("g", "complete", ""),
    ("c", "complete", "cqp"),
    ("f", "complete", "cqp"),
    ("a", "complete", "cqp"),
    ("p", "fail", "fss"),
    ("q", "fail", ""),
    ("r", "fail", ""),
    ("f", "fail", "fss"),
]


@pytest.mark.parametrize(("first", "verb", "after"), ROWS)
def test_a_step_is_ended_by_hand_where_it_stands_so_that_it_can_be(first, verb, after):
    before = chain_where(first)
    view = settle(fold(before, [by_hand(verb)], NOW))
    remark = view.remarks[-1]
    if after:
        assert (statuses(view), remark.kind, remark.actor) == (after, Kind.ASKED, "ada")
        assert remark.data["detail"] == {"steps": ["a"], "reason": "we know better"}
        assert view.steps[0].reason == "by ada: we know better"
    else:
        assert (view.steps, remark.kind) == (before.steps, Kind.REFUSED)


def test_a_step_that_was_completed_by_hand_has_an_attempt_that_says_so_and_gives_values():
    view = settle(fold(chain_where("f"), [by_hand("complete", score=0.9)], NOW))
    attempt = view.attempts[0, 2]
    assert (attempt.origin, attempt.actor, attempt.outputs) == ("by hand", "ada", {"score": 0.9})
    assert attempt.reason == "by ada: we know better"
    assert attempt.task is None
    assert view.has_given


def test_a_step_whose_parents_are_open_is_completed_and_its_children_start_when_all_are_there():
    view = settle(fold(settle(view_of(graph((), (), (0, 1)))), [by_hand("complete", 1)], NOW))
    assert statuses(view) == "qqp"
    assert view.remarks[-1].data["reason"] == 'step "b" is queued; abort it first'
    view = settle(fold(settle(view_of(graph((), (0,), (1,)))), [by_hand("complete", 1)], NOW))
    assert statuses(view) == "qcq"


def test_a_finished_run_is_reopened_and_ends_as_its_steps_stand_now():
    view = settle(fold(chain_where("f"), [by_hand("complete")], NOW))
    assert (view.status, view.round) == (Status.RUNNING, 2)
    view = play(view, lambda *_: Status.COMPLETED)
    assert (view.status, statuses(view)) == (Status.COMPLETED, "ccc")
    view = settle(fold(view, [by_hand("fail", 2)], NOW))
    assert (view.status, view.round, statuses(view)) == (Status.FAILED, 3, "ccf")


def test_who_took_values_of_what_was_before_is_stale():
    view = play(settle(view_of(graph(*CHAIN))), lambda *_: Status.COMPLETED)
    view = settle(fold(view, [by_hand("complete")], NOW))
    assert [step.stale for step in view.steps.values()] == [False, True, False]
    assert statuses(view) == "ccc"


def test_what_was_skipped_is_passed_over_and_the_run_is_well():
    view = play(settle(fold(chain_where("p"), [by_hand("skip", 1)], NOW)), lambda *_: WORDS["c"])
    assert (statuses(view), view.status) == ("css", Status.COMPLETED)


def test_a_queued_step_that_starts_in_the_same_moment_is_not_skipped():
    view = fold(chain_where("q"), [by_hand("skip")], NOW)
    view = settle(view, withdrawn=Status.RUNNING)
    assert statuses(view) == "rpp"
    assert view.remarks[-1].data == {
        "signal": 7,
        "verb": "skip",
        "reason": 'step "a" has just started',
        "detail": {"steps": ["a"], "count": 1},
    }


def test_the_attempt_that_waited_is_put_aside():
    retries = Retries(number=1, delay=10)
    view = ended(settle(view_of(changed(graph(()), 0, retries=retries))), 0, Status.FAILED)
    for verb, end in (("complete", Status.COMPLETED), ("fail", Status.FAILED)):
        after = settle(fold(view, [by_hand(verb)], NOW))
        assert [after.attempts[0, n].status for n in (2, 3)] == [Status.SKIPPED, end]
        assert (after.steps[0].due_at, after.status) == (None, end)
    after = settle(fold(view, [by_hand("skip")], NOW))
    assert (after.attempts[0, 2].status, after.status) == (Status.SKIPPED, Status.COMPLETED)


def test_while_a_run_is_aborted_nothing_is_done_by_hand():
    view = settle(fold(chain_where("r"), [AbortRun(1)], NOW))
    for verb in Verb:
        after = fold(view, [by_hand(verb, 2)], NOW)
        assert after.remarks[-1].data["reason"] == "the run is being aborted"


def test_asks_that_come_together_see_what_the_earlier_ones_did():
    view = chain_where("f")
    view = settle(fold(view, [by_hand("complete"), Rerun(9, (0,))], NOW))
    assert statuses(view) == "qpp"
    assert view.steps[0].attempt == 3


def test_the_changes_tell_the_end_of_the_attempt_and_of_the_step():
    before = chain_where("p")
    told = news(before, settle(fold(before, [by_hand("complete")], NOW)))
    kinds = [change.kind for change in told if change.data.get("step", 0) == 0]
    assert kinds[:3] == [Kind.ASKED, Kind.ATTEMPT_ADDED, Kind.ATTEMPT_STATUS]
    assert kinds[-1] is Kind.STEP_STATUS
