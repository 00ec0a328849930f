"""The figures as a table for people and as a file for programs."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.arithmetic import short
from bench.budgets import Figure

RESULTS = Path(__file__).with_name("results")


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def say_figure(figure: Figure) -> None:
    """One row: figure, must, aim, whether they are met, and what it was measured from."""
    about = figure.as_dict()
    limits = f"must {short(about['must'])}, aim {short(about['aim'])}" if figure.budget else ""
    value = f"{short(figure.value)} {about['unit']}"
    row = f"{figure.stack:9} {about['what']:38} {value:>16}  {limits:24} {figure.verdict:9}"
    say(f"{row} {figure.beside}".rstrip())


def save(figures: Sequence[Figure], notes: Sequence[str], about: dict[str, Any]) -> Path:
    """Keep everything in a file of its own, named by the time."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}.json"
    rows = [figure.as_dict() for figure in figures]
    path.write_text(json.dumps({**about, "figures": rows, "notes": list(notes)}, indent=1))
    path.with_suffix(".md").write_text(as_markdown(figures, notes), encoding="utf-8")
    return path


def as_markdown(figures: Sequence[Figure], notes: Sequence[str]) -> str:
    lines = ["| stack | what | figure | must | aim | | measured |", "|---|---|---|---|---|---|---|"]
    for figure in figures:
        about = figure.as_dict()
        limits = [short(about[key]) if figure.budget else "" for key in ("must", "aim")]
        value = f"{short(figure.value)} {about['unit']}"
        cells = [figure.stack, about["what"], value, *limits, figure.verdict, figure.beside]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"* {note}" for note in notes), ""])


def machine() -> dict[str, Any]:
    """On what the figures were measured; ratios travel, milliseconds do not."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": os.getloadavg()[0],
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
