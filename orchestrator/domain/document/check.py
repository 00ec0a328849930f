"""Everything that is wrong with a document, all at once.

First its size, then its shape, then what the words mean together: names, parents, what steps are
made of, parameters, references, circles. Later parts look only at what the earlier ones left
usable, so that one mistake is told once.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.document import fixes
from orchestrator.domain.document.catalog import Catalog
from orchestrator.domain.document.check_fan_outs import (
    check_fan_out,
    check_groups,
    parents_through_groups,
)
from orchestrator.domain.document.check_hooks import check_hooks
from orchestrator.domain.document.check_kinds import check_kind
from orchestrator.domain.document.check_monitors import check_monitors
from orchestrator.domain.document.check_run import check_run
from orchestrator.domain.document.check_values import (
    check_lists_of_groups,
    check_outputs,
    check_overrides,
    check_references,
)
from orchestrator.domain.document.checking import CheckedStep, Checking, meant
from orchestrator.domain.document.schema import SCHEMA
from orchestrator.domain.document.shape import Findings, check_shape
from orchestrator.domain.errors import BadName, CapExceeded, Problem, shortened
from orchestrator.domain.graph import find_cycle
from orchestrator.domain.names import CAPS, Caps, step_name_fault
from orchestrator.domain.parameters import read_specs

MOST_CYCLES = 20

_ORDER = {key: place for place, key in enumerate(SCHEMA["properties"])}
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def check(
    document: Any, *, catalog: Catalog, caps: Caps = CAPS, driven: bool = False
) -> list[Problem]:
    """Return every problem of a document, in its order; an empty list means that it can run.

    One that is *driven* by a Python script may call that script.
    """
    findings = Findings(_names_by_place(document))
    if not _within_caps(findings, document, caps):
        return findings.problems
    check_shape(findings, document, SCHEMA)
    if not isinstance(document, dict):
        return findings.problems
    checking = Checking(
        document,
        catalog,
        findings,
        _named_steps(findings, document),
        _parameters(findings, document),
    )
    for step in checking.steps.values():
        check_kind(checking, step)
    for step in checking.steps.values():
        _check_parents(checking, step)
        check_overrides(checking, step)
        check_references(checking, step)
        check_fan_out(checking, step)
        check_monitors(checking, step)
    check_groups(checking)
    check_lists_of_groups(checking)
    check_outputs(checking)
    check_run(checking)
    check_hooks(checking, driven=driven)
    _check_cycles(checking)
    return sorted([*findings.problems, *findings.warnings], key=_in_order)


def _in_order(problem: Problem) -> tuple[int, int]:
    part, _, rest = problem.where.partition("[")
    number = rest.partition("]")[0]
    order = _ORDER.get(part.partition(".")[0], -1)
    return order, int(number) if number.isdecimal() else -1


def _within_caps(findings: Findings, document: Any, caps: Caps) -> bool:
    """Look at what would make the rest slow or impossible."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
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


def _named_steps(findings: Findings, document: dict[str, Any]) -> dict[str, CheckedStep]:
    steps: dict[str, CheckedStep] = {}
    taken = set(_names_by_place(document).values())
    for place, said in _raw_steps(document):
        if not _is_text(said, "name"):
            continue
        name, where = said["name"], f"steps[{place}].name"
        if fault := step_name_fault(name):
            findings.tell(where, BadName.code, fault, place=place)
        if name in steps:
            first = steps[name].where
            message = f'two steps are called "{shortened(name)}": {first} and steps[{place}]'
            fix = fixes.for_second(name, place, taken) if not findings.full else None
            findings.tell(where, "duplicate_name", message, place=place, fix=fix)
        else:
            steps[name] = CheckedStep(place, name, said)
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


def _check_parents(checking: Checking, step: CheckedStep) -> None:
    parents = step.said.get("parents")
    if not isinstance(parents, list):
        return
    for number, name in enumerate(parents):
        if not isinstance(name, str):
            continue
        if name in checking.steps:
            step.needs[name] = None
        else:
            near = checking.near_step(name)
            message = f'there is no step "{shortened(name)}"{meant(near)}'
            fix = fixes.for_parent(step, name, near)
            checking.tell(step, f"parents[{number}]", "unknown_step", message, fix=fix)


def _check_cycles(checking: Checking) -> None:
    """Tell of a circle, take its steps out, and look for another."""
    steps = list(checking.steps.values())
    index = {step.name: number for number, step in enumerate(steps)}
    parents = [
        tuple(sorted(index[name] for name in names)) for names in parents_through_groups(checking)
    ]
    for _ in range(MOST_CYCLES):
        cycle = find_cycle(parents)
        if not cycle:
            return
        way = [steps[number] for number in cycle]
        names = " → ".join(f'"{step.name}"' for step in way)
        message = f"steps depend on each other in a circle: {names}"
        if len(cycle) == 2:
            message = f'step "{way[0].name}" depends on itself'
        fix = fixes.for_itself(way[0]) if len(cycle) == 2 else None
        checking.tell(way[0], "parents", "cycle", message, fix=fix)
        gone = set(cycle)
        parents = [
            () if number in gone else tuple(parent for parent in above if parent not in gone)
            for number, above in enumerate(parents)
        ]
