"""`make chaos ROUNDS=n SEED=s KINDS=…`: rounds of chaos on a stack of its own, one line each."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

from tests.chaos.nemesis import KINDS
from tests.chaos.report import Report
from tests.chaos.rounds import MIXED, SCRIPTS, play
from tests.chaos.script_rounds import agents
from tests.faults.workload import Stack
from tests.live_stack import LiveStack
from tests.services import Postgres, missing_services


def main() -> int:
    wanted = _arguments()
    for name in [name for name in os.environ if name.startswith("PIPELINES_")]:
        del os.environ[name]
    reports: list[Report] = []
    with _stack(wanted.stack) as (stack, folder):
        for kind in wanted.kinds:
            for number in range(wanted.rounds):
                own = folder / f"{kind}-{number}"
                own.mkdir()
                report = play(stack, own, kind=kind, seed=wanted.seed + number)
                reports.append(report)
                sys.stdout.write(f"{report.line()}\n")
                sys.stdout.flush()
                if report.problems:
                    sys.stdout.write(f"  repeat it: {_command(report, wanted.stack)}\n")
                stack.live.start_all()
    _sum_up(reports)
    return 1 if any(report.problems for report in reports) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="of each kind")
    parser.add_argument("--seed", type=int, help="of the first round; the next has the next one")
    kinds = f"all, or some of {MIXED}, {SCRIPTS}, {', '.join(KINDS)}; a+b is a round with both"
    parser.add_argument("--kinds", default=MIXED, help=kinds)
    parser.add_argument("--stack", choices=("embedded", "server"), default="embedded")
    given = parser.parse_args()
    given.kinds = [MIXED, SCRIPTS, *KINDS] if given.kinds == "all" else given.kinds.split(",")
    named = {part for kind in given.kinds for part in kind.split("+")}
    if unknown := named - {MIXED, SCRIPTS, *KINDS}:
        parser.error(f"no kind of fault is called {', '.join(sorted(unknown))}")
    if given.seed is None:
        given.seed = SystemRandom().randrange(10**6)
    if given.stack == "server" and (missing := missing_services()):
        parser.error(f"not installed: {', '.join(missing)}")
    return given


@contextmanager
def _stack(which: str) -> Iterator[tuple[Stack, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="pipelines-chaos-"))
    postgres = Postgres() if which == "server" else None
    if postgres is not None:
        postgres.start()
    live = LiveStack(folder / "stack", postgres=postgres)
    try:
        live.start_all()
        stack = Stack(live)
        with agents(stack):
            yield stack, folder
    finally:
        live.stop_all()
        if postgres is not None:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _command(report: Report, stack: str) -> str:
    return f"make chaos ROUNDS=1 SEED={report.seed} KINDS={report.kind} STACK={stack}"


def _sum_up(reports: list[Report]) -> None:
    faults = sum(len(report.faults) for report in reports)
    bad = sum(bool(report.problems) for report in reports)
    slowest = max((report.recovery for report in reports), default=0)
    sys.stdout.write(
        f"{len(reports)} rounds, {faults} faults, {sum(r.executions for r in reports)} executions: "
        f"{bad} rounds with problems; the slowest was over {slowest:.1f} s after its last fault\n"
    )


if __name__ == "__main__":
    sys.exit(main())
