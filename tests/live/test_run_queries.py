"""What the run queries answer: shapes, sentences, and how often they ask the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.domain.errors import NotFound
from orchestrator.models import Artifact, Attempt, Run, Step, Task
from orchestrator.queries.runs import (
    changes_since,
    graph,
    graph_etag,
    run_summary,
    runs_with_names,
    snapshot,
    step_detail,
    steps,
)
from orchestrator.queries.why import clock_time
from tests.live.rows import NOON, add_changes, make_agent, make_project, make_run

pytestmark = pytest.mark.django_db

MIDDLE = {"load": "completed", "clean": "completed", "train a": "running", "train b": "queued"}


@pytest.fixture
def run() -> Run:
    made = make_run(make_project(), MIDDLE)
    return runs_with_names().get(pk=made.pk)


def test_a_summary_names_the_run_and_counts_its_steps(run: Run) -> None:
    summary = run_summary(run)
    assert summary["url"] == "/runs/sample/digits/1/"
    assert (summary["version"], summary["steps"]) == (1, 5)
    assert summary["counts"] == {"running": 1, "queued": 1, "pending": 1, "completed": 2}
    assert summary["started_at"] == "2026-01-02T12:00:00.000000Z"


def test_steps_without_rows_are_counted_and_drawn_as_pending(run: Run) -> None:
    Step.objects.filter(run=run, index__gte=2).delete()
    Run.objects.filter(pk=run.pk).update(steps_made=2, tally={"completed": 2})
    run.refresh_from_db()
    assert run_summary(run)["counts"] == {"pending": 3, "completed": 2}
    assert snapshot(run)["statuses"] == "ccppp"
    assert [row["status"] for row in steps(run)][2:] == ["pending"] * 3
    assert step_detail(run, "compare")["why"] == 'waits for "train a" and "train b"'


def test_a_run_without_any_row_has_a_snapshot(run: Run) -> None:
    Step.objects.filter(run=run).delete()
    Run.objects.filter(pk=run.pk).update(steps_made=0, tally={}, last_change=1)
    assert snapshot(run)["statuses"] == "ppppp"
    assert snapshot(run)["number"] == 1


def test_the_graph_names_parents_by_index_and_the_pinned_versions(run: Run) -> None:
    drawn = graph(run)
    assert [node["parents"] for node in drawn["nodes"]] == [[], [0], [1], [1], [2, 3]]
    assert drawn["nodes"][0]["template"] == "sample/load"
    assert drawn["nodes"][0]["version"] == 1
    assert drawn["layout"] is None
    assert graph_etag(run) == f'"{run.version.content_hash}.0"' if run.version else ""


def test_a_snapshot_is_one_question(
    run: Run, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = snapshot(run)
    assert found["statuses"] == "ccrqp"
    assert found["attempts"] == [1, 1, 1, 1, 0]
    assert found["stale"] == "00000"
    assert found["started"][0] == "2026-01-02T12:00:00.000000Z"


def test_a_snapshot_carries_reasons_and_progress_by_index(run: Run) -> None:
    Step.objects.filter(run=run, index=2).update(progress=0.25, stale=True)
    Step.objects.filter(run=run, index=4).update(reason='parent "load" failed')
    found = snapshot(run)
    assert found["progress"] == {"2": 0.25}
    assert found["reasons"] == {"4": 'parent "load" failed'}
    assert found["stale"] == "00100"


def test_a_snapshot_of_an_earlier_number_is_folded_from_the_changes(run: Run) -> None:
    add_changes(
        run,
        ("run_created", {"status": "queued", "round": 1, "number": 1, "steps": 5}),
        ("steps_added", {"first": 0, "count": 5}),
        ("step_status", {"step": 0, "status": "running", "reason": "", "attempt": 1}),
        ("step_status", {"step": 0, "status": "failed", "reason": "exit code 1", "attempt": 1}),
    )
    assert snapshot(run, at=3)["statuses"] == "rpppp"
    assert snapshot(run, at=4)["reasons"] == {"0": "exit code 1"}
    assert snapshot(run, at=1)["statuses"] == "ppppp"
    assert snapshot(run, at=1)["run"]["status"] == "queued"


def test_changes_come_as_a_frame_from_the_next_number(run: Run) -> None:
    add_changes(run, *[("progress", {"step": 2, "value": i / 10}) for i in range(5)])
    frame = changes_since(run, 2)
    assert (frame["from"], frame["to"]) == (3, 5)
    assert [change["n"] for change in frame["changes"]] == [3, 4, 5]
    assert changes_since(run.pk, 5) == {"from": 6, "to": 5, "changes": []}
    assert changes_since(run, 0, limit=2)["to"] == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("load", ""),
        ("train a", ""),
        ("train b", 'no agent serves the queue "default"'),
        ("compare", 'waits for "train a" and "train b"'),
    ],
)
def test_each_step_says_why_it_does_not_run(run: Run, name: str, sentence: str) -> None:
    assert step_detail(run, name)["why"] == sentence
    assert {row["name"]: row["why"] for row in steps(run)}[name] == sentence


def test_a_step_that_is_delayed_says_until_when(run: Run) -> None:
    Step.objects.filter(run=run, path="compare").update(due_at=NOON, due_why="retry")
    assert step_detail(run, "compare")["why"] == "is tried again at 2 Jan, 12:00 UTC"


def test_a_moment_of_today_is_told_without_its_date() -> None:
    now = timezone.now()
    assert clock_time(now) == f"{now:%H:%M:%S} UTC"
    assert clock_time(NOON) == "2 Jan, 12:00 UTC"


def test_an_aborting_step_says_whose_answer_is_missing(run: Run) -> None:
    agent = make_agent(["default"])
    Step.objects.filter(run=run, path="train a").update(status="aborting")
    attempt = Attempt.objects.get(run=run, step__path="train a")
    assert attempt.task
    Task.objects.filter(pk=attempt.task.pk).update(
        status="aborting", agent=agent, abort_requested_at=NOON
    )
    why = step_detail(run, "train a")["why"]
    assert why == "asked to end at 2 Jan, 12:00 UTC; agent ant has not answered yet"


def test_parameters_tell_where_they_come_from(run: Run) -> None:
    Attempt.objects.filter(run=run, step__path="load").update(
        resolved={"General/rows": 2000, "General/depth": 9},
        overrides={"parameters": {"General/depth": 9}},
    )
    found = step_detail(run, "load")["parameters"]
    assert found["General/rows"] == {
        "value": 2000,
        "origin": "reference",
        "default": 100,
        "expression": "${pipeline.rows}",
    }
    assert (found["General/depth"]["value"], found["General/depth"]["origin"]) == (9, "rerun")
    waiting = step_detail(run, "clean")["parameters"]
    assert (waiting["General/depth"]["value"], waiting["General/depth"]["origin"]) == (
        3,
        "override",
    )
    assert waiting["General/rows"]["origin"] == "template"


def test_an_attempt_lists_what_it_left_under_its_present_fence(run: Run) -> None:
    attempt = Attempt.objects.get(run=run, step__path="load")
    assert attempt.task
    kept: dict[str, Any] = {"sha256": "0" * 64, "size": 3, "media_type": "text/csv", "kind": "file"}
    Artifact.objects.create(task=attempt.task, fence=1, name="a b.csv", **kept)
    Artifact.objects.create(task=attempt.task, fence=0, name="old", **kept)
    found = step_detail(run, "load")["attempts"][0]["artifacts"]
    assert [artifact["name"] for artifact in found] == ["a b.csv"]
    assert found[0]["url"].endswith("/steps/load/attempts/1/artifacts/a%20b.csv/")


def test_an_unknown_step_is_not_found(run: Run) -> None:
    with pytest.raises(NotFound, match='no step "nothing"'):
        step_detail(run, "nothing")


def test_the_list_of_steps_asks_as_often_for_many_as_for_few(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    wide = {
        "schema": 1,
        "steps": [{"name": f"step {i}", "template": "load"} for i in range(60)],
    }
    made = make_run(make_project(), {f"step {i}": "queued" for i in range(60)}, document=wide)
    run = Run.objects.select_related("project", "pipeline", "version").get(pk=made.pk)
    with django_assert_max_num_queries(10):
        rows = steps(run)
    assert len(rows) == 60
    with django_assert_max_num_queries(11):
        step_detail(run, "step 7")
