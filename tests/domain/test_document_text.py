"""Documents as text: whole and equal after any way through YAML or JSON; hostile text refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.document_text import (
    DEEPEST,
    LARGEST_TEXT,
    read_document,
    read_json,
    read_yaml,
    written_json,
    written_yaml,
)
from orchestrator.domain.document import SCHEMA, in_reading_order
from orchestrator.domain.errors import Invalid
from tests.domain.test_document_check import GOOD

# What a database can keep: no NUL, no half characters.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
LIKE_OTHER_VALUES = ("on", "y", "null", "~", "1e3", "010", "0x1f", "1_000", "1:30", "2024-01-01")
LIKE_SIGNS = ("=", "<<", "*a", "&a", "!t", "#c", "a: b", "a #b", "- x", "? x", "'", '"', " x", "x ")
LIKE_REFERENCES = ("`a`.x", "${a.x}", "$${", "<b>&amp;</b>")
WITH_LINES = ("two\nlines\n", "\n", " \n x\n", "a\n\nb\n", "\ta", "a\r\nb", "\u2028", "\ufeff")
odd = st.sampled_from(
    (*LIKE_OTHER_VALUES, *LIKE_SIGNS, *LIKE_REFERENCES, *WITH_LINES, "\U000e0001")
)
words = texts | odd
plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
)
anything = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner), max_leaves=12
)
few = plain | st.lists(plain, max_size=2) | st.dictionaries(words, plain, max_size=2)


def all_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw a value of the schema that says every key which it may say."""
    if "properties" in schema:
        known = {name: all_of(inner) for name, inner in schema["properties"].items()}
        return st.fixed_dictionaries({**known, "x-anybodys": plain})
    if isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(
            words, all_of(schema["additionalProperties"]), min_size=1, max_size=3
        )
    if schema.get("type") == "array":
        size = schema.get("minItems", 1)
        return st.lists(all_of(schema["items"]), min_size=size, max_size=size)
    kinds = {"integer": st.integers(), "number": st.floats(-1e6, 1e6), "boolean": st.booleans()}
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    return kinds.get(schema.get("type", ""), words if schema.get("type") == "string" else few)


def ways(schema: dict[str, Any], way: str = "") -> Iterator[str]:
    """Every key of the schema, with what leads to it."""
    for name, inner in schema.get("properties", {}).items():
        yield f"{way}.{name}"
        yield from ways(inner, f"{way}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from ways(schema["items"], f"{way}[]")


def said(value: Any, schema: dict[str, Any], way: str = "") -> Iterator[str]:
    """The keys of the schema that a document says, in the same words."""
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield f"{way}.{name}"
                yield from said(value[name], inner, f"{way}.{name}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for inner in value:
            yield from said(inner, schema["items"], f"{way}[]")


EVERY_KEY = set(ways(SCHEMA))


# Each example says everything, so that a few are many.
@settings(max_examples=12)
@given(all_of(SCHEMA))
def test_a_document_with_every_key_comes_back_whole(document: dict[str, Any]) -> None:
    assert set(said(document, SCHEMA)) == EVERY_KEY
    ordered = in_reading_order(document)
    assert read_document(written_yaml(ordered)) == document
    assert read_document(written_json(ordered)) == document


def test_there_are_keys_to_cover() -> None:
    assert len(EVERY_KEY) > 80
    assert {".layout", ".notes[].at", ".steps[].retries.on", ".parameters[].choices"} <= EVERY_KEY


@given(anything)
def test_any_value_comes_back_from_yaml_as_it_was(value: Any) -> None:
    again = read_yaml(written_yaml(value))
    assert json.dumps(again) == json.dumps(value)


@given(anything)
def test_other_readers_of_yaml_find_the_same(value: Any) -> None:
    text = written_yaml({"value": value})
    theirs = yaml.safe_load(text)["value"]
    # YAML 1.1 takes an exponent without a sign or a dot for a word; all else must agree.
    assert json.dumps(theirs, default=str) == json.dumps(value) or "e" in text


def test_yaml_is_written_to_be_read() -> None:
    text = written_yaml(in_reading_order({**GOOD, "notes": [{"text": "One\nTwo\n", "at": [1, 2]}]}))
    assert text.startswith("schema: 1\nparameters:\n  - name: rows\n    type: integer\n")
    assert "    parents: [load]\n" in text
    assert "layout:\n  load: [0, 1.5]\n" in text
    assert "  - text: |\n      One\n      Two\n    at: [1, 2]\n" in text


def test_a_hand_written_document_is_read_as_it_is_meant() -> None:
    found = read_document(
        "schema: 1\nsteps:\n- {name: a, retries: {on: [failed], delay: 1e1}, comment: yes}\n"
        "layout: {1: [0, -2.5]}\nx-day: 2024-01-01\n"
    )
    step = found["steps"][0]
    assert step["retries"] == {"on": ["failed"], "delay": 10}
    assert step["comment"] == "yes"
    assert found["layout"] == {"1": [0, -2.5]}
    assert found["x-day"] == "2024-01-01"


def test_an_exported_file_is_read_for_its_document() -> None:
    wrapped = {"slug": "a", "version": 2, "document": GOOD}
    assert read_document(written_yaml(wrapped)) == GOOD
    assert read_document(written_json(wrapped)) == GOOD


HOSTILE = {
    "an alias": ("a: &x [1, 1]\nb: [*x, *x]", "aliases"),
    "a tag of Python": ("a: !!python/object/apply:os.system ['true']", "tag"),
    "a tag of YAML": ("a: !!binary aGk=", "tag"),
    "a tag on a key": ("!!str a: 1", "not a word"),
    "a tag on the whole": ("!mine\nschema: 1", "tag"),
    "a mapping as a key": ("? {a: 1}\n: 2", "not a word"),
    "a key that stands twice": ("schema: 1\nsteps: []\nschema: 2", 'key "schema" stands twice'),
    "a key of JSON that stands twice": ('{"a": 1, "a": 2}', 'key "a" stands twice'),
    "two documents": ("a: 1\n---\nb: 2", "second document"),
    "deep lists": ("[" * 5_000, "nested too deeply"),
    "deep mappings": ("".join(f"{' ' * n}a:\n" for n in range(DEEPEST + 5)), "nested too deeply"),
    "deep JSON": ('{"a":' * 100_000, "nested too deeply"),
    "an endless number": (f"a: {'9' * 10_000}", "neither JSON nor YAML"),
    "NaN": ('{"a": NaN}', "NaN is no value of JSON"),
    "control characters": ("a: \x01", "neither JSON nor YAML"),
    "half a list": ("a:\n  [1,", "(line "),
    "half of JSON": ('{"a": 1,\n "b"', "line 2"),
    "a list": ("- one\n- two", "is an object"),
    "a word": ("hello", "is an object"),
    "nothing": (" \n", "no document yet"),
    "too much": ("#" * (LARGEST_TEXT + 1), "larger than the cap"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_is_refused_with_a_sentence(what: str) -> None:
    text, sentence = HOSTILE[what]
    with pytest.raises(Invalid) as caught:
        read_document(text)
    assert sentence in caught.value.message
    assert len(caught.value.message) < 400


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_document, read_yaml, read_json):
        with suppress(Invalid):
            json.dumps(read(text))


SAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.json"))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_sample_comes_back_whole(file: Path) -> None:
    document = read_document(file.read_text(encoding="utf-8"))
    assert read_document(written_yaml(in_reading_order(document))) == document
