"""What people have asked of runs, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from orchestrator.domain.changes import Kind, iso
from orchestrator.domain.states import DISPLAY_ORDER, FINAL, Status
from orchestrator.models import Attempt, AuditEvent, Change, Run, Signal

ANSWERS: Final = (Kind.ASKED, Kind.REFUSED)
NEWEST: Final = 200
NAMED: Final = 3
EVENTS: Final = 1000
"""So many of a project's newest events are looked through for those of a run."""

_FOLLOWS: Final = (Kind.ATTEMPT_ADDED, Kind.STEP_STATUS, Kind.RUN_STATUS)
_VERBS: Final = {"abort_steps": "abort", "start": "enqueue"}
"""What signals call a verb, where that differs."""

_WORDS: Final = {
    "abort": "asked the run to end",
    "enqueue": "asked the run to start",
    "pause": "asked the run to pause",
    "resume": "asked the run to go on",
    "rerun": "asked for new attempts",
    "pause_at": "asked to pause before no step any more",
    "register": "registered the steps",
    "add_steps": "asked to add steps",
    "adopt": "asked to add a step",
}
_OF_SCRIPTS: Final = ("register", "add_steps", "adopt")
"""What scripts do all the time: it stands in the history, and is nothing that anybody asked."""

_AUDITED: Final = {
    "run.parameters": "changed the parameters of the draft",
    "task.to_front": "moved {} to the front of its queue",
    "task.priority": "changed the priority of {}",
}
_OF_STEPS: Final = {
    "abort": "asked {} to end",
    "rerun": "asked for new attempts of {}",
    "complete": "asked to complete {} by hand",
    "fail": "asked to fail {} by hand",
    "pause_at": "asked to pause before {}",
    "add_steps": "added {}",
    "adopt": "added {}",
}
_WAYS: Final = {
    "all": "asked for new attempts of all steps",
    "failed": "asked for new attempts of what failed",
    "stale": "asked for new attempts of what is stale",
    "from": "asked for new attempts of {} and what follows",
}


def answers_to(signals: Collection[tuple[UUID, int]]) -> dict[int, str]:
    """What the turns of these runs have said to these signals: nothing, or why they refused.

    A signal that no turn has taken up yet is missing.
    """
    wanted = {number for _, number in signals}
    rows = Change.objects.filter(run__in={run for run, _ in signals}, kind__in=ANSWERS).values_list(
        "kind", "data"
    )
    return {
        data["signal"]: data.get("reason") or "refused" if kind == Kind.REFUSED else ""
        for kind, data in rows
        if data.get("signal") in wanted
    }


def actions_on(run: Run) -> list[dict[str, Any]]:
    """Who has asked what of a run, when, and what came of it; the newest first."""
    entries = [*_answered(run), *_audited(run), *_waiting(run), _created(run)]
    entries.sort(key=lambda entry: (entry["at"], entry["change"] or 0), reverse=True)
    return [{**entry, "at": iso(entry["at"])} for entry in entries[:NEWEST]]


def what_was_asked(verb: str, detail: Mapping[str, Any]) -> str:
    """A verb with its details, as a clause that follows who asked."""
    steps = _named(detail.get("steps") or (), detail.get("count"))
    way = _WAYS.get(str(detail.get("way"))) if verb == "rerun" else None
    if way:
        words = way.format(steps)
    elif steps:
        words = _OF_STEPS.get(verb, f"asked to {verb} {{}}").format(steps)
    else:
        words = _WORDS.get(verb, f"asked to {verb}")
    reason = detail.get("reason") or detail.get("comment")
    return f"{words}: {reason}" if reason else words


def _named(steps: Sequence[str], count: int | None) -> str:
    shown = [f'"{name}"' for name in steps[:NAMED]]
    more = max(count or 0, len(steps)) - len(shown)
    listed = ", ".join(shown)
    return f"{listed} and {more} more" if shown and more > 0 else listed


def _entry(at: datetime, actor: str, verb: str, **more: Any) -> dict[str, Any]:
    detail = more.pop("detail", {})
    return {
        "at": at,
        "actor": actor or None,
        "verb": verb,
        "what": what_was_asked(verb, detail),
        "steps": list(detail.get("steps") or ()),
        "state": "done",
        "reason": "",
        "came_of": "",
        "change": None,
        "signal": None,
        **more,
    }


def _created(run: Run) -> dict[str, Any]:
    how = f"created the run ({run.origin})"
    return _entry(run.created_at, run.actor, "create", what=how, change=1)


def _answered(run: Run) -> Iterable[dict[str, Any]]:
    answers = Change.objects.filter(run=run, kind__in=ANSWERS)
    asked = answers.exclude(kind=Kind.ASKED, data__verb__in=_OF_SCRIPTS)
    rows = list(asked.order_by("-number")[:NEWEST])
    follows = _what_followed(run, {row.at for row in rows if row.kind == Kind.ASKED})
    ends = _ends(run)
    for row in rows:
        refused = row.kind == Kind.REFUSED
        verb, detail = str(row.data.get("verb", "")), row.data.get("detail") or {}
        entry = _entry(row.at, row.actor, verb, detail=detail, change=row.number)
        entry["signal"] = row.data.get("signal")
        if refused:
            entry |= {"state": "refused", "reason": row.data.get("reason", "")}
        else:
            came_of = follows.get(row.at, "")
            if verb == "abort" and not detail.get("steps"):
                came_of = _with_end(came_of, row.at, ends)
            entry["came_of"] = came_of
        yield entry


def _what_followed(run: Run, moments: set[datetime]) -> dict[datetime, str]:
    """What the turns that took these asks up made of the steps, in words: a turn has one time."""
    if not moments:
        return {}
    attempts: Counter[datetime] = Counter()
    statuses: dict[datetime, Counter[str]] = {moment: Counter() for moment in moments}
    rows = Change.objects.filter(run=run, at__in=moments, kind__in=_FOLLOWS)
    for at, kind, data in rows.values_list("at", "kind", "data"):
        if kind == Kind.ATTEMPT_ADDED:
            attempts[at] += 1
        elif kind == Kind.STEP_STATUS:
            statuses[at][data["status"]] += 1
    return {moment: _counted(attempts[moment], statuses[moment]) for moment in moments}


def _counted(attempts: int, statuses: Mapping[str, int]) -> str:
    parts = [f"{attempts} new attempt{'s' if attempts != 1 else ''}"] if attempts else []
    parts += [
        f"{statuses[status]} {status}"
        for status in DISPLAY_ORDER
        if status in statuses and not (attempts and status in (Status.QUEUED, Status.PENDING))
    ]
    return ", ".join(parts)


def _ends(run: Run) -> list[tuple[datetime, str]]:
    """When the run ended, and how, round by round."""
    rows = Change.objects.filter(run=run, kind=Kind.RUN_STATUS).order_by("number")
    told = rows.values_list("at", "data")
    return [(at, data["status"]) for at, data in told if Status(data["status"]) in FINAL]


def _with_end(came_of: str, at: datetime, ends: Sequence[tuple[datetime, str]]) -> str:
    end = next((one for one in ends if one[0] >= at), None)
    if end is None:
        return f"{came_of}; not ended yet" if came_of else "not ended yet"
    seconds = (end[0] - at).total_seconds()
    said = f"the run was {end[1]}" + (f" after {seconds:.1f} s" if seconds >= 0.05 else " at once")
    return f"{came_of}; {said}" if came_of else said


def _audited(run: Run) -> Iterable[dict[str, Any]]:
    """What was done to the run, or to its tasks in their lines, beside its turns."""
    events = AuditEvent.objects.filter(
        project=run.project_id, action__in=_AUDITED, at__gte=run.created_at
    )
    found = list(events.order_by("-id")[:EVENTS])
    tasks = {UUID(event.thing) for event in found if event.thing != str(run.pk)}
    steps = dict(
        Attempt.objects.filter(run=run, task__in=tasks).values_list("task_id", "step__path")
    )
    named = {str(task): path for task, path in steps.items()}
    for event in found:
        step = named.get(event.thing)
        if step is not None or event.thing == str(run.pk):
            what = _AUDITED[event.action].format(f'"{step}"')
            of_step = [] if step is None else [step]
            yield _entry(event.at, event.actor, event.action, what=what, steps=of_step)


def _waiting(run: Run) -> Iterable[dict[str, Any]]:
    """What no turn has taken up yet."""
    for signal in Signal.objects.filter(run=run).exclude(actor="").order_by("-id")[:NEWEST]:
        verb = _VERBS.get(signal.kind, signal.kind)
        yield _entry(signal.at, signal.actor, verb, state="waiting", signal=signal.pk)
