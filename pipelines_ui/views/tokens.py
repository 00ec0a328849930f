"""API tokens: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.actions.tokens import create_token, revoke_token
from orchestrator.domain.errors import Invalid
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import SCOPES, actor_of, visible_projects
from orchestrator.queries.tokens import find_token, tokens_of
from pipelines_ui.pages import page, render_page

LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}


@require_http_methods(["GET", "HEAD", "POST"])
@page
@sensitive_variables("secret")
def token_page(request: HttpRequest) -> HttpResponse:
    """The list and the form. A new token's text is in the answer to the form and nowhere else."""
    secret, errors = "", {}
    if request.method == "POST":
        try:
            secret = _create(request)
        except Invalid as error:
            errors = {problem.where.split("[")[0]: problem.message for problem in error.problems}
    actor = actor_of(request)
    response = render_page(
        request,
        "tokens/page.html",
        {
            "tokens": tokens_of(actor),
            "scopes": SCOPES,
            "projects": visible_projects(actor),
            "lifetimes": LIFETIMES,
            "secret": secret,
            "errors": errors,
            "typed": _typed(request, bool(errors)),
            "now": timezone.now(),
        },
        status=422 if errors else 200,
    )
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _create(request: HttpRequest) -> str:
    actor = actor_of(request)
    slug = request.POST.get("project", "")
    days = request.POST.get("days", "")
    if days not in LIFETIMES:
        raise Invalid.at("days", "bad_value", "choose how long it shall last")
    _, secret = create_token(
        actor=actor.name,
        name=request.POST.get("name", ""),
        scopes=request.POST.getlist("scopes"),
        project=find_project(actor, slug) if slug else None,
        expires_at=timezone.now() + timedelta(days=int(days)),
    )
    return secret


def _typed(request: HttpRequest, keep: bool) -> dict[str, Any]:
    if not keep:
        return {"scopes": ["runs:read", "runs:write"], "days": "90"}
    given: dict[str, Any] = {name: request.POST.get(name, "") for name in request.POST}
    return {**given, "scopes": request.POST.getlist("scopes")}


@require_POST
@page
def token_revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    token = find_token(actor, token_id)
    revoke_token(actor=actor.name, token=token)
    messages.success(request, f'Token "{token.name}" is revoked.')
    return redirect("tokens")
