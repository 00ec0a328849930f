"""A file with the graph of a measured workflow: read, checked, its steps given legal names."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from graphlib import CycleError, TopologicalSorter

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# The server's caps, said before anything is sent; it checks them again.
MOST_STEPS = 10_000
MOST_BYTES = 4 * 1024 * 1024
LONGEST_NAME = 128
RESERVED = frozenset({"pipeline", "item"})

_NOT_IN_A_NAME = re.compile(r"[^\w\-. ]+")


class WorkflowError(PipelinesError):
    """A workflow file that cannot become a pipeline; the message names the file and the step."""


class WorkflowStep:
    """One measured step: what it was called, what it waited for, how long it ran."""

    def __init__(self, name: str, parents: list[str], seconds: float) -> None:
        self.name = name
        self.parents = parents
        self.seconds = seconds


class WorkflowFile:
    """The steps of a workflow in the order of the file, under names that steps may have."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        content = self._parsed(text)
        self.name = self._text(content.get("name", ""), 'its "name"')
        rows = content.get("steps")
        if not isinstance(rows, list) or not rows:
            raise self._fault('it has no list "steps" with at least one step')
        if len(rows) > MOST_STEPS:
            raise self._fault(f"{len(rows):,} steps are more than the cap of {MOST_STEPS:,} steps")
        read = [self._step(place, row) for place, row in enumerate(rows)]
        self._check_graph(read)
        self.renamed = _legal_names(step.name for step in read)
        names = {step.name: self.renamed.get(step.name, step.name) for step in read}
        self.steps = [
            WorkflowStep(names[step.name], [names[p] for p in step.parents], step.seconds)
            for step in read
        ]

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._fault(f"it is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise self._fault('it is not an object with "name" and "steps"')
        return content

    def _step(self, place: int, row: object) -> WorkflowStep:
        where = f"steps[{place}]"
        if not isinstance(row, dict):
            raise self._fault(f"{where} is not an object")
        name = self._text(row.get("id"), f'{where}: its "id"')
        if not name:
            raise self._fault(f'{where} has no "id"')
        parents = row.get("parents", [])
        if not isinstance(parents, list) or not all(isinstance(p, str) for p in parents):
            raise self._fault(f'{where} ("{name}"): its "parents" are not a list of ids')
        seconds = row.get("seconds", 0)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise self._fault(f'{where} ("{name}"): its "seconds" are not a number')
        if not (math.isfinite(seconds) and seconds >= 0):
            raise self._fault(f'{where} ("{name}"): it cannot have run for {seconds} seconds')
        return WorkflowStep(name, list(dict.fromkeys(parents)), float(seconds))

    def _check_graph(self, steps: list[WorkflowStep]) -> None:
        count = Counter(step.name for step in steps)
        if twice := [name for name, times in count.items() if times > 1]:
            raise self._fault(f'the id "{twice[0]}" stands there {count[twice[0]]} times')
        for step in steps:
            for parent in step.parents:
                if parent not in count:
                    raise self._fault(
                        f'the parent "{parent}" of "{step.name}" is none of its steps'
                    )
        try:
            TopologicalSorter({step.name: step.parents for step in steps}).prepare()
        except CycleError as error:
            way = " → ".join(error.args[1])
            raise self._fault(f"its steps wait for each other: {way}") from error

    def _text(self, value: object, what: str) -> str:
        if not isinstance(value, str):
            raise self._fault(f"{what} is not a text")
        return value

    def _fault(self, what: str) -> WorkflowError:
        return WorkflowError(f"{self._path} is not a workflow: {what}")


def read_workflow(path: str) -> WorkflowFile:
    """Read a workflow file; what is wrong with it is said in a WorkflowError."""
    try:
        with open(path, encoding="utf-8") as file:
            return WorkflowFile(file.read(), path)
    except UnicodeDecodeError as error:
        raise WorkflowError(f"{path} is not a text in UTF-8: {error}") from error


def document_of(workflow: WorkflowFile, *, template: str, time_scale: float) -> dict[str, Any]:
    """Make the pipeline's document; each step sleeps for its run time times the scale."""
    document = {"schema": 1, "steps": [_node(s, template, time_scale) for s in workflow.steps]}
    size = len(json.dumps(document).encode())
    if size > MOST_BYTES:
        raise WorkflowError(
            f"the document of {len(workflow.steps):,} steps has {size:,} bytes, "
            f"more than the cap of {MOST_BYTES:,} bytes"
        )
    return document


def _node(step: WorkflowStep, template: str, time_scale: float) -> dict[str, Any]:
    node: dict[str, Any] = {"name": step.name, "template": template}
    if step.parents:
        node["parents"] = step.parents
    if seconds := round(step.seconds * time_scale, 6):
        node["parameters"] = {"General/seconds": seconds}
    return node


def _legal_names(ids: Iterable[str]) -> dict[str, str]:
    """Give those ids that cannot be a step's name one that can, and that nobody else has."""
    every = list(ids)
    legal = {name: _legal(name) for name in every}
    taken = {name for name in every if legal[name] == name}
    renamed = {}
    for name in every:
        if legal[name] != name:
            renamed[name] = _free(legal[name], taken)
            taken.add(renamed[name])
    return renamed


def _legal(name: str) -> str:
    plain = _NOT_IN_A_NAME.sub("-", unicodedata.normalize("NFC", name))[:LONGEST_NAME].strip()
    if not plain.strip("."):
        return "step"
    return f"{plain}-step" if plain in RESERVED else plain


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        end = f"-{number}"
        free = name[: LONGEST_NAME - len(end)] + end
    return free
