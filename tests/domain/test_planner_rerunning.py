"""Which steps a rerun means, and what becomes of the others: each way as a row."""

from __future__ import annotations

import pytest

from orchestrator.domain.changes import Kind
from orchestrator.domain.decisions import Rerun
from orchestrator.domain.planner import fold
from orchestrator.domain.states import Status
from tests.domain.simulation import NOW, ended, graph, play, settle, statuses, view_of

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
