"""Whatever a step leaves or reports, the run page can show it or says that it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.graph import Node
from pipelines_ui.history import told
from pipelines_ui.previews import MOST_ROWS, preview

at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TYPES = ("text/csv", "text/tab-separated-values", "application/json", "text/plain", "image/png", "")


def artifact(media_type: str, text: str, size: int | None = None) -> dict[str, Any]:
    length = len(text.encode("utf-8", "surrogatepass")) if size is None else size
    return {"media_type": media_type, "preview": text, "size": length}


@at_any_speed
@given(st.sampled_from(TYPES), st.text())
def test_every_text_has_a_preview(media_type: str, text: str) -> None:
    assert preview(artifact(media_type, text))["kind"] in ("", "text", "json", "table", "image")


def test_a_table_is_shown_by_its_first_rows() -> None:
    found = preview(artifact("text/csv", "a,b\n" + "1,2\n" * 80))
    assert (found["columns"], len(found["rows"]), found["cut"]) == (["a", "b"], MOST_ROWS, True)
    assert preview(artifact("text/csv", "a\n1\n"))["cut"] is False


def test_a_table_that_is_none_is_shown_as_text() -> None:
    assert preview(artifact("text/csv", 'a\rb"\r"c'))["kind"] in ("table", "text")
    assert preview(artifact("text/csv", "x" * 200_000, 9))["kind"] == "text"


def test_an_array_is_shown_as_its_maker_wrote_it() -> None:
    about = {"shape": [2, 3], "dtype": "float64", "preview": "[[0. 1. 2.]]"}
    found = preview({**artifact("application/x-npy", ""), "kind": "array", "metadata": about})
    assert found["text"] == "float64 (2, 3)\n[[0. 1. 2.]]"
    nothing = {**artifact("application/x-npy", ""), "kind": "array", "metadata": {"preview": 3}}
    assert preview(nothing) == {"kind": ""}


def test_json_is_indented_and_a_part_of_one_is_not_touched() -> None:
    assert preview(artifact("application/json", '{"a":1}'))["text"] == '{\n  "a": 1\n}'
    cut = preview(artifact("application/json", '{"a":[1,', 900))
    assert (cut["text"], cut["cut"]) == ('{"a":[1,', True)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("run_created", {"steps": 1}, "created with 1 step"),
        ("steps_added", {"first": 0, "count": 3}, "3 steps made ready"),
        ("run_status", {"status": "running", "round": 2, "reason": ""}, " (round 2)"),
        ("attempt_added", {"step": 0, "number": 2, "origin": "rerun"}, "attempt 2, rerun"),
        (
            "refused",
            {"verb": "rerun", "reason": "it runs"},
            "asked for new attempts: refused, it runs",
        ),
        ("stale", {"step": 0, "stale": True}, "is stale: an input was made anew"),
    ],
)
def test_changes_are_told_as_sentences(kind: str, data: dict[str, Any], sentence: str) -> None:
    change = {"n": 1, "kind": kind, "at": "2026-01-02T12:00:00.000000Z", "actor": None}
    row = told({**change, "data": data}, [Node(0, "load")])
    assert row is not None
    assert row["sentence"] == sentence
    assert row["step"] == ("load" if "step" in data else None)


def test_what_others_tell_is_not_told_twice() -> None:
    change = {"n": 1, "at": "2026-01-02T12:00:00.000000Z", "actor": None, "data": {}}
    assert told({**change, "kind": "progress"}, []) is None
