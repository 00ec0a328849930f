"""The whole product on one machine as `make run` starts it: how soon, how large, how idle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import processes
from bench.arithmetic import median, spread
from bench.budgets import Figure
from pipelines_ui.local import ports

ROOT = Path(__file__).resolve().parents[2]
SETTLE_SECONDS = 10
IDLE_SECONDS = 20


def whole(rounds: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
        # The first start makes the database and the sample; it is not what people wait for daily.
        with _started(Path(folder)) as (first, _):
            pass
        ready = []
        for _ in range(rounds):
            with _started(Path(folder)) as (seconds, pid):
                ready.append(seconds)
        with _started(Path(folder)) as (_, pid):
            time.sleep(SETTLE_SECONDS)
            before, began = processes.cpu_seconds(processes.tree_of([pid])), time.monotonic()
            time.sleep(IDLE_SECONDS)
            tree = processes.tree_of([pid])
            used = processes.cpu_seconds(tree) - before
            share = used / (time.monotonic() - began) * 100
            memory = processes.pss_mib(tree)
    beside = f"{spread(ready, scale=1, unit='s')}; the very first start {first:.1f} s"
    yield Figure(key="ready", value=median(ready), beside=beside)
    yield Figure(key="pss", value=memory, beside=f"{len(tree)} processes")
    yield Figure(key="idle", value=share, beside=f"{used:.2f} s of processor in {IDLE_SECONDS} s")


@contextmanager
def _started(folder: Path) -> Iterator[tuple[float, int]]:
    """The seconds until it says that it is ready, and the number of its first process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIPELINES_")}
    environment = {
        **kept,
        # Nothing of the machine beside Python, so that the bundled server takes Redis' place.
        "PATH": str(Path(sys.executable).parent),
        "PIPELINES_DATA_DIR": str(folder),
        "PIPELINES_PORT": str(ports.free_port()),
    }
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines_ui.local", "--no-setup"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ready in"):
                break
        else:
            raise AssertionError(f"the stack did not start:\n{''.join(said)}")
        yield time.monotonic() - began, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
