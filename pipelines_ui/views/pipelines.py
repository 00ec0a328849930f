"""The list of pipelines, and one pipeline: its graph, versions and runs."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from orchestrator.actions.pipelines import document_problems
from orchestrator.domain.document import content_hash
from orchestrator.domain.parameters import read_specs
from orchestrator.queries.approvals import waiting_for
from orchestrator.queries.graphs import columns, document_of_version, draft_graph, version_graph
from orchestrator.queries.nested_runs import with_parents
from orchestrator.queries.overview import (
    editable_projects,
    listed_pipelines,
    pipeline_rows,
    runs_of,
    versions_with_authors,
)
from orchestrator.queries.pipelines import (
    draft_of,
    draft_without_document,
    find_pipeline,
    find_version,
    hash_of_draft,
)
from orchestrator.queries.places import line_of_pipeline
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, actor_of, can, visible_projects
from pipelines_ui.code import code_of, coloured
from pipelines_ui.compressed import drawn_graph, lasting
from pipelines_ui.pages import newest_first, page, page_of, render_page, topics_of, topics_of_runs
from pipelines_ui.views.bulk import WORDINGS

RUNS_SHOWN = 20
STEPS_SHOWN = 100


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
            "questions": waiting_for(actor),
        },
    )


@page
def pipeline_page(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The latest version by default; ``?version=`` shows another, or the draft."""
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    if request.GET.get("part") == "graph":
        return _graph(request, pipeline)
    shown = _shown(request, actor, pipeline)
    runs, older = newest_first(request, runs_of(pipeline), RUNS_SHOWN)
    return render_page(
        request,
        "pipelines/page.html",
        {
            "pipeline": pipeline,
            "row": pipeline_rows(actor, [pipeline])[0],
            "may_edit": can(actor, "edit", pipeline.project),
            "places": line_of_pipeline(pipeline),
            "versions": versions_with_authors(pipeline),
            "runs": with_parents(actor, runs),
            "older": older,
            "run_topics": topics_of_runs(runs),
            "first_page": "before" not in request.GET,
            "may_choose": can(actor, "operate", pipeline.project),
            "choose_pipeline": f"{pipeline.project.slug}/{pipeline.slug}",
            "wordings": WORDINGS,
            **shown,
        },
    )


def _shown(request: HttpRequest, actor: Actor, pipeline: Any) -> dict[str, Any]:
    """What of the pipeline is looked at: a version, or the draft when that is asked for or all."""
    draft = draft_without_document(pipeline)
    latest = versions_with_authors(pipeline).first()
    wanted = request.GET.get("version", "")
    draft_hash = hash_of_draft(pipeline.pk, draft.revision)
    changed = latest is None or draft_hash != latest.content_hash
    common = {"draft": draft, "latest": latest, "draft_changed": changed}
    if wanted != "draft" and latest is not None:
        version = find_version(pipeline, _number(wanted)) if wanted else latest
        graph, document = version_graph(version), document_of_version(version)
        drawn = drawn_graph(graph, f"?version={version.number}", version.content_hash)
        return {
            **common,
            "version": version,
            "code": _script_of(version),
            **drawn,
            **_contents(request, document, graph),
        }
    problems = document_problems(draft.document, pipeline.project, actor=actor.name, own=pipeline)
    errors = [problem for problem in problems if problem.severity == "error"]
    graph = {"nodes": []} if errors else draft_graph(draft.document)
    return {
        **common,
        "version": None,
        "problems": problems,
        **({} if errors else drawn_graph(graph, "?version=draft", draft_hash)),
        **_contents(request, draft.document, graph),
    }


def _script_of(version: Any) -> str:
    """The Python that drives the runs of a version, coloured."""
    if version.script is None:
        return ""
    return coloured(*code_of(version.script.kind, version.script.body))


def _contents(
    request: HttpRequest, document: dict[str, Any], graph: dict[str, Any]
) -> dict[str, Any]:
    """The steps page by page, and the parameters."""
    nodes = graph["nodes"]
    listed = page_of(request, nodes, STEPS_SHOWN)
    queues = {
        step.get("name"): step.get("queue")
        for step in document.get("steps", ())
        if isinstance(step, dict)
    }
    steps = [
        {
            **node,
            "parent_names": [nodes[parent]["name"] for parent in node["parents"]],
            "queue": queues.get(node["name"]),
        }
        for node in listed
    ]
    specs, _ = read_specs(document.get("parameters"))
    return {"steps": steps, "step_count": len(nodes), "page": listed, "specs": specs}


def _graph(request: HttpRequest, pipeline: Any) -> HttpResponse:
    """The graph alone, for the script of a page that would be too long with it."""
    wanted = request.GET.get("version", "")
    if wanted != "draft":
        version = find_version(pipeline, _number(wanted) if wanted else None)
        name = f"graph-of-version-{version.pk}"
        return lasting(request, name, version.content_hash, lambda: columns(version_graph(version)))
    draft = draft_of(pipeline)
    name, tag = f"graph-of-draft-{pipeline.pk}", content_hash(draft.document)
    return lasting(request, name, tag, lambda: columns(draft_graph(draft.document)))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Http404(f'"{text[:60]}" is no version')
    return int(text)
