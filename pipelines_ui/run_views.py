"""The page of a run: right without scripts, kept up to date by them.

``?part=`` answers with one part of the page alone; scripts fetch it after a change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from orchestrator.domain.errors import Conflict, Invalid, NotFound
from orchestrator.domain.states import ENDED_BADLY, Status
from orchestrator.queries import runs as queries
from orchestrator.queries.aborting import unconfirmed
from orchestrator.queries.by_hand import may_still_start
from orchestrator.queries.first_cause import first_cause
from orchestrator.queries.nested_runs import way_up
from orchestrator.queries.rights import Actor, actor_of, can, for_actor, has_role, require
from orchestrator.queries.runs import Run
from orchestrator.queries.script_of_run import script_of
from pipelines_ui.pages import page, uncached
from pipelines_ui.rerun_form import rerun_form
from pipelines_ui.run_data import for_scripts, graph_of, snapshot_of
from pipelines_ui.run_page import (
    artifact_rows,
    history,
    parameter_rows,
    reused,
    snippets,
    step_panel,
    step_rows,
)
from pipelines_ui.run_verbs import done

TABS = ("graph", "table", "parameters", "artifacts", "history")
DATA = {"graph": graph_of, "snapshot": snapshot_of}
NOT_RERUN = frozenset({Status.ABORTING, Status.DRAFT, Status.QUEUED})
STOPPABLE = frozenset({Status.QUEUED, Status.RUNNING, Status.PAUSED})


@require_http_methods(["GET", "HEAD", "POST"])
@page
def run_page(request: HttpRequest, project: str, pipeline: str, number: int) -> HttpResponse:
    actor = actor_of(request)
    run = _find(actor, project, pipeline, number)
    if request.method == "POST":
        return _act(request, actor, run)
    part = request.GET.get("part", "")
    if part:
        return _part(request, actor, run, part)
    return uncached(render(request, "runs/page.html", _context(request, actor, run)))


def _find(actor: Actor, project: str, pipeline: str, number: int) -> Run:
    runs = for_actor(queries.runs_with_names(), actor)
    run = runs.filter(project__slug=project, pipeline__slug=pipeline, number=number).first()
    if run is None:
        raise NotFound(f'there is no run {number} of "{project}/{pipeline}"')
    return run


def _context(request: HttpRequest, actor: Actor, run: Run) -> dict[str, Any]:
    drawn = for_scripts(run)
    summary = {**queries.run_summary(run), **drawn.get("snapshot", {}).get("run", {})}
    tab = request.GET.get("tab", TABS[0])
    if tab not in TABS:
        raise Http404(f'the page of a run has no tab "{tab[:40]}"')
    chosen = _chosen_step(request, run, summary["status"])
    return {
        "run": run,
        "summary": summary,
        **drawn,
        **step_rows(request, run),
        "way_up": way_up(actor, run),
        "tab": tab,
        "tabs": TABS,
        "server_now": datetime.now(UTC).timestamp() * 1000,
        "page_data": {
            "run": str(run.pk),
            "number": run.number,
            "last_change": run.last_change,
            "api": f"/api/v1/runs/{run.pk}/",
            "step": chosen,
            "may_operate": can(actor, "operate", run.project),
            "has_script": run.driver != Run.Driver.GRAPH,
        },
        "script": script_of(run),
        **_allowed(actor, run),
        **parameter_rows(run),
        **(artifact_rows(run) if tab == "artifacts" else {}),
        "artifact_count": queries.count_artifacts(run),
        "cause": first_cause(run),
        "unconfirmed": unconfirmed(run),
        **(history(run) if tab == "history" else {}),
        "snippets": snippets(run),
        **_panel(request, run, chosen),
    }


def _allowed(actor: Actor, run: Run) -> dict[str, Any]:
    """Which buttons this person gets now."""
    operate = can(actor, "operate", run.project)
    status = Status(run.status)
    bad = any(run.tally.get(word) for word in (*ENDED_BADLY, Status.SKIPPED))
    takes_asks = operate and status not in NOT_RERUN
    return {
        "may_operate": operate,
        "may_abort": operate and status in STOPPABLE,
        "may_pause": operate and status is Status.RUNNING,
        "may_resume": operate and status is Status.PAUSED,
        "may_still_start": may_still_start(run),
        "may_rerun": takes_asks,
        "may_rerun_failed": takes_asks and bad,
        "stale_count": queries.count_stale(run) if takes_asks else 0,
        "may_enqueue": operate and status is Status.DRAFT,
        "may_clone": operate,
        "ended_badly": status in ENDED_BADLY,
    }


def _chosen_step(request: HttpRequest, run: Run, status: str) -> str | None:
    """The step that the address names; in a failed run the first that failed."""
    named = request.GET.get("step")
    if named is not None:
        return named if queries.has_step(run, named) else None
    if status != Status.FAILED:
        return None
    return queries.first_step_in(run, (Status.FAILED, Status.CRASHED))


def _panel(request: HttpRequest, run: Run, step: str | None) -> dict[str, Any]:
    attempt = request.GET.get("attempt", "")
    panel = step_panel(run, step, int(attempt) if attempt.isdecimal() else None)
    if asked := panel.get("question"):
        panel["may_answer"] = has_role(actor_of(request), asked["roles"], run.project)
    return panel


def _part(request: HttpRequest, actor: Actor, run: Run, part: str) -> HttpResponse:
    """One part of the page: only what it shows is asked for."""
    if part == "why":
        rows = queries.steps(run)
        told = {row["index"]: row["why"] or reused(row) for row in rows}
        return uncached(JsonResponse({step: words for step, words in told.items() if words}))
    if part in DATA:
        return DATA[part](request, run)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "step": lambda: _panel(request, run, request.GET.get("step")),
        "parameters": lambda: parameter_rows(run),
        "artifacts": lambda: artifact_rows(run),
        "cause": lambda: {"cause": first_cause(run)},
        "script": lambda: {"script": script_of(run)},
        "aborting": lambda: {"unconfirmed": unconfirmed(run)},
        "history": lambda: history(run),
        "stale": dict,
        "rerun": lambda: rerun_form(
            run, request.GET.get("step", ""), request.GET.get("version", "")
        ),
        "actions": lambda: {"snippets": snippets(run), "summary": queries.run_summary(run)},
    }
    if part not in parts:
        raise Http404(f'the page of a run has no part "{part[:40]}"')
    context = {"run": run, **_allowed(actor, run), **parts[part]()}
    return uncached(render(request, f"runs/{part}.html", context))


def _act(request: HttpRequest, actor: Actor, run: Run) -> HttpResponse:
    """A button of the page: does it, says so, and shows the page again."""
    require(actor, "operate", run.project)
    verb = request.POST.get("verb", "")
    by_script = "X-Fragment" in request.headers
    try:
        target, told = done(verb, request.POST, actor.name, run)
    except (Conflict, Invalid) as error:
        if by_script:
            return JsonResponse({"error": error.message}, status=409)
        messages.error(request, error.message)
        return redirect(request.get_full_path())
    here = target.pk == run.pk
    if by_script and here:
        return JsonResponse({"told": told})
    messages.success(request, told)
    if by_script:
        return JsonResponse({"location": queries.run_url(target)})
    return redirect(request.get_full_path() if here else queries.run_url(target))
