"""Reads what the executions of a run have witnessed and what its rows say, and lists what is wrong.

Pure apart from `read_executions` and `processes_of`, so that it can itself be tested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

Rows = Mapping[str, Any]


@dataclass
class Execution:
    """All that was written into the file of one (task, fence)."""

    task: str
    fence: int
    step: str = ""
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    failed: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    said: tuple[int, str] | None = None
    kept: tuple[int, str] | None = None

    @property
    def came_to_an_end(self) -> list[float]:
        """When it ended by itself, well or badly."""
        return self.ended + self.failed


def read_executions(folder: Path) -> list[Execution]:
    """The executions that left a file in the workload's folder."""
    found = []
    for path in sorted(folder.iterdir()):
        if match := re.fullmatch(r"([0-9a-f-]{36})\.(\d+)", path.name):
            found.append(_read(Execution(match[1], int(match[2])), path.read_text()))
    return found


def _read(execution: Execution, text: str) -> Execution:
    for line in text.splitlines():
        word, task, fence, execution.step, *facts = line.split(" ")
        assert (task, int(fence)) == (execution.task, execution.fence), f"foreign line: {line}"
        if word in ("said", "kept"):
            setattr(execution, word, (int(facts[0]), facts[1]))
        else:
            getattr(execution, word).append(float(facts[-1]))
    return execution


def processes_of(tasks: Collection[str]) -> dict[int, str]:
    """The living processes that carry the marker of one of these tasks: number and command."""
    found = {}
    for folder in Path("/proc").iterdir():
        try:
            environment = (folder / "environ").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        mark = re.search(rb"(?:^|\0)PIPELINES_TASK=([0-9a-f-]{36})\.", environment)
        if mark and mark[1].decode() in tasks:
            command = (folder / "cmdline").read_bytes() if folder.exists() else b"?"
            found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def problems(
    rows: Rows,
    executions: Sequence[Execution],
    parents: Mapping[str, Iterable[str]],
    alive: Mapping[int, str],
) -> list[str]:
    """Everything that must be true of a run that completed, and is not; in words."""
    found = list(_of_run(rows, parents))
    found += of_executions(rows, executions)
    found += of_steps(executions)
    found += _of_order(rows, executions, parents)
    found += of_processes(alive)
    return found


def _of_run(rows: Rows, parents: Mapping[str, Iterable[str]]) -> Iterable[str]:
    if rows["run"]["status"] != "completed":
        yield f"the run is {rows['run']['status']}: {rows['run']['reason']}"
    for name in parents:
        step = rows["steps"].get(name, {"status": "missing", "reason": ""})
        if step["status"] != "completed":
            yield f"step {name} is {step['status']}: {step['reason']}"
    if rows["broken"]:
        yield f"rows and changes do not agree:\n{rows['broken']}"


def of_executions(rows: Rows, executions: Iterable[Execution]) -> Iterable[str]:
    """Every execution belongs to an attempt, and every end to an execution that has it."""
    attempts = {attempt["task"]: attempt for attempt in rows["attempts"] if attempt["task"]}
    by_key = {(each.task, each.fence): each for each in executions}
    for key, each in by_key.items():
        where = f"execution {each.task}.{each.fence} of step {each.step}"
        if len(each.began) != 1:
            yield f"{where} began {len(each.began)} times"
        attempt = attempts.get(each.task)
        if attempt is None or attempt["step"] != each.step:
            yield f"{where} belongs to no attempt of that step"
        elif each.fence > rows["tasks"][each.task]["fence"]:
            yield f"{where} has a fence that was never given"
        if each.beside:
            yield f"{where} found another execution of its step alive"
        assert key == (each.task, each.fence)
    for task, attempt in attempts.items():
        fence = rows["tasks"][task]["fence"]
        execution = by_key.get((task, fence), Execution(task, fence))
        if attempt["status"] == "completed" and len(execution.ended) != 1:
            yield (
                f"attempt {attempt['number']} of step {attempt['step']} completed, but its "
                f"execution {task}.{fence} ended {len(execution.ended)} times"
            )


def of_processes(alive: Mapping[int, str]) -> Iterable[str]:
    """Nothing of a run that has ended is alive."""
    for pid, command in alive.items():
        yield f"process {pid} is still alive: {command}"


def of_steps(executions: Iterable[Execution]) -> Iterable[str]:
    """At most one execution of a step at a time; one that was killed has no end to compare."""
    by_step: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in executions:
        by_step[each.step] += zip(each.began, each.came_to_an_end, strict=False)
    for step, spans in by_step.items():
        spans.sort()
        for (_, end), (start, _) in pairwise(spans):
            if start < end:
                yield f"two executions of step {step} overlap by {end - start:.3f} s"


def _of_order(
    rows: Rows, executions: Iterable[Execution], parents: Mapping[str, Iterable[str]]
) -> Iterable[str]:
    completed = {
        attempt["task"]: attempt["step"]
        for attempt in rows["attempts"]
        if attempt["status"] == "completed"
    }
    executions = list(executions)
    end_of = {
        completed[each.task]: each.ended[-1]
        for each in executions
        if each.task in completed and each.ended
    }
    for each in executions:
        for parent in parents.get(each.step, ()):
            if parent not in end_of:
                yield f"step {each.step} began although its parent {parent} never ended well"
            elif min(each.began) < end_of[parent]:
                early = end_of[parent] - min(each.began)
                yield f"step {each.step} began {early:.3f} s before its parent {parent} ended"
