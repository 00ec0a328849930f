"""A step's output is kept as it comes, in order, with its place in the whole log."""

from __future__ import annotations

import gzip
import json
import uuid

import pytest
from django.db import DatabaseError

from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.output_text import Piece
from orchestrator.domain.states import Status
from orchestrator.models import LogFile, LogPiece, Task
from orchestrator.queries.logs import log_text
from orchestrator.store import logs
from tests.engine.agent.by_hand import InBackground, log_of, python, run, wait_for


def check_places(task: Task) -> None:
    """Numbers without gaps, and each piece begins where the one before ends."""
    at_byte = at_line = 0
    for n, piece in enumerate(LogPiece.objects.filter(task=task, fence=1).order_by("n")):
        assert (piece.n, piece.byte_from, piece.line_from) == (n, at_byte, at_line)
        at_byte += len(piece.text.encode())
        at_line += piece.text.count("\n")


def test_output_can_be_read_while_the_step_runs(agent: ServingAgent) -> None:
    step = InBackground(
        python("import os, time\nprint('first')\nwhile not os.path.exists('go'): time.sleep(0.01)")
    )
    wait_for(lambda: "first" in log_of(step.task), "the first line")
    assert Task.objects.get(id=step.task.id).status == Status.RUNNING
    held = agent.holdings.all()[0]
    held.stop("abort", 0)
    step.join()


@pytest.mark.usefixtures("agent")
def test_nothing_is_missing_when_the_end_is_recorded() -> None:
    task = run(
        python("import sys\nfor n in range(5000): print('line', n)\nsys.stderr.write('end')")
    )
    lines = log_of(task, "stdout").splitlines()
    assert lines == [f"line {n}" for n in range(5000)]
    assert log_of(task, "stderr") == "end"
    check_places(task)


@pytest.mark.usefixtures("agent")
def test_streams_keep_their_order() -> None:
    script = (
        "import sys, time\nfor n in range(5):\n"
        "    print('out', n); time.sleep(0.05)\n    print('err', n, file=sys.stderr)\n"
        "    time.sleep(0.05)\n"
    )
    task = run(python(script))
    assert log_of(task) == "".join(f"out {n}\nerr {n}\n" for n in range(5))
    check_places(task)


@pytest.mark.usefixtures("agent")
def test_what_a_database_cannot_hold_is_made_readable() -> None:
    task = run(python("import os\nos.write(1, b'nul \\0 bad \\xff gr\\xc3\\xbcn\\n')"))
    assert log_of(task, "stdout") == "nul ␀ bad � grün\n"


@pytest.mark.usefixtures("agent")
def test_a_huge_line_is_cut() -> None:
    task = run(python("print('x' * 1_000_000); print('after')"))
    first, second = log_of(task, "stdout").splitlines()
    assert first.startswith("x" * 65536)
    assert first.endswith(f"[{1_000_000 - 65536:,} bytes of this line left out]")
    assert second == "after"


@pytest.mark.usefixtures("agent")
def test_much_output_is_folded_into_files() -> None:
    task = run(python("for n in range(200_000): print(f'line {n:08d}')"))
    assert (task.status, task.outcome["reason"]) == (Status.COMPLETED, "")
    wait_for(lambda: LogFile.objects.filter(task=task, fence=1).count(), "a stored file")
    # Folding may still go on; a reader must never miss anything.
    assert "".join(log_text(task.id, 1)) == "".join(f"line {n:08d}\n" for n in range(200_000))
    check_files(task)


def check_files(task: Task) -> None:
    """Each file holds what its row says, and begins where the one before ends."""
    text = ""
    for file in LogFile.objects.filter(task=task, fence=1).order_by("n"):
        assert (file.byte_from, file.line_from) == (len(text.encode()), text.count("\n"))
        with gzip.open(logs.file_path(file.key), "rt", encoding="utf-8") as lines:
            part = "".join(json.loads(line)["text"] for line in lines)
        assert (len(part.encode()), part.count("\n")) == (file.bytes, file.lines)
        text += part


@pytest.mark.django_db(transaction=True)
def test_storing_pieces_twice_changes_nothing() -> None:
    task = python("pass")
    piece = Piece(0, "stdout", 0, 0, "text\n")
    for _ in range(2):
        logs.append([(task.id, 1, piece)])
    assert log_of(task) == "text\n"


@pytest.mark.django_db(transaction=True)
def test_output_of_a_deleted_task_does_not_hold_up_others() -> None:
    task = python("pass")
    piece = Piece(0, "stdout", 0, 0, "text\n")
    logs.append([(uuid.uuid4(), 1, piece), (task.id, 1, piece)])
    assert log_of(task) == "text\n"


@pytest.mark.usefixtures("agent")
def test_a_step_cannot_deafen_its_agent() -> None:
    task = run(
        python(
            "import os\npipe = open(f'/proc/{os.getppid()}/fd/1', 'w')\n"
            "print('garbage', '[1]', '{\"event\": \"x\", \"y\": 1}', sep='\\n', file=pipe)\n"
            "print('done')\n"
        )
    )
    assert (task.status, log_of(task)) == (Status.COMPLETED, "done\n")


def test_output_waits_while_the_database_is_away(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[int] = []
    append = logs.append

    def away(pieces: list[tuple[uuid.UUID, int, Piece]]) -> None:
        if len(refused) < 4:
            refused.append(len(pieces))
            raise DatabaseError("away")
        append(pieces)

    monkeypatch.setattr(logs, "append", away)
    task = run(python("for n in range(100): print('line', n)"))
    assert len(refused) == 4
    assert log_of(task) == "".join(f"line {n}\n" for n in range(100))
    check_places(task)
    assert agent.holdings.all() == []
