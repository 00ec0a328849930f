"""The list of projects, making one, and one project: its members and what it holds."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.projects import create_project, renew_webhook_secret
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.queries.overview import listed_pipelines, pipeline_rows
from orchestrator.queries.projects import find_project, members
from orchestrator.queries.rights import actor_of, can, require, role_in, visible_projects
from orchestrator.queries.templates import templates_for
from pipelines_ui.pages import page, render_page

PIPELINES_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page
def project_list(request: HttpRequest) -> HttpResponse:
    """The projects that one sees; posting makes one."""
    errors: dict[str, str] = {}
    actor = actor_of(request)
    if request.method == "POST":
        try:
            project = create_project(
                actor=actor.name,
                name=request.POST.get("name", "").strip(),
                slug=request.POST.get("slug", "").strip(),
                description=request.POST.get("description", "").strip(),
            )
            return redirect("project", project.slug)
        except Invalid as error:
            errors = {problem.where: problem.message for problem in error.problems}
        except Conflict as error:
            errors = {"slug": error.message}
    projects = visible_projects(actor).annotate(
        pipeline_count=Count("pipelines", distinct=True),
        member_count=Count("memberships", distinct=True),
    )
    return render_page(
        request,
        "projects/list.html",
        {"projects": projects, "errors": errors, "typed": request.POST},
        status=422 if errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def project_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What a project holds; posting gives its webhooks a new secret, which is shown this once."""
    actor = actor_of(request)
    project = find_project(actor, slug)
    secret = ""
    if request.method == "POST":
        require(actor, "administer", project)
        secret = renew_webhook_secret(actor=actor.name, project=project)
    pipelines = list(listed_pipelines(actor, project=project)[:PIPELINES_SHOWN])
    return render_page(
        request,
        "projects/page.html",
        {
            "project": project,
            "role": role_in(actor, project),
            "may_edit": can(actor, "edit", project),
            "may_administer": can(actor, "administer", project),
            "webhook_secret": secret,
            "members": members(project),
            "rows": pipeline_rows(actor, pipelines),
            "templates": templates_for(actor, project=project)[:PIPELINES_SHOWN],
        },
    )
