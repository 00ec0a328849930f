"""What has happened to a run, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestrator.domain.graph import SCRIPT
from orchestrator.queries.asks import what_was_asked

ASKS = frozenset({"asked", "refused"})
# Each of these is told by another change, or too often to be read.
UNTOLD = frozenset({"attempt_status", "progress", "parameters_resolved"})


def told(change: Mapping[str, Any], nodes: Sequence[Any]) -> dict[str, Any] | None:
    """One line of the history of a run with these steps; none for what is not worth one."""
    if change["kind"] in UNTOLD:
        return None
    data = change["data"]
    index = data.get("step")
    step = nodes[index].name if isinstance(index, int) and index < len(nodes) else None
    return {
        "n": change["n"],
        "at": datetime.fromisoformat(change["at"]),
        "actor": change["actor"],
        "step": step,
        "subject": change["actor"] if change["kind"] in ASKS else "run",
        "status": data.get("status") if change["kind"].endswith("_status") else None,
        "sentence": _sentence(change["kind"], data, nodes),
    }


def _sentence(kind: str, data: Mapping[str, Any], nodes: Sequence[Any]) -> str:
    reason = data.get("reason") or ""
    match kind:
        case "run_created":
            return f"created with {counted(data.get('steps', 0), 'step')}"
        case "steps_added":
            fresh = nodes[data["first"] : data["first"] + data["count"]]
            are_items = bool(fresh) and all(node.of is not None for node in fresh)
            return f"{counted(data['count'], 'item' if are_items else 'step')} made ready"
        case "run_status" | "step_status" | "reason":
            again = f" (round {data['round']})" if data.get("round", 1) > 1 else ""
            return f"{reason}{again}"
        case "attempt_added":
            return f"attempt {data['number']}, {data.get('origin', 'first')}"
        case "artifact_added":
            return f'left the artifact "{data["name"]}"'
        case "asked":
            return what_was_asked(str(data.get("verb", "")), data.get("detail") or {})
        case "refused":
            asked = what_was_asked(str(data.get("verb", "")), data.get("detail") or {})
            return f"{asked}: refused, {reason}"
        case "stale":
            return "is stale: an input was made anew" if data["stale"] else "is fresh again"
        case "called":
            what = f"{data['kind']} {_who(data)}"
            of_step = data.get("step") is not None
            return f"its {what} was called" if of_step else f"the {what} of the run was called"
        case "answered":
            said = {"answered": "answered", "dropped": "is not waited for any more"}
            what = f"the {data['kind']} {_who(data)}"
            return f"{what} {said.get(data['state'], 'failed')}: {reason}".rstrip(": ")
        case "note":
            return str(data.get("text", ""))
        case _:
            return kind.replace("_", " ")


def _who(data: Mapping[str, Any]) -> str:
    return "callback" if data.get("by") == SCRIPT else "hook"


def counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
