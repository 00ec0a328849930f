"""The filters and orders of the list of tasks, as a query says them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.api.base import yes_or_no
from orchestrator.domain.errors import Invalid
from orchestrator.domain.states import Status
from orchestrator.queries.projects import as_uuid

LIST_QUERY: Final = {
    "template": "true: only templates. false: only tasks that are none (the default). any.",
    "project": "Only those of a project.",
    "id": "Only these ids, parted by commas.",
    "name": "Only those of exactly this name.",
    "name_contains": "Only those whose name holds this.",
    "status": "Only those of these statuses, parted by commas.",
    "kind": "python, function or command.",
    "type": "Only those of a type.",
    "tag": "Only those with this tag; given several times, with all of them.",
    "queue": "Only those of a queue.",
    "parent": "Only those made for this run or cloned from this task, by id.",
    "search": "In name and slug.",
    "order": "id, name, created or updated; with - before it backwards. By default -id.",
}
_ORDERS: Final = {"id": "id", "name": "name", "created": "created_at", "updated": "updated_at"}


def template_filter(text: str | None) -> bool | None:
    """Read whether only templates are wanted, or none of them; nothing: any."""
    return None if text == "any" else bool(yes_or_no(text, "template"))


def read_filters(given: Mapping[str, str], tags: list[str]) -> dict[str, Any]:
    """The filters of a list as the question takes them."""
    filters: dict[str, Any] = {
        name: given[name]
        for name in ("name", "name_contains", "kind", "type", "queue", "search")
        if name in given
    }
    if tags:
        filters["tags"] = tags
    if "status" in given:
        filters["status"] = given["status"].split(",")
        if set(filters["status"]) - {one.value for one in Status}:
            message = f"a status is one of {', '.join(Status)}"
            raise Invalid.at("status", "bad_value", message)
    if "parent" in given:
        filters["parent"] = as_uuid(given["parent"])
        if filters["parent"] is None:
            raise Invalid.at("parent", "bad_value", "a parent is named by its id")
    if "id" in given:
        filters["id"] = [as_uuid(text) for text in given["id"].split(",")]
        if None in filters["id"]:
            raise Invalid.at("id", "bad_value", "tasks are named by their ids, parted by commas")
    return filters


def ordering_from(text: str | None, usual: str) -> tuple[str, ...]:
    """Read the order of a list; equal ones stand in the order of their making."""
    if text is None:
        return (usual,) if usual == "-id" else (usual, "id")
    backwards = "-" if text.startswith("-") else ""
    column = _ORDERS.get(text.removeprefix("-"))
    if column is None:
        message = f"a list is ordered by {', '.join(_ORDERS)}; with - before it backwards"
        raise Invalid.at("order", "bad_value", message)
    return (
        (f"{backwards}{column}",) if column == "id" else (f"{backwards}{column}", f"{backwards}id")
    )
