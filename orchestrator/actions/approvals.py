"""Answering a step that waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.actions.by_hand import check_size
from orchestrator.actions.runs import ask, indexes_of
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.graph import Approval
from orchestrator.domain.parameters import check_values, specs_from
from orchestrator.domain.states import Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Run, Step
from orchestrator.queries.rights import Actor, require_role

COMMENT_LENGTH = 2000


def answer_approval(
    *,
    actor: Actor,
    run: Run,
    step: str,
    approved: bool,
    values: Mapping[str, Any] | None = None,
    comment: str = "",
) -> int:
    """Approve or reject, with the values of the form; the first answer counts.

    Raises NotAllowed for somebody who may not answer, Invalid naming each wrong value.
    """
    (index,) = indexes_of(run, [step])
    approval = graph_of_run(run).nodes[index].approval
    require_role(actor, approval.roles if approval else (), run.project_id)
    if approval is None:
        raise Conflict(f'step "{step}" asks nobody')
    row = Step.objects.filter(run=run, index=index).first()
    if row is None or row.status != Status.AWAITING:
        status = row.status if row else Status.PENDING
        raise Conflict(f'step "{step}" is {status}: it does not wait for an answer')
    if len(comment) > COMMENT_LENGTH:
        message = f"a comment has at most {COMMENT_LENGTH:,} characters, not {len(comment):,}"
        raise Invalid.at("comment", "bad_value", message)
    given = _checked(approval, values or {}, approved=approved)
    check_size(given)
    data = {
        "step": index,
        "attempt": row.attempt,
        "approved": approved,
        "values": given,
        "comment": comment.strip(),
    }
    return ask(run, "answer", data, actor.name)


def _checked(approval: Approval, values: Mapping[str, Any], *, approved: bool) -> dict[str, Any]:
    """The values of the form; whoever rejects need not fill it in."""
    checked, problems = check_values(specs_from(approval.form), values, where="values")
    if not approved:
        problems = [one for one in problems if one.code != "missing"]
    if problems:
        raise Invalid(problems)
    return checked
