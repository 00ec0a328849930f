"""The list of task templates, and one template: its code, parameters, versions and uses."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from orchestrator.domain.parameters import read_specs
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import actor_of, can, visible_projects
from orchestrator.queries.templates import (
    find_template,
    find_version,
    latest_version,
    templates_for,
    versions_of,
)
from orchestrator.queries.usage import made_from, uses_of
from orchestrator.queries.versions import difference
from pipelines_ui.code import code_of, coloured, parameters_text
from pipelines_ui.pages import page, page_of, render_page, topics_of


@page
def template_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    slug = request.GET.get("project", "")
    search = request.GET.get("search", "").strip()
    project = find_project(actor, slug) if slug else None
    projects = list(visible_projects(actor))
    return render_page(
        request,
        "templates/list.html",
        {
            "page": page_of(request, templates_for(actor, project=project, search=search)),
            "projects": projects,
            "project": project,
            "search": search,
            "filtered": bool(search or project),
            "topics": topics_of(projects),
        },
    )


@page
def template_page(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """The latest version by default; ``?version=`` shows another."""
    actor = actor_of(request)
    template = find_template(actor, f"{project}/{slug}")
    wanted = request.GET.get("version", "")
    version = find_version(template, _number(wanted)) if wanted else latest_version(template)
    if version is None:
        raise Http404(f'template "{slug}" has no version yet')
    code, language = code_of(version.definition.kind, version.definition.body)
    specs, _ = read_specs(version.specs)
    return render_page(
        request,
        "templates/page.html",
        {
            "template": template,
            "version": version,
            "versions": versions_of(template).defer("definition__body"),
            "code": coloured(code, language),
            "code_text": code,
            "specs": specs,
            "uses": uses_of(actor, template),
            "made": made_from(template),
            "may_edit": can(actor, "edit", template.project),
            "may_operate": can(actor, "operate", template.project),
        },
    )


@page
def template_diff(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """What changed between two versions: ``?from=`` and ``?to=``, by default the last two."""
    template = find_template(actor_of(request), f"{project}/{slug}")
    numbers = [version.number for version in versions_of(template).defer("definition__body")]
    new = find_version(template, _number(request.GET.get("to", "") or str(numbers[0])))
    before = [number for number in numbers if number < new.number]
    fallback = before[0] if before else new.number
    old = find_version(template, _number(request.GET.get("from", "") or str(fallback)))
    codes = [code_of(one.definition.kind, one.definition.body)[0] for one in (old, new)]
    return render_page(
        request,
        "templates/diff.html",
        {
            "template": template,
            "old": old,
            "new": new,
            "numbers": numbers,
            "code": difference(*codes),
            "parameters": difference(parameters_text(old.specs), parameters_text(new.specs)),
            "queue_changed": old.queue != new.queue,
        },
    )


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Http404(f'"{text[:60]}" is no version')
    return int(text)
