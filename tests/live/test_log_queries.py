"""Output is read by bytes: from anywhere, in portions, to its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.domain.states import Status
from orchestrator.models import LogPiece, Task
from orchestrator.queries.logs import log_pieces, log_text
from orchestrator.store import logs
from tests.live.rows import make_project

pytestmark = pytest.mark.django_db

LINES = ("one\n", "zwö\n", "three\nfour\n")


@pytest.fixture
def task() -> Task:
    made = Task.objects.create(
        project=make_project(), name="load", kind="python", fence=1, status=Status.RUNNING
    )
    at, line = 0, 0
    for n, text in enumerate(LINES):
        LogPiece.objects.create(
            task=made, fence=1, n=n, stream="stdout", byte_from=at, line_from=line, text=text
        )
        at += len(text.encode())
        line += text.count("\n")
    return made


def test_output_is_given_whole_with_offsets(task: Task) -> None:
    found = log_pieces(task.pk, 1)
    assert [piece["text"] for piece in found["pieces"]] == list(LINES)
    assert [piece["line_from"] for piece in found["pieces"]] == [0, 1, 2]
    assert (found["from"], found["to"], found["end"]) == (0, 20, False)


def test_reading_goes_on_where_it_stopped(task: Task) -> None:
    first = log_pieces(task.pk, 1, limit=4)
    assert [piece["text"] for piece in first["pieces"]] == ["one\n"]
    rest = log_pieces(task.pk, 1, from_byte=first["to"])
    assert "".join(piece["text"] for piece in rest["pieces"]) == "zwö\nthree\nfour\n"


def test_the_first_piece_is_cut_where_one_asks(task: Task) -> None:
    found = log_pieces(task.pk, 1, from_byte=15)
    assert [(piece["text"], piece["line_from"]) for piece in found["pieces"]] == [("four\n", 3)]
    assert log_pieces(task.pk, 1, from_byte=20)["pieces"] == []


def test_the_end_is_told_only_with_the_last_byte_of_an_ended_execution(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(status=Status.COMPLETED)
    assert log_pieces(task.pk, 1, limit=4)["end"] is False
    assert log_pieces(task.pk, 1)["end"] is True


def test_an_execution_of_an_older_fence_is_over(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(fence=2)
    assert log_pieces(task.pk, 1)["end"] is True
    assert log_pieces(task.pk, 2) == {
        "task": str(task.pk), "fence": 2, "from": 0, "to": 0, "end": False, "pieces": [],
    }  # fmt: skip


def test_stored_files_come_before_the_rows(task: Task, tmp_path: Path, settings: Settings) -> None:
    settings.PIPELINES_DATA_DIR = tmp_path
    file = logs.fold(task.pk, 1)
    assert file is not None
    assert not LogPiece.objects.exists()
    LogPiece.objects.create(
        task=task, fence=1, n=3, stream="stderr", byte_from=20, line_from=4, text="five\n"
    )
    assert "".join(log_text(task.pk, 1)) == "".join((*LINES, "five\n"))
    found = log_pieces(task.pk, 1, from_byte=15)
    assert [piece["text"] for piece in found["pieces"]] == ["four\n", "five\n"]
