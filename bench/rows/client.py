"""What the client costs a step's start: Python with it, beside Python without."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.arithmetic import median, spread
from bench.budgets import Figure
from bench.yardsticks import timed

ROOT = Path(__file__).resolve().parents[2]
STARTS_A_ROUND = 10
BARE = "pass"
IMPORT = "import pipelines"
IN_A_STEP = "from pipelines import Task; assert Task.current_task()"


def client(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PIPELINES_DIR": folder,
            "PIPELINES_TASK": "01a20000-0000-7000-8000-000000000000.1",
        }

        def seconds(code: str) -> float:
            command = [sys.executable, "-c", code]
            return timed(lambda: subprocess.run(command, env=environment, check=True))

        taken: dict[str, list[float]] = {BARE: [], IMPORT: [], IN_A_STEP: []}
        for code in taken:
            # Once before, so that everything is compiled.
            seconds(code)
        for _ in range(rounds * STARTS_A_ROUND):
            for code, found in taken.items():
                found.append(seconds(code))
    bare = median(taken[BARE])
    for key, code in (("import", IMPORT), ("in-step", IN_A_STEP)):
        more = (median(taken[code]) - bare) * 1000
        beside = f"{spread(taken[code])}, beside {spread(taken[BARE])} without"
        yield Figure(key=key, value=more, beside=beside)
