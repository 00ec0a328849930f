"""What references would give: the values that the last runs of a pipeline have left."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import F, Max

from orchestrator.domain.document import upstream
from orchestrator.domain.errors import shortened
from orchestrator.domain.parameters import full_name
from orchestrator.domain.states import Status
from orchestrator.models import Artifact, Attempt, Pipeline, Run, Sample
from orchestrator.queries.pipelines import draft_of
from orchestrator.queries.runs import run_url
from orchestrator.queries.samples import finite

RUNS_LOOKED_AT: Final = 10
MOST_STEPS: Final = 500
SHOWN: Final = 500
# What has come to a good end has left everything that it leaves.
_GOOD: Final = (Status.COMPLETED, Status.CACHED)

Execution = tuple[Any, int]


def last_values(pipeline: Pipeline, step: str | None = None) -> dict[str, Any]:
    """The values that a step of the draft could refer to: those of what comes before it.

    Each step's are from the newest of the last runs in which it has come to a good end. Without
    a step, of all that have run. Long values are cut.
    """
    runs = list(_last_runs(pipeline))
    names = None if step is None else upstream(draft_of(pipeline).document, step)[:MOST_STEPS]
    attempts = last_attempts(runs, names)
    return {
        "run": _run(runs[0]) if runs else None,
        "pipeline": _shown(runs[0].parameters) if runs else {},
        "steps": _steps(dict(list(attempts.items())[:MOST_STEPS])),
    }


def _last_runs(pipeline: Pipeline) -> Iterable[Run]:
    rows = Run.objects.filter(pipeline=pipeline).select_related("project", "pipeline")
    return rows.order_by("-number")[:RUNS_LOOKED_AT]


def last_attempts(runs: Iterable[Run], names: Iterable[str] | None) -> dict[str, Attempt]:
    """The newest good attempt of each step, by its name; without names, of all steps."""
    found: dict[str, Attempt] = {}
    wanted = None if names is None else set(names)
    for run in runs:
        if wanted is not None and not wanted:
            break
        rows = Attempt.objects.filter(
            run=run, number=F("step__attempt"), task__isnull=False, status__in=_GOOD
        ).select_related("run", "step", "task")
        if wanted is not None:
            rows = rows.filter(step__path__in=wanted)
        for row in rows.order_by("step__index"):
            found.setdefault(row.step.path, row)
        if wanted is not None:
            wanted -= found.keys()
    return found


def last_attempts_of(pipeline: Pipeline, names: Iterable[str]) -> dict[str, Attempt]:
    """The newest good attempt of each of these steps, among the last runs."""
    return last_attempts(_last_runs(pipeline), names)


def _steps(attempts: dict[str, Attempt]) -> dict[str, Any]:
    """Everything that these attempts have left, in three questions."""
    artifacts = _artifacts(attempts.values())
    metrics = _metrics(attempts.values())
    answer = {}
    for name, attempt in attempts.items():
        task = attempt.task
        assert task is not None
        execution = task.pk, task.fence
        parameters = {full_name(key): value for key, value in task.parameters.items()}
        answer[name] = {
            "run": attempt.run.number,
            "status": attempt.status,
            "id": str(task.pk),
            "parameters": _shown(parameters),
            "outputs": _shown(task.outputs),
            "artifacts": artifacts.get(execution, {}),
            "metrics": metrics.get(execution, {}),
        }
    return answer


def _artifacts(attempts: Iterable[Attempt]) -> dict[Execution, dict[str, Any]]:
    found: dict[Execution, dict[str, Any]] = {}
    tasks = [attempt.task for attempt in attempts if attempt.task]
    for one in Artifact.objects.filter(task__in=tasks).order_by("name"):
        found.setdefault((one.task_id, one.fence), {})[one.name] = {
            "url": f"artifact://{one.task_id}/{one.name}",
            "size": one.size,
            "hash": one.sha256,
            "kind": one.kind,
            "media_type": one.media_type,
            "preview": shortened(one.preview, SHOWN),
        }
    return found


def _metrics(attempts: Iterable[Attempt]) -> dict[Execution, dict[str, dict[str, float | None]]]:
    """The last value of each series."""
    tasks = [attempt.task for attempt in attempts if attempt.task]
    rows = Sample.objects.filter(task__in=tasks, reference="")
    series = rows.values("task_id", "fence", "title", "series").annotate(newest=Max("pk"))
    newest = {one["newest"] for one in series}
    values = dict(Sample.objects.filter(pk__in=newest).values_list("pk", "value"))
    found: dict[Execution, dict[str, dict[str, float | None]]] = {}
    for one in series:
        titles = found.setdefault((one["task_id"], one["fence"]), {})
        titles.setdefault(one["title"], {})[one["series"]] = finite(values.get(one["newest"]))
    return found


def _run(run: Run) -> dict[str, Any]:
    return {"number": run.number, "url": run_url(run), "status": run.status}


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """Values as they are, the long ones as the beginning of their text."""
    return {key: _cut(value) for key, value in values.items()}


def _cut(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(text, SHOWN) if len(text) > SHOWN else value
