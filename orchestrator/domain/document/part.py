"""A part of a document that can run by itself: up to some steps, or some steps alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestrator.domain import references
from orchestrator.domain.document.canonical import Document
from orchestrator.domain.document.reading import REFERRING, steps_by_name, upstream
from orchestrator.domain.errors import (
    BadReference,
    CapExceeded,
    Invalid,
    Problem,
    UnresolvedReference,
    shortened,
)
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.references import KEEP, Reference, Source

Lookup = Callable[[Reference], Any]


def up_to(document: Mapping[str, Any], names: Iterable[str]) -> Document:
    """Keep these steps and everything that comes before them."""
    chosen = _known(document, names, "until")
    before = (parent for name in chosen for parent in upstream(document, name))
    return _kept(document, {*chosen, *before})


def alone(document: Mapping[str, Any], names: Iterable[str], lookup: Lookup) -> Document:
    """Keep these steps alone, with the values that references to others give in their place.

    Raises Invalid naming each reference for which *lookup* has no value.
    """
    chosen = _known(document, names, "only")
    missing: list[Problem] = []
    kept = _kept(document, set(chosen))
    for step in kept["steps"]:
        _fill(step, set(chosen), lookup, missing)
    if missing:
        raise Invalid(missing)
    return kept


def steps_needed(document: Mapping[str, Any], names: Iterable[str]) -> list[Reference]:
    """The references of some steps to others than themselves."""
    chosen = set(names)
    steps = steps_by_name(document)
    found: dict[Reference, None] = {}
    for name in chosen & steps.keys():
        values = [steps[name].get(field) for field in REFERRING]
        found |= dict.fromkeys(_references_in(values))
    return [one for one in found if one.source is Source.STEP and one.step not in chosen]


def _known(document: Mapping[str, Any], names: Iterable[str], where: str) -> list[str]:
    steps = steps_by_name(document)
    chosen = list(dict.fromkeys(names))
    if not chosen:
        raise Invalid.at(where, "missing", "name at least one step")
    for name in chosen:
        if name not in steps:
            message = f'there is no step "{shortened(name)}"'
            raise Invalid.at(where, "unknown_step", message)
    return chosen


def _kept(document: Mapping[str, Any], names: set[str]) -> Document:
    """The document with these steps only, and nothing that speaks of others that it has."""
    steps = steps_by_name(document)
    gone = steps.keys() - names
    kept = _unscripted(document)
    kept["steps"] = [_without(step, gone) for name, step in steps.items() if name in names]
    if isinstance(outputs := document.get("outputs"), dict):
        kept["outputs"] = {
            name: value
            for name, value in outputs.items()
            if not {one.step for one in _references_in(value)} & gone
        }
    if isinstance(layout := document.get("layout"), dict):
        kept["layout"] = {name: at for name, at in layout.items() if name not in gone}
    return kept


def _without(step: Mapping[str, Any], gone: Iterable[str]) -> dict[str, Any]:
    """A step without its parents among these; what is wrong with the others is told later."""
    kept = _unscripted(step)
    if isinstance(parents := step.get("parents"), list):
        kept["parents"] = [one for one in parents if one not in gone]
    return kept


def _unscripted(thing: Mapping[str, Any]) -> dict[str, Any]:
    """A part runs without the script of its pipeline, which would make the rest, too."""
    kept, hooks = dict(thing), thing.get("hooks")
    if isinstance(hooks, dict):
        kept["hooks"] = {event: _answered(found) for event, found in hooks.items()}
    return kept


def _answered(hooks: Any) -> Any:
    if not isinstance(hooks, list):
        return hooks
    return [one for one in hooks if not (isinstance(one, dict) and one.get("kind") == SCRIPT)]


def _fill(step: dict[str, Any], chosen: set[str], lookup: Lookup, missing: list[Problem]) -> None:
    def value_of(reference: Reference) -> Any:
        if reference.source is not Source.STEP or reference.step in chosen:
            return KEEP
        try:
            return lookup(reference)
        except UnresolvedReference as error:
            missing.append(Problem("only", step["name"], "no_value", error.message))
            return KEEP

    for field in REFERRING:
        if step.get(field) is not None:
            step[field] = references.fill(step[field], value_of)


def _references_in(value: Any) -> tuple[Reference, ...]:
    try:
        return references.references_in(value)
    except (BadReference, CapExceeded):
        # Told of when the part is checked.
        return ()
