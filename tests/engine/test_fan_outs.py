"""Fan-outs over lists known only while running: launched, ended, rerun, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.actions import runs as actions
from orchestrator.actions.reruns import rerun
from orchestrator.controller import advance
from orchestrator.domain.states import ACTIVE, TaskEvent
from orchestrator.models import Attempt, Run, Step, Task
from orchestrator.queries.runs import runs_with_names, step_detail
from tests.engine.playing import check_run, claim, end, make_agent, play, queued_tasks, statuses
from tests.engine.starting import Document, started

pytestmark = pytest.mark.django_db


def fan_out(listed: Any = "${load.outputs.files}", **work: Any) -> Document:
    """load → work for each file → join, which takes a value of each."""
    return {
        "schema": 1,
        "parameters": [{"name": "files", "type": "json", "default": ["x"]}],
        "steps": [
            {"name": "load", "template": "load"},
            {
                "name": "work",
                "template": "load",
                "parents": ["load"],
                "for_each": {"list": listed, **work.pop("for_each", {})},
                "parameters": {"rows": "${item}"},
                **work,
            },
            {
                "name": "join",
                "template": "load",
                "parents": ["work"],
                "queue": "default",
                "comment": "all of them",
            },
        ],
        "outputs": {"scores": "${work[*].outputs.score}"},
    }


def loaded(document: Document, files: Any) -> Run:
    """The run just after its first step, which found these files."""
    run = started(document)
    advance(run.pk)
    (task,) = queued_tasks(run)
    claim(task, make_agent())
    end(task, outputs={"files": files})
    advance(run.pk)
    return run


def finish(run: Run, outputs: Callable[[Task], dict[str, Any]] = lambda task: {}) -> None:
    """Execute what is queued now, then take a turn."""
    agent = make_agent(f"hand {Task.objects.count()} {run.last_change}")
    for task in queued_tasks(run):
        claim(task, agent)
        end(task, outputs=outputs(task))
    advance(run.pk)


def test_each_element_becomes_a_step_with_its_value(broker: object) -> None:
    run = loaded(fan_out(), [3, 5, 8])
    assert statuses(run) == {
        "load": "completed",
        "work": "running",
        "join": "pending",
        "work[0]": "queued",
        "work[1]": "queued",
        "work[2]": "queued",
    }
    tasks = queued_tasks(run)
    assert [task.name for task in tasks] == ["work[0]", "work[1]", "work[2]"]
    assert [task.parameters["General/rows"] for task in tasks] == [3, 5, 8]
    assert list(
        Step.objects.filter(run=run, index__gte=3).values_list("item_value", flat=True)
    ) == [
        3,
        5,
        8,
    ]
    check_run(run)


def test_what_comes_after_takes_a_value_of_each_item_in_order(broker: object) -> None:
    run = loaded(fan_out(), [3, 5])
    finish(run, lambda task: {"score": task.parameters["General/rows"] * 10})
    assert statuses(run)["work"] == "completed"
    finish(run)
    run.refresh_from_db()
    assert (run.status, run.outputs) == ("completed", {"scores": [30, 50]})
    check_run(run)


def test_an_item_without_a_value_gives_null(broker: object) -> None:
    run = loaded(fan_out(may_fail=True), [3, 5])
    agent = make_agent("other")
    first, second = queued_tasks(run)
    claim(first, agent)
    claim(second, agent)
    end(first, TaskEvent.END_BADLY, reason="no")
    end(second, outputs={"score": 1})
    advance(run.pk)
    finish(run)
    run.refresh_from_db()
    assert (run.status, run.outputs) == ("completed", {"scores": [None, 1]})
    check_run(run)


@pytest.mark.parametrize("listed", [[], "${pipeline.files}"])
def test_a_list_may_stand_there_or_be_a_parameter(broker: object, listed: Any) -> None:
    run = loaded(fan_out(listed, parameters={}), [])
    expected = ["work[0]"] if listed else []
    assert [name for name in statuses(run) if name.startswith("work[")] == expected
    assert statuses(run)["work"] == ("running" if listed else "completed")
    check_run(run)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ("x.csv", "a fan-out needs a list, and got a text: x.csv"),
        ({"a": 1}, 'a fan-out needs a list, and got an object: {"a": 1}'),
        (list(range(10_001)), "steps of a fan-out: 10,001 is more than the cap of 10,000"),
    ],
)
def test_what_is_no_list_fails_the_step_and_says_so(
    broker: object, files: Any, reason: str
) -> None:
    run = loaded(fan_out(), files)
    work = Step.objects.get(run=run, path="work")
    assert (work.status, work.reason) == ("failed", reason)
    assert statuses(run)["join"] == "skipped"
    run.refresh_from_db()
    assert run.reason == f'"work" failed: {reason}'
    check_run(run)


def test_a_thousand_items_fail_at_three_and_those_three_are_rerun(broker: object) -> None:
    bad = {"work[7]", "work[500]", "work[999]"}
    run = loaded(fan_out(), list(range(1000)))
    play(
        run,
        make_agent("many"),
        lambda name, number: (
            TaskEvent.END_BADLY if name in bad and number == 1 else TaskEvent.END_WELL
        ),
    )
    work = Step.objects.get(run=run, path="work")
    assert (work.status, work.items, work.items_good, work.items_bad) == ("failed", 1000, 997, 3)
    assert work.reason == '3 of 1,000 items ended badly, first "work[7]" failed: told to'
    assert run.tally == {"completed": 998, "failed": 4, "skipped": 1}
    assert run.reason.startswith('"work" failed: 3 of 1,000')

    rerun(actor="ada", run=run, failed=True)
    advance(run.pk)
    assert {task.name for task in queued_tasks(run)} == bad
    play(run, make_agent("again"))
    assert run.status == "completed"
    assert run.tally == {"completed": 1003}
    assert Attempt.objects.filter(step__run=run, step__item_index__isnull=False).count() == 1003
    work.refresh_from_db()
    assert (work.status, work.items_good, work.items_bad) == ("completed", 1000, 0)
    check_run(run)


def test_the_limit_of_a_fan_out_holds_and_all_get_their_turn(broker: object) -> None:
    run = loaded(fan_out(for_each={"max_parallel": 2}), list(range(5)))
    row = runs_with_names().get(pk=run.pk)
    assert step_detail(row, "work[2]")["why"] == '"work" lets only 2 items run at a time'
    agent = make_agent("one")
    order = []
    while waiting := queued_tasks(run):
        living = Task.objects.filter(attempts__run=run, status__in=ACTIVE).count()
        assert living <= 2
        order.append(waiting[0].name)
        claim(waiting[0], agent)
        end(waiting[0])
        advance(run.pk)
        check_run(run)
    assert order == ["work[0]", "work[1]", "work[2]", "work[3]", "work[4]", "join"]
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_condition_over_the_item_is_asked_of_each(broker: object) -> None:
    document = fan_out(when="${item} > 3", for_each={"max_parallel": 1})
    run = loaded(document, [1, 2, 5, 3])
    assert [task.name for task in queued_tasks(run)] == ["work[2]"]
    finish(run)
    finish(run)
    found = statuses(run)
    assert [found[f"work[{item}]"] for item in range(4)] == [
        "skipped",
        "skipped",
        "completed",
        "skipped",
    ]
    assert (found["work"], found["join"]) == ("completed", "completed")
    check_run(run)


def relisted(run: Run, files: list[Any]) -> None:
    """Rerun from the first step, which finds other files now."""
    rerun(actor="ada", run=run, from_=["load"])
    advance(run.pk)
    finish(run, lambda task: {"files": files})


def test_a_list_that_is_made_anew_matches_its_items_by_place(broker: object) -> None:
    run = loaded(fan_out(), [1, 2, 3])
    play(run, make_agent("first"))
    relisted(run, [9])
    assert {task.name: task.parameters["General/rows"] for task in queued_tasks(run)} == {
        "work[0]": 9
    }
    gone = Step.objects.get(run=run, path="work[2]")
    assert (gone.status, gone.reason) == ("skipped", "no longer in the list")
    play(run, make_agent("second"))
    assert run.status == "completed"
    check_run(run)
    relisted(run, [4, 5, 6, 7])
    play(run, make_agent("third"))
    items = Step.objects.filter(run=run, item_index__isnull=False).order_by("item_index")
    assert list(items.values_list("item_value", "attempt", "status")) == [
        (4, 3, "completed"),
        (5, 2, "completed"),
        (6, 2, "completed"),
        (7, 1, "completed"),
    ]
    assert (run.status, run.steps_total, run.graph_revision) == ("completed", 7, 2)
    check_run(run)


def test_an_abort_of_the_fan_out_ends_its_items(broker: object) -> None:
    run = loaded(fan_out(for_each={"max_parallel": 1}), [1, 2, 3])
    actions.abort_steps(actor="ada", run=run, steps=["work"])
    advance(run.pk)
    found = statuses(run)
    assert [found[f"work[{item}]"] for item in range(3)] == ["aborted", "skipped", "skipped"]
    assert (found["work"], found["join"]) == ("aborted", "skipped")
    run.refresh_from_db()
    assert run.status == "aborted"
    check_run(run)


def chains(**train: Any) -> Document:
    """For each fold: clean → train; then a report over all of them."""
    return {
        "schema": 1,
        "groups": [{"name": "fold", "for_each": {"list": [1, 2], "max_parallel": 2}}],
        "steps": [
            {
                "name": "clean",
                "template": "load",
                "group": "fold",
                "parameters": {"rows": "${item}"},
            },
            {
                "name": "train",
                "template": "load",
                "group": "fold",
                "parameters": {"rows": "${clean.outputs.rows}"},
                **train,
            },
            {"name": "report", "template": "load", "parents": ["train"]},
        ],
        "outputs": {"all": "${train[*].outputs.rows}"},
    }


def rows_tenfold(task: Task) -> dict[str, Any]:
    return {"rows": task.parameters["General/rows"] * 10}


def test_a_group_is_done_as_a_chain_for_each_item(broker: object) -> None:
    run = started(chains())
    advance(run.pk)
    assert {task.name for task in queued_tasks(run)} == {"fold[0].clean", "fold[1].clean"}
    finish(run, rows_tenfold)
    assert {t.name: t.parameters["General/rows"] for t in queued_tasks(run)} == {
        "fold[0].train": 10,
        "fold[1].train": 20,
    }
    finish(run, rows_tenfold)
    finish(run)
    run.refresh_from_db()
    assert (run.status, run.outputs) == ("completed", {"all": [100, 200]})
    check_run(run)


def test_a_step_of_a_chain_may_have_a_list_of_its_own(broker: object) -> None:
    document = chains(for_each={"list": "${clean.outputs.parts}"}, parameters={"rows": "${item}"})
    run = started(document)
    advance(run.pk)
    finish(run, lambda task: {"parts": [task.parameters["General/rows"], 7]})
    assert {t.name: t.parameters["General/rows"] for t in queued_tasks(run)} == {
        "fold[0].train[0]": 1,
        "fold[0].train[1]": 7,
        "fold[1].train[0]": 2,
        "fold[1].train[1]": 7,
    }
    finish(run, rows_tenfold)
    finish(run)
    run.refresh_from_db()
    assert (run.status, run.outputs) == ("completed", {"all": [[10, 70], [20, 70]]})
    check_run(run)
