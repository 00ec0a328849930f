"""Parameters: what is declared, what is given, and whether they fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import Invalid
from orchestrator.domain.parameters import (
    BadValue,
    ParameterSpec,
    ParameterType,
    check_values,
    coerce_text,
    fit_value,
    full_name,
    read_specs,
    specs_from,
)

T = ParameterType
NOTHING = object()


def spec(kind: str, **more: Any) -> ParameterSpec:
    (made,) = specs_from([{"name": "rows", "type": kind, **more}])
    return made


@pytest.mark.parametrize(
    ("kind", "more", "value"),
    [
        ("string", {}, ""),
        ("string", {"choices": ["a", "b"]}, "b"),
        ("integer", {}, -3),
        ("integer", {}, 10**30),
        ("integer", {"minimum": 1, "maximum": 3}, 3),
        ("integer", {}, 5.0),
        ("number", {}, 2),
        ("number", {"minimum": 0}, 0.5),
        ("boolean", {}, False),
        ("choice", {"choices": [1, "a"]}, "a"),
        ("choice", {"choices": [True, 2]}, True),
        ("json", {}, {"a": [None]}),
        ("json", {"required": True}, None),
        ("integer", {}, None),
    ],
)
def test_a_value_fits(kind: str, more: dict[str, Any], value: Any) -> None:
    assert fit_value(spec(kind, **more), value) == value


@pytest.mark.parametrize(
    ("kind", "more", "value", "says"),
    [
        ("string", {}, 3, "needs a text, not 3"),
        ("string", {"choices": ["a"]}, "b", 'is one of "a", not "b"'),
        ("integer", {}, "5", 'needs a whole number, not "5"'),
        ("integer", {}, True, "needs a whole number, not true"),
        ("integer", {}, 2.5, "needs a whole number, not 2.5"),
        ("integer", {}, float("inf"), "needs a whole number"),
        ("integer", {"minimum": 10}, 9, "is at least 10, not 9"),
        ("integer", {"maximum": 10}, 10**400, "is at most 10"),
        pytest.param(
            "integer", {"maximum": 10}, 10**5000, "is at most 10, not a number", id="5000 digits"
        ),
        ("number", {}, float("nan"), "needs a number"),
        ("number", {}, "x", "needs a number"),
        ("boolean", {}, 1, "needs true or false, not 1"),
        ("boolean", {}, "true", "needs true or false"),
        ("choice", {"choices": [1]}, True, "is one of 1, not true"),
        ("json", {}, {1, 2}, "needs a JSON value"),
        ("json", {}, float("nan"), "needs a JSON value"),
        ("integer", {"default": 3}, None, "not null"),
        ("string", {"required": True}, None, "not null"),
    ],
)
def test_a_value_does_not_fit(kind: str, more: dict[str, Any], value: Any, says: str) -> None:
    with pytest.raises(BadValue, match=says) as caught:
        fit_value(spec(kind, **more), value)
    assert '"rows"' in caught.value.message
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("kind", "more", "text", "value"),
    [
        ("string", {}, " a ", " a "),
        ("string", {}, "", ""),
        ("integer", {}, " 5 ", 5),
        ("integer", {}, "", None),
        ("number", {}, "1e3", 1000.0),
        ("boolean", {}, "Yes", True),
        ("boolean", {}, "off", False),
        ("choice", {"choices": [1, "1x"]}, "1", 1),
        ("choice", {"choices": [True, "a"]}, "true", True),
        ("json", {}, '{"a": 1}', {"a": 1}),
        ("json", {}, "", None),
    ],
)
def test_text_from_a_form_becomes_the_type(
    kind: str, more: dict[str, Any], text: str, value: Any
) -> None:
    coerced = coerce_text(spec(kind, **more), text)
    assert (coerced, type(coerced)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("integer", "5.5", 'a whole number, not "5.5"'),
        ("integer", "9" * 5000, "a whole number"),
        ("number", "nan", "a number"),
        ("boolean", "maybe", 'true or false, not "maybe"'),
        ("json", "[1", r'a JSON value, not "\[1"'),
        ("json", "[" * 100_000, "a JSON value"),
        ("json", "NaN", "a JSON value"),
    ],
)
def test_text_that_cannot_be_read_is_refused(kind: str, text: str, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        coerce_text(spec(kind), text)


SPECS = specs_from(
    [
        {"name": "General/rows", "type": "integer", "default": 1000, "minimum": 10},
        {"name": "Args/rate", "type": "number", "required": True},
        {"name": "General/title"},
    ]
)


def test_defaults_fill_what_is_not_given_and_bare_names_are_general() -> None:
    values, problems = check_values(SPECS, {"Args/rate": 0.5, "title": "x"})
    assert problems == []
    assert values == {"General/rows": 1000, "Args/rate": 0.5, "General/title": "x"}
    assert full_name("rows") == "General/rows"
    assert full_name("Args/rows") == "Args/rows"


@pytest.mark.parametrize(
    ("given_values", "where", "code", "says"),
    [
        ({"Args/rate": 1, "rosw": 3}, "rosw", "unknown_parameter", 'did you mean "General/rows"'),
        ({"Args/rate": 1, "Rows": 3}, "Rows", "unknown_parameter", 'did you mean "General/rows"'),
        ({"Args/rate": 1, "zzz": 3}, "zzz", "unknown_parameter", "there are Args/rate"),
        ({"Args/rate": 1, "rows": 3}, "rows", "bad_value", "at least 10, not 3"),
        (
            {"Args/rate": 1, "rows": 30, "General/rows": 40},
            "General/rows",
            "duplicate_name",
            "twice",
        ),
        ({"rate": 1, "Args/rate": 1}, "rate", "unknown_parameter", 'did you mean "Args/rate"'),
        ({}, "Args/rate", "missing", "is required"),
        (None, "Args/rate", "missing", "is required"),
        ({"Args/rate": None}, "Args/rate", "bad_value", "not null"),
        ({"Args/rate": 1, "title": "x" * 1_100_000}, "", "cap_exceeded", "more than the cap"),
    ],
)
def test_what_is_given_wrongly_is_named(
    given_values: dict[str, Any] | None, where: str, code: str, says: str
) -> None:
    _, problems = check_values(SPECS, given_values)
    assert [(problem.where, problem.code) for problem in problems] == [
        (f"parameters.{where}".rstrip("."), code)
    ]
    assert says in problems[0].message


def test_a_default_serves_where_a_value_is_required() -> None:
    specs = specs_from([{"name": "rows", "type": "integer", "default": 0, "required": True}])
    assert check_values(specs, {}) == ({"rows": 0}, [])


def test_all_that_is_wrong_is_told_at_once_and_belongs_to_its_step() -> None:
    values, problems = check_values(
        SPECS, {"rows": "x", "nope": 1}, where="steps[0].parameters", step="load"
    )
    assert [problem.code for problem in problems] == ["bad_value", "unknown_parameter", "missing"]
    assert {problem.step for problem in problems} == {"load"}
    assert problems[0].where == "steps[0].parameters.rows"
    assert values["General/rows"] == 1000


def test_texts_are_read_as_their_types_when_they_come_from_a_form() -> None:
    given_texts = {"rows": "50", "Args/rate": "0.5", "title": "7"}
    values, problems = check_values(SPECS, given_texts, from_text=True)
    assert (values, problems) == (
        {"General/rows": 50, "Args/rate": 0.5, "General/title": "7"},
        [],
    )


@pytest.mark.parametrize(
    ("entry", "where", "code"),
    [
        (3, "", "wrong_type"),
        ({}, ".name", "bad_name"),
        ({"name": ""}, ".name", "bad_name"),
        ({"name": "a\nb"}, ".name", "bad_name"),
        ({"name": "x" * 201}, ".name", "bad_name"),
        ({"name": "a", "type": "int"}, ".type", "bad_value"),
        ({"name": "a", "type": []}, ".type", "bad_value"),
        ({"name": "a", "requird": True}, "", "unknown_key"),
        ({"name": "a", "required": 1}, ".required", "wrong_type"),
        ({"name": "a", "minimum": 1}, ".minimum", "bad_value"),
        ({"name": "a", "type": "integer", "minimum": "1"}, ".minimum", "wrong_type"),
        ({"name": "a", "type": "integer", "minimum": 3, "maximum": 2}, ".minimum", "bad_value"),
        ({"name": "a", "type": "choice"}, ".choices", "missing"),
        ({"name": "a", "choices": [[]]}, ".choices", "wrong_type"),
        ({"name": "a", "type": "integer", "choices": ["x"]}, ".choices", "bad_value"),
        ({"name": "a", "type": "integer", "default": "5"}, ".default", "bad_value"),
        (
            {"name": "a", "type": "choice", "choices": ["x"], "default": "y"},
            ".default",
            "bad_value",
        ),
    ],
)
def test_a_declaration_that_is_wrong_is_told_of(entry: object, where: str, code: str) -> None:
    _, problems = read_specs([entry])
    assert [(problem.where, problem.code) for problem in problems] == [
        (f"parameters[0]{where}", code)
    ]


def test_a_name_is_declared_once() -> None:
    with pytest.raises(Invalid, match='parameter "a" is declared twice'):
        specs_from([{"name": "a"}, {"name": "a", "type": "integer"}])


@pytest.mark.parametrize("raw", [{}, "a", 3])
def test_declarations_are_a_list(raw: object) -> None:
    with pytest.raises(Invalid, match="parameters is a list"):
        specs_from(raw)


def test_no_declarations_and_nulls_and_our_own_keys_are_fine() -> None:
    assert specs_from(None) == ()
    (one,) = specs_from([{"name": "a", "help": None, "default": None, "x-mine": 1}])
    assert one == ParameterSpec("a")


def test_a_declaration_says_again_what_it_was_made_of() -> None:
    said = {"name": "a", "type": "choice", "choices": [1, 2], "default": 2, "required": True}
    (one,) = specs_from([said])
    assert one.as_dict() == said
    assert specs_from([ParameterSpec("b").as_dict()]) == (ParameterSpec("b"),)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
entries = st.dictionaries(
    st.sampled_from(["name", "type", "default", "choices", "minimum", "required", "help"]),
    anything | st.sampled_from([*T, "a", "b"]),
    max_size=6,
)


@given(st.lists(entries | anything, max_size=4), st.dictionaries(st.text(max_size=3), anything))
def test_any_declarations_and_values_are_read_or_told_of(
    raw: list[Any], given_values: dict[str, Any]
) -> None:
    specs, _ = read_specs(raw)
    values, _ = check_values(specs, given_values)
    assert list(values) == [one.name for one in specs]


@given(st.sampled_from(["string", "integer", "number", "boolean", "json"]), anything)
def test_what_fits_stays_as_it_is_when_it_is_fitted_again(kind: str, value: Any) -> None:
    try:
        fitted = fit_value(spec(kind), value)
    except BadValue:
        return
    assert fit_value(spec(kind), fitted) == fitted
