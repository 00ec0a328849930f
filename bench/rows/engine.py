"""Chains, fans and diamonds of steps that do nothing, beside Celery's own canvas."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bench import shapes, yardsticks
from bench.arithmetic import median, percentile, ratio, spread
from bench.budgets import Figure
from bench.product import Product
from bench.yardsticks import RawCelery

DIAMONDS = 100
TRIGGERS = 40


@dataclass
class Bench:
    """What a row measures with: the product, the yardstick, and how often."""

    product: Product
    raw: RawCelery
    rounds: int
    workflows: Sequence[str] = ()

    def alternate(
        self, ours: Callable[[], float], yardstick: Callable[[], float]
    ) -> tuple[list[float], list[float]]:
        """Measure both in turns, after one of each that does not count."""
        yardstick()
        ours()
        pairs = [(yardstick(), ours()) for _ in range(self.rounds)]
        return [pair[1] for pair in pairs], [pair[0] for pair in pairs]


def chain(bench: Bench) -> Iterator[Figure]:
    address = bench.product.pipeline("chain-200", shapes.chain(200))
    cpu: list[float] = []

    def ours() -> float:
        before = bench.product.cpu_seconds()
        seconds = bench.product.seconds_of(address)
        cpu.append((bench.product.cpu_seconds() - before) / 200)
        return seconds / 200

    found, raw = bench.alternate(ours, lambda: bench.raw.chain(200) / 200)
    beside = f"{spread(found)} a step; raw {spread(raw)}"
    yield Figure(key="chain", value=ratio(found, raw), beside=beside)
    # The first was the warm-up.
    yield Figure(key="cpu", value=median(cpu[1:]) * 1000, beside=spread(cpu[1:]))


def long_chain(bench: Bench) -> Iterator[Figure]:
    long = bench.product.pipeline("chain-2000", shapes.chain(2000))
    short = bench.product.pipeline("chain-50", shapes.chain(50))
    bench.product.seconds_of(short)
    few, many = [], []
    for _ in range(max(1, bench.rounds // 2)):
        few += [bench.product.seconds_of(short) / 50 for _ in range(3)]
        many.append(bench.product.seconds_of(long) / 2000)
    beside = f"{spread(many)} a step of 2,000; {spread(few)} of 50"
    yield Figure(key="long", value=ratio(many, few), beside=beside)


def spawn_chain(bench: Bench) -> Iterator[Figure]:
    address = bench.product.pipeline("chain-fresh", shapes.chain(100, "fresh-python"))
    found, raw = bench.alternate(
        lambda: bench.product.seconds_of(address) / 100,
        lambda: median([yardsticks.spawn() for _ in range(20)]),
    )
    beside = f"{spread(found)} a step; bare spawn {spread(raw)}"
    yield Figure(key="spawn", value=ratio(found, raw), beside=beside)


def fans(bench: Bench) -> Iterator[Figure]:
    for width in (200, 1000):
        address = bench.product.pipeline(f"fan-{width}", shapes.fan(width))
        found, raw = bench.alternate(
            lambda address=address: bench.product.seconds_of(address),  # type: ignore[misc]
            lambda width=width: bench.raw.fan(width),  # type: ignore[misc]
        )
        beside = f"{spread(found, scale=1, unit='s')}; chord {spread(raw, scale=1, unit='s')}"
        yield Figure(key=f"fan{width}", value=ratio(found, raw), beside=beside)


def diamonds(bench: Bench) -> Iterator[Figure]:
    address = bench.product.pipeline("diamond", shapes.fan(3))
    found, raw = bench.alternate(
        lambda: _many_runs(bench.product, address), lambda: bench.raw.diamonds(DIAMONDS)
    )
    beside = f"{spread(found, scale=1, unit='s')}; raw {spread(raw, scale=1, unit='s')}"
    yield Figure(key="diamonds", value=ratio(found, raw), beside=beside)


def _many_runs(product: Product, address: str) -> float:
    """From the first call to the end of the last run."""
    began = time.time()
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: product.start(address), range(DIAMONDS)))
    ends = [datetime.fromisoformat(product.wait(run)["ended_at"]) for run in runs]
    return max(end.timestamp() for end in ends) - began


def first_line(bench: Bench) -> Iterator[Figure]:
    address = bench.product.pipeline("stamp", shapes.chain(1, "say-when"))
    ours, raw = [], []
    for number in range(TRIGGERS + 3):
        began = time.time()
        run = bench.product.start(address)
        bench.product.wait(run)
        step = bench.product.api.get(f"runs/{run}/steps/s0/")
        seconds = _output(step, "at") - began
        raw_seconds = bench.raw.first_line()
        if number >= 3:
            ours.append(seconds)
            raw.append(raw_seconds)
    beside = f"{spread(ours)}; raw delay {spread(raw)}"
    yield Figure(key="first50", value=percentile(ours, 0.5) * 1000, beside=beside)
    yield Figure(key="first95", value=percentile(ours, 0.95) * 1000, beside=beside)


def _output(step: dict[str, object], name: str) -> float:
    attempts = step["attempts"]
    assert isinstance(attempts, list)
    return float(attempts[0]["outputs"][name])


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "chain": chain,
    "spawn": spawn_chain,
    "fans": fans,
    "diamonds": diamonds,
    "first": first_line,
    "long": long_chain,
}
