"""What attempts have given: the values that references to their steps stand for."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from orchestrator.domain.errors import UnresolvedReference
from orchestrator.domain.references import Reference, Source, What
from orchestrator.models import Artifact, Attempt, Sample, Task


class GivenValues:
    """The values of some attempts, by their steps' names; read at once for all references."""

    def __init__(self, attempts: Mapping[str, Attempt], references: Iterable[Reference]) -> None:
        self.attempts = attempts
        asked = {reference.what for reference in references}
        self._artifacts = self._read_artifacts() if What.ARTIFACTS in asked else {}
        self._metrics = self._read_metrics() if What.METRICS in asked else {}

    def _read_artifacts(self) -> dict[tuple[uuid.UUID, int], dict[str, Artifact]]:
        found: dict[tuple[uuid.UUID, int], dict[str, Artifact]] = defaultdict(dict)
        tasks = [row.task_id for row in self.attempts.values()]
        for artifact in Artifact.objects.filter(task__in=tasks):
            found[artifact.task_id, artifact.fence][artifact.name] = artifact
        return found

    def _read_metrics(self) -> dict[tuple[uuid.UUID, int], dict[tuple[str, str], float]]:
        found: dict[tuple[uuid.UUID, int], dict[tuple[str, str], float]] = defaultdict(dict)
        tasks = [row.task_id for row in self.attempts.values()]
        for sample in Sample.objects.filter(task__in=tasks).order_by("step", "n"):
            if sample.value is not None:
                found[sample.task_id, sample.fence][sample.title, sample.series] = sample.value
        return found

    @property
    def contents(self) -> dict[tuple[str, str], str]:
        """The hash of what each artifact that was read of holds, by task and name."""
        return {
            (str(task_id), name): artifact.sha256
            for (task_id, _), found in self._artifacts.items()
            for name, artifact in found.items()
        }

    def look_up(self, reference: Reference) -> Any:
        """The value of one reference; raises UnresolvedReference naming what is missing."""
        if reference.source is not Source.STEP or reference.each:
            raise UnresolvedReference(str(reference), "there is no fan-out here")
        attempt = self.attempts.get(reference.step or "")
        if attempt is None:
            raise UnresolvedReference(str(reference), f'step "{reference.step}" did not run')
        task = attempt.task
        if task is None:
            return _by_hand(reference, attempt)
        match reference.what:
            case What.ID:
                return str(task.pk)
            case What.STATUS:
                return task.status
            case What.OUTPUTS:
                # The attempt's own copy is written at the end of the turn in which it ended.
                return _entry(reference, task.outputs, "output")
            case What.PARAMETERS:
                return _entry(reference, task.parameters, "parameter")
            case What.METRICS:
                found = self._metrics.get((task.pk, task.fence), {})
                title, series = reference.path
                if (title, series) not in found:
                    raise UnresolvedReference(str(reference), "it reported no such metric")
                return found[title, series]
            case What.ARTIFACTS:
                return self._of_artifact(reference, task)
            case _:
                raise UnresolvedReference(str(reference), "models are not built yet")

    def _of_artifact(self, reference: Reference, task: Task) -> Any:
        found = self._artifacts.get((task.pk, task.fence), {})
        artifact = _entry(reference, found, "artifact")
        name, *fact = reference.path
        match fact:
            case ["size"]:
                return artifact.size
            case ["hash"]:
                return artifact.sha256
            case ["url"]:
                base = settings.PIPELINES_API_URL
                return f"{base}/api/v1/tasks/{task.pk}/artifacts/{name}/"
            case _:
                return f"artifact://{task.pk}/{name}"


def _by_hand(reference: Reference, attempt: Attempt) -> Any:
    """What an attempt gave that a person ended: there is no task behind it."""
    match reference.what:
        case What.STATUS:
            return attempt.status
        case What.OUTPUTS:
            return _entry(reference, attempt.outputs, "output")
        case What.PARAMETERS:
            return _entry(reference, attempt.resolved, "parameter")
        case _:
            message = f'step "{reference.step}" was ended by hand: it has no task'
            raise UnresolvedReference(str(reference), message)


def _entry(reference: Reference, among: Mapping[str, Any], what: str) -> Any:
    name = reference.path[0]
    if name not in among:
        known = ", ".join(sorted(among)) or "none"
        raise UnresolvedReference(
            str(reference), f'step "{reference.step}" gave no {what} "{name}" (it gave: {known})'
        )
    return among[name]
