"""What a valid document says: its graph; and renaming a step in it."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from orchestrator.domain import references
from orchestrator.domain.document.canonical import Document
from orchestrator.domain.errors import BadReference, CapExceeded, Conflict, Invalid, NotFound
from orchestrator.domain.graph import (
    NO_RETRIES,
    Approval,
    ForEach,
    Graph,
    Kind,
    Node,
    Options,
    Retries,
    Trigger,
    find_cycle,
)
from orchestrator.domain.names import check_step_name
from orchestrator.domain.parameters import full_name

# The fields of a step that may hold references; those they name become parents.
REFERRING = ("parameters", "queue", "when", "for_each")


def graph_of(document: Mapping[str, Any]) -> Graph:
    """Make the graph of a checked document; indexes are the steps' places in it.

    References add their steps to the parents, and what a step does not say comes from the
    defaults. An unknown parent or a circle raises Invalid: ``check`` should have found it.
    """
    steps = document["steps"]
    places = {step["name"]: place for place, step in enumerate(steps)}
    defaults = document.get("defaults") or {}
    nodes = [
        _node(place, step, defaults, _parents(place, step, places))
        for place, step in enumerate(steps)
    ]
    graph = Graph(
        (*_with_chains(nodes, document.get("groups") or (), places),),
        _options(_said(document.get("run"))),
        document.get("hooks") or {},
    )
    if cycle := find_cycle(graph.parents):
        way = " → ".join(graph.nodes[place].name for place in cycle)
        raise Invalid.at("steps", "cycle", f"steps depend on each other in a circle: {way}")
    return graph


def added_node(
    index: int,
    step: Mapping[str, Any],
    defaults: Mapping[str, Any],
    places: Mapping[str, int],
    key: str,
) -> Node:
    """The node of a step that is added under a key to a graph with steps at these places, by name.

    Raises Invalid for a parent that is not among them.
    """
    return replace(_node(index, step, defaults, _parents(index, step, places)), key=key)


def fan_out_groups(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The groups whose steps are done for each item of a list, by name."""
    groups = document.get("groups")
    return {
        group["name"]: group
        for group in (groups if isinstance(groups, list) else ())
        if isinstance(group, dict) and group.get("for_each") and group.get("name")
    }


def _with_chains(
    nodes: Sequence[Node], groups: Iterable[Mapping[str, Any]], places: Mapping[str, int]
) -> Iterable[Node]:
    """The nodes, with one more for each group that is a fan-out: it makes the list.

    It waits for everything outside that its steps wait for; they wait for it.
    """
    fan_outs = fan_out_groups({"groups": list(groups)})
    members = {
        name: [node for node in nodes if node.group == name]
        for name in fan_outs
        if any(node.group == name for node in nodes)
    }
    index_of = {name: len(nodes) + number for number, name in enumerate(members)}
    for node in nodes:
        index = index_of.get(node.group or "")
        if index is None:
            yield node
            continue
        inside = tuple(one for one in node.parents if nodes[one].group == node.group)
        yield replace(node, parents=inside or (index,), within=index)
    for name, found in members.items():
        said = fan_outs[name]
        listed = {places[one] for one in references.steps_referenced(said["for_each"])}
        outside = {one for node in found for one in node.parents if nodes[one].group != name}
        yield Node(
            index=index_of[name],
            name=name,
            kind=Kind.GROUP,
            parents=tuple(sorted(listed | outside)),
            for_each=_for_each(_said(said["for_each"])),
            group=name,
            comment=said.get("comment") or "",
        )


def referring_values(step: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Go through the values of a step that may hold references, by the name of their field."""
    for field in REFERRING:
        value = step.get(field)
        if value is not None:
            yield field, value


def implied_parents(step: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the steps that a step's references need."""
    names: dict[str, None] = {}
    for _, value in referring_values(step):
        names.update(dict.fromkeys(references.steps_referenced(value)))
    return tuple(names)


def steps_by_name(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps of any document: of two of one name the first, and none without one."""
    steps = document.get("steps")
    found: dict[str, dict[str, Any]] = {}
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and isinstance(name := step.get("name"), str):
            found.setdefault(name, step)
    return found


def named_parents(step: Mapping[str, Any]) -> tuple[str, ...]:
    """The parents that a step names, in its list and by its references, whether there or not."""
    said = step.get("parents")
    parents = [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
    with suppress(BadReference, CapExceeded):
        parents += implied_parents(step)
    return tuple(dict.fromkeys(parents))


def upstream(document: Mapping[str, Any], name: str) -> list[str]:
    """The steps that come before one, the nearest first, whatever else is wrong."""
    steps = steps_by_name(document)
    found: dict[str, None] = {name: None}
    waiting = deque([name])
    while waiting:
        for parent in named_parents(steps.get(waiting.popleft(), {})):
            if parent in steps and parent not in found:
                found[parent] = None
                waiting.append(parent)
    return [one for one in found if one != name]


def rename_step(document: Mapping[str, Any], old: str, new: str) -> Document:
    """Return the document with a step under its new name wherever it is named."""
    names = {step.get("name") for step in document["steps"]}
    if old not in names:
        raise NotFound(f'there is no step "{old}"')
    check_step_name(new)
    if new in names and new != old:
        raise Conflict(f'there is already a step "{new}"')
    return with_step_name(document, old, new)


def with_step_name(document: Mapping[str, Any], old: str, new: str) -> Document:
    """Do the same without asking whether it can be."""

    names = {old: new}
    renamed = dict(document)
    renamed["steps"] = [_renamed(step, old, new) for step in document["steps"]]
    for part in ("outputs", "defaults"):
        if part in document:
            renamed[part] = references.rename_steps(document[part], names)
    if document.get("groups"):
        renamed["groups"] = [
            _renamed_in(group, ("for_each",), names) for group in document["groups"]
        ]
    if document.get("layout"):
        renamed["layout"] = {_now(name, names): at for name, at in document["layout"].items()}
    if document.get("run"):
        run = dict(references.rename_steps(document["run"], names))
        if isinstance(run.get("pause_at"), list):
            run["pause_at"] = [_now(name, names) for name in run["pause_at"]]
        renamed["run"] = run
    return renamed


def naming_others(step: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a step that names others by their new names, given by the old ones."""
    renamed = _renamed_in(step, (*REFERRING, "loop"), names)
    if isinstance(parents := step.get("parents"), list):
        renamed["parents"] = [_now(name, names) for name in parents]
    return renamed


def _now(name: Any, names: Mapping[str, str]) -> Any:
    """The new name; what is no name, in a document that nobody has checked, stays."""
    return names.get(name, name) if isinstance(name, str) else name


def _node(
    place: int, step: Mapping[str, Any], defaults: Mapping[str, Any], parents: tuple[int, ...]
) -> Node:
    said = _said(step)
    kind = Kind(said.get("kind", Kind.TASK))
    overrides = said.get("parameters", {})
    if kind is Kind.TASK:
        overrides = {full_name(name): value for name, value in overrides.items()}
    return Node(
        index=place,
        name=step["name"],
        kind=kind,
        template=said.get("template") or said.get("pipeline"),
        version=said.get("version"),
        parents=parents,
        trigger=Trigger(said.get("trigger", Trigger.ALL_SUCCEEDED)),
        may_fail=said.get("may_fail", False),
        retries=_retries(defaults.get("retries"), said.get("retries")),
        timeout=said.get("timeout", defaults.get("timeout")),
        queue_timeout=said.get("queue_timeout"),
        grace=said.get("grace"),
        queue=said.get("queue", defaults.get("queue")),
        priority=said.get("priority", 0),
        parameters=overrides,
        when=said.get("when") or None,
        cache=said.get("cache", False),
        for_each=_for_each(_said(said.get("for_each"))),
        approval=_approval(_said(said.get("approval"))) if kind is Kind.APPROVAL else None,
        hooks=said.get("hooks", {}),
        monitor=tuple(said.get("monitor", ())),
        monitor_artifacts=tuple(said.get("monitor_artifacts", ())),
        monitor_models=tuple(said.get("monitor_models", ())),
        group=said.get("group"),
        tags=tuple(said.get("tags", ())),
        comment=said.get("comment", ""),
    )


def _said(part: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (part or {}).items() if value is not None}


def _options(said: Mapping[str, Any]) -> Options:
    concurrency = _said(said.get("concurrency"))
    return Options(
        timeout=said.get("timeout"),
        max_parallel=said.get("max_parallel"),
        abort_on_failure=said.get("abort_on_failure", False),
        pause_at=frozenset(said.get("pause_at", ())),
        concurrency_key=concurrency.get("key"),
        on_conflict=concurrency.get("on_conflict", "wait"),
    )


def _for_each(said: Mapping[str, Any]) -> ForEach | None:
    return ForEach(said["list"], said.get("max_parallel")) if said else None


def _approval(said: Mapping[str, Any]) -> Approval:
    return Approval(
        form=tuple(said.get("form", ())),
        roles=tuple(said.get("roles", ())),
        deadline=said.get("deadline"),
        on_deadline=said.get("on_deadline", "reject"),
    )


def _retries(default: Mapping[str, Any] | None, own: Mapping[str, Any] | None) -> Retries:
    if not default and not own:
        return NO_RETRIES
    said = {**(default or {}), **(own or {})}
    said = {key: value for key, value in said.items() if value is not None and key[:2] != "x-"}
    if "on" in said:
        said["on"] = tuple(said["on"])
    return Retries(**said)


def _parents(place: int, step: Mapping[str, Any], places: Mapping[str, int]) -> tuple[int, ...]:
    try:
        names = [*(step.get("parents") or ()), *implied_parents(step)]
    except BadReference as error:
        raise Invalid.at(f"steps[{place}]", error.code, error.message, step=step["name"]) from None
    for name in names:
        if name not in places:
            message = f'step "{step["name"]}" comes after "{name}", which does not exist'
            raise Invalid.at(f"steps[{place}]", "unknown_step", message, step=step["name"])
    return tuple(sorted({places[name] for name in names}))


def _renamed(step: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    renamed = naming_others(step, {old: new})
    return {**renamed, "name": new} if step.get("name") == old else renamed


def _renamed_in(
    thing: Mapping[str, Any], fields: Iterable[str], names: Mapping[str, str]
) -> dict[str, Any]:
    named = {field: thing[field] for field in fields if thing.get(field) is not None}
    values = {field: references.rename_steps(value, names) for field, value in named.items()}
    return {**thing, **values}
