"""Scripts that drive runs: many at once beside steps, many calls, many steps added."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import processes, scripted, shapes, yardsticks
from bench.arithmetic import median, ratio, spread
from bench.budgets import Figure
from bench.product import Product
from bench.rows.engine import Bench

AT_ONCE = 50
CALLS = 200
ADDED = 500
SHORT_CHAIN = 50
NOBODY = "nobody"
LONGEST_SECONDS = 900


def side_by_side(bench: Bench) -> Iterator[Figure]:
    """So many controllers wait for the same moment, each with a thread that follows its run."""
    product = bench.product
    address = product.pipeline(f"chain-{SHORT_CHAIN}", shapes.chain(SHORT_CHAIN))
    product.seconds_of(address)
    alone = [product.seconds_of(address) / SHORT_CHAIN for _ in range(bench.rounds)]
    folder = product.folder / f"gate-{time.monotonic_ns()}"
    folder.mkdir()
    product.live.stop("services")
    try:
        with product.live.another_agent("many", "services", slots=AT_ONCE):
            began = time.monotonic()
            runs = [_enqueue(product, scripted.WAITING, f"waits-{n}", folder=str(folder))
                    for n in range(AT_ONCE)]  # fmt: skip
            pids = _at_the_gate(product, folder)
            took = time.monotonic() - began
            memory = processes.pss_mib(pids) / AT_ONCE
            beside = [product.seconds_of(address) / SHORT_CHAIN for _ in range(bench.rounds)]
            (folder / "open").touch()
            ends = [product.wait(run) for run in runs]
    finally:
        product.live.start("services")
    spawns = [yardsticks.spawn() for _ in range(20)]
    bare = _memory_of_bare_python()
    assert len(ends) == AT_ONCE
    yield Figure(
        key="scripts-memory",
        value=memory / bare,
        beside=f"{memory:.1f} MiB each (PSS) at {AT_ONCE}; python alone {bare:.1f}",
    )
    yield Figure(
        key="scripts-begun",
        value=took / AT_ONCE / median(spawns),
        beside=f"{took:.1f} s until {AT_ONCE} had registered, run and answered for a step; "
        f"spawn {spread(spawns)}",
    )
    yield Figure(
        key="beside",
        value=ratio(beside, alone),
        beside=f"{spread(beside)} a step of a chain beside them; {spread(alone)} before",
    )


def component_calls(bench: Bench) -> Iterator[Figure]:
    """A chain of calls, each given the last one's result, beside a drawn chain as long."""
    product = bench.product
    address = product.pipeline(f"chain-{CALLS}", shapes.chain(CALLS))
    product.seconds_of(address)
    calls, adding, drawn = [], [], []
    for _ in range(bench.rounds):
        drawn.append(product.seconds_of(address) / CALLS)
        outputs = _outputs(product, scripted.CALLS, "calls", calls=CALLS)
        calls.append(outputs["ended"] / CALLS)
        adding.append(outputs["added"] / CALLS)
    beside = f"{spread(calls)} a call, {spread(adding)} until it is added; drawn {spread(drawn)}"
    yield Figure(key="calls", value=ratio(calls, drawn), beside=beside)


def steps_added(bench: Bench) -> Iterator[Figure]:
    """Steps added one by one, in turns by the client and as bare requests of the same script."""
    product = bench.product
    if NOBODY not in {row["name"] for row in product.api.get("queues/")}:
        product.api.send("POST", "queues/", {"name": NOBODY})
    given = {"calls": ADDED, "queue": NOBODY}
    outputs = _outputs(product, scripted.ADDING, "adding", end="aborted", **given)
    ours, raw = outputs["ours"], outputs["raw"]
    few = ADDED // 10
    beside = f"{spread(ours)} a step of {2 * ADDED:,}; raw {spread(raw)}"
    yield Figure(key="added", value=ratio(ours, raw), beside=beside)
    late = f"{spread(ours[-few:])} for the last of {2 * ADDED:,}, {spread(ours[:few])} the first"
    yield Figure(key="added-late", value=ratio(ours[-few:], ours[:few]), beside=late)


def _enqueue(product: Product, text: str, name: str, **given: Any) -> str:
    body = scripted.script(text, name=name, **given)
    task: str = product.api.send("POST", "tasks/", body)["id"]
    product.api.send("POST", f"tasks/{task}/enqueue/", {"queue": "services"})
    return task


def _outputs(
    product: Product, text: str, name: str, *, end: str = "completed", **given: Any
) -> dict[str, Any]:
    task = _enqueue(product, text, name, **given)
    deadline = time.monotonic() + LONGEST_SECONDS
    while (status := product.api.get(f"tasks/{task}/")["status"]) not in (
        "completed", "failed", "crashed", "aborted",
    ):  # fmt: skip
        assert time.monotonic() < deadline, f"{name} does not end\n{product.live.logs()}"
        time.sleep(0.5)
    about = product.api.get(f"tasks/{task}/")
    assert status == end, about["outcome"]
    outputs: dict[str, Any] = about["outputs"]
    return outputs


def _at_the_gate(product: Product, folder: Path) -> list[int]:
    deadline = time.monotonic() + LONGEST_SECONDS
    while len(found := [int(path.name) for path in folder.iterdir()]) < AT_ONCE:
        if time.monotonic() > deadline:
            raise AssertionError(f"only {len(found)} came\n{product.live.logs()}")
        time.sleep(0.1)
    return found


def _memory_of_bare_python() -> float:
    command = [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        memory = processes.pss_mib([process.pid])
        process.communicate()
    return memory


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "controllers": side_by_side,
    "calls": component_calls,
    "added": steps_added,
}
