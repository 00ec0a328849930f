"""Changing a task: a draft by whoever may, one that runs by its own script.

What executes is settled when a task is enqueued; its words – name, comment, tags – never are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction

from orchestrator import announce
from orchestrator.actions.attempts import locked_running, set_progress
from orchestrator.actions.templates import check_queue
from orchestrator.domain.errors import CapExceeded, Conflict, Invalid, NotAllowed, Problem
from orchestrator.domain.names import CAPS
from orchestrator.domain.parameters import (
    ParameterSpec,
    ParameterType,
    check_values,
    full_name,
    specs_from,
)
from orchestrator.domain.states import Status
from orchestrator.models import Run, Task

MISSING: Final = "missing"
"""The code of the problem that a required parameter has no value."""

_WORDS: Final = frozenset({"name", "comment", "tags"})
_OF_TEMPLATES: Final = frozenset({"comment", "tags"})


@transaction.atomic
def change_task(*, actor: str, task: Task, change: Mapping[str, Any]) -> Task:
    """Change a draft, or the words of any task.

    What is asked of another task and is so already is no change: a script that was taken up says
    again what it has said before its task began.
    """
    row = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    if "progress" in change:
        # Whatever its status is.
        raise NotAllowed("only the running step itself tells its progress")
    if row.is_template and (odd := change.keys() - _OF_TEMPLATES):
        raise Conflict(f"a template's {min(odd)} changes by saving its next version (PUT)")
    if row.status != Status.DRAFT:
        change = {name: change[name] for name in change if not _is_so(row, name, change[name])}
        if settled := change.keys() - _WORDS:
            what = f"the task is {row.status}; only a draft's {min(settled)} can be changed"
            raise Conflict(what)
    if Run.objects.filter(pk=row.pk).exists() and (odd := change.keys() - _WORDS):
        raise Conflict(f"this task is a run; its {min(odd)} is the run's own")
    return _write(row, change)


@transaction.atomic
def change_own_task(*, task: Task, fence: int, change: Mapping[str, Any]) -> Task:
    """Change a running task as its own script says."""
    row = locked_running(task, fence)
    if "queue" in change:
        raise Conflict("a task that runs has left its queue")
    if "progress" in change:
        set_progress(task=task, fence=fence, value=change["progress"])
        row.refresh_from_db(fields=["progress"])
    rest = {name: change[name] for name in change if name != "progress"}
    return _write(row, rest, checked=_capped)


def _is_so(row: Task, name: str, value: Any) -> bool:
    """True when the task is as it is asked to be; what its script has added does not count."""
    match name:
        case "parameters" | "replace_parameters":
            given = full_names(value)
            wanted = checked_parameters(row, {**row.parameters, **given}, where=name)
            return all(row.parameters.get(one) == wanted.get(one) for one in given)
        case "configuration":
            return all(row.configuration.get(one) == text for one, text in value.items())
    return bool(getattr(row, name) == value)


def checked_parameters(
    task: Task, given: Mapping[str, Any], *, where: str = "parameters"
) -> dict[str, Any]:
    """Hold values against what the task declares.

    What is not declared is taken as it comes, unless the task is made from a template, which says
    all that it takes; what the task has already, because its script added it, stays. A required
    value may be given later, up to when the task is enqueued or started.
    """
    specs = _specs_of(task)
    open_ended = task.template_version is None or not specs
    known = {spec.name for spec in specs}
    added = (
        {}
        if open_ended
        else {name: given[name] for name in given if name in task.parameters and name not in known}
    )
    later = {spec.name for spec in specs if _is_missing(spec, given.get(spec.name))}
    wanted = {name: given[name] for name in given if name not in added and name not in later}
    values, problems = check_values(specs, wanted, where=where, undeclared=open_ended)
    if wrong := [problem for problem in problems if problem.code != MISSING]:
        raise Invalid(wrong)
    return values | added


def refuse_incomplete(task: Task) -> None:
    """Raise Invalid naming the required parameters to which nobody has given a value."""
    values = task.parameters
    missing = [one.name for one in _specs_of(task) if _is_missing(one, values.get(one.name))]
    if missing:
        said = ((name, f'parameter "{name}" is required') for name in missing)
        raise Invalid([Problem(f"parameters.{name}", None, MISSING, text) for name, text in said])


def _specs_of(task: Task) -> tuple[ParameterSpec, ...]:
    of_template = task.template_version
    return specs_from(list(task.specs or (of_template.specs if of_template else [])))


def _is_missing(spec: ParameterSpec, value: Any) -> bool:
    """Whether it is required and nothing is there; in JSON null is something."""
    return spec.required and value is None and spec.type is not ParameterType.JSON


def merged_configuration(task: Task, change: Mapping[str, str | None]) -> dict[str, str]:
    """The task's configuration with these texts put in its place, or taken out."""
    merged = {**task.configuration, **change}
    kept = {name: text for name, text in merged.items() if text is not None}
    size = len(json.dumps(kept).encode())
    if size > CAPS.parameter_bytes:
        raise CapExceeded("configuration", CAPS.parameter_bytes, size, "bytes")
    return kept


def full_names(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values with the sections in their names, so that they replace what they mean."""
    return {full_name(name): value for name, value in given.items()}


def _capped(task: Task, given: Mapping[str, Any], *, where: str = "") -> dict[str, Any]:
    """What a script says that it uses is so, whatever was declared."""
    size = len(json.dumps(given).encode())
    if size > CAPS.parameter_bytes:
        raise CapExceeded("parameters", CAPS.parameter_bytes, size, "bytes")
    return dict(given)


def _write(
    row: Task,
    change: Mapping[str, Any],
    checked: Callable[..., dict[str, Any]] = checked_parameters,
) -> Task:
    for name in ("name", "comment", "tags", "type", "parent"):
        if name in change:
            setattr(row, name, change[name])
    if "queue" in change:
        row.queue = check_queue(change["queue"])
    if "replace_parameters" in change:
        wanted = full_names(change["replace_parameters"])
        row.parameters = checked(row, wanted, where="replace_parameters")
    if "parameters" in change:
        row.parameters = checked(row, {**row.parameters, **full_names(change["parameters"])})
    if "configuration" in change:
        row.configuration = merged_configuration(row, change["configuration"])
    columns = {_COLUMNS.get(name, name) for name in change}
    if columns:
        row.save(update_fields=columns)
        announce.poke(f"task:{row.pk}", f"project:{row.project_id}")
    return row


_COLUMNS: Final[Mapping[str, str]] = {"replace_parameters": "parameters"}
