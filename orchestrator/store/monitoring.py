"""What a pipeline watches of its steps: copied to the run when the step has ended.

Metrics stand among the samples of the run's controller task and artifacts among its artifacts, so
that whoever reads those of a task reads those of a run. Models are artifacts. The content of an
artifact is shared; the metrics' last values are kept in the run's row, for lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from orchestrator.domain.graph import Graph, Node
from orchestrator.domain.planner import RunView
from orchestrator.domain.states import FINAL
from orchestrator.models import Artifact, Run, Sample, Task
from orchestrator.store.rows import execute, key_of
from orchestrator.store.turns import Mail

NEWEST: Final = 2_000
"""So many values of a series are copied, the last ones."""

_LONGEST: Final = 200
_LONGEST_NAME: Final = 128
_MODEL: Final = "model"
_COPIED: Final = ("sha256", "size", "media_type", "kind", "metadata", "preview")
_COPY = (
    f'INSERT INTO "{Sample._meta.db_table}" '
    "(task_id, fence, title, series, n, step, value, reference, at) "
    "SELECT %s, %s, %s, %s, n, step, value, reference, at "
    f'FROM "{Sample._meta.db_table}" '
    "WHERE task_id = %s AND fence = %s AND title = %s AND series = %s AND n > %s "
    "AND reference = ''"
)


def copy_watched(mail: Mail, view: RunView) -> None:
    """Copy what is watched of the steps that ended in this turn."""
    last: dict[str, float] = {}
    left: dict[str, Artifact] = {}
    for index in view.steps:
        node = view.graph.nodes[index]
        if not node.is_monitored or not _has_ended(view, index):
            continue
        task = mail.tasks.get((index, view.steps[index].attempt))
        if task is not None:
            if node.monitor:
                last.update(_copied(mail.run, view.graph, node, task))
            if node.monitor_artifacts or node.monitor_models:
                left.update(_left(view.graph, node, task))
    if last:
        known = Run.objects.values_list("metrics", flat=True).get(pk=mail.run.pk)
        Run.objects.filter(pk=mail.run.pk).update(metrics={**known, **last})
    _keep_artifacts(mail.run, left)


def keep_in_new_round(run: Run, graph: Graph, before: int) -> None:
    """The copies go with the run's task into its next round."""
    if graph.watchers:
        rows = Sample.objects.filter(task_id=run.pk, fence=before, title__in=graph.watchers)
        rows.update(fence=run.task.fence)
    if graph.givers:
        Artifact.objects.filter(task_id=run.pk, fence=before).update(fence=run.task.fence)


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
    for title, series, new_title, new_series in _wanted(node.monitor, known):
        name = _name_in_run(graph, node, new_title, new_series)
        of_series = rows.filter(title=title, series=series).order_by("-n")
        newest = of_series.values_list("n", "value").first()
        if newest is None:
            continue
        own_values = Sample.objects.filter(task_id=run.pk, fence=run.task.fence, reference="")
        mine = own_values.filter(title=new_title, series=name)
        # Another attempt takes the place of the one before.
        mine.delete()
        own, theirs = key_of(Task, run.pk), key_of(Task, task.pk)
        values = [own, run.task.fence, new_title, name, theirs, task.fence, title, series]
        execute(_COPY, [*values, newest[0] - NEWEST])
        if newest[1] is not None:
            last[f"{new_title}/{name}"] = newest[1]
    return last


def _wanted(
    monitor: Iterable[Any], known: Iterable[tuple[str, str]]
) -> list[tuple[str, str, str, str]]:
    """The series that are watched, one that is named or all of a title, and their new names."""
    watched = list(monitor)
    return sorted(
        {
            (title, series, one.get("as_title") or title, one.get("as_series") or series)
            for title, series in known
            for one in watched
            if one.get("title") == title and one.get("series") in (None, series)
        }
    )


def _name_in_run(graph: Graph, node: Node, title: str, series: str) -> str:
    """The series' own name, with the step's when others watch something of that title, too."""
    if node.of is None and graph.watchers[title] == 1:
        return series
    return f"{node.name} · {series}"[:_LONGEST]


def _left(graph: Graph, node: Node, task: Task) -> dict[str, Artifact]:
    """What one step has left of what is watched, by its name in the run; the newest one counts."""
    rows = Artifact.objects.filter(task_id=task.pk, fence=task.fence)
    found = {}
    for artifact in rows.order_by("created_at", "name"):
        for said, target in _targets(node, artifact):
            is_shared = node.of is not None or graph.givers[said] > 1
            found[_with_step(node, target) if is_shared else target] = artifact
    return found


def _targets(node: Node, artifact: Artifact) -> Iterator[tuple[str, str]]:
    """The names that an artifact has in the run, each after how the document says it."""
    for one in node.monitor_artifacts:
        if one.get("artifact") == artifact.name:
            target = one.get("as") or artifact.name
            yield target, target
    if artifact.kind != _MODEL and not artifact.metadata.get(_MODEL):
        return
    for one in node.monitor_models:
        said = one.get("model", "")
        if _fits(said, artifact.name):
            yield one.get("as") or said, one.get("as") or artifact.name


def _fits(pattern: str, name: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def _with_step(node: Node, name: str) -> str:
    """A name that tells steps apart, in the letters that names of artifacts have."""
    step = re.sub(r"[^\w\-. ]+", ".", node.name).strip(".")
    room = max(_LONGEST_NAME - 1 - len(name), 0)
    return f"{step[:room]}.{name}".lstrip(". ")[:_LONGEST_NAME]


def _keep_artifacts(run: Run, left: dict[str, Artifact]) -> None:
    """Write the copies; what was there under such a name is replaced."""
    Artifact.objects.bulk_create(
        [
            Artifact(
                task_id=run.pk,
                fence=run.task.fence,
                name=name,
                **{field: getattr(artifact, field) for field in _COPIED},
            )
            for name, artifact in left.items()
        ],
        update_conflicts=True,
        unique_fields=["task", "fence", "name"],
        update_fields=[*_COPIED, "created_at"],
    )
