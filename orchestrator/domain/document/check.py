"""Everything that is wrong with a document, all at once.

First its size, then its shape, then what the words mean together: names, parents, templates,
parameters, references, circles. Later parts look only at what the earlier ones left usable, so
that one mistake is told once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestrator.domain import expressions, references
from orchestrator.domain.document.canonical import canonical_json
from orchestrator.domain.document.catalog import Catalog, TemplateInfo
from orchestrator.domain.document.reading import referring_values
from orchestrator.domain.document.schema import SCHEMA
from orchestrator.domain.document.shape import Findings, check_shape
from orchestrator.domain.errors import (
    BadExpression,
    BadName,
    BadReference,
    CapExceeded,
    Problem,
    UnresolvedReference,
    shortened,
)
from orchestrator.domain.graph import Kind, find_cycle
from orchestrator.domain.names import CAPS, Caps, split_template_name, step_name_fault
from orchestrator.domain.parameters import (
    BadValue,
    ParameterSpec,
    find_spec,
    fit_value,
    full_name,
    read_specs,
    unknown_parameter,
)
from orchestrator.domain.references import Reference, Source, What

MOST_CYCLES = 20

_ORDER = {key: place for place, key in enumerate(SCHEMA["properties"])}
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(slots=True)
class _Step:
    """A step that has at least a usable name."""

    place: int
    name: str
    said: Mapping[str, Any]
    template: TemplateInfo | None = None
    needs: dict[str, None] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return f"steps[{self.place}]"


@dataclass(slots=True)
class _Reading:
    """A document in the course of being checked."""

    document: Mapping[str, Any]
    catalog: Catalog
    findings: Findings
    steps: dict[str, _Step]
    parameters: frozenset[str]
    templates: dict[str, TemplateInfo | None] = field(default_factory=dict)

    def template(self, name: str) -> TemplateInfo | None:
        if name not in self.templates:
            self.templates[name] = self.catalog.template(name)
        return self.templates[name]

    def tell(self, step: _Step | None, field_name: str, code: str, message: str) -> None:
        where = f"{step.where}.{field_name}" if step else field_name
        self.findings.tell(where, code, message, place=step.place if step else None)


def check(document: Any, *, catalog: Catalog, caps: Caps = CAPS) -> list[Problem]:
    """Return every problem of a document, in its order; an empty list means that it can run."""
    findings = Findings(_names_by_place(document))
    if not _within_caps(findings, document, caps):
        return findings.problems
    check_shape(findings, document, SCHEMA)
    if not isinstance(document, dict):
        return findings.problems
    reading = _Reading(
        document,
        catalog,
        findings,
        _named_steps(findings, document),
        _parameters(findings, document),
    )
    for step in reading.steps.values():
        _check_kind(reading, step)
    for step in reading.steps.values():
        _check_parents(reading, step)
        _check_overrides(reading, step)
        _check_references(reading, step)
    _check_outputs(reading)
    _check_cycles(reading)
    return sorted(findings.problems, key=_in_order)


def _in_order(problem: Problem) -> tuple[int, int]:
    part, _, rest = problem.where.partition("[")
    number = rest.partition("]")[0]
    order = _ORDER.get(part.partition(".")[0], -1)
    return order, int(number) if number.isdecimal() else -1


def _within_caps(findings: Findings, document: Any, caps: Caps) -> bool:
    """Look at what would make the rest slow or impossible."""
    try:
        text = canonical_json(document)
        size = len(text.encode())
    except RecursionError:
        findings.tell("", "cap_exceeded", "the document is nested too deeply")
        return False
    except (TypeError, ValueError) as error:
        findings.tell("", "bad_value", f"the document is not JSON: {error}")
        return False
    if "\\u0000" in text and _NUL.search(text):
        findings.tell("", "bad_value", "the document holds a text with a NUL character")
    steps = document.get("steps") if isinstance(document, dict) else None
    count = len(steps) if isinstance(steps, list) else 0
    for cap, limit, found, unit in (
        ("size of the document", caps.document_bytes, size, "bytes"),
        ("steps of a pipeline", caps.steps, count, ""),
    ):
        if found > limit:
            findings.tell("", "cap_exceeded", CapExceeded(cap, limit, found, unit).message)
    return not findings.problems


def _names_by_place(document: Any) -> dict[int, str]:
    return {place: step["name"] for place, step in _raw_steps(document) if _is_text(step, "name")}


def _raw_steps(document: Any) -> Iterable[tuple[int, dict[str, Any]]]:
    steps = document.get("steps") if isinstance(document, dict) else None
    if not isinstance(steps, list):
        return
    yield from ((place, step) for place, step in enumerate(steps) if isinstance(step, dict))


def _is_text(thing: Mapping[str, Any], key: str) -> bool:
    return isinstance(thing.get(key), str)


def _named_steps(findings: Findings, document: dict[str, Any]) -> dict[str, _Step]:
    steps: dict[str, _Step] = {}
    for place, said in _raw_steps(document):
        if not _is_text(said, "name"):
            continue
        name, where = said["name"], f"steps[{place}].name"
        if fault := step_name_fault(name):
            findings.tell(where, BadName.code, fault, place=place)
        if name in steps:
            first = steps[name].where
            message = f'two steps are called "{shortened(name)}": {first} and steps[{place}]'
            findings.tell(where, "duplicate_name", message, place=place)
        else:
            steps[name] = _Step(place, name, said)
    return steps


def _parameters(findings: Findings, document: dict[str, Any]) -> frozenset[str]:
    """Check the declarations; even one with a fault declares its name."""
    raw = document.get("parameters")
    if not isinstance(raw, list):
        return frozenset()
    # Their shape has been checked already, and told of.
    told = {problem.where for problem in findings.problems}
    for problem in read_specs(raw)[1]:
        if problem.code not in ("unknown_key", "wrong_type") and problem.where not in told:
            findings.tell(problem.where, problem.code, problem.message)
    return frozenset(one["name"] for one in raw if isinstance(one, dict) and _is_text(one, "name"))


def _check_kind(reading: _Reading, step: _Step) -> None:
    """Find what the step clones, and whether it says only what its kind can have."""
    kind = step.said.get("kind") or Kind.TASK
    if not isinstance(kind, str):
        return
    needed = {Kind.TASK: "template", Kind.PIPELINE: "pipeline", Kind.APPROVAL: "approval"}
    for of_kind, key in needed.items():
        if kind == of_kind and step.said.get(key) is None and key != "approval":
            reading.tell(step, key, "missing", f'step "{step.name}" needs "{key}"')
        elif kind in needed and kind != of_kind and step.said.get(key) is not None:
            message = f'"{key}" is not for a step of kind "{kind}"'
            reading.tell(step, key, "not_for_kind", message)
    if kind == Kind.TASK and _is_text(step.said, "template") and step.said["template"]:
        _find_template(reading, step, step.said["template"])


def _find_template(reading: _Reading, step: _Step, name: str) -> None:
    try:
        split_template_name(name)
    except BadName as error:
        reading.tell(step, "template", error.code, error.message)
        return
    step.template = reading.template(name)
    if step.template is None:
        message = f'there is no template "{shortened(name)}"'
        reading.tell(step, "template", "unknown_template", message)
        return
    version = step.said.get("version")
    if type(version) is int and version >= 1 and version not in step.template.versions:
        message = f'template "{name}" has no version {shortened(str(version), 20)}'
        reading.tell(step, "version", "unknown_version", message)


def _check_parents(reading: _Reading, step: _Step) -> None:
    parents = step.said.get("parents")
    if not isinstance(parents, list):
        return
    for number, name in enumerate(parents):
        if not isinstance(name, str):
            continue
        if name in reading.steps:
            step.needs[name] = None
        else:
            message = f'there is no step "{shortened(name)}"{_hint(reading, name)}'
            reading.tell(step, f"parents[{number}]", "unknown_step", message)


def _check_overrides(reading: _Reading, step: _Step) -> None:
    """Compare the overrides with what the template declares; references are typed at launch."""
    given = step.said.get("parameters") or {}
    if step.template is None or not isinstance(given, dict):
        return
    declared = step.template.parameters_of(step.said.get("version"))
    by_name = {spec.name: spec for spec in declared}
    met: set[str] = set()
    for key, value in given.items():
        where = f"parameters.{key}"
        spec = find_spec(by_name, key)
        if spec is None:
            message = f'template "{step.said["template"]}": {unknown_parameter(key, by_name)}'
            reading.tell(step, where, "unknown_parameter", message)
        elif spec.name in met:
            message = f'parameter "{spec.name}" is given twice'
            reading.tell(step, where, "duplicate_name", message)
        else:
            met.add(spec.name)
            _check_override(reading, step, where, spec, value)
    for name, spec in by_name.items():
        if spec.required and spec.default is None and name not in met:
            message = f'parameter "{name}" is required'
            reading.tell(step, f"parameters.{name}", "missing", message)


def _check_override(
    reading: _Reading, step: _Step, where: str, spec: ParameterSpec, value: Any
) -> None:
    try:
        if not references.references_in(value):
            fit_value(spec, references.resolve(value, _nothing).value)
    except BadValue as error:
        reading.tell(step, where, error.code, error.message)
    except (BadReference, CapExceeded):
        # What is wrong with references is told by their own check.
        return


def _nothing(reference: Reference) -> Any:
    raise UnresolvedReference(str(reference), "nothing has run yet")


def _check_references(reading: _Reading, step: _Step) -> None:
    for field_name, value in referring_values(step.said):
        if field_name == "when" and isinstance(value, str):
            _check_condition(reading, step, value)
        _check_value(reading, step, field_name, value)


def _check_outputs(reading: _Reading) -> None:
    outputs = reading.document.get("outputs")
    if isinstance(outputs, dict):
        _check_value(reading, None, "outputs", outputs)


def _check_condition(reading: _Reading, step: _Step, text: str) -> None:
    try:
        expressions.read(references.parse(text))
    except BadExpression as error:
        reading.tell(step, "when", error.code, error.message)
    except BadReference:
        # Told of as a value's reference.
        return


def _check_value(reading: _Reading, step: _Step | None, field_name: str, value: Any) -> None:
    try:
        for where, text in references.strings_in(value, field_name):
            _check_text(reading, step, where, text)
    except CapExceeded as error:
        reading.tell(step, field_name, error.code, error.message)


def _check_text(reading: _Reading, step: _Step | None, where: str, text: str) -> None:
    try:
        found = references.references_in(text)
    except BadReference as error:
        reading.tell(step, where, error.code, error.message)
        return
    for reference in found:
        if fault := _reference_fault(reading, step, reference):
            code, message = fault
            reading.tell(step, where, code, f"{reference}: {message}")
        elif step and reference.step is not None:
            step.needs[reference.step] = None


def _reference_fault(
    reading: _Reading, step: _Step | None, reference: Reference
) -> tuple[str, str] | None:
    if reference.source is Source.ITEM:
        if step is None or not step.said.get("for_each"):
            return "item_outside_fan_out", '"item" means something only in a step with "for_each"'
        return None
    if reference.source is Source.PIPELINE:
        return _pipeline_fault(reading, reference)
    target = reading.steps.get(reference.step or "")
    if target is None:
        name = reference.step or ""
        return "unknown_step", f'there is no step "{shortened(name)}"{_hint(reading, name)}'
    if reference.each and not target.said.get("for_each"):
        return "not_a_fan_out", f'[*] is for steps with "for_each", which "{target.name}" has not'
    if reference.what is What.MODELS:
        return "not_supported", '".models" is not supported yet'
    if reference.what is What.PARAMETERS and target.template is not None:
        declared = target.template.parameters_of(target.said.get("version"))
        known = [full_name(spec.name) for spec in declared]
        if reference.path[0] not in known:
            return "unknown_parameter", unknown_parameter(reference.path[0], known)
    return None


def _pipeline_fault(reading: _Reading, reference: Reference) -> tuple[str, str] | None:
    if reference.what is What.PARAMETERS and reference.path[0] not in reading.parameters:
        return "unknown_parameter", unknown_parameter(reference.path[0], reading.parameters)
    return None


def _check_cycles(reading: _Reading) -> None:
    """Tell of a circle, take its steps out, and look for another."""
    steps = list(reading.steps.values())
    index = {step.name: number for number, step in enumerate(steps)}
    parents = [tuple(index[name] for name in step.needs) for step in steps]
    for _ in range(MOST_CYCLES):
        cycle = find_cycle(parents)
        if not cycle:
            return
        way = [steps[number] for number in cycle]
        names = " → ".join(f'"{step.name}"' for step in way)
        message = f"steps depend on each other in a circle: {names}"
        if len(cycle) == 2:
            message = f'step "{way[0].name}" depends on itself'
        reading.tell(way[0], "parents", "cycle", message)
        gone = set(cycle)
        parents = [
            () if number in gone else tuple(parent for parent in above if parent not in gone)
            for number, above in enumerate(parents)
        ]


def _hint(reading: _Reading, name: str) -> str:
    return reading.findings.hint(name, reading.steps)
