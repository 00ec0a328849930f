"""Graphs of versions and runs, and pins of runs, kept in memory: none of them ever changes.

A run whose fan-outs are spread out, or whose script adds steps, has another graph with each
revision; each is made of the one before.
"""

from __future__ import annotations

import uuid
from collections import ChainMap, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from typing import Any, Final, cast

from django.db import transaction

from orchestrator.domain.document import added_node, graph_of
from orchestrator.domain.fan_outs import Added, Part, with_parts
from orchestrator.domain.graph import Graph, Node
from orchestrator.models import GraphPart, PipelineVersion, Run

KEPT = 32
ADDED: Final = "script:"
"""How the keys of those parts of a run's graph begin that a script added under keys of its own."""
_OF_PART: Final = (
    *("pk", "key", "body__of", "body__first", "body__start", "body__count"),
    *("body__step", "body__pin"),
)


def document_of(version_id: int, content_hash: str) -> dict[str, Any]:
    """The document of a version. Shared: do not write into it."""
    return _read(version_id, content_hash)[0]


def graph_of_run(run: Run) -> Graph:
    """The graph that a run executes now; a run without a version has none of its own."""
    if run.version is None:
        return Graph()
    if run.graph_revision == 0:
        return graph_of_version(run.version.pk, run.version.content_hash)
    return _grown_of(run).graph


def graph_with(run: Run, graph: Graph, steps: Iterable[tuple[str, Mapping[str, Any]]]) -> Graph:
    """The run's graph with these steps behind its own, each with its key.

    Raises Invalid for one that names what is not there.
    """
    assert run.version is not None, "a run that grows has a version"
    defaults = _defaults(run.version.pk, run.version.content_hash)
    parts = (
        Added(place, _maker(key, step, defaults))
        for place, (key, step) in enumerate(steps, len(graph))
    )
    return with_parts(graph, parts)


@dataclass(frozen=True, slots=True)
class _Grown:
    """A run's graph at a revision, what its added steps are made of, and the last part in it."""

    revision: int
    graph: Graph
    pins: dict[str, Any]
    last_part: int = 0


_Key = tuple[uuid.UUID, int, str]
_kept: OrderedDict[_Key, _Grown] = OrderedDict()
_keeping = Lock()
_OWN: Final = "grown"
"""Where a run's row remembers its graph: the row of a turn knows one that nobody else may see."""


def _grown_of(run: Run) -> _Grown:
    """The graph as it is now. Made of an earlier one where there is one: what is new is added.

    It is kept for others when this transaction commits, and only then: if it comes to nothing,
    the next turn gives its number to something else.
    """
    version = run.version
    assert version is not None, "a run that has grown has a version"
    key: _Key = (run.pk, version.pk, version.content_hash)
    own_key, own = vars(run).get(_OWN, (None, None))
    if own_key == key and own.revision == run.graph_revision:
        return cast(_Grown, own)
    known = [own] if own_key == key else []
    if key in _kept:
        known.append(_kept[key])
    fitting = [one for one in known if one.revision <= run.graph_revision]
    start = max(fitting, key=lambda one: one.revision, default=None)
    if start is None:
        start = _Grown(0, graph_of_version(version.pk, version.content_hash), {})
    grown = start
    if start.revision < run.graph_revision:
        grown = _with_new_parts(run, start)
        transaction.on_commit(partial(_keep, key, grown))
    vars(run)[_OWN] = key, grown
    return grown


def _with_new_parts(run: Run, start: _Grown) -> _Grown:
    assert run.version is not None
    defaults = _defaults(run.version.pk, run.version.content_hash)
    rows = GraphPart.objects.filter(
        run_id=run.pk,
        pk__gt=start.last_part,
        revision__gt=start.revision,
        revision__lte=run.graph_revision,
    )
    parts: list[Part | Added] = []
    pins, last = {}, start.last_part
    for pk, key, of, first, begin, count, step, pin in rows.values_list(*_OF_PART):
        last = max(last, pk)
        if step is None:
            parts.append(Part(of, first, begin, count))
            continue
        parts.append(Added(first, _maker(key.removeprefix(ADDED), step, defaults)))
        pins[step["name"]] = pin
    graph = with_parts(start.graph, parts)
    return _Grown(run.graph_revision, graph, {**start.pins, **pins}, last)


def _keep(key: _Key, grown: _Grown) -> None:
    with _keeping:
        if key not in _kept or _kept[key].revision < grown.revision:
            _kept[key] = grown
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)


def _maker(
    key: str, step: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Callable[[int, Mapping[str, int]], Node]:
    return lambda index, places: added_node(index, step, defaults, places, key)


def _defaults(version_id: int, content_hash: str) -> Mapping[str, Any]:
    return document_of(version_id, content_hash).get("defaults") or {}


def graph_of_version(version_id: int, content_hash: str) -> Graph:
    """The graph of a version; read from the database at first only."""
    return _read(version_id, content_hash)[1]


def pins_of_run(run: Run) -> Mapping[str, Any]:
    """What each step's template resolved to when the run was created, or the step added. Shared,
    as above."""
    own = _own_pins(run.pk, run.version_id)
    if run.version is None or run.graph_revision == 0:
        return own
    return ChainMap(_grown_of(run).pins, own)


@lru_cache(maxsize=KEPT)
def _own_pins(run_id: uuid.UUID, version_id: int | None) -> dict[str, Any]:
    # Another version has other pins.
    pins: dict[str, Any] = Run.objects.values_list("pins", flat=True).get(pk=run_id)
    return pins


@lru_cache(maxsize=KEPT)
def pins_of_version(version_id: int, content_hash: str) -> dict[str, Any]:
    """The template version that each step was pinned to when it was published. Shared, too."""
    pins: dict[str, Any] = PipelineVersion.objects.values_list("pins", flat=True).get(
        pk=version_id, content_hash=content_hash
    )
    return pins


# The hash belongs to the key because a row's number can be given out again.
@lru_cache(maxsize=KEPT)
def _read(version_id: int, content_hash: str) -> tuple[dict[str, Any], Graph]:
    document = PipelineVersion.objects.values_list("document", flat=True).get(
        pk=version_id, content_hash=content_hash
    )
    return document, graph_of(document)
