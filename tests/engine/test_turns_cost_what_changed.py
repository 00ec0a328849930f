"""What a turn costs depends on what has changed, not on how large the run is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestrator.controller import advance, go_on_after
from orchestrator.models import Run
from orchestrator.store import execution
from tests.engine.playing import make_agent, queued_tasks
from tests.engine.starting import long_chain, wide
from tests.makers import make_pipeline, make_project, make_run, make_template

pytestmark = pytest.mark.django_db


def many_islands(count: int) -> dict[str, Any]:
    """Steps that have nothing to do with each other."""
    return {
        "schema": 1,
        "steps": [{"name": f"island {place}", "template": "load"} for place in range(count)],
    }


def items(count: int) -> dict[str, Any]:
    """A step that is done for each of so many, a few at a time."""
    for_each = {"list": list(range(count)), "max_parallel": 4}
    return {"schema": 1, "steps": [{"name": "all", "template": "load", "for_each": for_each}]}


def execute_one(run: Run) -> list[str]:
    """Let an agent execute the first task that waits; the statements that all of it took."""
    agent = make_agent()
    task = queued_tasks(run)[0]
    with CaptureQueriesContext(connection) as captured:
        assert execution.claim(task.pk, task.fence, agent.pk, 30)
        advance(run.pk)
        ended = execution.Result(execution.TaskEvent.END_WELL)
        assert execution.finish(task.pk, task.fence, agent.pk, ended)
        go_on_after("default", run.pk)
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("shape", [long_chain, wide, many_islands, items])
def test_a_step_costs_the_same_among_5000_as_among_100(
    broker: object, shape: Callable[[int], dict[str, Any]]
) -> None:
    project = make_project()
    make_template(project)
    counts, sizes = {}, {}
    for size in (100, 5000):
        pipeline = make_pipeline(project, f"of-{size}", document=shape(size))
        run = make_run(pipeline)
        advance(run.pk)
        if shape is wide:
            # The first step of this shape is not like the others: it starts all of them.
            execute_one(run)
        execute_one(run)
        statements = execute_one(run)
        counts[size] = len(statements)
        sizes[size] = sum(map(len, statements))
        run.pipeline.runs.all().delete()
    assert counts[5000] == counts[100]
    assert sizes[5000] < sizes[100] * 1.1, "what the statements carry grows with the run"
