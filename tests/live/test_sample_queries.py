"""Reported values: from a cursor on, thinned out without losing their extremes, and summed up."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.states import Status
from orchestrator.models import Sample, Task
from orchestrator.queries.samples import MOST_POINTS, sample_summary, samples
from tests.live.rows import NOON, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    return Task.objects.create(
        project=make_project(), name="train", kind="python", fence=1, status=Status.RUNNING
    )


def report(task: Task, series: str, values: list[float | None], first: int = 0) -> None:
    Sample.objects.bulk_create(
        Sample(
            task=task, fence=1, at=NOON, title="loss", series=series, n=n, step=n * 10, value=value
        )
        for n, value in enumerate(values, first)
    )


def test_values_come_as_series_and_only_new_ones_after_a_cursor(task: Task) -> None:
    report(task, "train", [3.0, 2.0])
    report(task, "test", [0.5])
    test, train = samples(task.pk, 1)
    assert (test["series"], test["points"], test["last"]) == ("test", [[0, 0.5]], 0.5)
    assert (train["points"], train["count"], train["first"]) == ([[0, 3.0], [10, 2.0]], 2, 0)
    cursor = max(test["newest"], train["newest"])
    assert samples(task.pk, 1, cursor) == []
    report(task, "train", [1.0], first=2)
    (more,) = samples(task.pk, 1, cursor)
    assert (more["points"], more["count"], more["first"]) == ([[20, 1.0]], 3, 2)
    assert more["newest"] > cursor


def test_a_long_series_is_thinned_out_and_keeps_its_extremes(task: Task) -> None:
    values: list[float | None] = [float(n % 7) for n in range(5 * MOST_POINTS)]
    values[4321], values[4322], values[777] = 1e6, -1e6, None
    report(task, "train", values)
    (train,) = samples(task.pk, 1)
    assert len(train["points"]) <= MOST_POINTS
    assert train["count"] == len(values)
    steps = [step for step, _ in train["points"]]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, (len(values) - 1) * 10)
    assert [43210, 1e6] in train["points"]
    assert [43220, -1e6] in train["points"]


def test_a_series_at_the_limit_is_given_whole(task: Task) -> None:
    report(task, "train", [float(n) for n in range(MOST_POINTS)])
    assert len(samples(task.pk, 1)[0]["points"]) == MOST_POINTS


def test_what_json_cannot_say_is_nothing(task: Task) -> None:
    report(task, "train", [1.0, float("inf")])
    assert samples(task.pk, 1)[0]["points"] == [[0, 1.0], [10, None]]


def test_a_summary_has_one_line_a_series(task: Task) -> None:
    report(task, "train", [3.0, None, 1.0, 2.0])
    (one,) = sample_summary(task.pk, 1)
    found = (one["title"], one["series"], one["count"], one["least"], one["greatest"], one["last"])
    assert found == ("loss", "train", 4, 1.0, 3.0, 2.0)


def test_many_series_cost_no_more_questions_than_one(
    task: Task, django_assert_num_queries: Any
) -> None:
    for number in range(30):
        report(task, f"s{number:02}", [float(number), 0.5])
    with django_assert_num_queries(2):
        found = samples(task.pk, 1)
    assert [one["points"][0][1] for one in found] == [float(number) for number in range(30)]
    with django_assert_num_queries(1):
        assert samples(task.pk, 1, max(one["newest"] for one in found)) == []
