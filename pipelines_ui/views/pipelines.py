"""The list of pipelines: how their last runs went, and what runs now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from orchestrator.queries.overview import listed_pipelines, pipeline_rows
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import actor_of, visible_projects
from pipelines_ui.pages import page, page_of, render_page


@page
def pipeline_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    slug = request.GET.get("project", "")
    search = request.GET.get("search", "").strip()
    last = request.GET.get("last", "")
    project = find_project(actor, slug) if slug else None
    listed = page_of(request, listed_pipelines(actor, project=project, search=search, last=last))
    projects = list(visible_projects(actor))
    return render_page(
        request,
        "pipelines/list.html",
        {
            "rows": pipeline_rows(actor, list(listed)),
            "page": listed,
            "projects": projects,
            "project": project,
            "search": search,
            "last": last,
            "filtered": bool(search or project or last),
            "topics": " ".join(f"project:{one.pk}" for one in projects),
        },
    )
