"""The part of the rerun's sheet that says what new attempts are to have of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from orchestrator.domain.errors import Invalid
from orchestrator.domain.parameters import full_name
from orchestrator.domain.references import Source, references_in
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
    """A parameter's field, filled with the value that the step has now, and where that is from;
    *taken* from other steps is what nobody changes by hand often."""

    field: Field
    origin: str
    expression: object
    taken: bool


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
    own, taken = _rows(used, detail["parameters"])
    now = version_for(run, step)
    return {**context, "version": used, "version_now": now, "rows": own, "taken": taken}


def _rows(version: StepVersion, known: dict[str, dict[str, Any]]) -> tuple[list[Row], list[Row]]:
    """Those that the step has of its own, and those that it takes from other steps."""
    by_name = {full_name(name): parameter for name, parameter in known.items()}
    values = {
        spec.name: parameter["value"]
        for spec in version.specs
        if (parameter := by_name.get(full_name(spec.name)))
        # What nobody knows yet is not the default.
        and (parameter["value"] is not None or parameter["expression"] is not None)
    }
    rows = [
        _row(field, by_name.get(full_name(field.spec.name), {}))
        for group in fields_of(version.specs, values)
        for field in group.fields
    ]
    return [row for row in rows if not row.taken], [row for row in rows if row.taken]


def _row(field: Field, parameter: dict[str, Any]) -> Row:
    origin = ORIGINS.get(parameter.get("origin", "template"), "")
    expression = parameter.get("expression")
    taken = any(one.source is not Source.PIPELINE for one in references_in(expression))
    return Row(field, origin, expression, taken)
