"""Steps that wait for the answer of a person: asked, answered, or past their deadline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from orchestrator.domain.changes import iso
from orchestrator.domain.decisions import Answer, Awaits
from orchestrator.domain.graph import Approval
from orchestrator.domain.planner.work import APPROVAL, NO_DUE, Work, take_attempt
from orchestrator.domain.states import Status, StepEvent, move_step

UNANSWERED = "nobody answered in time"


def asked_for(work: Work, fact: Awaits) -> None:
    """The step waits for a person from now on."""
    take_attempt(work, fact.step)
    step, approval = work.steps[fact.step], work.node(fact.step).approval or Approval()
    values = {"status": Status.AWAITING, "queued_at": work.now, "inputs": fact.inputs}
    work.set_attempt(fact.step, step.attempt, **values)
    due: dict[str, Any] = dict(NO_DUE)
    if approval.deadline is not None:
        due = {"due_at": work.now + timedelta(seconds=approval.deadline), "due_why": APPROVAL}
    work.set_step(
        fact.step,
        status=move_step(step.status, StepEvent.GATE),
        reason="",
        cause=None,
        stale=False,
        started_at=work.now,
        **due,
    )


def answer(work: Work, fact: Answer) -> None:
    """Somebody has approved or rejected; the first answer counts."""
    verb = "approve" if fact.approved else "reject"
    step, name = work.steps.get(fact.step), work.node(fact.step).name
    if work.view.status is Status.ABORTING:
        work.refuse(fact, verb, "the run is being aborted")
    elif step is None or step.status is not Status.AWAITING:
        status = step.status if step else Status.PENDING
        work.refuse(fact, verb, f'step "{name}" is {status}: it does not wait for an answer')
    elif step.attempt != fact.attempt:
        work.refuse(fact, verb, f'step "{name}" has been asked anew since')
    else:
        work.ask(fact, verb, steps=[name], comment=fact.comment)
        by = f"by {fact.actor}" if fact.actor else "by somebody"
        said = f"approved {by}" if fact.approved else f"rejected {by}"
        _end(work, fact, f"{said}: {fact.comment}" if fact.comment else said)


def deadline_passed(work: Work, index: int) -> None:
    """Nobody answered in time: that is an answer, too, as the document says."""
    approval = work.node(index).approval or Approval()
    if work.steps[index].status is not Status.AWAITING:
        work.set_step(index, **NO_DUE)
        return
    values = {field["name"]: field.get("default") for field in approval.form}
    is_approved = approval.on_deadline == "approve"
    _end(work, Answer(0, index, work.steps[index].attempt, is_approved, values), UNANSWERED)


def _end(work: Work, fact: Answer, reason: str) -> None:
    step = work.steps[fact.step]
    status = move_step(step.status, StepEvent.APPROVE if fact.approved else StepEvent.REJECT)
    given = {
        "approved": fact.approved,
        "by": fact.actor or None,
        "at": iso(work.now),
        "comment": fact.comment,
    }
    work.set_attempt(
        fact.step,
        step.attempt,
        status=status,
        reason=reason,
        actor=fact.actor,
        outputs={**fact.values, **given},
        started_at=step.started_at,
        ended_at=work.now,
    )
    work.set_step(fact.step, status=status, reason=reason, ended_at=work.now, **NO_DUE)
