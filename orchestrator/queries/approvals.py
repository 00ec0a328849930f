"""Questions that steps ask people: one with all that is shown, and those that wait for somebody."""

from __future__ import annotations

from typing import Any

from orchestrator.domain.graph import Approval, Node
from orchestrator.domain.parameters import ParameterSpec, read_specs
from orchestrator.domain.states import Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Attempt, Run, Step
from orchestrator.queries.rights import Actor, for_actor, has_role
from orchestrator.queries.runs import run_url

LOOKED_AT = 100
LISTED = 20
_OPEN = (Status.RUNNING, Status.PAUSED)


def question(run: Run, name: str) -> dict[str, Any] | None:
    """What the step of this name asks, or asked; none for one that asks nobody."""
    row = Step.objects.filter(run_id=run.pk, path=name).first()
    node = graph_of_run(run).nodes[row.node] if row else None
    if row is None or node is None or node.approval is None:
        return None
    attempt = Attempt.objects.filter(step=row, number=row.attempt).first()
    shown = attempt.resolved if attempt else {}
    fields = {spec.name for spec in form_of(node)}
    return {
        "step": row.path,
        "status": row.status,
        "reason": row.reason,
        "attempt": row.attempt,
        "text": node.comment,
        "shown": {key: value for key, value in shown.items() if key not in fields},
        "values": {key: value for key, value in shown.items() if key in fields},
        "form": form_of(node),
        "roles": node.approval.roles,
        "who": " or ".join(node.approval.roles) or "operator",
        "due_at": row.due_at,
        "on_deadline": node.approval.on_deadline,
        "asked_at": row.started_at,
    }


def form_of(node: Node) -> tuple[ParameterSpec, ...]:
    """The fields that whoever answers fills in."""
    specs, _ = read_specs((node.approval or Approval()).form)
    return tuple(specs)


def waiting_for(actor: Actor) -> list[dict[str, Any]]:
    """The questions that somebody may answer, the oldest first."""
    steps = for_actor(Step.objects.all(), actor, "run__project").filter(
        status=Status.AWAITING, run__status__in=_OPEN
    )
    wanted = steps.select_related("run__project", "run__pipeline", "run__version")
    wanted = wanted.defer("run__pins", "run__version__document", "run__version__pins")
    found: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], bool] = {}
    for row in wanted.order_by("started_at", "id")[:LOOKED_AT]:
        node = graph_of_run(row.run).nodes[row.node]
        roles = (node.approval or Approval()).roles
        key = (row.run.project_id, *roles)
        if key not in known:
            known[key] = has_role(actor, roles, row.run.project)
        if known[key]:
            found.append(_listed(row, node))
    return found[:LISTED]


def _listed(row: Step, node: Node) -> dict[str, Any]:
    return {
        "step": row.path,
        "text": node.comment,
        "run": f"{row.run.pipeline.name} #{row.run.number}",
        "url": run_url(row.run),
        "asked_at": row.started_at,
        "due_at": row.due_at,
    }
