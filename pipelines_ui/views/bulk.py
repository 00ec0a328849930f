"""One verb for many runs: what would be asked of each, and what came of it.

The same page without scripts, in a dialog, and as the answer to its own form.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from orchestrator.actions.bulk import MOST_RUNS, Answer, ask_runs
from orchestrator.domain.errors import Invalid
from orchestrator.queries.asks import answers_to
from orchestrator.queries.overview import Run, listed_runs
from orchestrator.queries.rights import Actor, actor_of, allowed_projects
from pipelines_ui.pages import page, render_page

WAITS_SECONDS = 0.8
LOOKS_AGAIN_SECONDS = 0.08
FILTERS = ("pipeline", "status", "actor")


@dataclass(frozen=True, slots=True)
class Wording:
    """A verb as the bar, the question and the answer say it."""

    label: str
    icon: str
    question: str
    done: str
    danger: bool = False


WORDINGS = {
    "abort": Wording("Abort", "stop", "Abort these runs?", "Abort", danger=True),
    "rerun-failed": Wording(
        "Rerun failed", "rerun-failed", "Rerun what failed in these runs?", "Rerun of what failed"
    ),
    "rerun-all": Wording(
        "Rerun all steps", "rerun", "Rerun all steps of these runs?", "Rerun of all steps"
    ),
    "pause": Wording("Pause", "pause", "Pause these runs?", "Pause"),
    "resume": Wording("Resume", "play", "Let these runs go on?", "Resume"),
    "enqueue": Wording("Start", "play", "Start these runs?", "Start"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def bulk_runs(request: HttpRequest) -> HttpResponse:
    """What would be asked (GET), or what was (POST), run by run."""
    given = request.POST if request.method == "POST" else request.GET
    verb = given.get("verb", "")
    if verb not in WORDINGS:
        raise Http404(f'many runs cannot be asked to "{verb[:40]}"')
    actor = actor_of(request)
    asks = request.method == "POST"
    runs, fault = _chosen(actor, given), ""
    answers: list[Answer] = []
    try:
        answers = ask_runs(
            actor=actor.name,
            verb=verb,
            runs=runs,
            allowed=allowed_projects(actor, "operate"),
            dry_run=not asks,
        )
    except Invalid as error:
        fault = error.message
    answered = _answered(actor, answers) if asks else {}
    rows = [_row(answer, answered) for answer in answers]
    possible = sum(not row["refused"] for row in rows)
    context = {
        "verb": verb,
        "wording": WORDINGS[verb],
        "asked": asks,
        "rows": rows,
        "possible": possible,
        "refused": len(rows) - possible,
        "ids": ",".join(str(answer.run.pk) for answer in answers if not answer.refused),
        "fault": fault,
        "most": MOST_RUNS,
    }
    return render_page(request, "runs/bulk.html", context)


def _chosen(actor: Actor, given: Any) -> Sequence[Run]:
    """The runs that are named, or all that the filters leave; newest first."""
    if given.get("all"):
        pipeline, status, who = (given.get(name, "").strip() for name in FILTERS)
        found = listed_runs(actor, pipeline=pipeline, status=status, who=who)
    else:
        named = [*given.getlist("run"), *given.get("runs", "").split(",")]
        found = listed_runs(actor).filter(pk__in=_ids(named))
    return list(found.order_by("-pk")[: MOST_RUNS + 1])


def _ids(named: Sequence[str]) -> set[UUID]:
    try:
        return {UUID(one) for one in named if one}
    except ValueError:
        raise Http404("that is no list of runs") from None


def _answered(actor: Actor, answers: Sequence[Answer]) -> dict[UUID, tuple[str | None, Run]]:
    """What came of it within a moment: why a turn refused, or nothing; and the run as it is now."""
    signals = {(a.run.pk, a.signal) for a in answers if a.signal is not None}
    until = time.monotonic() + WAITS_SECONDS
    while len(told := answers_to(signals)) < len(signals) and time.monotonic() < until:
        time.sleep(LOOKS_AGAIN_SECONDS)
    now = listed_runs(actor).in_bulk([run for run, _ in signals])
    return {run: (told.get(signal), now[run]) for run, signal in signals if run in now}


def _row(answer: Answer, answered: dict[UUID, tuple[str | None, Run]]) -> dict[str, Any]:
    said, run = answered.get(answer.run.pk, (None, answer.run))
    steps = ", ".join(f"{count} {status}" for status, count in answer.steps.items())
    return {
        "run": run,
        "steps": steps,
        "refused": answer.refused or said or "",
        "waits": answer.signal is not None and said is None,
    }
