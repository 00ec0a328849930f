"""Two tasks are equal when they execute the same with the same; else it is said what differs."""

from __future__ import annotations

import pytest

from orchestrator.domain.caching import (
    Made,
    addresses_in,
    key_of,
    why_not_equal,
    with_contents,
)

A, B = "0193aaaa-0000-7000-8000-000000000001", "0193bbbb-0000-7000-8000-000000000002"
OF_A, OF_B = f"artifact://{A}/data", f"artifact://{B}/data"
SAME = {(A, "data"): "5ha", (B, "data"): "5ha"}


@pytest.mark.parametrize(
    ("ours", "theirs", "contents", "equal"),
    [
        ({"rows": 1}, {"rows": 1}, {}, True),
        ({"rows": 1, "x": 2}, {"x": 2, "rows": 1}, {}, True),
        ({"rows": 1}, {"rows": 2}, {}, False),
        ({"rows": 1}, {"rows": "1"}, {}, False),
        ({"rows": 1}, {"rows": True}, {}, False),
        ({"data": OF_A}, {"data": OF_B}, SAME, True),
        ({"data": [{"x": OF_A}]}, {"data": [{"x": OF_B}]}, SAME, True),
        ({"data": OF_A}, {"data": OF_B}, {**SAME, (B, "data"): "other"}, False),
        ({"data": OF_A}, {"data": OF_B}, {}, False),
        ({"data": f"see {OF_A}"}, {"data": f"see {OF_B}"}, SAME, False),
        ({"data": {"artifact": "5h"}}, {"data": OF_A}, SAME, False),
    ],
)
def test_equal_tasks_have_the_same_key(ours, theirs, contents, equal):
    assert (key_of("d", ours, contents) == key_of("d", theirs, contents)) is equal


def test_another_definition_is_another_task():
    assert key_of("d", {}, {}) != key_of("e", {}, {})


def test_addresses_are_found_in_both_their_spellings():
    url = f"https://here:8000/under/api/v1/tasks/{B}/artifacts/the model.bin/"
    value = {"a": [OF_A, 3, None], "b": {"c": url}, "d": "no/address"}
    assert addresses_in(value) == {(A, "data"), (B, "the model.bin")}
    contents = {(A, "data"): "one", (B, "the model.bin"): "two"}
    assert with_contents(value, contents) == {
        "a": [{"artifact": "one"}, 3, None],
        "b": {"c": {"artifact": "two"}},
        "d": "no/address",
    }


THEN = Made("d", {"script": "1", "requirements": ["x"]}, {"rows": 10, "data": {"artifact": "1"}})


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"parameters": {**THEN.parameters, "rows": 20}}, "rows changed from 10 to 20"),
        ({"parameters": {**THEN.parameters, "rows": True}}, "rows changed from 10 to true"),
        ({"parameters": {**THEN.parameters, "new": 1}}, "new is new"),
        ({"parameters": {"rows": 10}}, "data is gone"),
        (
            {"parameters": {"rows": 10, "data": {"artifact": "2"}}},
            "what data refers to holds something else",
        ),
        ({"definition": "e", "body": {**THEN.body, "script": "2"}}, "the script has changed"),
        (
            {"definition": "e", "body": {"script": "2", "requirements": ["y"]}},
            "the script has changed; the requirements have changed",
        ),
        ({"definition": "e", "body": {"argv": ["a"], **THEN.body}}, "the command has changed"),
    ],
)
def test_what_has_changed_is_said(now, why):
    made = Made(
        **{"definition": "d", "body": THEN.body, "parameters": THEN.parameters, **now},
    )
    assert why_not_equal(made, THEN, since="run #3") == f"since run #3: {why}"


def test_of_many_changes_the_first_few_are_named():
    now = Made("d", {}, {f"p{n}": n for n in range(9)})
    why = why_not_equal(now, Made("d"), since="run #3")
    assert why == "since run #3: p0 is new; p1 is new; p2 is new and 6 more"
