"""What holds for every document: the schema is one, the check never breaks, size is no matter."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orchestrator.domain.document import (
    SCHEMA,
    TemplateInfo,
    check,
    content_hash,
    graph_of,
    normalise,
    rename_step,
)
from orchestrator.domain.document.shape import Findings, check_shape
from orchestrator.domain.graph import find_cycle
from orchestrator.domain.parameters import specs_from
from tests.catalogs import NoPipelines

SPECS = specs_from([{"name": "General/a"}, {"name": "General/n", "type": "integer"}])


class AnyTemplate(NoPipelines):
    """Whatever is asked for exists."""

    def template(self, name: str) -> TemplateInfo | None:
        return TemplateInfo(SPECS)

    def names(self) -> Collection[str]:
        return ()


def test_the_schema_is_a_json_schema_of_plain_values() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [one for inner in schema for one in objects(inner)]
    if not isinstance(schema, dict):
        return []
    inside = [one for inner in schema.values() for one in objects(inner)]
    return [schema, *inside] if schema.get("type") == "object" else inside


def test_every_field_says_what_it_is_or_what_it_holds() -> None:
    assert len(objects(SCHEMA)) > 15
    for one in objects(SCHEMA):
        for name, field in one.get("properties", {}).items():
            assert {"description", "enum", "properties"} & set(field), name


plain = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b", "${a.x}"])
anything = st.recursive(
    plain | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x != int(x)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def some_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Draw what the schema allows, or nearly so."""
    right: st.SearchStrategy[Any] = anything
    if "properties" in schema:
        optional = {name: some_of(inner) for name, inner in schema["properties"].items()}
        right = st.fixed_dictionaries({}, optional=optional)
    elif schema.get("type") == "array":
        right = st.lists(some_of(schema["items"]), max_size=3)
    elif "enum" in schema:
        right = st.sampled_from(schema["enum"])
    elif "const" in schema:
        right = st.just(schema["const"])
    elif schema.get("type") == "string":
        right = st.sampled_from(["a", "b", "${a.x}", "${", "x y"])
    elif schema.get("type") == "boolean":
        right = st.booleans()
    elif schema.get("type") in ("integer", "number"):
        right = st.integers(-1, 3)
    return st.integers(0, 19).flatmap(lambda luck: right if luck else anything)


documents = some_of(SCHEMA)


@given(documents | anything)
def test_any_value_is_checked_without_an_error_of_pythons(value: Any) -> None:
    for problem in check(value, catalog=AnyTemplate()):
        assert problem.code
        assert problem.message


@given(documents)
def test_our_look_at_the_shape_agrees_with_a_json_schema_validator(document: Any) -> None:
    findings = Findings()
    check_shape(findings, document, SCHEMA)
    wrong = [one for one in findings.problems if one.code != "not_supported"]
    told = {
        str(one.validator) for one in Draft202012Validator(SCHEMA).iter_errors(without(document))
    }
    assert bool(wrong) == bool(told), (wrong, told)


def without(value: Any, schema: Any = SCHEMA) -> Any:
    """Leave out what we allow on top: nulls of optional keys, and keys that begin with x-."""
    if isinstance(value, dict) and "properties" in schema:
        return {
            key: without(inner, schema["properties"].get(key, {}))
            for key, inner in value.items()
            if not key.startswith("x-") and (inner is not None or key in schema["required"])
        }
    if isinstance(value, list) and schema.get("type") == "array":
        return [without(inner, schema.get("items", {})) for inner in value]
    return value


@st.composite
def valid(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a document whose steps come after earlier ones, by parents or by references."""
    steps: list[dict[str, Any]] = []
    for place in range(draw(st.integers(1, 12))):
        earlier = st.lists(st.integers(0, place - 1), max_size=3) if place else st.just([])
        step: dict[str, Any] = {"name": f"s {place}", "template": "work"}
        step["parents"] = [f"s {above}" for above in draw(earlier)]
        step["parameters"] = {"a": " ".join(f"${{`s {above}`.x}}" for above in draw(earlier))}
        steps.append(step)
    return {"schema": 1, "steps": draw(st.permutations(steps))}


@given(valid(), st.data())
def test_a_document_without_circles_is_a_graph_whatever_its_order(
    document: dict[str, Any], data: st.DataObject
) -> None:
    assert check(document, catalog=AnyTemplate()) == []
    graph = graph_of(document)
    assert find_cycle(graph.parents) == ()
    assert graph_of(normalise(document)) == graph
    name = data.draw(st.sampled_from(sorted(graph.index_by_name)))
    renamed = rename_step(document, name, "another")
    assert check(renamed, catalog=AnyTemplate()) == []
    assert graph_of(renamed).parents == graph.parents
    assert content_hash(rename_step(renamed, "another", name)) == content_hash(document)


@given(valid(), st.data())
def test_a_way_back_is_always_found(document: dict[str, Any], data: st.DataObject) -> None:
    graph = graph_of(document)
    low = data.draw(st.integers(0, len(graph) - 1))
    high = data.draw(st.sampled_from((low, *graph.ancestors(low))))
    reference = f"${{`{graph.nodes[low].name}`.x}}"
    document["steps"][high]["queue"] = reference
    codes = {problem.code for problem in check(document, catalog=AnyTemplate())}
    assert codes == {"cycle"}


def test_ten_thousand_steps_are_checked_and_read() -> None:
    steps = [
        {"name": f"s{place}", "template": "work", "parameters": {"a": f"${{s{place - 1}.x}}"}}
        for place in range(1, 10_000)
    ]
    document = {"schema": 1, "steps": [{"name": "s0", "template": "work"}, *steps]}
    assert check(document, catalog=AnyTemplate()) == []
    assert graph_of(document).ranks[-1] == 9_999
    more = {"name": "more", "template": "work"}
    document["steps"] = [{"name": "s0", "template": "work"}, *steps, more]
    (problem,) = check(document, catalog=AnyTemplate())
    assert problem.message == "steps of a pipeline: 10,001 is more than the cap of 10,000"
