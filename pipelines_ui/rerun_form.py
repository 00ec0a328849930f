"""The part of the rerun's sheet that says what new attempts are to have of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.domain.errors import Invalid
from orchestrator.domain.parameters import full_name
from orchestrator.queries import runs as queries
from orchestrator.queries.lines import queue_names
from orchestrator.queries.runs import Run
from orchestrator.queries.step_versions import StepVersion, version_for
from pipelines_ui.parameter_form import Field, fields_of

ORIGINS = {
    "rerun": "of an earlier rerun",
    "override": "of the step",
    "reference": "by reference",
    "template": "of the template",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter's field, filled with the value that the step has now, and where that is from."""

    field: Field
    origin: str
    expression: object


def rerun_form(run: Run, step: str, version: str = "") -> dict[str, Any]:
    """What may be changed of a step, by the version that is chosen; without one, of any steps."""
    context: dict[str, Any] = {"queues": queue_names(), "step": None}
    if not step or not queries.has_step(run, step):
        return context
    detail = queries.step_detail(run, step)
    context["step"] = detail
    try:
        used = version_for(run, step, number=int(version) if version.isdecimal() else None)
    except Invalid:
        used = version_for(run, step)
    if used is None:
        return context
    return {
        **context,
        "version": used,
        "version_now": version_for(run, step),
        "groups": _groups(used, detail["parameters"]),
    }


def _groups(version: StepVersion, known: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    by_name = {full_name(name): parameter for name, parameter in known.items()}
    values = {
        spec.name: parameter["value"]
        for spec in version.specs
        if (parameter := by_name.get(full_name(spec.name))) and parameter["value"] is not None
    }
    groups = []
    for group in fields_of(version.specs, values):
        rows = [_row(field, by_name.get(full_name(field.spec.name), {})) for field in group.fields]
        groups.append({"title": group.title, "rows": rows})
    return groups


def _row(field: Field, parameter: dict[str, Any]) -> Row:
    origin = ORIGINS.get(parameter.get("origin", "template"), "")
    return Row(field, origin, parameter.get("expression"))
