"""One verb for many runs: by their ids and by filter, tried and done, with a result for each."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from orchestrator.actions import bulk
from orchestrator.models import Pipeline, Run, Signal
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_run

pytestmark = pytest.mark.django_db

STATUSES = ("running", "running", "failed", "completed")


@pytest.fixture
def runs(pipeline: Pipeline) -> list[Run]:
    """Two that run, one that has ended badly, one that has ended well."""
    made = [make_run(pipeline) for _ in range(4)]
    rows = [
        ("running", {"running": 1, "pending": 2}),
        ("running", {"queued": 1, "completed": 2}),
        ("failed", {"failed": 1, "skipped": 2}),
        ("completed", {"completed": 3}),
    ]
    for run, (status, tally) in zip(made, rows, strict=True):
        Run.objects.filter(pk=run.pk).update(status=status, tally=tally, steps_made=3)
    Signal.objects.all().delete()
    return made


def told(body: dict[str, Any]) -> list[tuple[int | None, bool, str | None]]:
    """Of each run its number, whether it was asked, and why not."""
    return [
        (result["number"], result["signal"] is not None, result["refused"])
        for result in body["results"]
    ]


def test_runs_named_by_their_ids_are_asked_one_by_one(ada: Asker, runs: list[Run]) -> None:
    unknown = uuid4()
    ids = [str(runs[2].pk), str(runs[0].pk), str(unknown)]
    response = ada.post("runs/bulk/", {"verb": "abort", "runs": ids})
    assert response.status_code == 202
    body = response.json()
    assert told(body) == [
        (3, False, "the run is failed already"),
        (1, True, None),
        (None, False, "there is no such run"),
    ]
    assert (body["asked"], body["refused"]) == (1, 2)
    assert body["results"][1]["steps"] == {"running": 1, "pending": 2}
    (signal,) = Signal.objects.all()
    assert (signal.run_id, signal.kind, signal.actor) == (runs[0].pk, "abort", "ada")
    assert body["results"][1]["signal"] == signal.pk


def test_a_dry_run_says_the_same_and_asks_nobody(ada: Asker, runs: list[Run]) -> None:
    wanted = {"verb": "rerun-failed", "filter": {"pipeline": "alpha/chain"}}
    preview = ada.post("runs/bulk/", {**wanted, "dry_run": True})
    assert preview.status_code == 200
    nothing = "nothing in it failed"
    assert told(preview.json()) == [
        (4, False, nothing),
        (3, False, None),
        (2, False, nothing),
        (1, False, nothing),
    ]
    assert not Signal.objects.exists()
    done = ada.post("runs/bulk/", wanted).json()
    assert [result["refused"] for result in done["results"]] == [
        result["refused"] for result in preview.json()["results"]
    ]
    assert done["asked"] == preview.json()["asked"] == 1


@pytest.mark.parametrize(
    ("verb", "refused"),
    [
        ("pause", [None, None, "the run is failed", "the run is completed"]),
        ("resume", [f"the run is {word}, not paused" for word in STATUSES]),
        ("rerun-all", [None] * 4),
        ("enqueue", [f"the run is {word}; only a draft can be enqueued" for word in STATUSES]),
    ],
)
def test_each_verb_says_of_each_run_whether_it_is_possible(
    ada: Asker, runs: list[Run], verb: str, refused: list[str | None]
) -> None:
    ids = [str(run.pk) for run in runs]
    body = ada.post("runs/bulk/", {"verb": verb, "runs": ids, "dry_run": True}).json()
    assert [result["refused"] for result in body["results"]] == refused


def test_a_filter_is_that_of_the_list(ada: Asker, runs: list[Run]) -> None:
    for status, numbers in (("going", [2, 1]), ("bad", [3]), ("completed", [4])):
        listed = ada.get(f"runs/?status={status}").json()["results"]
        wanted = {"verb": "abort", "filter": {"status": status}, "dry_run": True}
        found = ada.post("runs/bulk/", wanted).json()["results"]
        assert [run["number"] for run in listed] == numbers
        assert [run["number"] for run in found] == numbers


def test_who_may_only_look_is_told_so_of_each_run(people: People, runs: list[Run]) -> None:
    wanted = {"verb": "abort", "runs": [str(runs[0].pk)]}
    (seen,) = people.colleague.post("runs/bulk/", wanted).json()["results"]
    assert seen["refused"] == "that takes the role operator in its project"
    (foreign,) = people.stranger.post("runs/bulk/", wanted).json()["results"]
    assert foreign["refused"] == "there is no such run"
    assert not Signal.objects.exists()


def test_more_runs_than_the_cap_are_refused_as_a_whole(
    ada: Asker, runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_RUNS", 3)
    response = ada.post("runs/bulk/", {"verb": "abort", "filter": {}})
    problem = assert_problem(response, 400, "invalid")
    assert "more than 3 runs" in problem["detail"]
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    "wanted",
    [
        {"verb": "abort"},
        {"verb": "abort", "runs": [], "filter": {}},
        {"verb": "dance", "filter": {}},
        {"verb": "abort", "filter": {"colour": "red"}},
        {"verb": "abort", "filter": {"status": "dancing"}},
    ],
)
def test_what_is_not_clear_is_not_asked(ada: Asker, runs: list[Run], wanted: Any) -> None:
    assert_problem(ada.post("runs/bulk/", wanted), 400, "invalid")
    assert not Signal.objects.exists()
