"""The command behind `make bench`: which rows, on which stacks, how often."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence

from bench import report, yardsticks
from bench.arithmetic import spread
from bench.browser import crowd, logs
from bench.browser import rows as page_rows
from bench.browser.page import watcher
from bench.budgets import Figure
from bench.product import product
from bench.rows import client, engine, real, rest, scripts, whole
from bench.rows.engine import Bench
from tests.chromium import find_chromium
from tests.services import missing_services

STACKS = ("embedded", "server")
ROWS = {**engine.ROWS, **rest.ROWS, **real.ROWS, **scripts.ROWS}
BROWSER_ROWS = {**page_rows.ROWS, **crowd.ROWS, **logs.ROWS}
ALONE = {"whole": whole.whole, "client": client.client}


class Session:
    """What was measured so far, told as it comes."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.notes: list[str] = []

    def measure(self, name: str, stack: str, figures: Iterator[Figure]) -> None:
        """Take a row's figures; a row that fails is told and does not end the others."""
        began = time.monotonic()
        try:
            for figure in figures:
                kept = Figure(**{**vars(figure), "stack": stack})
                self.figures.append(kept)
                report.say_figure(kept)
        except Exception as error:
            self.note(f"{stack}: {name} could not be measured: {str(error).splitlines()[0]}")
        report.say(f"          ({name}: {time.monotonic() - began:.0f} s)")

    def note(self, text: str) -> None:
        self.notes.append(text)
        report.say(f"          {text}")


def main(arguments: Sequence[str] | None = None) -> None:
    given = _read(arguments)
    session = Session()
    about = report.machine()
    report.say(f"{about['cores']} cores, Python {about['python']}, load {about['load']:.1f}")
    _calibrate(session, "before")
    for row in [row for row in given.rows if row in ALONE]:
        session.measure(row, "embedded", ALONE[row](given.rounds))
    for stack in given.stacks:
        if stack == "server" and (missing := missing_services()):
            session.note(f"left out: server, because this machine has no {', '.join(missing)}")
            continue
        _measure_engine(session, stack, given)
        _measure_pages(session, stack, given)
    _calibrate(session, "after")
    report.say(f"\nkept in {report.save(session.figures, session.notes, about)}")


def _measure_engine(session: Session, stack: str, given: argparse.Namespace) -> None:
    rows = [row for row in given.rows if row in ROWS]
    if not rows:
        return
    with product(stack) as running, yardsticks.raw_celery(running.redis_url, running.folder) as raw:
        bench = Bench(running, raw, given.rounds, given.workflows)
        for row in rows:
            session.measure(row, stack, ROWS[row](bench))


def _measure_pages(session: Session, stack: str, given: argparse.Namespace) -> None:
    rows = [row for row in given.rows if row in BROWSER_ROWS]
    if rows and not find_chromium():
        session.note("left out: the rows of the pages, because this machine has no Chromium")
    elif rows:
        with product(stack) as running, watcher(running, given.workflows) as watching:
            for row in rows:
                session.measure(row, stack, BROWSER_ROWS[row](watching, given.rounds))


def _calibrate(session: Session, when: str) -> None:
    """How quiet the machine is: on a quiet one these are close together and the same each day."""
    loops = spread([yardsticks.loop() for _ in range(10)])
    spawns = spread([yardsticks.spawn() for _ in range(20)])
    forks = spread([yardsticks.fork() for _ in range(20)])
    session.note(f"{when}: a million additions {loops}, python -c pass {spawns}, fork {forks}")


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    rows = (*ALONE, *ROWS, *BROWSER_ROWS)
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(rows)}; else all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--stack", dest="stacks", action="append", choices=STACKS)
    parser.add_argument(
        "--workflow", dest="workflows", action="append", default=[], metavar="FILE",
        help="the graph of a measured workflow, to be run and panned at time scale 0",
    )  # fmt: skip
    given = parser.parse_args(arguments)
    if unknown := set(given.rows) - set(rows):
        parser.error(f"no row is called {', '.join(sorted(unknown))}; there are {', '.join(rows)}")
    given.rows = given.rows or rows
    given.stacks = given.stacks or STACKS
    return given


if __name__ == "__main__":
    main()
