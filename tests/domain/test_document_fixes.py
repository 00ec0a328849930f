"""What is offered against a problem mends it, and breaks nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from orchestrator.domain.document import check
from orchestrator.domain.errors import Fix, Problem
from tests.domain.test_document_check import Templates
from tests.domain.test_document_properties import documents

LOAD = {"name": "load", "template": "load", "parameters": {"rows": 5}}
RUN_PARAMETER = {"parameters": [{"name": "rows", "type": "integer", "default": 3}]}


def document(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schema": 1, "steps": list(steps), **more}


def train(**more: Any) -> dict[str, Any]:
    return {"name": "train", "template": "sample/train", **more}


def applied(given: dict[str, Any], fix: Fix) -> dict[str, Any]:
    """Do what the editor does with a fix."""
    changed: dict[str, Any] = json.loads(json.dumps(given))
    for one in fix.as_dict()["set"]:
        at: Any = changed
        *way, last = one["path"]
        for key in way:
            at = at[key]
        if "value" in one:
            at[last] = one["value"]
        else:
            del at[last]
    return changed


def only_problem(given: dict[str, Any]) -> Problem:
    (problem,) = check(given, catalog=Templates())
    return problem


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown parent": (
        document(LOAD, train(parents=["load", "zzz"])),
        'Take "zzz" out of the parents',
    ),
    "a misspelt parent": (document(LOAD, train(parents=["loda"])), 'Write "load"'),
    "a misspelt parent that is there too": (
        document(LOAD, train(parents=["load", "laod"])),
        'Write "load"',
    ),
    "a misspelt template": (document(LOAD | {"template": "laod"}), 'Write "load"'),
    "a version that is not there": (document(train(version=9)), "Take version 2"),
    "a newer version": (document(train(version=1)), "Take version 2"),
    "a name that is taken": (document(LOAD, LOAD), 'Call this one "load 2"'),
    "a misspelt parameter": (
        document(train(parameters={"dpeth": 4})),
        'Write "General/depth"',
    ),
    "an unknown parameter": (document(train(parameters={"zzz": 4})), 'Take out "zzz"'),
    "a parameter given twice": (
        document(train(parameters={"depth": 4, "General/depth": 5})),
        'Take out "General/depth"',
    ),
    "a number written as text": (document(train(parameters={"depth": "4"})), "Write it as 4"),
    "a number that is too large": (
        document(train(parameters={"depth": 99})),
        "Take the template's own value",
    ),
    "a value that the run has": (
        document({"name": "load", "template": "load"}, **RUN_PARAMETER),
        'Take the run\'s parameter "rows"',
    ),
    "a misspelt step in a reference": (
        document(LOAD, train(parameters={"data": "of ${laod.outputs.x} and $${y}"})),
        'Write "load"',
    ),
    "a misspelt step in an output": (
        document(LOAD, outputs={"a": 1, "b": ["${laod.x}"]}),
        'Write "load"',
    ),
    "a misspelt parameter of the run": (
        document(LOAD | {"parameters": {"rows": "${pipeline.rosw}"}}, **RUN_PARAMETER),
        'Write "rows"',
    ),
    "a parameter of the run that is not declared": (
        document(LOAD | {"parameters": {"rows": "${pipeline.many}"}}),
        'Declare a parameter "many"',
    ),
    "a misspelt parameter of a step": (
        document(LOAD, train(parameters={"data": "${load.parameters.rosw}"})),
        'Write "General/rows"',
    ),
    "a step that follows itself": (
        document(LOAD | {"parents": ["load"]}),
        "Take it out of its own parents",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_fix_mends_its_problem(what: str) -> None:
    given, label = CASES[what]
    fix = only_problem(given).fix
    assert fix is not None
    assert fix.label == label
    assert check(applied(given, fix), catalog=Templates()) == []


def test_a_value_that_nobody_can_guess_is_asked_for() -> None:
    fix = only_problem(document({"name": "load", "template": "load"})).fix
    assert fix is not None
    assert fix.as_dict() == {
        "label": "Give it a value",
        "set": [],
        "ask": ["steps", 0, "parameters", "General/rows"],
    }


def test_a_fix_touches_only_the_values_that_are_wrong() -> None:
    parameters = {"depth": 3, "data": "${laod.x}"}
    fix = only_problem(document(LOAD, train(parameters=parameters))).fix
    assert fix is not None
    assert fix.set == ((("steps", 1, "parameters", "data"), "${load.x}"),)


def test_steps_of_one_name_get_names_of_their_own() -> None:
    problems = check(document(LOAD, LOAD, LOAD), catalog=Templates())
    fixes = [problem.fix for problem in problems if problem.fix]
    assert [fix.set[0][1] for fix in fixes] == ["load 2", "load 3"]


def test_a_newer_version_is_a_warning_and_never_hides_an_error() -> None:
    old = [train(version=1) | {"name": f"s{n}"} for n in range(1_500)]
    problems = check(document(*old, LOAD | {"parents": ["load"]}), catalog=Templates())
    assert [one.code for one in problems if one.severity == "error"] == ["cycle"]
    assert {one.code for one in problems if one.severity == "warning"} == {"newer_version"}


def test_a_value_is_given_to_a_step_that_has_none_yet() -> None:
    for said in ({}, {"parameters": None}):
        given = document({"name": "load", "template": "load", **said}, **RUN_PARAMETER)
        fix = only_problem(given).fix
        assert fix is not None
        assert applied(given, fix)["steps"][0]["parameters"] == {"General/rows": "${pipeline.rows}"}


@given_any(documents)
def test_every_fix_can_be_done_and_sent(rubbish: Any) -> None:
    for problem in check(rubbish, catalog=Templates()):
        if problem.fix is not None:
            assert isinstance(check(applied(rubbish, problem.fix), catalog=Templates()), list)
            json.dumps(problem.as_dict())


names = st.sampled_from(["load", "laod", "train", "zzz", ""])
templates = st.sampled_from(["load", "laod", "work", "sample/train", "sample/trian", "", "a b"])
values = st.sampled_from(["${laod.x}", "${load.parameters.rosw}", "${pipeline.rosw}", "5", 5, 99])
keys = st.sampled_from(["rows", "General/rows", "rosw", "depth", "General/depth", "data"])
steps = st.fixed_dictionaries(
    {"name": names, "template": templates},
    optional={
        "parents": st.lists(names, max_size=3),
        "parameters": st.none() | st.dictionaries(keys, values, max_size=3),
        "version": st.integers(-1, 4),
        "queue": values,
    },
)


@given_any(st.lists(steps, max_size=4), st.booleans())
def test_doing_every_fix_there_is_comes_to_an_end(given_steps: list[Any], declared: bool) -> None:
    found = document(*given_steps, **(RUN_PARAMETER if declared else {}))
    for _ in range(60):
        problems = check(found, catalog=Templates())
        fix = next((one.fix for one in problems if one.fix and one.fix.set), None)
        if fix is None:
            return
        after = applied(found, fix)
        assert after != found
        found = after
    raise AssertionError(f"it goes round in circles: {found}")
