"""Real shapes at time scale 0: they complete, and each step began after its parents had ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench import shapes
from bench.budgets import Figure
from bench.rows.engine import Bench
from pipelines.workflow_file import document_of, read_workflow
from tests import step_order


def workflows(bench: Bench) -> Iterator[Figure]:
    """The files that were named on the command line, each a run."""
    for path in bench.workflows:
        read = read_workflow(path)
        steps = document_of(read, template="no-work", time_scale=0)["steps"]
        yield _completed(bench, read.name, steps)


def generated(bench: Bench) -> Iterator[Figure]:
    yield _completed(bench, "layers-10000", shapes.layers(100, 100))


def _completed(bench: Bench, slug: str, steps: shapes.Steps) -> Figure:
    product = bench.product
    run = product.start(product.pipeline(slug.lower(), steps))
    row = product.wait(run)
    seconds = step_order.seconds_of(row)
    wrong = step_order.order_problems(product.api, run)
    order = f"{len(wrong)} steps in WRONG order: {wrong[0]}" if wrong else "all after their parents"
    each = seconds / len(steps) * 1000
    beside = f"{seconds:.1f} s for {len(steps):,} steps, {order}"
    return Figure(key="real", what=f"{slug}, per step", value=each, unit="ms", beside=beside)


ROWS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "workflows": workflows,
    "generated": generated,
}
