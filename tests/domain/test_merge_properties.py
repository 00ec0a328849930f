"""What holds for every merge, of documents that have every key of the schema."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.document import (
    SCHEMA,
    Document,
    canonical_json,
    content_hash,
    merge,
    normalise,
)
from orchestrator.domain.document.merge import MAPS, NAMED, RECORDS, SETS
from orchestrator.domain.document.schema import STEP
from orchestrator.domain.document.shape import Findings, check_shape
from tests.documents import document_from, documents, keys_in, keys_of, part_from

# Lists that are values of their own: what is in them has neither a name nor a meaning alone.
WHOLE_LISTS = {
    *("pre", "retry", "post", "created", "completed", "status", "ended", "list"),
    *("monitor", "monitor_artifacts", "monitor_models"),
}


def test_the_generator_covers_every_key_of_the_schema() -> None:
    seen = {key for number in range(200) for key in keys_in(document_from(number), SCHEMA)}
    assert seen == set(keys_of(SCHEMA))


@given(documents)
def test_what_is_generated_has_the_schemas_shape(document: Document) -> None:
    findings = Findings()
    check_shape(findings, document, SCHEMA)
    assert [one for one in findings.problems if one.code != "not_supported"] == []


@given(documents)
def test_a_document_comes_back_whole(document: Document) -> None:
    text = canonical_json(document)
    again = json.loads(text)
    assert again == document
    assert canonical_json(again) == text
    assert normalise(normalise(document)) == normalise(document)
    assert content_hash(normalise(document)) == content_hash(document)


@given(documents, documents)
def test_who_has_changed_nothing_takes_what_the_other_made(base: Document, made: Document) -> None:
    before = copy.deepcopy((base, made))
    for mine, theirs in ((made, copy.deepcopy(base)), (copy.deepcopy(base), made), (made, made)):
        assert merge(base, mine, theirs) == (made, ())
    assert (base, made) == before


@given(documents, documents, documents)
def test_any_three_are_merged_and_once_is_enough(
    base: Document, mine: Document, theirs: Document
) -> None:
    merged = merge(base, mine, theirs)
    canonical_json([clash.as_dict() for clash in merged.conflicts])
    assert merge(theirs, merged.document, theirs).document == merged.document
    turned = json.loads(json.dumps([base, mine, theirs], sort_keys=True))
    assert merge(*turned) == merged


def ways(document: Document) -> list[tuple[Any, ...]]:
    """The ways to fields that can be changed each without touching another."""
    fields = [key for key in STEP["properties"] if key != "name"]
    in_steps = [("steps", place, key) for place in range(len(document["steps"])) for key in fields]
    around = [key for key in SCHEMA["properties"] if key not in ("schema", "steps", "layout")]
    return [*in_steps, *((key,) for key in around)]


def with_field(document: Document, way: tuple[Any, ...], value: Any) -> Document:
    """The document with something else there, or with nothing."""
    changed = copy.deepcopy(document)
    holder = changed["steps"][way[1]] if way[0] == "steps" else changed
    holder.pop(way[-1], None)
    if value is not None:
        holder[way[-1]] = value
    return changed


@given(st.integers(0, 2**32))
def test_changes_of_different_fields_both_arrive(number: int) -> None:
    base, random = document_from(number), Random(number)
    one, other = random.sample(ways(base), 2)
    drawn = [
        part_from(random, (STEP if len(way) > 1 else SCHEMA)["properties"][way[-1]], way[-1])
        for way in (one, other)
    ]
    here, there = (random.choice([None, value]) for value in drawn)
    mine, theirs = with_field(base, one, here), with_field(base, other, there)
    assert merge(base, mine, theirs) == (with_field(mine, other, there), ())


def parts(schema: dict[str, Any], key: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object and list of the schema, with the key that it stands under."""
    own = [(key, schema)] if key and schema.get("type") in ("object", "array") else []
    inside = [*schema.get("properties", {}).items()]
    if schema.get("items"):
        inside.append(("", schema["items"]))
    return [*own, *(part for name, inner in inside for part in parts(inner, name))]


def test_the_merge_knows_every_object_and_list_of_the_schema() -> None:
    for key, schema in parts(SCHEMA):
        items = schema.get("items", {})
        if schema["type"] == "object":
            assert key in RECORDS, key
            assert (key in MAPS) == ("properties" not in schema), key
        elif items.get("type") == "object" and key != "notes":
            assert (key in NAMED) == ("name" in items["required"]), key
            assert key in NAMED | WHOLE_LISTS, key
        elif items.get("type") != "number" and key != "notes":
            assert key in SETS | WHOLE_LISTS, key
