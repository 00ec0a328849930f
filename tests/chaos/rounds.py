"""One round: start runs, break things and ask for things meanwhile, wait, and look what is true."""

from __future__ import annotations

import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from pipelines.errors import RequestRefused
from tests.chaos import oracle
from tests.chaos.generator import Ask, Plan, make_plan
from tests.chaos.nemesis import KINDS, Nemesis
from tests.faults import checker
from tests.faults.workload import FINAL, Stack, Workload

MIXED = "mixed"
PATIENCE_SECONDS = 120.0
FAULTS = (2, 4)
WINDOW_SECONDS = 8.0


@dataclass
class Report:
    """What a round did and what it found."""

    kind: str
    seed: int
    faults: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    executions: int = 0
    recovery: float = 0.0
    took: float = 0.0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The round in one line, and what is wrong in further ones."""
        faults = "; ".join(self.faults)
        word = "ok" if not self.problems else f"{len(self.problems)} PROBLEMS"
        told = (
            f"{self.kind}, seed {self.seed}: {word} in {self.took:.0f} s, "
            f"{self.recovery:.1f} s after the last fault\n"
            f"  faults: {faults}\n"
            f"  asks: {'; '.join(self.asks)}\n"
            f"  runs: {_counts(self.runs)}; attempts: {_counts(self.attempts)}; "
            f"{self.executions} executions"
        )
        return "\n".join([told, *(f"  ! {problem}" for problem in self.problems[:40])])


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{n} {word}" for word, n in sorted(counter.items()))


def play(stack: Stack, folder: Path, *, kind: str, seed: int) -> Report:
    """One round on a stack that runs; folder: where its steps write."""
    began = time.monotonic()
    report = Report(kind, seed)
    try:
        _play(stack, folder, report)
    except Exception:
        report.problems.append(f"{traceback.format_exc()}\n{stack.live.logs()}")
    report.problems += [f"{name} is not running" for name in _missing(stack)]
    report.took = time.monotonic() - began
    return report


def _missing(stack: Stack) -> list[str]:
    return [name for name, child in stack.live.children.items() if not child.is_running()]


def _play(stack: Stack, folder: Path, report: Report) -> None:
    kind = report.kind
    chance = Random(f"{kind} {report.seed}")
    plan = make_plan(chance, seconds=WINDOW_SECONDS)
    kinds = _kinds(kind, chance)
    moments = sorted(chance.uniform(0.5, WINDOW_SECONDS) for _ in kinds)
    nemesis = Nemesis(stack.live, chance)
    workloads = _start(stack, folder, plan)
    with _asking(workloads, plan.asks, report):
        _strike(nemesis, list(zip(moments, kinds, strict=True)), report)
    healed = time.monotonic()
    _wait(workloads, report)
    report.recovery = time.monotonic() - healed
    _check(plan, workloads, report)


def _kinds(kind: str, chance: Random) -> list[str]:
    """Which faults there are to be: each of those named, or some of one kind, or of any."""
    if "+" in kind:
        return chance.sample(kind.split("+"), kind.count("+") + 1)
    number = chance.randint(*FAULTS)
    return [chance.choice(sorted(KINDS)) if kind == MIXED else kind for _ in range(number)]


def _start(stack: Stack, folder: Path, plan: Plan) -> list[Workload]:
    workloads = []
    for number, steps in enumerate(plan.runs):
        own = folder / str(number)
        own.mkdir()
        workloads.append(stack.start(own, list(steps)))
    return workloads


def _strike(nemesis: Nemesis, faults: Sequence[tuple[float, str]], report: Report) -> None:
    """Faults at their moments. In this thread: whoever is started ends with the thread."""
    began = time.monotonic()
    for moment, kind in faults:
        time.sleep(max(began + moment - time.monotonic(), 0))
        at = time.monotonic() - began
        report.faults.append(f"{at:.1f} s {nemesis.strike(kind)}")


@contextmanager
def _asking(workloads: Sequence[Workload], asks: Sequence[Ask], report: Report) -> Iterator[None]:
    """People ask for things while the block runs; it ends when all of it was asked."""
    failed: list[Exception] = []

    def work() -> None:
        try:
            _ask(workloads, asks, report)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="asking")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


def _ask(workloads: Sequence[Workload], asks: Sequence[Ask], report: Report) -> None:
    began = time.monotonic()
    for ask in asks:
        time.sleep(max(began + ask.at - time.monotonic(), 0))
        at = time.monotonic() - began
        told = f"{at:.1f} s {ask.verb} {ask.run}{'/' if ask.step else ''}{ask.step}"
        try:
            _send(workloads[ask.run], ask)
        except RequestRefused as refusal:
            told += f" (refused: {refusal.status})"
        report.asks.append(told)


def _send(workload: Workload, ask: Ask) -> None:
    send, run = workload.stack.api.send, f"runs/{workload.run_id}"
    body: dict[str, Any]
    match ask.verb:
        case "abort":
            send("POST", f"{run}/abort/", {})
        case "abort step":
            send("POST", f"{run}/steps/{ask.step}/abort/", {})
        case "rerun step":
            send("POST", f"{run}/rerun/", {"steps": [ask.step]})
        case "rerun from":
            send("POST", f"{run}/rerun/", {"from": ask.step})
        case "rerun failed":
            body = {"failed": True}
            send("POST", f"{run}/rerun/", body)


def _wait(workloads: Sequence[Workload], report: Report) -> None:
    """All runs end in time, and stay so until what was asked for has been heard."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    for number, workload in enumerate(workloads):
        while not _is_over(workload):
            if time.monotonic() > deadline:
                report.problems.append(
                    f"run {number} did not end within {PATIENCE_SECONDS:g} s\n"
                    + workload.describe()
                )
                return
            time.sleep(0.1)


def _is_over(workload: Workload) -> bool:
    run = workload.run()
    return run["status"] in FINAL and not workload.rows()["signals"]


def _check(plan: Plan, workloads: Sequence[Workload], report: Report) -> None:
    for number, (steps, workload) in enumerate(zip(plan.runs, workloads, strict=True)):
        rows = workload.rows()
        executions = workload.executions()
        alive = checker.processes_of(set(rows["tasks"]))
        found = oracle.problems(steps, rows, executions, alive)
        report.problems += [f"run {number} ({workload.run_id}): {each}" for each in found]
        report.executions += len(executions)
        report.runs[rows["run"]["status"]] += 1
        report.attempts.update(attempt["status"] for attempt in rows["attempts"])
