"""Documents that follow the schema, every key of it, each from a number. They need not run."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from orchestrator.domain.document import SCHEMA, Document

NAMES = ("load", "train a", "v1.2", "Größe", "x")
TEXTS = (
    "a",
    "${load.rows}",
    "${`train a`.score} $${x}",
    "${broken",
    "<b>&",
    "two\nlines: #1",
    "é ☂",
)


def value_from(random: Random, depth: int = 0) -> Any:
    """Draw any JSON value."""
    kind = random.randrange(8 if depth < 2 else 6)
    if kind == 6:
        return [value_from(random, depth + 1) for _ in range(random.randrange(3))]
    if kind == 7:
        return {name: value_from(random, depth + 1) for name in random.sample(NAMES, 2)}
    plain = (None, random.random() < 0.5, random.randrange(-5, 10**9), random.random(), "")
    return random.choice((*plain, random.choice(TEXTS)))


def part_from(random: Random, schema: dict[str, Any], key: str = "") -> Any:
    """Draw what a part of the schema allows; the key says what a text is for."""
    if "anyOf" in schema:
        return part_from(random, random.choice(schema["anyOf"]))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return random.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        return _object(random, schema)
    if kind == "array":
        return _array(random, schema, key)
    if kind == "string":
        return random.choice(NAMES if key in ("name", "parents", "pause_at") else TEXTS)
    if kind == "boolean":
        return random.random() < 0.5
    return _number(random, schema) if kind else value_from(random)


def _object(random: Random, schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    if not properties:
        inner = schema.get("additionalProperties") or {}
        names = random.sample(NAMES, random.randrange(4))
        return {name: part_from(random, inner) for name in names}
    wanted = [name for name in properties if name in schema["required"] or random.random() < 0.5]
    own = {"x-own": value_from(random)} if random.random() < 0.1 else {}
    return {**{name: part_from(random, properties[name], name) for name in wanted}, **own}


def _array(random: Random, schema: dict[str, Any], key: str) -> list[Any]:
    items = schema.get("items", {})
    count = random.randint(schema.get("minItems", 0), schema.get("maxItems", 3))
    drawn = [part_from(random, items, key) for _ in range(count)]
    if "name" in items.get("required", ()):
        return list({one["name"]: one for one in drawn}.values())
    return list(dict.fromkeys(drawn)) if items.get("type") == "string" else drawn


def _number(random: Random, schema: dict[str, Any]) -> float:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    whole: int = random.randint(least, schema.get("maximum", least + 50))
    half = schema["type"] == "number" and whole + 0.5 <= schema.get("maximum", whole + 1)
    return whole + 0.5 if half and random.random() < 0.5 else whole


def document_from(number: int) -> Document:
    """Draw a document, the same for the same number."""
    document: Document = part_from(Random(number), SCHEMA)
    return document


documents: st.SearchStrategy[Document] = st.integers(0, 2**32).map(document_from)


def keys_of(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Go through all keys that the schema knows, written as ways: ``steps[].retries.number``."""
    for one in schema.get("anyOf", ()):
        yield from keys_of(one, path)
    if isinstance(schema.get("items"), dict):
        yield from keys_of(schema["items"], f"{path}[]")
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from keys_of(inner, f"{path}.{name}")


def keys_in(value: Any, schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """Go through the keys of the schema that a document has."""
    if isinstance(value, list) and "items" in schema:
        for one in value:
            yield from keys_in(one, schema["items"], f"{path}[]")
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield f"{path}.{name}"
                yield from keys_in(value[name], inner, f"{path}.{name}")
