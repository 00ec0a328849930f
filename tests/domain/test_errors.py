"""Errors have a stable code and say what is concerned."""

from __future__ import annotations

import inspect

import pytest

from orchestrator.domain import errors
from orchestrator.domain.errors import (
    CapExceeded,
    IllegalMove,
    Invalid,
    NotFound,
    PipelinesError,
    Problem,
    UnresolvedReference,
)

KINDS = [
    thing
    for _, thing in inspect.getmembers(errors, inspect.isclass)
    if issubclass(thing, PipelinesError)
]


def test_every_kind_of_error_has_a_code_of_its_own_and_a_sentence() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS) > 8
    assert all((kind.__doc__ or "").strip().endswith(".") for kind in KINDS)


def test_the_docstring_is_what_an_error_says_without_a_message() -> None:
    assert str(NotFound()) == "There is nothing of that name here."
    assert NotFound("no run 7").message == "no run 7"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (IllegalMove('step "train"', "skipped", "start"), 'step "train": "start" is not possible'),
        (CapExceeded("steps", 10_000, 10_001), "10,001 is more than the cap of 10,000"),
        (CapExceeded("artifact", 5, 6, "bytes"), "6 bytes is more than the cap of 5 bytes"),
        (UnresolvedReference("${a.id}", "it was skipped"), "${a.id} has no value: it was skipped"),
        (UnresolvedReference("x" * 10_000, "no"), "…"),
    ],
)
def test_an_error_names_what_is_concerned(error: PipelinesError, says: str) -> None:
    assert says in str(error)
    assert len(str(error)) < 200


def test_invalid_carries_all_problems_and_says_the_first() -> None:
    error = Invalid([Problem(f"steps[{n}]", None, "missing", f"no {n}") for n in range(9)])
    assert len(error.problems) == 9
    assert str(error) == "no 0; no 1; no 2"


def test_a_single_problem_makes_an_error_and_its_json() -> None:
    (problem,) = Invalid.at("parameters.rows", "bad_value", "no", step="load").problems
    assert problem.as_dict() == {
        "where": "parameters.rows",
        "step": "load",
        "code": "bad_value",
        "message": "no",
        "severity": "error",
    }
