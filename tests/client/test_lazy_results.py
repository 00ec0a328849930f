"""A lazy result is used as its value is, and is fetched when that happens and not before."""

import copy
import math
import os
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pandas
import pytest

from pipelines.automation.lazy import LazyEvalWrapper, is_lazy, value_of, values_in


def lazy(value: Any) -> Any:
    return LazyEvalWrapper(lambda: value)


@pytest.mark.parametrize(
    ("value", "use", "gives"),
    [
        (5, lambda x: x + 1, 6),
        (5, lambda x: 1 + x, 6),
        (5, lambda x: x + x, 10),
        (5, lambda x: 100 * x / 2 - x, 245.0),
        (5, lambda x: 2**x + x**2, 57),
        (5, lambda x: divmod(x, 2), (2, 1)),
        (5, lambda x: sum([x, x]), 10),
        (5, lambda x: -x, -5),
        (5, lambda x: "x" if x > 4 else "y", "x"),
        (5, lambda x: max(x, 3), 5),
        (5, lambda x: sorted([x, 3]), [3, 5]),
        (5, lambda x: list(range(x)), [0, 1, 2, 3, 4]),
        (5, lambda x: f"{x:03d} {x} {x!r}", "005 5 5"),
        (5, lambda x: isinstance(x, int), True),
        (5, lambda x: {5: "five"}[x], "five"),
        (5, lambda x: x in [5], True),
        (5, lambda x: x.bit_length(), 3),
        (2.5, lambda x: round(x, 1) + math.sqrt(x * 10), 7.5),
        (2.5, lambda x: (math.floor(x), math.ceil(x), int(x)), (2, 3, 2)),
        (0, lambda x: bool(x), False),
        ("", lambda x: not x, True),
        ("text", lambda x: x.upper() + x[1:], "TEXText"),
        ("text", lambda x: "x".join(x), "txexxxt"),
        ([1, 2, 3], lambda x: [y * 2 for y in x], [2, 4, 6]),
        ([1, 2, 3], lambda x: (len(x), x[0], x[-1], x[1:], 2 in x), (3, 1, 3, [2, 3], True)),
        ([1, 2], lambda x: list(reversed(x)), [2, 1]),
        ({"a": 1}, lambda x: {**x, "b": x["a"]}, {"a": 1, "b": 1}),
        ((1, 2), lambda x: (lambda a, b: a + b)(*x), 3),
        (len, lambda x: x("four"), 4),
        (Fraction(1, 2), lambda x: x.numerator, 1),
        ([[1]], lambda x: copy.deepcopy(x), [[1]]),
        ([1], lambda x: pickle.loads(pickle.dumps(x)), [1]),
        (Path("/a"), lambda x: os.path.join(x, "b"), "/a/b"),
        (numpy.arange(3), lambda x: (numpy.asarray(x) + x).tolist(), [0, 2, 4]),
        (pandas.DataFrame({"a": [1]}), lambda x: pandas.concat([x, x])["a"].tolist(), [1, 1]),
    ],
)
def test_a_use_is_the_use_of_the_value(value: Any, use: Any, gives: Any):
    assert use(lazy(value)) == gives


def test_nothing_is_fetched_before_it_is_used():
    fetched: list[int] = []

    def fetch() -> int:
        fetched.append(1)
        return 5

    one = LazyEvalWrapper(fetch)

    parts = [one, {"a": one}]
    assert is_lazy(parts[0])
    assert fetched == []

    assert values_in(parts) == [5, {"a": 5}]
    assert value_of(6) == 6


def test_what_is_set_is_set_on_the_value():
    value = [1, 2]
    one = lazy(value)

    one[0] = 5
    del one[1]
    one.append(7)

    assert value == [5, 7]


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda x: x + "a", "unsupported operand type(s) for +: 'int' and 'str'"),
        (lambda x: x[0], "'int' object is not subscriptable"),
        (lambda x: len(x), "object of type 'int' has no len()"),
        (lambda x: list(x), "'int' object is not iterable"),
        (lambda x: x(), "'int' object is not callable"),
    ],
)
def test_a_wrong_use_says_what_the_value_is(use: Any, said: str):
    with pytest.raises(TypeError) as caught:
        use(lazy(5))

    assert str(caught.value) == said
