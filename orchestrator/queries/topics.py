"""What a page may listen to, and in which project it lies, so that rights can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from orchestrator.models import Pipeline, Project, Run, Task

RUN = "run"
DRAFT = "draft"
LINES = "lines"
_KINDS = ("run", "task", "log", "pipeline", "draft", "project")


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that changes: ``run:<id>``, ``log:<task>:<fence>``, ``lines`` and so on."""

    name: str
    kind: str
    id: UUID | None = None


def read_topic(name: object) -> Topic | None:
    """Read a topic's name; none when it is not written like one."""
    if name == LINES:
        return Topic(LINES, LINES)
    kind, _, rest = str(name).partition(":")
    key, _, fence = rest.partition(":")
    if kind not in _KINDS or (kind == "log") != fence.isdecimal():
        return None
    try:
        found = UUID(key)
    except ValueError:
        return None
    # Pokes carry the canonical spelling, so another one would never be answered.
    spelled = f"{kind}:{found}" + (f":{int(fence)}" if kind == "log" else "")
    return Topic(spelled, kind, found) if spelled == name else None


def project_of(topic: Topic) -> UUID | None:
    """The project that a topic's thing belongs to; none when there is no such thing."""
    if topic.id is None:
        return None
    if topic.kind == "run":
        return Run.objects.filter(pk=topic.id).values_list("project_id", flat=True).first()
    if topic.kind in ("task", "log"):
        return Task.objects.filter(pk=topic.id).values_list("project_id", flat=True).first()
    if topic.kind in ("pipeline", "draft"):
        return Pipeline.objects.filter(pk=topic.id).values_list("project_id", flat=True).first()
    return Project.objects.filter(pk=topic.id).values_list("pk", flat=True).first()
