"""One verb for many runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions.bulk import MOST_RUNS, Answer, ask_runs
from orchestrator.api.base import ApiView
from orchestrator.api.describe import describe
from orchestrator.api.shapes.bulk import BulkAnswer, BulkVerb
from orchestrator.api.views.runs import TAG, matching
from orchestrator.api.views.tasks import who_asks
from orchestrator.models import Run
from orchestrator.queries.rights import allowed_projects
from orchestrator.queries.runs import run_url
from orchestrator.queries.tasks import runs_for

UNKNOWN = dict.fromkeys(("project", "pipeline", "number", "status", "signal", "url"))


class BulkRuns(ApiView):
    @describe(TAG, body=BulkVerb, answer=BulkAnswer, status=202, also={200: BulkAnswer})
    def post(self, request: Request) -> Response:
        """Ask many runs the same: those named by their ids, or all that a filter leaves.

        Each run is asked by itself and has a result of its own. With ``dry_run`` (200) nothing
        is asked.
        """
        wanted = self.body(BulkVerb)
        runs = self._runs(wanted)
        answers = ask_runs(
            **who_asks(self.actor),
            verb=wanted["verb"],
            runs=runs,
            allowed=allowed_projects(self.actor, "operate"),
            dry_run=wanted["dry_run"],
        )
        results = [_result(answer) for answer in answers]
        found = {run.pk for run in runs}
        results += [_unknown(pk) for pk in dict.fromkeys(wanted.get("runs", ())) if pk not in found]
        refused = sum(result["refused"] is not None for result in results)
        content = {
            "verb": wanted["verb"],
            "dry_run": wanted["dry_run"],
            "asked": len(results) - refused,
            "refused": refused,
            "results": results,
        }
        return Response(content, status=200 if wanted["dry_run"] else 202)

    def _runs(self, wanted: dict[str, Any]) -> Sequence[Run]:
        if "filter" in wanted:
            given = {name: str(value) for name, value in wanted["filter"].items()}
            return list(matching(self.actor, given)[: MOST_RUNS + 1])
        places = {pk: place for place, pk in enumerate(dict.fromkeys(wanted["runs"]))}
        if len(places) > MOST_RUNS:
            return [Run(task_id=pk) for pk in places]
        found = runs_for(self.actor, filters={"pk__in": list(places)})
        return sorted(found, key=lambda run: places[run.pk])


def _result(answer: Answer) -> dict[str, Any]:
    run = answer.run
    return {
        "run": str(run.pk),
        "project": run.project.slug,
        "pipeline": run.pipeline.slug,
        "number": run.number,
        "status": run.status,
        "steps": dict(answer.steps),
        "signal": answer.signal,
        "refused": answer.refused or None,
        "url": run_url(run),
    }


def _unknown(pk: UUID) -> dict[str, Any]:
    return {**UNKNOWN, "run": str(pk), "steps": {}, "refused": "there is no such run"}
