"""What a program waits for: a large run made, its states read; a large document checked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from bench import shapes
from bench.arithmetic import median, percentile, spread
from bench.budgets import Figure
from bench.rows.engine import Bench
from bench.yardsticks import timed

STEPS = 1000
CHECKED = 2000
LOOKS = 30


def created(bench: Bench) -> Iterator[Figure]:
    """Until the turn that inserted the last step has committed: the next one begins then."""
    address = bench.product.pipeline(f"chain-{STEPS}", shapes.chain(STEPS))
    whole, answered = [], []
    for number in range(bench.rounds + 1):
        began = time.time()
        run = bench.product.start(address)
        seconds = time.time() - began
        ready = _began_running(bench, run)
        bench.product.abort(run)
        if number:
            answered.append(seconds)
            whole.append(ready - began)
    beside = f"{spread(whole)}; 201 after {spread(answered)}"
    yield Figure(key="created", value=median(whole) * 1000, beside=beside)


def snapshot(bench: Bench) -> Iterator[Figure]:
    address = bench.product.pipeline(f"chain-{STEPS}", shapes.chain(STEPS))
    run = bench.product.start(address)
    _began_running(bench, run)
    bench.product.abort(run)
    api = bench.product.api
    looks, graphs = [], []
    for number in range(LOOKS + 3):
        look = timed(lambda: api.get(f"runs/{run}/snapshot/"))
        graph = timed(lambda: api.get(f"runs/{run}/graph/"))
        if number >= 3:
            looks.append(look)
            graphs.append(graph)
    beside = f"{spread(looks)}, p95 {percentile(looks, 0.95) * 1000:.1f}; graph {spread(graphs)}"
    yield Figure(key="snapshot", value=median(looks) * 1000, beside=beside)


def validate(bench: Bench) -> Iterator[Figure]:
    """As the editor asks while somebody types: the whole document goes out, all problems come."""
    address = bench.product.pipeline("one", shapes.chain(1))
    document = {
        "schema": 1,
        "parameters": [{"name": "rows", "type": "integer", "default": 100}],
        "steps": shapes.tuned(CHECKED),
    }

    def asked() -> None:
        answer = bench.product.api.send("POST", f"{address}/validate/", {"document": document})
        assert answer["valid"], answer["problems"][:3]

    asked()
    looks = [timed(asked) for _ in range(LOOKS)]
    size = len(json.dumps(document))
    beside = f"{spread(looks)}, p95 {percentile(looks, 0.95) * 1000:.1f}; {size:,} bytes of JSON"
    yield Figure(key="validate", value=median(looks) * 1000, beside=beside)


def _began_running(bench: Bench, run: str) -> float:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        frame = bench.product.api.get(f"runs/{run}/changes/?stream=false&limit=20")
        for change in frame["changes"]:
            if change["kind"] == "run_status" and change["data"]["status"] == "running":
                return datetime.fromisoformat(change["at"]).timestamp()
        time.sleep(0.05)
    raise AssertionError(f"run {run} does not begin\n{bench.product.live.logs()}")


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "created": created,
    "snapshot": snapshot,
    "validate": validate,
}
