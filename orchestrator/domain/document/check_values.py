"""What the values of a document say: overrides, references, conditions."""

from collections.abc import Sequence
from typing import Any

from orchestrator.domain import expressions, references
from orchestrator.domain.document import fixes
from orchestrator.domain.document.catalog import PipelineInfo
from orchestrator.domain.document.check_fan_outs import Fault, item_fault, items_fault
from orchestrator.domain.document.checking import CheckedStep, Checking, meant
from orchestrator.domain.document.reading import referring_values
from orchestrator.domain.errors import (
    BadExpression,
    BadReference,
    CapExceeded,
    UnresolvedReference,
    shortened,
)
from orchestrator.domain.graph import ANSWER, Kind
from orchestrator.domain.parameters import (
    BadValue,
    ParameterSpec,
    close_match,
    find_spec,
    fit_value,
    full_name,
    unknown_parameter,
)
from orchestrator.domain.references import Reference, Source, What

MOST_COMPARED = 500
_OF_TASKS_ONLY = frozenset({What.ARTIFACTS, What.METRICS, What.MODELS})


def check_overrides(checking: Checking, step: CheckedStep) -> None:
    """Compare the overrides with what is declared for them; references are typed at launch."""
    given = step.said.get("parameters") or {}
    if step.template is None or not isinstance(given, dict):
        return
    declared = step.template.parameters_of(step.said.get("version"))
    by_name = {spec.name: spec for spec in declared}
    met: set[str] = set()
    for key in given:
        where = f"parameters.{key}"
        spec = find_spec(by_name, key)
        if spec is None:
            message = f"{step.origin}: {unknown_parameter(key, by_name)}"
            fix = fixes.for_unknown_parameter(
                step, key, close_match(shortened(str(key)), [*by_name])
            )
            checking.tell(step, where, "unknown_parameter", message, fix=fix)
        elif spec.name in met:
            message = f'parameter "{spec.name}" is given twice'
            fix = fixes.for_unknown_parameter(step, key, None)
            checking.tell(step, where, "duplicate_name", message, fix=fix)
        else:
            met.add(spec.name)
            _check_override(checking, step, key, spec)
    for name, spec in by_name.items():
        if spec.required and spec.default is None and name not in met:
            message = f'parameter "{name}" is required'
            fix = fixes.for_missing_value(checking, step, name)
            checking.tell(step, f"parameters.{name}", "missing", message, fix=fix)


def _check_override(checking: Checking, step: CheckedStep, key: str, spec: ParameterSpec) -> None:
    value = step.said["parameters"][key]
    try:
        if not references.references_in(value):
            fit_value(spec, references.resolve(value, _nothing).value)
    except BadValue as error:
        fix = fixes.for_value(step, key, spec, value)
        checking.tell(step, f"parameters.{key}", error.code, error.message, fix=fix)
    except (BadReference, CapExceeded):
        # What is wrong with references is told by their own check.
        return


def _nothing(reference: Reference) -> Any:
    raise UnresolvedReference(str(reference), "nothing has run yet")


def check_references(checking: Checking, step: CheckedStep) -> None:
    for field_name, value in referring_values(step.said):
        if field_name == "when" and isinstance(value, str):
            _check_condition(checking, step, value)
        _check_value(checking, step, field_name, value)


def check_lists_of_groups(checking: Checking) -> None:
    """Compare what the lists of groups refer to with what there is."""
    groups = checking.document.get("groups")
    for place, group in enumerate(groups if isinstance(groups, list) else ()):
        if isinstance(group, dict) and isinstance(group.get("for_each"), dict):
            _check_value(checking, None, f"groups[{place}].for_each", group["for_each"])


def check_outputs(checking: Checking) -> None:
    outputs = checking.document.get("outputs")
    if isinstance(outputs, dict):
        _check_value(checking, None, "outputs", outputs)


def _check_condition(checking: Checking, step: CheckedStep, text: str) -> None:
    try:
        expressions.read(references.parse(text))
    except BadExpression as error:
        checking.tell(step, "when", error.code, error.message)
    except BadReference:
        # Told of as a value's reference.
        return


def _check_value(checking: Checking, step: CheckedStep | None, field_name: str, value: Any) -> None:
    field = fixes.Field(step, field_name, value)
    try:
        for where, text in references.strings_in(value, field_name):
            _check_text(checking, field, where, text)
    except CapExceeded as error:
        checking.tell(step, field_name, error.code, error.message)


def _check_text(checking: Checking, field: fixes.Field, where: str, text: str) -> None:
    step = field.step
    try:
        found = references.references_in(text)
    except BadReference as error:
        checking.tell(step, where, error.code, error.message)
        return
    for reference in found:
        if fault := _reference_fault(checking, field, reference):
            message = f"{reference}: {fault.message}"
            checking.tell(step, where, fault.code, message, fix=fault.fix)
        elif step and reference.step is not None:
            step.needs[reference.step] = None


def _reference_fault(checking: Checking, field: fixes.Field, reference: Reference) -> Fault | None:
    if reference.source is Source.ITEM:
        return item_fault(checking, field)
    if reference.source is Source.PIPELINE:
        return pipeline_fault(checking, field, reference)
    name = reference.step or ""
    target = checking.steps.get(name)
    if target is None:
        near = checking.near_step(name)
        fix = fixes.for_step_in_reference(field, name, near) if near else None
        return Fault("unknown_step", f'there is no step "{shortened(name)}"{meant(near)}', fix)
    if fault := items_fault(checking, field, reference, target):
        return fault
    if reference.what is What.MODELS:
        return Fault("not_supported", '".models" is not supported yet')
    if target.said.get("kind") == Kind.APPROVAL:
        return _answer_fault(field, reference, target)
    return _given_fault(field, reference, target) if target.template is not None else None


def _answer_fault(field: fixes.Field, reference: Reference, target: CheckedStep) -> Fault | None:
    """What is wrong with what the answer of a person is asked for."""
    if reference.what in (*_OF_TASKS_ONLY, What.ID):
        return Fault("not_for_kind", f"an answer has no {reference.what}; it gives outputs")
    approval = target.said.get("approval")
    form = approval.get("form") if isinstance(approval, dict) else None
    fields = [one for one in form if isinstance(one, dict)] if isinstance(form, list) else []
    given = [*(str(one.get("name")) for one in fields), *ANSWER]
    if reference.what is What.OUTPUTS and reference.path[0] not in given:
        return _output_fault(field, reference, target, given)
    return None


def _given_fault(field: fixes.Field, reference: Reference, target: CheckedStep) -> Fault | None:
    """What is wrong with what a step is asked for, as far as it is known what it will give."""
    version, made_of = target.said.get("version"), target.template
    if reference.what is What.PARAMETERS and made_of is not None:
        known = [full_name(spec.name) for spec in made_of.parameters_of(version)]
        if reference.path[0] not in known:
            return _parameter_fault(field, reference, known)
    if not isinstance(made_of, PipelineInfo):
        return None
    if reference.what in _OF_TASKS_ONLY:
        message = f"a nested pipeline has no {reference.what}; it gives outputs"
        return Fault("not_for_kind", message)
    given = made_of.outputs_of(version)
    if reference.what is What.OUTPUTS and reference.path[0] not in given:
        return _output_fault(field, reference, target, given)
    return None


def _output_fault(
    field: fixes.Field, reference: Reference, target: CheckedStep, given: Sequence[str]
) -> Fault:
    name = shortened(reference.path[0])
    near = close_match(name, given[:MOST_COMPARED])
    fix = fixes.for_name_in_reference(field, reference, near) if near else None
    known = f"; it gives {', '.join(given[:8])}" if given else ""
    return Fault("unknown_output", f'{target.origin} gives no "{name}"{known}', fix)


def pipeline_fault(checking: Checking, field: fixes.Field, reference: Reference) -> Fault | None:
    """What is wrong with a reference to the run itself."""
    if reference.what is not What.PARAMETERS or reference.path[0] in checking.parameters:
        return None
    fault = _parameter_fault(field, reference, sorted(checking.parameters))
    fix = fault.fix or fixes.for_undeclared(checking, reference.path[0])
    return Fault(fault.code, fault.message, fix)


def _parameter_fault(field: fixes.Field, reference: Reference, known: list[str]) -> Fault:
    name = reference.path[0]
    near = close_match(shortened(name), known[:MOST_COMPARED])
    fix = fixes.for_name_in_reference(field, reference, near) if near else None
    return Fault("unknown_parameter", unknown_parameter(name, known), fix)
