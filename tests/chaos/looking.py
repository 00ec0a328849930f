"""Looks through the runs of a round, and through those inside them, for what must not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from tests.chaos import oracle
from tests.chaos.generator import INSIDE, inside
from tests.chaos.report import Report
from tests.faults import checker
from tests.faults.workload import Stack, Workload

AllRows = Mapping[str, checker.Rows]

INNER_STEPS = inside(Random(INSIDE))


def look_through(
    stack: Stack, runs: Sequence[tuple[oracle.Steps, Workload]], rows: AllRows, report: Report
) -> None:
    """Put what is wrong into the report, and what there was."""
    nested = {
        (workload.run_id, step["name"]): workload.folder / step["name"]
        for steps, workload in runs
        for step in steps
        if step.get("kind") == "pipeline"
    }
    inner = {place: _runs_in(rows[place[0]], place[1]) for place in nested}
    ids = [run for found in inner.values() for run in found]
    inner_rows = stack.rows(ids) if ids else {}
    for steps, workload in runs:
        own = rows[workload.run_id]
        _look(workload.run_id, steps, own, workload.executions(), report)
        report.runs[own["run"]["status"]] += 1
        report.attempts.update(attempt["status"] for attempt in own["attempts"])
    for place, folder in nested.items():
        mine = {run: inner_rows[run] for run in inner[place]}
        look_inside(mine, INNER_STEPS, folder, report)


def _runs_in(rows: checker.Rows, step: str) -> list[str]:
    """The runs that a step was: one for each attempt that came so far."""
    return [each["task"] for each in rows["attempts"] if each["step"] == step and each["task"]]


def look_inside(rows: AllRows, steps: oracle.Steps, folder: Path, report: Report) -> None:
    """All the runs that a step was wrote into one folder."""
    executions = checker.read_executions(folder)
    for run, own in rows.items():
        mine = [each for each in executions if each.task in own["tasks"]]
        _look(run, steps, own, mine, report)
    known = {task for own in rows.values() for task in own["tasks"]}
    strays = [each.task for each in executions if each.task not in known]
    report.problems += [f"{task} in {folder.name} was executed for no run" for task in strays]


def _look(
    run: str,
    steps: oracle.Steps,
    rows: checker.Rows,
    executions: Sequence[checker.Execution],
    report: Report,
) -> None:
    alive = checker.processes_of(set(rows["tasks"]))
    found = oracle.problems(steps, rows, executions, alive)
    report.problems += [f"run {run}: {each}" for each in found]
    report.executions += len(executions)
