"""Which steps a rerun means, and what becomes of the others: each way as a row."""

from __future__ import annotations

import pytest

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import AbortRun, AbortSteps, Rerun, TaskStands
from orchestrator.domain.graph import Retries
from orchestrator.domain.planner import fold
from orchestrator.domain.states import Status
from tests.domain.simulation import NOW, changed, ended, graph, play, settle, statuses, view_of

# a -> b -> d -> e,  a -> c -> d
KITE = graph((), (0,), (0,), (1, 2), (3,))

WAYS = [
    # what is asked, who is queued or waits, who is stale
    (Rerun(1, (1,)), "cqccc", "d"),
    (Rerun(1, (1, 2)), "cqqcc", "d"),
    (Rerun(1, (1,), below=True), "cqcpp", ""),
    (Rerun(1, (1, 2), below=True), "cqqpp", ""),
    (Rerun(1, (0,), below=True), "qpppp", ""),
    (Rerun(1, everything=True), "qpppp", ""),
]


@pytest.mark.parametrize(("fact", "letters", "stale"), WAYS)
def test_a_rerun_takes_who_is_meant_and_marks_who_used_the_older_results(fact, letters, stale):
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    view = settle(fold(view, [fact], NOW))
    assert statuses(view) == letters
    assert "".join(KITE.nodes[i].name for i, s in view.steps.items() if s.stale) == stale
    assert (view.status, view.round) == (Status.RUNNING, 2)


def test_what_is_stale_is_refreshed_with_all_that_took_values_of_it():
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    view = settle(fold(view, [Rerun(1, (1,))], NOW))
    view = ended(view, 1, Status.COMPLETED)
    view = settle(fold(view, [Rerun(2, stale=True)], NOW))
    assert statuses(view) == "cccqp"
    view = play(view, lambda *_: Status.COMPLETED)
    assert statuses(view) == "ccccc"
    assert not any(step.stale for step in view.steps.values())
    assert [view.steps[i].attempt for i in range(5)] == [1, 2, 1, 2, 2]


def test_where_nothing_is_stale_a_refresh_is_refused():
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    (remark,) = fold(view, [Rerun(1, stale=True)], NOW).remarks
    assert (remark.kind, remark.data["reason"]) == (Kind.REFUSED, "nothing is stale")


def test_reset_overrides_returns_to_the_document():
    view = ended(settle(view_of(graph(()))), 0, Status.COMPLETED)
    override = {0: {"parameters": {"General/rows": 3}, "queue": "gpu"}}
    view = ended(settle(fold(view, [Rerun(1, (0,), overrides=override)], NOW)), 0, Status.FAILED)
    again = settle(fold(view, [Rerun(2, (0,), overrides={0: {"queue": "big"}})], NOW))
    assert again.attempts[0, 3].overrides == override[0] | {"queue": "big"}
    reset = {0: {"parameters": {"General/depth": 1}}}
    view = settle(fold(view, [Rerun(2, (0,), overrides=reset, reset=True)], NOW))
    assert view.attempts[0, 3].overrides == reset[0]


def test_history_says_who_was_meant_and_how_many():
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    after = fold(view, [Rerun(1, (1,), below=True, actor="ada")], NOW)
    detail = {"way": "from", "steps": ["b"], "count": 3}
    assert (after.remarks[0].data["detail"], after.remarks[0].actor) == (detail, "ada")


def running(view, *indexes):
    facts = [TaskStands(i, view.steps[i].attempt, Status.RUNNING, started_at=NOW) for i in indexes]
    return fold(view, facts, NOW)


def test_a_running_step_is_aborted_first_and_tried_again_when_it_is_gone():
    view = running(settle(view_of(KITE)), 0)
    wish = Rerun(1, (0,), overrides={0: {"parameters": {"General/rows": 3}}}, actor="ada")
    view = settle(fold(view, [wish], NOW))
    assert (statuses(view), view.steps[0].attempt) == ("apppp", 1)
    assert view.steps[0].status is Status.ABORTING
    view = ended(view, 0, Status.ABORTED)
    assert (statuses(view), view.steps[0].attempt, view.round) == ("qpppp", 2, 1)
    assert view.attempts[0, 2].overrides == {"parameters": {"General/rows": 3}}
    assert (view.attempts[0, 2].origin, view.attempts[0, 2].actor) == ("rerun", "ada")
    assert view.attempts[0, 1].status is Status.ABORTED
    assert play(view, lambda *_: Status.COMPLETED).status is Status.COMPLETED


@pytest.mark.parametrize("end", [Status.COMPLETED, Status.FAILED, Status.CRASHED])
def test_however_the_living_attempt_ends_the_new_one_follows(end):
    view = settle(fold(running(settle(view_of(KITE)), 0), [Rerun(1, (0,))], NOW))
    view = ended(view, 0, end)
    assert (statuses(view), view.steps[0].attempt, view.steps[0].again) == ("qpppp", 2, None)


def test_a_queued_step_that_is_rerun_starts_its_next_attempt_in_the_same_turn():
    view = settle(fold(settle(view_of(KITE)), [Rerun(1, (0,))], NOW))
    assert (statuses(view), view.steps[0].attempt) == ("qpppp", 2)
    assert view.attempts[0, 1].status is Status.ABORTED


def test_from_here_in_a_living_run_takes_who_runs_below_too():
    view = ended(settle(view_of(KITE)), 0, Status.COMPLETED)
    view = ended(running(view, 1), 2, Status.COMPLETED)
    assert statuses(view) == "crcpp"
    view = settle(fold(view, [Rerun(1, (0,), below=True)], NOW))
    assert statuses(view) == "qappp"
    view = ended(view, 1, Status.ABORTED)
    assert [view.steps[i].attempt for i in range(5)] == [2, 2, 2, 0, 0]
    assert statuses(view) == "qpppp"
    assert statuses(play(view, lambda *_: Status.COMPLETED)) == "ccccc"


@pytest.mark.parametrize("ask", [AbortRun(2), AbortSteps(2, (0,))])
def test_an_abort_takes_the_rerun_back(ask):
    view = settle(fold(running(settle(view_of(KITE)), 0), [Rerun(1, (0,))], NOW))
    view = ended(settle(fold(view, [ask], NOW)), 0, Status.ABORTED)
    assert (view.steps[0].status, view.steps[0].attempt) == (Status.ABORTED, 1)
    assert view.status is Status.ABORTED


def test_a_step_that_waits_keeps_what_is_wanted_of_its_first_attempt():
    view = settle(view_of(KITE))
    for rows in (3, 4):
        wish = {3: {"parameters": {"General/rows": rows}}}
        view = settle(fold(view, [Rerun(rows, (3,), overrides=wish)], NOW))
    assert (statuses(view), view.steps[3].attempt) == ("qpppp", 1)
    assert view.attempts[3, 1].overrides == {"parameters": {"General/rows": 4}}


def test_a_step_in_its_retry_delay_is_tried_at_once():
    patient = changed(graph(()), 0, retries=Retries(number=1, delay=60.0))
    view = ended(settle(view_of(patient)), 0, Status.FAILED)
    assert view.steps[0].due_at
    view = settle(fold(view, [Rerun(1, (0,), overrides={0: {"queue": "gpu"}})], NOW))
    assert (statuses(view), view.steps[0].attempt) == ("q", 2)
    assert view.attempts[0, 2].overrides == {"queue": "gpu"}


def test_passing_the_cache_over_concerns_one_rerun_and_its_retries_only():
    view = ended(settle(view_of(graph(()))), 0, Status.COMPLETED)
    view = settle(fold(view, [Rerun(1, (0,), cache=False)], NOW))
    view = ended(view, 0, Status.CRASHED)
    assert view.attempts[0, 3].overrides == {"cache": False}
    view = settle(fold(ended(view, 0, Status.COMPLETED), [Rerun(2, (0,))], NOW))
    assert view.attempts[0, 4].overrides == {}
