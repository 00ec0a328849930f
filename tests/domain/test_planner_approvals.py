"""Steps that wait for a person: asked, answered, past their deadline, aborted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.domain.changes import Kind as ChangeKind
from orchestrator.domain.decisions import AbortRun, AbortSteps, Answer, ByHand, Rerun, Verb
from orchestrator.domain.graph import Approval, Graph, Kind
from orchestrator.domain.planner import RunView, fold
from orchestrator.domain.states import Status
from tests.domain.simulation import NOW, changed, ended, graph, settle, statuses, view_of

FORM = ({"name": "limit", "type": "integer", "default": 3},)


def asking(**approval: object) -> Graph:
    """train → approve → deploy."""
    node = {"kind": Kind.APPROVAL, "approval": Approval(**approval)}  # type: ignore[arg-type]
    return changed(graph((), (0,), (1,)), 1, **node)


def asked(**approval: object) -> RunView:
    """The run waits for the answer."""
    return ended(settle(view_of(asking(**approval))), 0, Status.COMPLETED)


def answered(view: RunView, *, approved: bool, attempt: int = 1, actor: str = "ada") -> RunView:
    fact = Answer(7, 1, attempt, approved, {"limit": 5}, "looks fine", actor)
    return settle(fold(view, [fact], NOW))


def test_the_run_waits_for_the_answer_without_a_task():
    view = asked()
    assert view.steps[1].status is Status.AWAITING
    assert view.attempts[1, 1].task is None
    assert view.attempts[1, 1].status is Status.AWAITING
    assert view.status is Status.RUNNING


ANSWERS = [
    (True, "ccq", "approved by ada: looks fine"),
    (False, "cfs", "rejected by ada: looks fine"),
]


@pytest.mark.parametrize(("approved", "letters", "reason"), ANSWERS)
def test_the_answer_decides_and_its_values_are_kept(approved, letters, reason):
    view = answered(asked(), approved=approved)
    assert (statuses(view), view.steps[1].reason) == (letters, reason)
    assert view.attempts[1, 1].outputs == {
        "limit": 5,
        "approved": approved,
        "by": "ada",
        "at": "2026-01-01T00:00:00.000000Z",
        "comment": "looks fine",
    }
    assert view.remarks[-1].kind is ChangeKind.ASKED


def test_only_the_first_answer_counts():
    view = answered(answered(asked(), approved=True), approved=False, actor="bob")
    assert statuses(view) == "ccq"
    assert view.remarks[-1].data["reason"] == (
        'step "b" is completed: it does not wait for an answer'
    )


def test_an_answer_to_an_older_question_is_refused():
    view = settle(fold(answered(asked(), approved=False), [Rerun(8, (1,))], NOW))
    assert (view.steps[1].status, view.steps[1].attempt) == (Status.AWAITING, 2)
    view = answered(view, approved=True, attempt=1)
    assert view.remarks[-1].data["reason"] == 'step "b" has been asked anew since'
    assert answered(view, approved=True, attempt=2).steps[1].status is Status.COMPLETED


@pytest.mark.parametrize(("on_deadline", "letters"), [("approve", "ccq"), ("reject", "cfs")])
def test_after_its_deadline_the_document_answers(on_deadline, letters):
    view = asked(deadline=60, on_deadline=on_deadline, form=FORM)
    assert view.steps[1].due_at == NOW + timedelta(seconds=60)
    assert view.steps[1].due_why == "approval"
    late = NOW + timedelta(seconds=60)
    assert settle(fold(view, [], NOW)).steps[1].status is Status.AWAITING
    view = settle(fold(view, [], late), late)
    assert (statuses(view), view.steps[1].reason) == (letters, "nobody answered in time")
    outputs = view.attempts[1, 1].outputs or {}
    assert (outputs["limit"], outputs["by"]) == (3, None)
    assert view.steps[1].due_at is None


ENDS = [
    (AbortRun(1), Status.ABORTED, "aborted before anybody answered"),
    (AbortSteps(1, (1,)), Status.ABORTED, "aborted before anybody answered"),
    (ByHand(1, 1, Verb.SKIP, "no need", actor="ada"), Status.SKIPPED, "by ada: no need"),
    (ByHand(1, 1, Verb.COMPLETE, "no need", actor="ada"), Status.COMPLETED, "by ada: no need"),
]


@pytest.mark.parametrize(("fact", "status", "reason"), ENDS)
def test_nobody_is_asked_any_more_once_the_step_has_ended_otherwise(fact, status, reason):
    view = settle(fold(asked(deadline=60), [fact], NOW))
    assert (view.steps[1].status, view.steps[1].reason) == (status, reason)
    assert view.attempts[1, 1].status is not Status.AWAITING
    assert view.steps[1].due_at is None
    assert answered(view, approved=True).remarks[-1].kind is ChangeKind.REFUSED
