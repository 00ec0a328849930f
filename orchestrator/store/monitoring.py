"""Metrics of steps that a pipeline watches: copied to the run when the step has ended.

They stand among the samples of the run's controller task, so that whoever reads a task's samples
reads those of a run; their last values are kept in the run's row, for lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.planner import RunView
from orchestrator.domain.states import FINAL
from orchestrator.models import Run, Sample, Task
from orchestrator.store.rows import execute, key_of
from orchestrator.store.turns import Mail

NEWEST: Final = 2_000
"""So many values of a series are copied, the last ones."""

_LONGEST: Final = 200
_COPY = (
    f'INSERT INTO "{Sample._meta.db_table}" '
    "(task_id, fence, title, series, n, step, value, reference, at) "
    "SELECT %s, %s, title, %s, n, step, value, reference, at "
    f'FROM "{Sample._meta.db_table}" '
    "WHERE task_id = %s AND fence = %s AND title = %s AND series = %s AND n > %s "
    "AND reference = ''"
)


def copy_metrics(mail: Mail, view: RunView) -> None:
    """Copy what the steps that ended in this turn have reported of what is watched."""
    ended = [index for index, step in view.steps.items() if _has_ended(view, index)]
    watching = [index for index in ended if view.graph.nodes[index].monitor]
    last: dict[str, float] = {}
    for index in watching:
        task = mail.tasks.get((index, view.steps[index].attempt))
        if task is not None:
            last.update(_copied(mail.run, view.graph, view.graph.nodes[index], task))
    if last:
        known = Run.objects.values_list("metrics", flat=True).get(pk=mail.run.pk)
        Run.objects.filter(pk=mail.run.pk).update(metrics={**known, **last})


def keep_in_new_round(run: Run, before: int) -> None:
    """The copies go with the run's task into its next round."""
    Sample.objects.filter(task_id=run.pk, fence=before).update(fence=run.task.fence)


def _has_ended(view: RunView, index: int) -> bool:
    was, now = view.loaded.get(index), view.steps[index]
    if was is None:
        return now.status in FINAL
    return now.status in FINAL and (was.status not in FINAL or was.attempt != now.attempt)


def _copied(run: Run, graph: Graph, node: Node, task: Task) -> dict[str, float]:
    """Copy the series of one step; answers their last values by title and series."""
    last = {}
    rows = Sample.objects.filter(task_id=task.pk, fence=task.fence, reference="")
    known = rows.order_by().values_list("title", "series").distinct()
    for title, series in _wanted(node.monitor, known):
        name = _name_in_run(graph, node, title, series)
        of_series = rows.filter(title=title, series=series).order_by("-n")
        newest = of_series.values_list("n", "value").first()
        if newest is None:
            continue
        own_values = Sample.objects.filter(task_id=run.pk, fence=run.task.fence, reference="")
        mine = own_values.filter(title=title, series=name)
        # Another attempt takes the place of the one before.
        mine.delete()
        own, theirs = key_of(Task, run.pk), key_of(Task, task.pk)
        values = [own, run.task.fence, name, theirs, task.fence, title, series]
        execute(_COPY, [*values, newest[0] - NEWEST])
        if newest[1] is not None:
            last[f"{title}/{name}"] = newest[1]
    return last


def _wanted(monitor: Iterable[Any], known: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The series that are watched: one that is named, or all of a title."""
    watched = [(one.get("title"), one.get("series")) for one in monitor]
    return sorted(
        (title, series)
        for title, series in known
        if (title, series) in watched or (title, None) in watched
    )


def _name_in_run(graph: Graph, node: Node, title: str, series: str) -> str:
    """The series' own name, with the step's when others watch something of that title, too."""
    if node.of is None and graph.watchers[title] == 1:
        return series
    return f"{node.name} · {series}"[:_LONGEST]
