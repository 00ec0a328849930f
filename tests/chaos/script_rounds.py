"""A round of scripts: they drive their runs while things break, and are judged when these end."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pipelines.errors import RequestRefused
from tests.chaos import script_oracle
from tests.chaos.generator import Ask
from tests.chaos.looking import AllRows, look_inside
from tests.chaos.report import Report
from tests.chaos.scripts import NESTED, NESTED_STEPS, TRIAL, Script, make_scripts, trial_template
from tests.faults import checker
from tests.faults.workload import COMMAND, FINAL, Stack, Workload

BEGINNING_SECONDS = 90.0
_NESTED_STEPS = [
    {
        "name": name,
        "template": COMMAND,
        "parents": list(NESTED_STEPS[:index]),
        "parameters": {
            "General/folder": "${pipeline.folder}",
            "General/step": name,
            "General/seconds": 0.2,
        },
    }
    for index, name in enumerate(NESTED_STEPS)
]


@dataclass(frozen=True)
class Started:
    """A script at work: what it is to do, and its run."""

    script: Script
    workload: Workload


def start(stack: Stack, folder: Path, chance: Random) -> list[Started]:
    """Enqueue scripts for the agents of services, and wait until each drives a run."""
    with suppress(RequestRefused):
        # The first round on this stack makes it.
        stack.publish(NESTED, _NESTED_STEPS)
        stack.add_template(TRIAL, trial_template())
    started = []
    for script in make_scripts(chance, folder, uuid.uuid4().hex[:8]):
        task = stack.api.send("POST", "tasks/", dict(script.task))["id"]
        stack.api.send("POST", f"tasks/{task}/enqueue/", {"queue": "services"})
        own = folder / script.wanted.kind
        started.append(Started(script, Workload(stack, own, [], task)))
    for each in started:
        _wait_until_it_drives(each.workload)
    return started


def asks(chance: Random, started: Sequence[Started], seconds: float) -> list[Ask]:
    """Some of the runs are paused for a while; one of some is told to end."""
    wanted = []
    for number in range(len(started)):
        if chance.random() < 0.3:
            at = chance.uniform(0.5, seconds)
            wanted += [Ask(at, number, "pause"), Ask(at + 1.5, number, "resume")]
    if chance.random() < 0.3:
        at = chance.uniform(0.5, seconds)
        wanted.append(Ask(at, chance.randrange(len(started)), "abort"))
    return sorted(wanted, key=lambda ask: ask.at)


def look_through(stack: Stack, started: Sequence[Started], rows: AllRows, report: Report) -> None:
    """Put what is wrong into the report, and what there was."""
    for each in started:
        run, wanted = each.workload.run_id, each.script.wanted
        own, executions = rows[run], each.workload.executions()
        alive = checker.processes_of({run, *own["tasks"]})
        calls = _calls(each.workload.folder)
        found = script_oracle.problems(wanted, own, executions, calls, alive)
        report.problems += [f"{wanted.kind} run {run}: {problem}" for problem in found]
        report.executions += len(executions)
        report.runs[own["run"]["status"]] += 1
        report.attempts.update(attempt["status"] for attempt in own["attempts"])
        report.taken_up += own["script"]["fence"] - 1
        if wanted.nested:
            _look_inside(stack, each.workload.folder, wanted.nested, own, report)


def _look_inside(
    stack: Stack, folder: Path, names: Sequence[str], rows: checker.Rows, report: Report
) -> None:
    """What was triggered is a run of its own each, and wrote into a folder of its own."""
    tasks = [each["task"] for each in rows["attempts"] if each["task"]]
    runs = [task for task in tasks if _is_run(stack, task)]
    inner = stack.rows(runs) if runs else {}
    for name in names:
        executed = {each.task for each in checker.read_executions(folder / name)}
        mine = {run: own for run, own in inner.items() if executed & set(own["tasks"])}
        if len(mine) > 1 and not _was_tried_again(rows, mine):
            report.problems.append(f"{name} was triggered {len(mine)} times")
        look_inside(mine, _NESTED_STEPS, folder / name, report)


def _was_tried_again(rows: checker.Rows, runs: AllRows) -> bool:
    steps = {each["step"] for each in rows["attempts"] if each["task"] in runs}
    return len(steps) == 1


def _is_run(stack: Stack, task: str) -> bool:
    with suppress(RequestRefused):
        stack.api.get(f"runs/{task}/")
        return True
    return False


def _wait_until_it_drives(workload: Workload) -> None:
    """From then on the script is taken up when it is lost; faults come only then."""
    api, deadline = workload.stack.api, time.monotonic() + BEGINNING_SECONDS
    while not _is_run(workload.stack, workload.run_id):
        task = api.get(f"tasks/{workload.run_id}/")
        if task["status"] == "crashed":
            # On a busy machine its agent may have lost the short lease.
            api.send("POST", f"tasks/{workload.run_id}/reset/", {})
            api.send("POST", f"tasks/{workload.run_id}/enqueue/", {"queue": "services"})
        elif task["status"] in FINAL or time.monotonic() > deadline:
            raise AssertionError(f"{task['name']} does not become a run: {task['outcome']}")
        time.sleep(0.1)


def _calls(folder: Path) -> list[list[object]]:
    path = folder / "calls"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextmanager
def agents(stack: Stack) -> Iterator[None]:
    """One more agent of each queue, for rounds of any kind."""
    with stack.live.another_agent("second"), stack.live.another_agent("scripts", "services"):
        yield
