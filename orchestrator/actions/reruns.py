"""Asking for new attempts within a run: checked here, decided by the run's turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

from orchestrator.actions.runs import ask, graph_of, indexes_of
from orchestrator.domain.errors import Invalid, PipelinesError, Problem
from orchestrator.domain.graph import Graph
from orchestrator.domain.parameters import (
    ParameterSpec,
    find_spec,
    fit_value,
    unknown_parameter,
)
from orchestrator.domain.planner.preview import RUNS, Effect, expected_seconds, preview
from orchestrator.models import Line, Run
from orchestrator.queries.durations import usual_seconds
from orchestrator.queries.step_versions import version_for
from orchestrator.queries.steps import DEFAULT_QUEUE
from orchestrator.store import lines, turns, wishes

WAYS = ("steps", "from_", "failed", "stale", "everything")


class Wish(TypedDict, total=False):
    """Which steps (exactly one way), and what their new attempts have of their own.

    ``parameters`` and ``versions`` (a number, or "latest") are by step name; ``reset`` forgets
    what earlier reruns have overridden, without ``cache`` no result of an equal task is taken.
    """

    steps: Sequence[str] | None
    from_: str | Sequence[str] | None
    failed: bool
    stale: bool
    everything: bool
    parameters: Mapping[str, Mapping[str, Any]] | None
    queue: str | None
    versions: Mapping[str, int | str] | None
    reset: bool
    cache: bool


def rerun(*, actor: str, run: Run, **wish: Unpack[Wish]) -> int:
    """Ask for new attempts: of some steps, of some and all below them, of what failed, is stale,
    or of everything. Whether the run allows it is for its turn to say.
    """
    return ask(run, "rerun", checked(run, wish), actor)


def foresee(*, run: Run, **wish: Unpack[Wish]) -> dict[str, Any]:
    """What such a rerun would do to each step as the run stands now, and how long it would take.

    Nothing is asked for; ``refused`` says why the run's turn would refuse it.
    """
    data = checked(run, wish)
    mail, view = turns.look_at(run.pk)
    shown = preview(view, wishes.rerun_of(0, data, ""), mail.now)
    names = {index: mail.graph.nodes[index].name for index in shown.effects}
    # What has no attempts of its own takes no time either.
    certain = [i for i in shown.attempts if shown.effects[i] in RUNS - {Effect.MAY_RUN}]
    usual = usual_seconds(run, [names[index] for index in shown.attempts])
    seconds = {i: usual.seconds[names[i]] for i in shown.attempts if names[i] in usual.seconds}
    slots = sum(lines.live_slots(_queues(mail.graph, certain, data)).values())
    return {
        "change": mail.run.last_change,
        "refused": shown.refused or None,
        "steps": {
            name: {
                "effect": shown.effects[index].value,
                "attempt": shown.attempts.get(index),
                "usual_seconds": seconds.get(index),
            }
            for index, name in names.items()
        },
        "counts": {effect.value: count for effect, count in shown.counts.items()},
        "expected_seconds": expected_seconds(view, shown, seconds, mail.now, slots),
        "based_on": _based_on(usual.attempts, [names[i] for i in certain if i not in seconds]),
    }


def _queues(graph: Graph, steps: Iterable[int], data: Mapping[str, Any]) -> set[str]:
    """The queues in which these steps will stand, as far as the document says so."""
    return {data["queue"] or graph.nodes[index].queue or DEFAULT_QUEUE for index in steps}


def _based_on(attempts: int, unknown: Sequence[str]) -> str:
    """In words, what the expected time was taken from, and what is missing from it."""
    said = [f"{attempts} earlier attempts"[: None if attempts != 1 else -1]] if attempts else []
    if unknown:
        names = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if unknown[3:] else "")
        said.append(f"no earlier runs of {names}")
    return "; ".join(said)


def checked(run: Run, wish: Wish) -> dict[str, Any]:
    """The wish as its signal says it; raises Invalid naming everything that is wrong with it."""
    ways = [way for way in WAYS if wish.get(way) not in (None, False)]
    if len(ways) != 1:
        message = "say what to rerun by exactly one of steps, from, failed, stale, all"
        raise Invalid.at("rerun", "bad_value", message)
    above = wish.get("from_") or ()
    named = [above] if isinstance(above, str) else list(above)
    data: dict[str, Any] = {}
    if ways[0] in ("steps", "from_"):
        data["steps"] = indexes_of(run, wish.get("steps") or named)
        data["below"] = ways[0] == "from_"
    else:
        data[ways[0]] = True
    queue = wish.get("queue")
    if queue is not None and not Line.objects.filter(kind=Line.Kind.QUEUE, name=queue).exists():
        raise Invalid.at("queue", "unknown_queue", f'there is no queue "{queue}"')
    data["overrides"] = _overrides(run, wish, _chosen(run, data))
    options = {"reset": wish.get("reset", False), "cache": wish.get("cache", True)}
    return {**data, "queue": queue or "", **options}


def _chosen(run: Run, data: Mapping[str, Any]) -> Iterable[int]:
    """Which steps may have overrides; what has failed or is stale is for the turn to say."""
    graph = graph_of(run)
    if "steps" not in data:
        return range(len(graph))
    below = graph.descendants(*data["steps"]) if data["below"] else ()
    return {*data["steps"], *below}


def _overrides(run: Run, wish: Wish, chosen: Iterable[int]) -> dict[str, dict[str, Any]]:
    """Overrides by step index, checked against the template version that each step will have."""
    parameters, versions = wish.get("parameters") or {}, wish.get("versions") or {}
    overrides: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for name in dict.fromkeys((*parameters, *versions)):
        (index,) = indexes_of(run, [name])
        if index not in chosen:
            where = "parameters" if name in parameters else "version"
            message = f'step "{name}" is not among those that are rerun'
            raise Invalid.at(f"{where}.{name}", "bad_value", message)
        asked, reset = versions.get(name), wish.get("reset", False)
        version = version_for(run, name, number=asked, reset=reset)
        if version is None:
            where = "parameters" if name in parameters else "version"
            message = f'step "{name}" has neither parameters nor versions'
            raise Invalid.at(f"{where}.{name}", "bad_value", message)
        own: dict[str, Any] = {} if asked is None else {version.key: version.id}
        if name in parameters:
            own["parameters"], faults = _fitting(version.specs, name, parameters[name])
            problems += faults
        overrides[str(index)] = own
    if problems:
        raise Invalid(problems)
    return overrides


def _fitting(
    declared: Iterable[ParameterSpec], step: str, values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Problem]]:
    specs = {spec.name: spec for spec in declared}
    fitting: dict[str, Any] = {}
    problems = []
    for key, value in values.items():
        where = f"parameters.{step}.{key}"
        spec = find_spec(specs, key)
        if spec is None:
            message = unknown_parameter(key, specs)
            problems.append(Problem(where, step, "unknown_parameter", message))
            continue
        try:
            fitting[spec.name] = fit_value(spec, value)
        except PipelinesError as error:
            problems.append(Problem(where, step, error.code, error.message))
    return fitting, problems
