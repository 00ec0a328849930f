"""The list of all runs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from orchestrator.domain.states import DISPLAY_ORDER, Status
from orchestrator.queries.approvals import waiting_for
from orchestrator.queries.nested_runs import with_parents
from orchestrator.queries.overview import listed_runs, pipeline_paths
from orchestrator.queries.rights import actor_of, allowed_projects, visible_projects
from pipelines_ui.pages import newest_first, page, render_page, topics_of, topics_of_runs
from pipelines_ui.views.bulk import WORDINGS

_STEPS_ONLY = {Status.PENDING, Status.AWAITING, Status.CACHED, Status.SKIPPED, Status.CRASHED}
RUN_STATUSES = [status.value for status in DISPLAY_ORDER if status not in _STEPS_ONLY]


@page
def run_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    filters = {
        "pipeline": request.GET.get("pipeline", "").strip(),
        "status": request.GET.get("status", ""),
        "who": request.GET.get("actor", "").strip(),
    }
    runs, older = newest_first(request, listed_runs(actor, **filters))
    return render_page(
        request,
        "pipelines/runs.html",
        {
            "runs": with_parents(actor, runs),
            "older": older,
            "first_page": "before" not in request.GET,
            "statuses": RUN_STATUSES,
            "paths": pipeline_paths(actor),
            "may_choose": bool(allowed_projects(actor, "operate")),
            "wordings": WORDINGS,
            "filtered": any(filters.values()),
            "questions": waiting_for(actor),
            "topics": topics_of(visible_projects(actor)),
            "run_topics": topics_of_runs(runs),
            **filters,
        },
    )
