"""Fan-outs in a document: that there is a list, and that nobody mistakes all items for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from orchestrator.domain import references
from orchestrator.domain.document import fixes
from orchestrator.domain.document.checking import CheckedStep, Checking
from orchestrator.domain.document.reading import fan_out_groups
from orchestrator.domain.errors import BadReference, CapExceeded, Fix
from orchestrator.domain.names import CAPS, step_name_fault
from orchestrator.domain.parameters import ParameterType
from orchestrator.domain.references import Reference, Source, What


class Fault(NamedTuple):
    """What is wrong with a reference."""

    code: str
    message: str
    fix: Fix | None = None


_NO_ITEM = Fault(
    "item_outside_fan_out",
    '"item" means something only in a step with "for_each", or in a group that has one',
)


def check_fan_out(checking: Checking, step: CheckedStep) -> None:
    """Look at the list of a step that is done for each item."""
    for_each = step.said.get("for_each")
    if isinstance(for_each, dict):
        fault = _list_fault(checking, for_each.get("list"), inside=_chain_of(checking, step))
        if fault:
            checking.tell(step, "for_each.list", fault.code, fault.message, fix=fault.fix)


def check_groups(checking: Checking) -> None:
    """Look at the groups that are done for each item; their names are those of steps in runs."""
    groups = checking.document.get("groups")
    for place, group in enumerate(groups if isinstance(groups, list) else ()):
        if isinstance(group, dict) and isinstance(group.get("for_each"), dict):
            _check_group(checking, f"groups[{place}]", group)


def _check_group(checking: Checking, where: str, group: Mapping[str, Any]) -> None:
    name = group.get("name")
    if not isinstance(name, str):
        return
    if fault := step_name_fault(name):
        checking.tell(None, f"{where}.name", "bad_name", fault)
    elif name in checking.steps:
        message = f'a step is called "{name}", too; a group with "for_each" needs a name of its own'
        checking.tell(None, f"{where}.name", "duplicate_name", message)
    members = [step for step in checking.steps.values() if step.said.get("group") == name]
    if not members:
        message = f'no step is in the group "{name}"'
        checking.tell(None, f"{where}.for_each", "missing", message)
    listed = group["for_each"].get("list")
    fault_of_list = _list_fault(checking, listed, inside=None)
    if fault_of_list:
        checking.tell(None, f"{where}.for_each.list", fault_of_list.code, fault_of_list.message)
        return
    for name in references.steps_referenced(listed):
        if name in checking.steps:
            for step in members:
                step.needs[name] = None


def _list_fault(checking: Checking, listed: Any, *, inside: str | None) -> Fault | None:
    if isinstance(listed, list):
        if len(listed) > CAPS.fan_out:
            error = CapExceeded("items of a fan-out", CAPS.fan_out, len(listed))
            return Fault(error.code, error.message)
        return None
    if not isinstance(listed, str):
        return None
    try:
        parts = references.parse(listed)
    except BadReference as error:
        return Fault(error.code, error.message) if inside is None else None
    if len(parts) != 1 or not isinstance(parts[0], Reference):
        message = "a list is written out, or it is one reference, such as ${load.files}"
        return Fault("bad_value", message)
    return _type_fault(checking, parts[0]) or (
        _NO_ITEM if parts[0].source is Source.ITEM and inside is None else None
    )


def _type_fault(checking: Checking, reference: Reference) -> Fault | None:
    if reference.source is not Source.PIPELINE or reference.what is not What.PARAMETERS:
        return None
    declared = checking.document.get("parameters")
    for one in declared if isinstance(declared, list) else ():
        if isinstance(one, dict) and one.get("name") == reference.path[0]:
            kind = one.get("type", ParameterType.STRING)
            if kind != ParameterType.JSON:
                message = f'{reference} is of type {kind}; a list is a parameter of type "json"'
                return Fault("bad_value", message)
    return None


def item_fault(checking: Checking, field: fixes.Field) -> Fault | None:
    """Whether ``item`` means something in a field."""
    step = field.step
    if step is None:
        return _NO_ITEM
    inside = _chain_of(checking, step) is not None
    if field.name == "for_each":
        # Told of with the list.
        return None
    return None if inside or step.said.get("for_each") else _NO_ITEM


def items_fault(
    checking: Checking, field: fixes.Field, reference: Reference, target: CheckedStep
) -> Fault | None:
    """Whether a reference means one step or all of its items, as the step is."""
    chain = _chain_of(checking, target)
    is_same_chain = (
        chain is not None and field.step is not None and _chain_of(checking, field.step) == chain
    )
    is_many = bool(target.said.get("for_each")) or (chain is not None and not is_same_chain)
    if reference.each and not is_many:
        if is_same_chain:
            message = f'in the same item there is one "{target.name}"; write it without [*]'
        else:
            message = f'[*] is for steps with "for_each", which "{target.name}" has not'
        return Fault("not_a_fan_out", message, _written(field, reference, each=False))
    if is_many and not reference.each:
        message = f'"{target.name}" has many items; [*] gives the list of all of them'
        return Fault("is_a_fan_out", message, _written(field, reference, each=True))
    return None


def _written(field: fixes.Field, old: Reference, *, each: bool) -> Fix | None:
    return fixes.for_reference(field, old, replace(old, each=each))


def _chain_of(checking: Checking, step: CheckedStep) -> str | None:
    """The group with a list in which a step stands."""
    group = step.said.get("group")
    return group if isinstance(group, str) and group in _groups(checking) else None


def _groups(checking: Checking) -> Mapping[str, Any]:
    if checking.chains is None:
        checking.chains = fan_out_groups(checking.document)
    return checking.chains


def parents_through_groups(checking: Checking) -> list[set[str]]:
    """What each step waits for: one in a group with a list for all that the group waits for."""
    outside: dict[str, set[str]] = {}
    chains = {step.name: _chain_of(checking, step) for step in checking.steps.values()}
    for step in checking.steps.values():
        if chain := chains[step.name]:
            others = {name for name in step.needs if chains.get(name) != chain}
            outside.setdefault(chain, set()).update(others)
    return [
        {*step.needs, *outside.get(chains[step.name] or "", ())} for step in checking.steps.values()
    ]
