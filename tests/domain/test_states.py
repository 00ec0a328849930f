"""The moves of tasks and steps: the whole matrix, written out by hand."""

from __future__ import annotations

import pytest

from orchestrator.domain.errors import IllegalMove
from orchestrator.domain.states import (
    DISPLAY_ORDER,
    FINAL,
    LETTERS,
    MEANINGS,
    Status,
    StepEvent,
    StopReason,
    TaskEvent,
    is_final,
    move,
    move_step,
    outcome,
)

# A row a status; columns: enqueue, start here, claim, ends well, ends badly, cannot run on,
# abort asked, confirmed gone, lease over, dequeue, released, reset, reopen, take up.
TASKS = """
draft      queued running -       -         -       -       aborted  -       -       -     -      -     -       -
queued     -      -       running -         -       -       aborted  -       queued  draft -      -     -       -
running    -      -       -       completed failed  crashed aborting -       crashed draft queued -     -       -
aborting   -      -       -       completed aborted aborted aborting aborted aborted -     -      -     -       -
completed  -      -       -       -         -       -       -        -       -       -     -      draft running queued
failed     -      -       -       -         -       -       -        -       -       -     -      draft running queued
crashed    -      -       -       -         -       -       -        -       -       -     -      draft running queued
aborted    -      -       -       -         -       -       -        -       -       -     -      draft running queued
"""  # noqa: E501 - a table is read along its rows

# launch, cache hit, skip, gate, abort, completed by hand, failed by hand, rerun, spread out,
# an item is tried again.
STEPS = """
pending    queued   cached   skipped  awaiting skipped  completed failed   -        -        -        running  -
awaiting   -        -        skipped  -        aborted  completed failed   completed failed   -        -        -
queued     -        -        skipped  -        aborted  -         -        -        -        -        -        -
running    -        -        -        -        aborting -         -        -        -        -        -        -
aborting   -        -        -        -        aborting -         -        -        -        -        -        -
completed  -        -        -        -        -        completed failed   -        -        pending  -        running
cached     -        -        -        -        -        completed failed   -        -        pending  -        running
skipped    -        -        -        -        -        completed failed   -        -        pending  -        running
failed     -        -        -        -        -        completed failed   -        -        pending  -        running
crashed    -        -        -        -        -        completed failed   -        -        pending  -        running
aborted    -        -        -        -        -        completed failed   -        -        pending  -        running
"""  # noqa: E501 - a table is read along its rows


def cells(table, events):
    found = []
    for row in table.strip().splitlines():
        before, *after = row.split()
        assert len(after) == len(events), row
        for event, word in zip(events, after, strict=True):
            found.append(pytest.param(before, event, word, id=f"{before}, {event}"))
    return found


@pytest.mark.parametrize(("before", "event", "after"), cells(TASKS, list(TaskEvent)))
def test_a_task_moves_as_the_table_says_and_no_other_way(before, event, after):
    if after == "-":
        with pytest.raises(IllegalMove, match=before):
            move(Status(before), event)
    else:
        assert move(Status(before), event) == after


@pytest.mark.parametrize(("before", "event", "after"), cells(STEPS, list(StepEvent)))
def test_a_step_moves_as_the_table_says_and_no_other_way(before, event, after):
    if after == "-":
        with pytest.raises(IllegalMove, match=before):
            move_step(Status(before), event)
    else:
        assert move_step(Status(before), event) == after


@pytest.mark.parametrize("status", ["pending", "awaiting", "paused", "cached", "skipped"])
@pytest.mark.parametrize("event", TaskEvent)
def test_a_task_never_has_the_statuses_of_steps_and_runs(status, event):
    with pytest.raises(IllegalMove):
        move(Status(status), event)


def test_every_status_has_a_letter_a_meaning_and_a_place():
    assert set(LETTERS) == set(MEANINGS) == set(DISPLAY_ORDER) == set(Status)
    assert len(set(LETTERS.values())) == len(Status)


def test_only_what_has_ended_is_final():
    words = {status.value for status in Status if is_final(status)}
    assert words == {"completed", "cached", "skipped", "failed", "crashed", "aborted"}
    assert words == {status.value for status in FINAL}


OUTCOMES = [
    ("", "completed cached skipped", "completed"),
    ("", "", "completed"),
    ("", "completed failed", "failed"),
    ("", "completed crashed aborted", "failed"),
    ("", "completed aborted", "aborted"),
    ("abort", "completed", "aborted"),
    ("abort", "failed aborted", "failed"),
    ("deadline", "completed", "failed"),
    ("failure", "aborted", "failed"),
]


@pytest.mark.parametrize(("stop_reason", "words", "expected"), OUTCOMES)
def test_a_run_ends_as_its_steps_and_its_stop_reason_say(stop_reason, words, expected):
    statuses = [Status(word) for word in words.split()]
    assert outcome(statuses, stop_reason=StopReason(stop_reason)) == expected


def test_a_script_that_drives_the_run_decides_how_it_ended():
    assert outcome([Status.FAILED], script_outcome=Status.COMPLETED) == Status.COMPLETED
