"""Making and changing a template: its code in an editor, its declared parameters in rows."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orchestrator.actions.templates import save_template
from orchestrator.domain.errors import Invalid, PipelinesError
from orchestrator.domain.names import slugify
from orchestrator.domain.parameters import read_specs
from orchestrator.queries.overview import editable_projects, queue_names
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import actor_of, require
from orchestrator.queries.templates import find_template, latest_version, template_in
from pipelines.errors import PipelinesError as UnreadableScript
from pipelines.template_reader import TemplateFile
from pipelines_ui.code import code_of
from pipelines_ui.pages import page, render_page
from pipelines_ui.spec_form import SPARE_ROWS, TYPES, Row, posted_rows, read_rows, rows_of

KINDS = {"python": "Python script", "function": "Python function", "command": "Command"}
STARTER = '''"""What this step does, in a sentence."""

from pipelines import Task

task = Task.current_task()
settings = task.connect({"rows": 100})

print(f"working on {settings['rows']} rows")
'''
_FIELD_OF = {"script": "code", "source": "code", "argv": "code", "name": "function"}


@dataclass(slots=True)
class Form:
    """What the fields hold, and what is wrong beside each."""

    values: dict[str, str]
    rows: list[Row]
    errors: dict[str, str] = field(default_factory=dict)
    row_errors: dict[int, str] = field(default_factory=dict)

    @property
    def numbered_rows(self) -> list[tuple[int, Row, str]]:
        blank = dict.fromkeys(("name", "default", "help"), "")
        rows = [*self.rows, *(dict(blank) for _ in range(SPARE_ROWS))]
        return [(place, row, self.row_errors.get(place, "")) for place, row in enumerate(rows)]


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new_template(request: HttpRequest) -> HttpResponse:
    projects = editable_projects(actor_of(request))
    if request.method != "POST":
        values = {"kind": "python", "code": STARTER, "queue": "default", "function": "",
                  "requirements": ""}  # fmt: skip
        values["project"] = request.GET.get("project", "")
        return _show(request, Form(values, []), {"projects": projects})
    form = _posted(request)
    project = find_project(actor_of(request), form.values["project"])
    require(actor_of(request), "edit", project)
    slug = form.values["slug"] or slugify(form.values["name"], otherwise="template")
    if "read" not in request.POST and template_in(project, slug) is not None:
        form.errors["slug"] = f'project "{project.slug}" has a template "{slug}" already'
    return _saved(request, form, project, slug) or _show(
        request, form, {"projects": projects}, status=_status(request)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit_template(request: HttpRequest, project: str, slug: str) -> HttpResponse:
    """Saving makes the next version; saving what is there already makes none."""
    template = find_template(actor_of(request), f"{project}/{slug}")
    require(actor_of(request), "edit", template.project)
    context = {"template": template}
    if request.method != "POST":
        return _show(request, _stored(template), context)
    form = _posted(request)
    form.values["slug"] = template.slug
    return _saved(request, form, template.project, template.slug) or _show(
        request, form, context, status=_status(request)
    )


def _saved(request: HttpRequest, form: Form, project: Any, slug: str) -> HttpResponse | None:
    """Save, unless something is wrong or only the parameters were to be read from the code."""
    if "read" in request.POST:
        _read_from_code(form)
        return None
    values = form.values
    specs, form.row_errors = read_rows(form.rows)
    body = _body(form)
    if not values["name"]:
        form.errors["name"] = "a template needs a name"
    if form.errors or form.row_errors:
        return None
    try:
        version = save_template(
            actor=actor_of(request).name,
            project=project,
            slug=slug,
            name=values["name"],
            kind=values["kind"],
            body=body,
            specs=specs,
            queue=values["queue"],
            note=values["note"],
            tags=[tag.strip() for tag in values["tags"].split(",") if tag.strip()],
            comment=values["comment"],
        )
    except Invalid as error:
        for problem in error.problems:
            form.errors[_FIELD_OF.get(problem.where, problem.where)] = problem.message
        if "function" in form.errors and values["kind"] != "function":
            form.errors["name"] = form.errors.pop("function")
        return None
    except PipelinesError as error:
        form.errors["form"] = error.message
        return None
    messages.success(request, f"{version.template.name}: version {version.number} is saved.")
    return redirect("template", project.slug, slug)


def _read_from_code(form: Form) -> None:
    try:
        found = TemplateFile(form.values["code"])
    except UnreadableScript as error:
        form.errors["code"] = str(error)
        return
    specs, _ = read_specs(found.specs)
    if found.requirements:
        form.values["requirements"] = "\n".join(found.requirements)
    form.rows = rows_of(specs)
    if not specs:
        form.errors["parameters"] = "The code declares no parameters that can be read."


def _body(form: Form) -> dict[str, Any]:
    """What the template executes, in the shape that its kind is stored in."""
    return {**_program(form), "requirements": form.values["requirements"].splitlines()}


def _program(form: Form) -> dict[str, Any]:
    values = form.values
    if values["kind"] == "command":
        try:
            return {"argv": shlex.split(values["code"])}
        except ValueError as error:
            form.errors["code"] = f"this cannot be read as a command: {error}"
            return {}
    if values["kind"] == "function":
        return {"source": values["code"], "name": values["function"]}
    return {"script": values["code"]}


def _posted(request: HttpRequest) -> Form:
    names = ("project", "name", "slug", "kind", "function", "queue", "note", "tags", "comment")
    values = {name: request.POST.get(name, "").strip() for name in names}
    # Browsers send line ends of two signs; scripts have one.
    values["code"] = request.POST.get("code", "").replace("\r\n", "\n")
    lines = request.POST.get("requirements", "").splitlines()
    values["requirements"] = "\n".join(line.strip() for line in lines if line.strip())
    return Form(values, posted_rows(request.POST))


def _stored(template: Any) -> Form:
    version = latest_version(template)
    kind, body = (version.definition.kind, version.definition.body) if version else ("python", {})
    specs, _ = read_specs(version.specs if version else [])
    values = {
        "name": template.name,
        "slug": template.slug,
        "kind": kind,
        "code": code_of(kind, body)[0],
        "function": str(body.get("name", "")),
        "requirements": "\n".join(body.get("requirements", [])),
        "queue": version.queue if version else "default",
        "tags": ", ".join(template.tags),
        "comment": template.comment,
        "note": "",
    }
    return Form(values, rows_of(specs))


def _show(
    request: HttpRequest, form: Form, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    shown = {"form": form, "kinds": KINDS, "types": TYPES, "queues": queue_names(), **context}
    shown["typed"] = form.values
    return render_page(request, "templates/form.html", shown, status=status)


def _status(request: HttpRequest) -> int:
    return 200 if "read" in request.POST else 422
