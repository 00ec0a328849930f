"""Merging a window's changes leaves out what is superseded and changes nothing that is shown."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain.changes import empty_view, fold
from pipelines_ui.frames import merged

at_any_speed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

STATUSES = ("pending", "queued", "running", "completed", "failed")

step_status = st.fixed_dictionaries(
    {"step": st.integers(0, 2), "status": st.sampled_from(STATUSES)},
    optional={"reason": st.sampled_from(["", "exit code 1"]), "attempt": st.integers(0, 2)},
)
progress = st.fixed_dictionaries({"step": st.integers(0, 2), "value": st.floats(0, 1)})
reason = st.fixed_dictionaries({"step": st.integers(0, 2), "reason": st.sampled_from(["", "a"])})
run_status = st.fixed_dictionaries(
    {"status": st.sampled_from(STATUSES)}, optional={"reason": st.just("b")}
)
attempt_status = st.fixed_dictionaries(
    {"step": st.integers(0, 2), "number": st.integers(1, 2), "status": st.sampled_from(STATUSES)},
    optional={"exit_code": st.integers(0, 2)},
)
bodies = st.one_of(
    st.tuples(st.just("step_status"), step_status),
    st.tuples(st.just("progress"), progress),
    st.tuples(st.just("reason"), reason),
    st.tuples(st.just("run_status"), run_status),
    st.tuples(st.just("attempt_status"), attempt_status),
    st.tuples(st.just("note"), st.just({"text": "hello"})),
)


def changes_of(*bodies: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"n": n, "kind": kind, "data": data} for n, (kind, data) in enumerate(bodies, 1)]


@at_any_speed
@given(st.lists(bodies, max_size=25))
def test_a_merged_frame_folds_to_the_same_view(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    changes = changes_of(*drawn)
    whole, small = fold(empty_view(), changes), fold(empty_view(), merged(changes))
    assert {**small, "number": None} == {**whole, "number": None}


def test_only_the_last_value_of_a_step_travels() -> None:
    changes = changes_of(
        ("progress", {"step": 0, "value": 0.1}),
        ("step_status", {"step": 1, "status": "queued"}),
        ("progress", {"step": 0, "value": 0.2}),
        ("step_status", {"step": 1, "status": "running"}),
        ("progress", {"step": 1, "value": 0.3}),
    )
    assert [change["n"] for change in merged(changes)] == [3, 4, 5]


def test_a_later_change_that_says_less_supersedes_nothing() -> None:
    changes = changes_of(
        ("step_status", {"step": 1, "status": "failed", "reason": "exit code 1"}),
        ("step_status", {"step": 1, "status": "failed"}),
    )
    assert len(merged(changes)) == 2


def test_what_tells_a_story_is_kept() -> None:
    changes = changes_of(("note", {"text": "a"}), ("note", {"text": "a"}), ("asked", {"verb": "x"}))
    assert len(merged(changes)) == 3
