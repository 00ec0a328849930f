"""Conditions: what belongs in one, what it gives, and that nothing else can happen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import BadExpression, BadReference, UnresolvedReference
from orchestrator.domain.expressions import evaluate, holds, read
from orchestrator.domain.references import Reference, parse

VALUES: dict[str, Any] = {
    "score": 0.95,
    "n": 3,
    "names": ["a", "b"],
    "text": "abc",
    "yes": True,
    "none": None,
    "map": {"k": 1},
    "huge": 10**4000,
    "big": 10**1000,
    "long": "x" * 1_000_000,
    "wide": list(range(200_000)),
}


def lookup(reference: Reference) -> Any:
    name = reference.path[-1]
    if name not in VALUES:
        raise UnresolvedReference(str(reference), "it was skipped")
    return VALUES[name]


def compute(text: str) -> Any:
    return evaluate(read(parse(text)), lookup)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${e.score} > 0.9", True),
        ("${e.score} > 0.9 and not ${pipeline.yes}", False),
        ("${e.n} + 1 == 4", True),
        ("1 < ${e.n} <= 3", True),
        ("1 < ${e.n} < 3", False),
        ("-${e.n} + 2 * 3 - 7 // 2 % 2", 2),
        ("${e.n} / 2", 1.5),
        ("(${e.n} == 3) == true", True),
        ("${e.none} == null", True),
        ("${e.n} != null", True),
        ("${e.yes} == 1", False),
        ("True and None == null", True),
        ("'a' in ${e.names}", True),
        ("${e.n} in [1, 2, 3]", True),
        ("1 in [true]", False),
        ("'c' not in ${e.names}", True),
        ("'bc' in ${e.text}", True),
        ("'k' in ${e.map}", True),
        ("len(${e.names}) == 2", True),
        ("${e.text} + 'd' == 'abcd'", True),
        ("'a' < 'b'", True),
        ("${e.names} == ['a', 'b']", True),
        ("false and ${skipped.missing} == 1", False),
        ("true or ${skipped.missing} == 1", True),
        ("'#' == '#'", True),
    ],
)
def test_a_condition_gives(text: str, value: object) -> None:
    assert compute(text) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("1 +", "cannot be read"),
        ("${e.n} ${e.n}", "cannot be read"),
        ("a := 1", "cannot be read"),
        ("score > 1", "references are written"),
        ("load.score > 1", "a dot may stand only inside"),
        ("__class__", "not known here"),
        ("().__class__.__base__", "a dot may stand only inside"),
        ("${e.n}.real == 3", "a dot may stand only inside"),
        ("'${e.text}' == 'abc'", "inside quotation marks"),
        ("${e.text} == 'a' # ${e.n}", "inside quotation marks"),
        ("__operand_0 == 1", "not part of conditions"),
        ("2 ** 3", r"\*\* is not part"),
        ("print(1)", "only len"),
        ("len()", "only len"),
        ("len(1, 2)", "only len"),
        ("len(*[1])", "only len"),
        ("len(x=1)", "only len"),
        ("(lambda: 1)()", "only len"),
        ("${e.names}[0]", "square brackets"),
        ("1 if true else 2", "if … else"),
        ("${e.n} is null", '"==" instead of "is"'),
        ("${e.n} is not null", '"!="'),
        ("f'{1}'", "a letter before a quotation mark"),
        ("b'x' == 1", "can stand"),
        ("{1: 2} == 1", "can stand"),
        ("[x for x in [1]]", "can stand"),
        ("1 << 9", "can stand"),
        ("1j == 1", "can stand"),
        ("... == 1", "can stand"),
        ("'\\n' == 1", "not part of conditions"),
        ("1 ==\n1", "not part of conditions"),
        ("9" * 1999, "too long"),
        ("1 + " * 600 + "1", "more than the cap"),
        ("+".join("1" * 300), "deep|parts"),
        ("[" + "1," * 300 + "]", "more than 200 parts"),
        ("-" * 1500 + "1", "deep"),
        ("(" * 300 + "1" + ")" * 300, "cannot be read|deep"),
    ],
)
def test_what_does_not_belong_in_a_condition_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadExpression, match=says) as caught:
        read(parse(text))
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0", "division by zero"),
        ("1.0 % 0", "division by zero"),
        ("'a' * 9", "arithmetic needs numbers"),
        ("'%s' % 1", "arithmetic needs numbers"),
        ("true + 1", "arithmetic needs numbers, not true"),
        ("${e.names} + [1]", "not a list"),
        ("-'a'", "a sign needs numbers"),
        ("1 < 'a'", "an order needs numbers"),
        ("null < 1", "not null"),
        ("1 and true", '"and" needs true or false, not a number'),
        ("${e.text} or true", '"or" needs true or false, not the text "abc"'),
        ("not null", '"not" needs true or false, not null'),
        ("1 in 2", "nothing can be in a number"),
        ("1 in 'a'", "only a text can be in a text"),
        ("len(3)", "a number has no length"),
        ("${e.huge} * 2", "a number is too long"),
        ("1e308 * 10 > 1", "a number is too large"),
        ("${e.big} / 2.5", "too large to compute"),
        ("${e.big} * ${e.big}", "a number is too long"),
        ("${e.long} + ${e.long} == ''", "longer than"),
        ("1 in ${e.wide} and " * 11 + "true", "too long"),
    ],
)
def test_what_cannot_be_computed_says_why(text: str, says: str) -> None:
    with pytest.raises(BadExpression, match=says):
        compute(text)


def test_a_condition_must_give_true_or_false() -> None:
    assert holds(read(parse("${e.yes}")), lookup) is True
    with pytest.raises(BadExpression, match='true or false, not the text "abc"'):
        holds(read(parse("${e.text}")), lookup)


def test_a_reference_without_a_value_keeps_its_own_error() -> None:
    with pytest.raises(UnresolvedReference, match="it was skipped"):
        compute("${e.missing} == 1")


VOCABULARY = (
    "${e.n} ${e.names} ${e.text} ${e.none} 1 0 2.5 1e308 'a' true null and or not in == != < >= + -"
    " * / // % ( ) [ ] , len ** . __class__ lambda : is if else { } # \" ' \\ @ := await"
)
words = st.sampled_from(VOCABULARY.split())


@given(st.one_of(st.lists(words, max_size=25).map(" ".join), st.text(max_size=40)))
def test_any_text_is_computed_or_refused_with_our_errors(text: str) -> None:
    try:
        value = compute(text)
    except (BadExpression, BadReference, UnresolvedReference):
        return
    assert isinstance(value, bool | int | float | str | list | dict | None)


@pytest.mark.parametrize("piece", ["(", "-", "1+", "not ", "[", "'", "${e.n}+", "a.", "\x00", "~"])
def test_a_megabyte_of_anything_is_refused(piece: str) -> None:
    with pytest.raises((BadExpression, BadReference)):
        read(parse(piece * (1024 * 1024 // len(piece))))
