"""Questions about reports: the tables, images, plots and texts that an execution showed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from orchestrator.models import Artifact, Sample

NEWEST: Final = 10
"""So many of a series are given."""

_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One that was reported, and the artifact that holds it."""

    step: int | None
    at: datetime
    artifact: Artifact


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported under a title and series, the newest first."""

    title: str
    series: str
    kind: str
    entries: list[Entry] = field(default_factory=list)


def reports(task_id: UUID, fence: int) -> list[Report]:
    """Give what an execution reported beside its values, by title and series.

    An artifact that was replaced under its name is given once, as it is now.
    """
    found = Sample.objects.filter(task_id=task_id, fence=fence).exclude(reference="")
    rows = list(found.order_by("-pk")[:_MOST])
    if not rows:
        return []
    names = {row.reference.partition(":")[2] for row in rows}
    artifacts = {
        artifact.name: artifact
        for artifact in Artifact.objects.filter(task_id=task_id, fence=fence, name__in=names)
    }
    by_series: dict[tuple[str, str, str], Report] = {}
    given = set()
    for row in rows:
        kind, _, name = row.reference.partition(":")
        key = (row.title, row.series, kind)
        report = by_series.setdefault(key, Report(row.title, row.series, kind))
        if name in artifacts and (key, name) not in given and len(report.entries) < NEWEST:
            given.add((key, name))
            report.entries.append(Entry(row.step, row.at, artifacts[name]))
    return [by_series[key] for key in sorted(by_series) if by_series[key].entries]
