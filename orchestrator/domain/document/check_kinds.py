"""What steps are made of: the template or pipeline that each names, and what only its kind says."""

from typing import Any, Final

from orchestrator.domain.document import fixes
from orchestrator.domain.document.checking import CheckedStep, Checking, meant
from orchestrator.domain.document.schema import STEP
from orchestrator.domain.errors import BadName, shortened
from orchestrator.domain.graph import ANSWER, Kind
from orchestrator.domain.names import split_template_name
from orchestrator.domain.parameters import read_specs

KINDS: Final = frozenset(Kind)
# What a step of a kind cannot be without.
_NEEDED: Final = {Kind.TASK: "template", Kind.PIPELINE: "pipeline"}


def check_kind(checking: Checking, step: CheckedStep) -> None:
    """Find what the step is made of, and whether it says only what its kind can have."""
    said = step.said.get("kind") or Kind.TASK
    if not isinstance(said, str) or said not in KINDS:
        return
    kind = Kind(said)
    for key, schema in STEP["properties"].items():
        if kind not in schema.get("x-kinds", KINDS) and _asks(step.said.get(key)):
            message = f'"{key}" is not for a step of kind "{kind}"'
            checking.tell(step, key, "not_for_kind", message)
    if kind is Kind.APPROVAL:
        _check_form(checking, step)
    needed = _NEEDED.get(kind)
    if needed is None:
        return
    if step.said.get(needed) is None:
        checking.tell(step, needed, "missing", f'step "{step.name}" needs "{needed}"')
    elif isinstance(name := step.said[needed], str) and name:
        _find(checking, step, needed, name)


def _asks(value: Any) -> bool:
    # What says only what would be so anyway asks for nothing.
    return value not in (None, False)


def _find(checking: Checking, step: CheckedStep, key: str, name: str) -> None:
    try:
        split_template_name(name)
    except BadName as error:
        checking.tell(step, key, error.code, error.message)
        return
    if key == "pipeline":
        step.template, near_name = checking.pipeline(name), checking.near_pipeline
    else:
        step.template, near_name = checking.template(name), checking.near_template
    if step.template is None:
        near = near_name(name)
        message = f'there is no {key} "{shortened(name)}"{meant(near)}'
        fix = fixes.for_origin(step, key, near)
        checking.tell(step, key, f"unknown_{key}", message, fix=fix)
        return
    _check_version(checking, step)
    if key == "pipeline":
        _check_circle(checking, step, name)


def _check_form(checking: Checking, step: CheckedStep) -> None:
    """Look at the fields of a question; some words of its outputs are taken already."""
    approval = step.said.get("approval")
    form = approval.get("form") if isinstance(approval, dict) else None
    if not isinstance(form, list):
        return
    # Their shape has been checked already, and told of.
    told = {problem.where for problem in checking.findings.problems}
    for problem in read_specs(form, where="approval.form")[1]:
        is_told = f"{step.where}.{problem.where}" in told
        if problem.code not in ("unknown_key", "wrong_type") and not is_told:
            checking.tell(step, problem.where, problem.code, problem.message)
    for place, field in enumerate(form):
        name = field.get("name") if isinstance(field, dict) else None
        if name in ANSWER:
            message = f'every answer has "{name}" of its own; the field needs another name'
            checking.tell(step, f"approval.form[{place}].name", "bad_name", message)


def _check_version(checking: Checking, step: CheckedStep) -> None:
    version, made_of = step.said.get("version"), step.template
    if made_of is None or type(version) is not int or version < 1:
        return
    fix = fixes.for_version(step, made_of.version)
    if version not in made_of.versions:
        message = f"{step.origin} has no version {shortened(str(version), 20)}"
        checking.tell(step, "version", "unknown_version", message, fix=fix)
    elif version < made_of.version:
        message = f"{step.origin} has a newer version: {made_of.version}"
        checking.tell(step, "version", "newer_version", message, fix=fix, severity="warning")


def _check_circle(checking: Checking, step: CheckedStep, name: str) -> None:
    """Pipelines that run each other for ever are found before the first of them runs."""
    way = checking.catalog.way_back(name, step.said.get("version"))
    if way:
        names = " → ".join(f'"{one}"' for one in way)
        message = f"pipelines run each other in a circle: {names}"
        checking.tell(step, "pipeline", "cycle", message)
