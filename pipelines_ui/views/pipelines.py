"""The list of pipelines, and one pipeline: its graph, versions and runs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from orchestrator.actions.pipelines import document_problems
from orchestrator.domain.document import content_hash
from orchestrator.domain.parameters import read_specs
from orchestrator.queries.graphs import draft_graph, version_graph
from orchestrator.queries.overview import (
    editable_projects,
    listed_pipelines,
    pipeline_rows,
    runs_of,
    versions_with_authors,
)
from orchestrator.queries.pipelines import draft_of, find_pipeline, find_version, latest_version
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, actor_of, can, visible_projects
from pipelines_ui.pages import newest_first, page, page_of, render_page, topics_of, topics_of_runs

RUNS_SHOWN = 20


@page
def pipeline_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    slug = request.GET.get("project", "")
    search = request.GET.get("search", "").strip()
    last = request.GET.get("last", "")
    project = find_project(actor, slug) if slug else None
    listed = page_of(request, listed_pipelines(actor, project=project, search=search, last=last))
    projects = list(visible_projects(actor))
    editable = {one.pk for one in editable_projects(actor)}
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
            "editable": editable,
            "topics": topics_of(projects),
        },
    )


@page
def pipeline_page(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The latest version by default; ``?version=`` shows another, or the draft."""
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    shown = _shown(request, actor, pipeline)
    runs, older = newest_first(request, runs_of(pipeline), RUNS_SHOWN)
    return render_page(
        request,
        "pipelines/page.html",
        {
            "pipeline": pipeline,
            "row": pipeline_rows(actor, [pipeline])[0],
            "may_edit": can(actor, "edit", pipeline.project),
            "versions": versions_with_authors(pipeline),
            "runs": runs,
            "older": older,
            "run_topics": topics_of_runs(runs),
            "first_page": "before" not in request.GET,
            **shown,
        },
    )


def _shown(request: HttpRequest, actor: Actor, pipeline: Any) -> dict[str, Any]:
    """What of the pipeline is looked at: a version, or the draft when that is asked for or all."""
    draft = draft_of(pipeline)
    latest = latest_version(pipeline)
    wanted = request.GET.get("version", "")
    changed = latest is None or content_hash(draft.document) != latest.content_hash
    common = {"draft": draft, "latest": latest, "draft_changed": changed}
    if wanted != "draft" and latest is not None:
        version = find_version(pipeline, _number(wanted)) if wanted else latest
        graph = version_graph(version)
        return {**common, "version": version, "graph": graph, **_contents(version.document, graph)}
    problems = document_problems(draft.document, pipeline.project, actor=actor.name)
    errors = [problem for problem in problems if problem.severity == "error"]
    graph = {"nodes": []} if errors else draft_graph(draft.document)
    return {
        **common,
        "version": None,
        "problems": problems,
        "graph": None if errors else graph,
        **_contents(draft.document, graph),
    }


def _contents(document: dict[str, Any], graph: dict[str, Any]) -> dict[str, Any]:
    names = [node["name"] for node in graph["nodes"]]
    queues = {
        step.get("name"): step.get("queue")
        for step in document.get("steps", ())
        if isinstance(step, dict)
    }
    steps = [
        {
            **node,
            "parent_names": [names[parent] for parent in node["parents"]],
            "queue": queues.get(node["name"]),
        }
        for node in graph["nodes"]
    ]
    specs, _ = read_specs(document.get("parameters"))
    return {"steps": steps, "specs": specs}


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Http404(f'"{text[:60]}" is no version')
    return int(text)
