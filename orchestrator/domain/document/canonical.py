"""One spelling for each document: tidied, as canonical JSON, and its hash."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.domain.document.schema import SCHEMA
from orchestrator.domain.graph import Kind
from orchestrator.domain.parameters import full_name

Document = dict[str, Any]

# How a pipeline is drawn is not what it does.
NOT_CONTENT = ("layout", "notes")


def canonical_json(value: Any) -> str:
    """Write a value in the one way that equal values share; ``ValueError`` for NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def normalise(document: Mapping[str, Any]) -> Document:
    """Return a document without what goes without saying; what has no sense is left as it is.

    Left out: nulls and what equals the schema's default. Parameters get their section; parents
    and tags stand once. Normalising twice changes nothing.
    """
    tidy: Document = _tidied(dict(document), SCHEMA)
    steps = tidy.get("steps", [])
    tidy["steps"] = [_tidied_step(step) for step in steps] if isinstance(steps, list) else steps
    return tidy


def content_hash(document: Mapping[str, Any]) -> str:
    """Return the hash of what a document does: the same whatever its layout and notes."""
    content = {key: value for key, value in normalise(document).items() if key not in NOT_CONTENT}
    return hashlib.sha256(canonical_json(content).encode("utf-8", "surrogatepass")).hexdigest()


def in_reading_order(document: Mapping[str, Any]) -> Document:
    """Return the document with its keys as the schema lists them; a database may reorder them."""
    ordered: Document = _ordered(document, SCHEMA)
    return ordered


def _ordered(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        others = schema.get("additionalProperties") or {}
        keys = [
            *(key for key in known if key in value),
            *(key for key in value if key not in known),
        ]
        return {key: _ordered(value[key], known.get(key, others)) for key in keys}
    if isinstance(value, list):
        return [_ordered(inner, schema.get("items", {})) for inner in value]
    return value


def _tidied(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        kept = {}
        for key, inner in value.items():
            known = properties.get(key, {})
            inner = _tidied(inner, known)
            if key in schema["required"] or not _goes_without_saying(inner, known):
                kept[key] = inner
        return kept
    if isinstance(value, list) and "items" in schema:
        return [_tidied(inner, schema["items"]) for inner in value]
    return value


def _goes_without_saying(value: Any, schema: Mapping[str, Any]) -> bool:
    if not schema:
        return False
    if value is None:
        return True
    if "default" in schema:
        default = schema["default"]
        return type(value) is type(default) and bool(value == default)
    return value == {} and schema.get("type") == "object"


def _tidied_step(step: Any) -> Any:
    if not isinstance(step, dict):
        return step
    tidy = dict(step)
    for key in ("parents", "tags"):
        if _are_texts(tidy.get(key)):
            tidy[key] = list(dict.fromkeys(tidy[key]))
    parameters = tidy.get("parameters")
    if isinstance(parameters, dict) and tidy.get("kind", Kind.TASK) == Kind.TASK:
        tidy["parameters"] = {full_name(name): value for name, value in parameters.items()}
    return tidy


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
