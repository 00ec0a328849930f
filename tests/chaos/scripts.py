"""The scripts of a round, made from a seed: each drives a run, and witnesses what it does.

Three kinds of script: one that clones, enqueues and triggers by hand; a controller that answers
for the steps of its graph; a decorated function that adds steps as it goes. Each is told in its
text what to do, and says in the end what came of it. What must come of it is in `Wanted`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.chaos.script_texts import BY_HAND, CALLED, DECORATED, SCRIPT_BEGINS
from tests.faults.workload import COMMAND, PROJECT, witness_template

SCRIPT = "the-script"
"""The step that a script's own execution witnesses as."""
NESTED = "chaos-by-hand"
"""The pipeline that scripts trigger."""
NESTED_STEPS = ("n0", "n1")
TRIAL = "chaos-trial"
"""The template that scripts clone: a witness that may be enqueued as it is."""
MARK = "witness "
"""How the lines of output begin that are counted."""


@dataclass(frozen=True)
class Wanted:
    """What must be there when a script has had its way."""

    kind: str
    done: list[Any]
    lines: list[str]
    """What the last execution of the script prints after its mark and fence, in order."""
    completed: list[str]
    """The steps that end well; each of them is executed, under its name."""
    skipped: frozenset[str] = frozenset()
    nested: list[str] = field(default_factory=list)
    """Folders of runs that were triggered: one run each."""
    fails: Mapping[str, int] = field(default_factory=dict)
    calls: frozenset[tuple[str, str]] = frozenset()
    """Callbacks that must have been called at least once: kind and step."""


@dataclass(frozen=True)
class Script:
    """A script of a round, as a task that is enqueued."""

    task: Mapping[str, Any]
    wanted: Wanted


def trial_template() -> dict[str, Any]:
    """A witness whose parameters all have a value, as one of a task that is cloned must."""
    template = witness_template()
    declared = [{"default": "", **each} for each in template["parameters"]]
    for each in declared:
        each.pop("required", None)
    return {**template, "parameters": declared}


def make_scripts(chance: Random, folder: Path, mark: str) -> list[Script]:
    """One script of each kind; `mark` makes their names unlike those of other rounds."""
    made = []
    for kind, make in (("hand", _by_hand), ("called", _called), ("decorated", _decorated)):
        own = folder / kind
        own.mkdir()
        text, plan, wanted = make(chance, mark)
        for name in wanted.nested:
            (own / name).mkdir()
        given = {
            "folder": str(own),
            "plan": json.dumps(plan),
            "mark": MARK,
            "name": f"chaos-{kind}-{mark}",
            "project": PROJECT,
            "script": SCRIPT,
            "command": TRIAL if kind == "hand" else COMMAND,
            "nested": NESTED,
        }
        task = {
            "project": PROJECT,
            "name": f"chaos-{kind}-{mark}",
            "type": "controller",
            "kind": "python",
            "script": (SCRIPT_BEGINS + text) % given,
        }
        made.append(Script(task, wanted))
    return made


def _by_hand(chance: Random, mark: str) -> tuple[str, Any, Wanted]:
    names: list[str] = []
    nested: list[str] = []
    plan: list[list[dict[str, Any]]] = []
    while len(names) < 9:
        together = []
        for _ in range(chance.choice((1, 1, 2, 3))):
            is_nested = chance.random() < 0.25
            name = f"{mark}-{len(names)}"
            names.append(name)
            if is_nested:
                nested.append(name)
            together.append({"name": name, "nested": is_nested, "seconds": _short(chance)})
        plan.append(together)
    cloned = [name for name in names if name not in nested]
    return BY_HAND, plan, Wanted("hand", names, names, cloned, nested=nested)


def _called(chance: Random, mark: str) -> tuple[str, Any, Wanted]:
    plan: dict[str, dict[str, Any]] = {}
    skipped: set[str] = set()
    for number in range(9):
        name = f"c{number}"
        may = [each for each in plan if each not in skipped][-4:]
        parents = chance.sample(may, min(len(may), chance.choice((0, 1, 1, 2))))
        is_skipped = chance.random() < 0.15
        if is_skipped:
            skipped.add(name)
        plan[name] = {
            "parents": parents,
            "skipped": is_skipped,
            "seconds": _short(chance),
            "fails": chance.choice((0, 0, 0, 1)) if not is_skipped else 0,
            "watched": chance.random() < 0.3,
        }
    good = [name for name in plan if name not in skipped]
    fails = {name: part["fails"] for name, part in plan.items()}
    calls = {("before", name) for name in plan} | {("after", name) for name in good}
    calls |= {("again", name) for name, number in fails.items() if number}
    calls |= {("changed", name) for name in good if plan[name]["watched"]}
    wanted = Wanted("called", good, good, good, frozenset(skipped), [], fails, frozenset(calls))
    return CALLED, plan, wanted


def _decorated(chance: Random, mark: str) -> tuple[str, Any, Wanted]:
    plan: list[dict[str, Any]] = []
    counts, lines = [0, 0], []
    for number in range(9):
        name = f"work_{number}" if number else "work"
        line, is_looked_at = chance.randint(0, 1), chance.random() < 0.4
        plan.append(
            {"name": name, "line": line, "looked at": is_looked_at, "seconds": _short(chance)}
        )
        counts[line] += 1
        if is_looked_at:
            lines.append(f"{name} {counts[line]}")
    names = [part["name"] for part in plan]
    calls = frozenset(("before", name) for name in names)
    lines.append(f"done {counts}")
    return DECORATED, plan, Wanted("decorated", counts, lines, names, calls=calls)


def _short(chance: Random) -> float:
    return round(chance.uniform(0, 1.2), 2)
