"""Pages on which a person decides about one step: answers what it asks, or ends it by hand.

Scripts show them as dialogs of the run's page; by themselves they fit a telephone.
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from orchestrator.actions import by_hand
from orchestrator.actions.approvals import answer_approval
from orchestrator.domain.errors import CapExceeded, Conflict, Invalid
from orchestrator.queries.approvals import question
from orchestrator.queries.by_hand import MAY_BE_ENDED, MAY_BE_SKIPPED, outputs_wanted
from orchestrator.queries.rights import actor_of, for_actor, has_role, require
from orchestrator.queries.runs import Run, run_url, runs_with_names, step_detail
from pipelines_ui.pages import page, render_page
from pipelines_ui.parameter_form import fields_of, other_problems, read_form

VERBS: Final = {
    "skip": ("Skip", MAY_BE_SKIPPED),
    "complete": ("Complete by hand", MAY_BE_ENDED),
    "fail": ("Fail by hand", MAY_BE_ENDED),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def answer_step(
    request: HttpRequest, project: str, pipeline: str, number: int, step: str
) -> HttpResponse:
    """Show what a step asks, with the form; its buttons approve and reject."""
    actor = actor_of(request)
    run = _find(request, project, pipeline, number)
    asked = question(run, step)
    if asked is None:
        raise Http404(f'step "{step[:60]}" asks nobody')
    context: dict[str, Any] = {
        "run": run,
        "question": asked,
        "may_answer": has_role(actor, asked["roles"], run.project),
        "groups": fields_of(asked["form"], _prefilled(asked)),
        "comment": "",
    }
    if request.method == "POST":
        faults = _answered(request, run, asked, context)
        if not faults:
            return _back(run, step)
        context["faults"] = faults
    status = 422 if request.method == "POST" else 200
    return render_page(request, "runs/answer.html", context, status=status)


def _prefilled(asked: dict[str, Any]) -> dict[str, Any]:
    return {**{spec.name: spec.default for spec in asked["form"]}, **asked["values"]}


def _answered(
    request: HttpRequest, run: Run, asked: dict[str, Any], context: dict[str, Any]
) -> list[str]:
    """Send the answer; what is wrong with it in words, and beside the fields."""
    approved = request.POST.get("answer") == "approve"
    values, texts, problems = read_form(asked["form"], request.POST)
    context["comment"] = request.POST.get("comment", "")
    if approved and problems:
        context["groups"] = fields_of(asked["form"], texts=texts, problems=problems)
        others = other_problems(problems, asked["form"])
        return [one.message for one in others] or ["Look at what is marked below."]
    if request.POST.get("attempt") != str(asked["attempt"]):
        return ["The step has been asked anew since; look at what it asks now."]
    try:
        answer_approval(
            actor=actor_of(request),
            run=run,
            step=asked["step"],
            approved=approved,
            values={} if problems else values,
            comment=context["comment"],
        )
    except (Conflict, Invalid, CapExceeded) as error:
        return [error.message]
    done = "Approved" if approved else "Rejected"
    messages.success(request, f'{done} "{asked["step"]}".')
    return []


@require_http_methods(["GET", "HEAD", "POST"])
@page
def end_step(
    request: HttpRequest, project: str, pipeline: str, number: int, step: str, verb: str
) -> HttpResponse:
    """Ask why a step is to be skipped, completed or failed by hand, and for what it gives."""
    if verb not in VERBS:
        raise Http404(f'a step is not ended by "{verb[:40]}"')
    run = _find(request, project, pipeline, number)
    require(actor_of(request), "operate", run.project)
    title, allowed = VERBS[verb]
    detail = step_detail(run, step)
    wanted = outputs_wanted(run, step) if verb != "skip" else {}
    context: dict[str, Any] = {
        "run": run,
        "step": detail,
        "verb": verb,
        "title": title,
        "is_possible": detail["status"] in allowed,
        "reason": request.POST.get("reason", ""),
        "outputs": request.POST.get("outputs", json.dumps(wanted, indent=2, ensure_ascii=False)),
        "wanted": wanted,
    }
    if request.method == "POST":
        fault = _ended(request, run, step, verb)
        if not fault:
            return _back(run, step)
        context["fault"] = fault
    status = 422 if request.method == "POST" else 200
    return render_page(request, "runs/end_step.html", context, status=status)


def _ended(request: HttpRequest, run: Run, step: str, verb: str) -> str:
    who, reason = actor_of(request).name, request.POST.get("reason", "")
    try:
        if verb == "skip":
            by_hand.skip_step(actor=who, run=run, step=step, reason=reason)
        else:
            outputs = _outputs(request.POST.get("outputs", ""))
            end = by_hand.complete_step if verb == "complete" else by_hand.fail_step
            end(actor=who, run=run, step=step, reason=reason, outputs=outputs)
    except (Conflict, Invalid, CapExceeded) as error:
        return error.message
    messages.success(request, f'Asked to {verb} step "{step}".')
    return ""


def _outputs(text: str) -> dict[str, Any]:
    """The outputs that were typed; a value of null is none."""
    try:
        given = json.loads(text or "{}")
    except ValueError as error:
        raise Invalid.at("outputs", "bad_value", f"the outputs are not JSON: {error}") from None
    if not isinstance(given, dict):
        raise Invalid.at("outputs", "wrong_type", "the outputs are an object of values by name")
    return {name: value for name, value in given.items() if value is not None}


def _find(request: HttpRequest, project: str, pipeline: str, number: int) -> Run:
    runs = for_actor(runs_with_names(), actor_of(request))
    run = runs.filter(project__slug=project, pipeline__slug=pipeline, number=number).first()
    if run is None:
        raise Http404(f'there is no run {number} of "{project}/{pipeline}"')
    return run


def _back(run: Run, step: str) -> HttpResponse:
    return redirect(f"{run_url(run)}?{urlencode({'step': step})}")
