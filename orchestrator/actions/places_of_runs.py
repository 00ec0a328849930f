"""Limits of pipelines: how many runs of one go on at a time, and whether any may start."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from orchestrator import announce, dispatch
from orchestrator.actions.audit import record
from orchestrator.domain.errors import Invalid
from orchestrator.models import Line, Pipeline

MOST_AT_ONCE: Final = 100_000


@transaction.atomic
def change_line(*, actor: str, pipeline: Pipeline, **wanted: Any) -> Line:
    """Change a pipeline's limit of runs, pause it or let it go on.

    What goes on is left alone; the line's own turn gives the places that there are now.
    """
    limit = wanted.get("limit")
    if limit is not None and not 0 < limit <= MOST_AT_ONCE:
        message = f"a limit is 1 to {MOST_AT_ONCE}, or none; pause it to let no run start"
        raise Invalid.at("limit", "bad_value", message)
    made = Line(kind=Line.Kind.PIPELINE, name=str(pipeline.pk), description=pipeline.slug)
    Line.objects.bulk_create([made], ignore_conflicts=True)
    rows = Line.objects.select_for_update()
    line = rows.get(kind=Line.Kind.PIPELINE, name=str(pipeline.pk))
    changed = {key: value for key, value in wanted.items() if getattr(line, key) != value}
    if not changed:
        return line
    for key, value in changed.items():
        setattr(line, key, value)
    line.save(update_fields=list(changed))
    path = f"{pipeline.project.slug}/{pipeline.slug}"
    record(actor, "pipeline.line", path, pipeline.project, **changed)
    dispatch.ask_for_runs_line(line.pk)
    announce.poke(f"pipeline:{pipeline.pk}")
    return line
