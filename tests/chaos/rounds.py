"""One round: start runs, break things and ask for things meanwhile, wait, and look what is true."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random

from pipelines.errors import RequestRefused
from tests.chaos import script_rounds
from tests.chaos.generator import INSIDE, Ask, Plan, make_plan
from tests.chaos.looking import INNER_STEPS, AllRows, look_through
from tests.chaos.nemesis import AGENTS_OF_SCRIPTS, KINDS, Nemesis
from tests.chaos.report import Report
from tests.faults import checker
from tests.faults.workload import FINAL, Stack, Workload

MIXED = "mixed"
SCRIPTS = "scripts"
"""A round in which scripts drive the runs; with other kinds beside it these are its faults."""
PATIENCE_SECONDS = 120.0
FAULTS = (2, 4)
WINDOW_SECONDS = 8.0


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
    if SCRIPTS in kind.split("+"):
        _play_scripts(stack, folder, report, chance)
        return
    plan = make_plan(chance, seconds=WINDOW_SECONDS)
    kinds = _kinds(kind, chance)
    moments = sorted(chance.uniform(0.5, WINDOW_SECONDS) for _ in kinds)
    nemesis = Nemesis(stack.live, chance)
    workloads = _start(stack, folder, plan)
    with _asking(workloads, plan.asks, report):
        _strike(nemesis, list(zip(moments, kinds, strict=True)), report)
    healed = time.monotonic()
    rows = _wait(stack, workloads, report)
    report.recovery = time.monotonic() - healed
    look_through(stack, list(zip(plan.runs, workloads, strict=True)), rows, report)


def _play_scripts(stack: Stack, folder: Path, report: Report, chance: Random) -> None:
    others = [kind for kind in report.kind.split("+") if kind != SCRIPTS]
    kinds = _kinds("+".join(others) or MIXED, chance)
    moments = sorted(chance.uniform(0.5, WINDOW_SECONDS) for _ in kinds)
    nemesis = Nemesis(stack.live, chance, AGENTS_OF_SCRIPTS)
    started = script_rounds.start(stack, folder, chance)
    workloads = [each.workload for each in started]
    asks = script_rounds.asks(chance, started, WINDOW_SECONDS)
    with _asking(workloads, asks, report):
        _strike(nemesis, list(zip(moments, kinds, strict=True)), report)
    healed = time.monotonic()
    rows = _wait(stack, workloads, report)
    report.recovery = time.monotonic() - healed
    script_rounds.look_through(stack, started, rows, report)


def _kinds(kind: str, chance: Random) -> list[str]:
    """Which faults there are to be: each of those named, or some of one kind, or of any."""
    if "+" in kind:
        return chance.sample(kind.split("+"), kind.count("+") + 1)
    number = chance.randint(*FAULTS)
    return [chance.choice(sorted(KINDS)) if kind == MIXED else kind for _ in range(number)]


def _start(stack: Stack, folder: Path, plan: Plan) -> list[Workload]:
    workloads = []
    with suppress(RequestRefused):
        # The first round on this stack makes it.
        stack.publish(INSIDE, INNER_STEPS)
    for number, steps in enumerate(plan.runs):
        own = folder / str(number)
        own.mkdir()
        for step in steps:
            if step.get("kind") == "pipeline":
                (own / step["name"]).mkdir()
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
            if ask.verb in ("approve", "reject"):
                told += _answer(workloads[ask.run], ask)
            else:
                _send(workloads[ask.run], ask)
        except RequestRefused as refusal:
            told += f" (refused: {refusal.status})"
        report.asks.append(told)


def _answer(workload: Workload, ask: Ask) -> str:
    """Answer the first step that asks somebody, if one does."""
    steps = workload.stack.api.get(f"runs/{workload.run_id}/steps/")
    for step in steps:
        if step["status"] == "awaiting":
            _send(workload, replace(ask, step=step["name"]))
            return f"/{step['name']}"
    return " (nobody asks)"


def _send(workload: Workload, ask: Ask) -> None:
    run = f"runs/{workload.run_id}"
    reason = {"reason": "chaos"}
    path, body = {
        "rerun": (f"{run}/rerun/", {"steps": [ask.step]}),
        "rerun from": (f"{run}/rerun/", {"from": ask.step}),
        "rerun failed": (f"{run}/rerun/", {"failed": True}),
        "skip": (f"{run}/steps/{ask.step}/skip/", reason),
        "complete": (f"{run}/steps/{ask.step}/complete/", reason),
        "fail": (f"{run}/steps/{ask.step}/fail/", reason),
    }.get(
        ask.verb, (f"{run}/steps/{ask.step}/{ask.verb}/" if ask.step else f"{run}/{ask.verb}/", {})
    )
    workload.stack.api.send("POST", path, body)


def _wait(stack: Stack, workloads: Sequence[Workload], report: Report) -> AllRows:
    """All runs end in time, and have heard what was asked of them by then; their rows."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ids = [workload.run_id for workload in workloads]
    while True:
        going = [workload for workload in workloads if not _is_over(workload)]
        rows = {} if going else stack.rows(ids)
        # A rerun that was asked for late may have opened one again meanwhile.
        if rows and all(_has_ended(each) for each in rows.values()):
            return rows
        if time.monotonic() > deadline:
            told = "\n".join(workload.describe() for workload in going)
            report.problems.append(f"not over within {PATIENCE_SECONDS:g} s: {told}")
            return rows or stack.rows(ids)
        time.sleep(0.1)


def _has_ended(rows: checker.Rows) -> bool:
    return rows["run"]["status"] in FINAL and not rows["signals"]


def _is_over(workload: Workload) -> bool:
    status = workload.run()["status"]
    if status == "paused":
        # It was resumed before it had heard that it was to pause.
        with suppress(RequestRefused):
            _send(workload, Ask(0, 0, "resume"))
    return status in FINAL
