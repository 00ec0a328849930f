"""Admission: a run may have to wait for a place of its pipeline, and of its concurrency key.

Each of the two is a line with a limit. A run stands in one at a time, its pipeline's first; only
the line's own turn gives places, under the lock of its row. Who holds one is read from the runs:
those that go on, and those that were given a place and have not started yet. A nested run does
not wait for a place that a run above it holds, or both would wait for ever.
"""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from orchestrator.domain.graph import Options
from orchestrator.domain.references import Reference, What, as_text, resolve
from orchestrator.domain.states import FINAL, GOING, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import Line, Run
from orchestrator.store import signals

KEY_LENGTH: Final = 120
PLACES_A_TURN: Final = 100


def next_line(run: Run, options: Options, *, after: str = "") -> Line | None:
    """The line that a run must stand in before it starts; nothing when it may start.

    *after* is the kind of the line that has just given it a place.
    """
    if not after:
        line = Line.objects.filter(kind=Line.Kind.PIPELINE, name=str(run.pipeline_id)).first()
        if line is not None and (line.limit is not None or line.paused):
            return _stand(run, line)
    if after != Line.Kind.KEY and options.concurrency_key:
        return _stand(run, _line_of_key(run, options.concurrency_key))
    if run.line_id is not None:
        run.line_id = None
        Run.objects.filter(pk=run.pk).update(line=None)
    return None


def _stand(run: Run, line: Line) -> Line:
    run.line_id = line.pk
    values: dict[str, Any] = {"line": line}
    if line.kind == Line.Kind.KEY:
        run.key = values["key"] = line.name
    Run.objects.filter(pk=run.pk).update(**values)
    return line


def _line_of_key(run: Run, written: str) -> Line:
    """The line of a key; keys are of a project, and their lines are made when first needed."""
    key = as_text(resolve(written, lambda reference: _value(run, reference)).value)
    kept = key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
    line = Line(
        kind=Line.Kind.KEY,
        name=f"{run.project_id}/{kept}",
        description=key[:KEY_LENGTH],
        limit=1,
    )
    Line.objects.bulk_create([line], ignore_conflicts=True)
    return Line.objects.get(kind=line.kind, name=line.name)


def _value(run: Run, reference: Reference) -> Any:
    # The check of the document lets nothing else into a key.
    return str(run.pk) if reference.what is What.RUN else run.parameters.get(reference.path[0])


def lines_of(run: Run) -> list[int]:
    """The lines in which a run holds places, or waits for one."""
    own = Q(kind=Line.Kind.PIPELINE, name=str(run.pipeline_id))
    if run.key:
        own |= Q(kind=Line.Kind.KEY, name=run.key)
    return list(Line.objects.filter(own).values_list("pk", flat=True))


def lines_that_wait() -> list[int]:
    """The lines in which runs wait for a place."""
    waiting = Run.objects.filter(status=Status.QUEUED, line__isnull=False)
    return list(waiting.order_by("line").values_list("line", flat=True).distinct())


def is_full(line: Line) -> bool:
    """True when a line has no place now, seen without its lock: for a sentence, not for a rule."""
    return _room(line, _holders(line)) <= 0


def give_places(line_id: int) -> set[uuid.UUID]:
    """Give the places of a line to those who wait, by priority and age; call in a transaction.

    The answer are the runs that were left a signal: *admit*, or what the key's conflict asks for.
    """
    line = _locked(line_id)
    if line is None:
        return set()
    holders = _holders(line)
    room = _room(line, holders)
    told: set[uuid.UUID] = set()
    for run in _waiting(line).exclude(pk__in=holders)[:PLACES_A_TURN]:
        has_place_above = bool(_ancestors(run) & holders)
        if has_place_above or room > 0:
            room -= not has_place_above
            holders.add(run.pk)
            signals.put(run.pk, "admit", {"line": line.pk})
            told.add(run.pk)
        elif line.kind == Line.Kind.KEY:
            told |= _resolve_conflict(line, run, holders)
    now_held = sorted(str(one) for one in holders)
    if now_held != line.holders:
        line.holders = now_held
        line.save(update_fields=["holders"])
    return told


def _locked(line_id: int) -> Line | None:
    rows = Line.objects.filter(pk=line_id)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return rows.first()


def _waiting(line: Line) -> QuerySet[Run]:
    waiting = Run.objects.filter(line=line, status=Status.QUEUED)
    return waiting.select_related("version").order_by("-task__priority", "pk")


def _holders(line: Line) -> set[uuid.UUID]:
    """Who holds a place: what goes on, and what was given a place and has not started yet."""
    if line.kind == Line.Kind.PIPELINE:
        of_line = Run.objects.filter(pipeline=uuid.UUID(line.name))
    else:
        of_line = Run.objects.filter(key=line.name)
    going = set(of_line.filter(status__in=GOING).values_list("pk", flat=True))
    given = Run.objects.filter(pk__in=line.holders).exclude(status__in=FINAL)
    return going | set(given.values_list("pk", flat=True))


def _room(line: Line, holders: Collection[uuid.UUID]) -> float:
    """How many more may have a place; those inside another that has one take none of their own."""
    if line.paused:
        return 0
    if line.limit is None:
        return math.inf
    nested = Run.objects.filter(pk__in=holders, parent_attempt__isnull=False)
    inside = sum(not _ancestors(run).isdisjoint(holders) for run in nested)
    return line.limit - len(holders) + inside


def _ancestors(run: Run) -> set[uuid.UUID]:
    """The runs that a run is nested in."""
    found: set[uuid.UUID] = set()
    attempt = run.parent_attempt_id
    while attempt is not None:
        above = Run.objects.filter(attempts=attempt).values_list("pk", "parent_attempt")
        pk, attempt = above.get()
        found.add(pk)
    return found


def _resolve_conflict(line: Line, run: Run, holders: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """What a key without a place means to the new run, or to those that have it."""
    match graph_of_run(run).options.on_conflict:
        case "cancel_new":
            _abort([run.pk], f'a run with the key "{line.description}" goes on already')
            return {run.pk}
        case "cancel_running":
            older = _waiting(line).filter(pk__lt=run.pk).values_list("pk", flat=True)
            above = _ancestors(run)
            replaced = _not_ending({*holders, *older} - above)
            _abort(replaced, f'run #{run.number} with the key "{line.description}" takes its place')
            return replaced
    return set()


def _abort(runs: Iterable[uuid.UUID], reason: str) -> None:
    for pk in runs:
        signals.put(pk, "abort", {"reason": reason})


def _not_ending(runs: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the runs that have not been asked to end: who has is not asked again."""
    ending = Run.objects.filter(pk__in=runs, status__in=(Status.ABORTING, *FINAL))
    return set(runs) - set(ending.values_list("pk", flat=True))
