"""What a hook is told: the event, its run and its step, in one JSON object for all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from orchestrator.domain.changes import iso
from orchestrator.domain.hooks import NewCall
from orchestrator.domain.planner import AttemptView, RunView
from orchestrator.models import Attempt, Run
from orchestrator.store.turns import Mail

Launched = Mapping[tuple[int, int], Mapping[str, Any]]


class Events:
    """The events of one turn; what all of them say of the run is read once."""

    def __init__(self, mail: Mail, view: RunView, launched: Launched, now: datetime) -> None:
        self._mail, self._view, self._launched, self._now = mail, view, launched, now
        row = Run.objects.select_related("pipeline", "project").get(pk=mail.run.pk)
        path = f"{row.project.slug}/{row.pipeline.slug}"
        self._run = {
            "id": str(row.pk),
            "number": row.number,
            "name": row.name,
            "pipeline": path,
            "status": view.status.value,
            "round": view.round,
            "parameters": row.parameters,
            "actor": row.actor,
            "url": f"{settings.PIPELINES_BASE_URL}/runs/{path}/{row.number}/",
        }
        self.url = self._run["url"]

    def event(self, call: NewCall) -> dict[str, Any]:
        """What the hook of this call is told."""
        said: dict[str, Any] = {"event": call.kind.value, "at": iso(self._now), "run": self._run}
        if call.step is not None and call.attempt is not None:
            said["step"] = self._step(call, call.step, call.attempt)
        return said

    def _step(self, call: NewCall, index: int, number: int) -> dict[str, Any]:
        key = index, number
        attempt, task = self._view.attempts.get(key), self._mail.tasks.get(key)
        return {
            "name": self._view.graph.nodes[index].name,
            "index": index,
            "attempt": number,
            "status": call.status or self._view.steps[index].status.value,
            "previous_status": call.arguments.get("previous_status", ""),
            "retries": self._view.steps[index].retried,
            "reason": (task.outcome.get("reason") or "") if task else "",
            "task": self._task(call, attempt),
            "parameters": self._parameters(call, key),
            "outputs": task.outputs if task else {},
        }

    def _task(self, call: NewCall, attempt: AttemptView | None) -> str | None:
        """The task that was made and is not the attempt's yet, or whose result is taken."""
        given = call.arguments.get("draft") or call.arguments.get("task")
        return given or (attempt.task if attempt else None)

    def _parameters(self, call: NewCall, key: tuple[int, int]) -> Any:
        if "parameters" in call.arguments:
            return call.arguments["parameters"]
        if key in self._launched:
            return self._launched[key].get("resolved", {})
        of_attempt = Attempt.objects.filter(pk=self._mail.attempt_ids.get(key, 0))
        return of_attempt.values_list("resolved", flat=True).first() or {}
