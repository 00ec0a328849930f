"""The Run form: typed parameters, and the same request for programs to copy."""

from __future__ import annotations

import hashlib
import json
import secrets
import shlex
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.parts import Part
from orchestrator.actions.runs import Idempotency, start_run
from orchestrator.domain.errors import Conflict, Invalid, Problem
from orchestrator.domain.parameters import ParameterSpec, read_specs
from orchestrator.queries.overview import run_of
from orchestrator.queries.pipelines import draft_of, find_pipeline, find_version, latest_version
from orchestrator.queries.rights import actor_of, require
from orchestrator.queries.runs import run_url
from pipelines_ui.pages import page, render_page
from pipelines_ui.parameter_form import fields_of, other_problems, read_form

PRIORITIES = range(-1000, 1001)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def run_form(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """Ask for the parameters and start; ``?like=`` takes them over from an earlier run.

    ``?until=`` and ``?only=``, each as often as needed, name the steps to run if not all.
    """
    actor = actor_of(request)
    pipeline = find_pipeline(actor, f"{project}/{slug}")
    require(actor, "operate", pipeline.project)
    version = _chosen(request, pipeline)
    document = draft_of(pipeline).document if version == "draft" else version.document
    specs, _ = read_specs(document.get("parameters"))
    if request.method == "POST":
        return _start(request, pipeline, version, specs, document)
    values = _earlier(request, pipeline)
    return _show(request, pipeline, version, specs, document, values=values)


def _start(
    request: HttpRequest,
    pipeline: Any,
    version: Any,
    specs: tuple[ParameterSpec, ...],
    document: dict[str, Any],
) -> HttpResponse:
    values, texts, problems = read_form(specs, request.POST)
    if not problems:
        try:
            run = start_run(
                actor=actor_of(request).name,
                pipeline=pipeline,
                version="draft" if version == "draft" else version.number,
                parameters=values,
                origin="page",
                name=request.POST.get("name", "").strip()[:200],
                cache=not _without_cache(request),
                priority=_priority(request),
                idempotency=_key_of(request, values),
                part=_part(request),
            )
            return redirect(run_url(run))
        except Invalid as error:
            problems = list(error.problems)
        except Conflict as error:
            problems = [Problem("run", None, error.code, error.message)]
    return _show(request, pipeline, version, specs, document, texts=texts, problems=problems)


def _show(  # noqa: PLR0913
    request: HttpRequest,
    pipeline: Any,
    version: Any,
    specs: tuple[ParameterSpec, ...],
    document: dict[str, Any],
    *,
    values: dict[str, Any] | None = None,
    texts: dict[str, str] | None = None,
    problems: list[Problem] | None = None,
) -> HttpResponse:
    given = {spec.name: (values or {}).get(spec.name, spec.default) for spec in specs}
    latest = latest_version(pipeline)
    return render_page(
        request,
        "pipelines/run.html",
        {
            "pipeline": pipeline,
            "version": version,
            "is_latest": latest is not None and version != "draft" and version.pk == latest.pk,
            "groups": fields_of(specs, values, texts=texts, problems=problems or ()),
            "problems": other_problems(problems or (), specs),
            "key": request.POST.get("key") or secrets.token_urlsafe(12),
            "name": request.POST.get("name", ""),
            "priority": request.POST.get("priority", ""),
            "may_use_cache": _may_use_cache(document),
            "without_cache": _without_cache(request),
            **_steps_asked(request),
            **_snippets(pipeline, _rest(request, version, latest), given),
        },
        status=422 if problems else 200,
    )


def _chosen(request: HttpRequest, pipeline: Any) -> Any:
    """The version to run: the one named, else the latest, else the draft."""
    wanted = request.POST.get("version") or request.GET.get("version", "")
    if wanted == "draft":
        return "draft"
    if not wanted or wanted == "latest":
        return latest_version(pipeline) or "draft"
    if not wanted.isdecimal() or len(wanted) > 9:
        raise Http404(f'"{wanted[:60]}" is no version')
    return find_version(pipeline, int(wanted))


def _earlier(request: HttpRequest, pipeline: Any) -> dict[str, Any] | None:
    like = request.GET.get("like", "")
    if not like:
        return None
    if not like.isdecimal() or len(like) > 9:
        raise Http404(f'"{like[:60]}" is no number of a run')
    parameters: dict[str, Any] = run_of(pipeline, int(like)).parameters
    return parameters


def _key_of(request: HttpRequest, values: dict[str, Any]) -> Idempotency | None:
    """Pressing the button twice starts one run; the same form sent with other values another."""
    key = request.POST.get("key", "")[:64]
    if not key:
        return None
    said = [request.POST.get("name", ""), values, _steps_asked(request), _without_cache(request)]
    said.append(request.POST.get("priority", ""))
    text = json.dumps(said, sort_keys=True)
    body_hash = hashlib.sha256(text.encode()).hexdigest()
    return Idempotency(f"page:{request.user.pk}", f"{key}:{body_hash[:32]}", body_hash)


def _may_use_cache(document: dict[str, Any]) -> bool:
    # A draft may hold anything.
    steps = document.get("steps")
    named = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return any(step.get("cache") is True for step in named)


def _priority(request: HttpRequest) -> int:
    text = request.POST.get("priority", "").strip()
    try:
        number = int(text or 0)
    except ValueError:
        number = PRIORITIES.stop
    if number not in PRIORITIES:
        message = f"a priority is a whole number from {PRIORITIES.start} to {PRIORITIES.stop - 1}"
        raise Invalid.at("priority", "bad_value", message)
    return number


def _without_cache(request: HttpRequest) -> bool:
    return "without_cache" in request.POST


def _steps_asked(request: HttpRequest) -> dict[str, list[str]]:
    given = request.POST if request.method == "POST" else request.GET
    return {way: given.getlist(way) for way in ("until", "only")}


def _part(request: HttpRequest) -> Part | None:
    asked = {way: tuple(names) for way, names in _steps_asked(request).items() if names}
    return Part(**asked) if asked else None


def _rest(request: HttpRequest, version: Any, latest: Any) -> dict[str, Any]:
    """What a program's request says besides parameters."""
    rest: dict[str, Any] = {way: names for way, names in _steps_asked(request).items() if names}
    if version == "draft":
        rest["version"] = "draft"
    elif latest is None or version.pk != latest.pk:
        rest["version"] = version.number
    return rest


def _snippets(pipeline: Any, rest: dict[str, Any], given: dict[str, Any]) -> dict[str, str]:
    """The same request for a terminal and for Python; the token comes from the environment."""
    path = f"/api/v1/pipelines/{pipeline.project.slug}/{pipeline.slug}/runs/"
    url = f"{settings.PIPELINES_BASE_URL}{path}"
    headers = {"Content-Type": "application/json"}
    if rest.get("version") == "draft":
        headers["If-Match"] = f'"{draft_of(pipeline).revision}"'
    body = {"parameters": given, **rest}
    sent = json.dumps(body, ensure_ascii=False)
    lines = "".join(f"  -H {shlex.quote(f'{key}: {value}')} \\\n" for key, value in headers.items())
    entries = "".join(f"        {key!r}: {value!r},\n" for key, value in headers.items())
    curl = (
        f"curl -X POST {url} \\\n"
        '  -H "Authorization: Bearer $PIPELINES_TOKEN" \\\n'
        f"{lines}"
        f"  -d {shlex.quote(sent)}"
    )
    python = (
        "import json, os, urllib.request\n\n"
        f"body = json.loads({sent!r})\n"
        "request = urllib.request.Request(\n"
        f"    {url!r},\n"
        "    data=json.dumps(body).encode(),\n"
        "    headers={\n"
        '        "Authorization": f"Bearer {os.environ[\'PIPELINES_TOKEN\']}",\n'
        f"{entries}"
        "    },\n"
        ")\n"
        "with urllib.request.urlopen(request) as answer:\n"
        '    print(json.load(answer)["url"])\n'
    )
    return {"curl": curl, "python": python, "rest": json.dumps(rest)}
