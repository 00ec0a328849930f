"""What an executing task says of itself: progress, values, artifacts.

Each is kept under the task's fence, and only while the task runs with that fence.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from orchestrator import announce, dispatch
from orchestrator.domain import artifacts
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.states import TaskEvent, tasks_that_may
from orchestrator.models import Artifact, Sample, Task
from orchestrator.store import contents, progress

FIRST_REPORT = 1_000_000_000
"""Reports of a series are numbered apart from its values, whose numbers have no gaps."""


class Over(Conflict):
    """The task does not run any more."""

    code = "over"


@dataclass(frozen=True, slots=True)
class Upload:
    """An artifact that a running task sends."""

    name: str
    media_type: str
    kind: str
    metadata: Mapping[str, Any]
    content: IO[bytes]


@transaction.atomic
def set_progress(*, task: Task, fence: int, value: float) -> None:
    """Note how far a running task is; its run tells the watchers, at most once a second.

    What comes sooner stays in the task's row, where the tick finds the last value and tells it.
    """
    task = locked_running(task, fence)
    if task.progress == value:
        return
    Task.objects.filter(pk=task.pk, fence=fence).update(progress=value)
    announce.poke(f"task:{task.pk}")
    for run_id in progress.tell([task.pk]):
        dispatch.ask_for_turn(run_id)


@transaction.atomic
def add_samples(
    *, task: Task, fence: int, samples: Sequence[Mapping[str, Any]], key: str = ""
) -> int:
    """Keep reported values in the order of their coming; a batch that comes twice is kept once."""
    task = locked_running(task, fence)
    if not is_first(task, "samples", key, list(samples)):
        return 0
    kept = Sample.objects.filter(task=task, fence=fence)
    counted = kept.values("title", "series", refers=~Q(reference="")).annotate(newest=Max("n"))
    newest = {(row["title"], row["series"], row["refers"]): row["newest"] + 1 for row in counted}
    now = timezone.now()
    rows = []
    for sample in samples:
        reference = sample.get("reference")
        series = (sample["title"], sample["series"], reference is not None)
        number = newest.get(series, FIRST_REPORT if reference else 0)
        newest[series] = number + 1
        rows.append(
            Sample(
                task=task,
                fence=fence,
                title=sample["title"],
                series=sample["series"],
                n=number,
                step=sample["step"],
                value=sample["value"],
                reference=f"{reference['kind']}:{reference['artifact']}" if reference else "",
                at=now,
            )
        )
    Sample.objects.bulk_create(rows, batch_size=1000)
    announce.poke(f"task:{task.pk}")
    return len(rows)


def put_artifact(*, task: Task, fence: int, upload: Upload) -> Artifact:
    """Keep an artifact; one of the same name is replaced. The content goes first, rows after."""
    _check(upload)
    stored = contents.store_content(upload.content)
    start = contents.read_start(stored.sha256, artifacts.PREVIEW_BYTES)
    with transaction.atomic():
        locked = locked_running(task, fence)
        artifact, _ = Artifact.objects.update_or_create(
            task=locked,
            fence=fence,
            name=upload.name,
            defaults={
                "sha256": stored.sha256,
                "size": stored.size,
                "media_type": upload.media_type,
                "kind": upload.kind,
                "metadata": dict(upload.metadata),
                "preview": _preview(upload.media_type, start),
            },
        )
        announce.poke(f"task:{task.pk}")
    return artifact


def is_running(task_id: UUID, fence: int) -> bool:
    """Tell whether a task still runs with this fence."""
    return Task.objects.filter(pk=task_id, fence=fence, status__in=_running()).exists()


def _running() -> frozenset[Any]:
    return frozenset(tasks_that_may(TaskEvent.END_WELL))


def locked_running(task: Task, fence: int) -> Task:
    """The row of a task that runs with this fence; raises Over when it does not any more."""
    rows = Task.objects.select_for_update(of=("self",))
    found = rows.filter(pk=task.pk, fence=fence, status__in=_running()).first()
    if found is None:
        raise Over
    return found


def is_first(task: Task, what: str, key: str, content: Any) -> bool:
    """Tell whether a batch is new, with the task's row locked; without a key each one is.

    Only the last key is kept: batches come one after another. Raises Conflict when the key comes
    with another content.
    """
    if not key:
        return True
    body_hash = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    if task.batches.get(what, [])[:2] == [task.fence, key]:
        if task.batches[what][2] != body_hash:
            raise Conflict("this Idempotency-Key was used with another body")
        return False
    task.batches = {**task.batches, what: [task.fence, key, body_hash]}
    Task.objects.filter(pk=task.pk, fence=task.fence).update(batches=task.batches)
    return True


def _check(upload: Upload) -> None:
    if fault := artifacts.name_fault(upload.name):
        raise Invalid.at("name", "bad_name", fault)
    if fault := artifacts.kind_fault(upload.kind):
        raise Invalid.at("X-Pipelines-Kind", "bad_value", fault)
    if not artifacts.is_media_type(upload.media_type):
        raise Invalid.at("Content-Type", "bad_value", "this is not a media type")


def _preview(media_type: str, start: bytes) -> str:
    if not artifacts.is_text(media_type):
        return ""
    return start.decode(errors="replace").replace("\0", "␀")
