"""Steps that come to a run while it goes on: named apart, counted, refused, and added only once."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.actions import scripts
from orchestrator.actions.runs import abort_run
from orchestrator.actions.tasks import create_task
from orchestrator.controller import advance
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.domain.states import Status, TaskEvent
from orchestrator.models import Agent, Attempt, Change, Pipeline, Project, Run, Step, Task
from orchestrator.queries import runs as queries
from orchestrator.store import execution, turns
from orchestrator.store.added_steps import GraphClosed, KeyConflict
from tests.engine.driving import claimed, ended, lose_lease
from tests.engine.playing import (
    check_run,
    claim,
    end,
    play_all,
    queued_tasks,
    settle,
    statuses,
)
from tests.makers import drive, make_pipeline, make_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

EMPTY: dict[str, Any] = {"schema": 1, "steps": []}


def work(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "template": "load", **more}


def add(run: Run, **steps: dict[str, Any]) -> dict[str, str]:
    """Add these steps, each under its key; the names that they have got."""
    asked = [{"key": key, "step": step} for key, step in steps.items()]
    there, signal = scripts.add_steps(actor="ada", run=run, steps=asked)
    settle()
    run.refresh_from_db()
    if signal is None:
        return {one.key: one.name for one in there}
    change = Change.objects.get(run=run, data__signal=signal)
    assert change.kind == "asked", change.data["reason"]
    return {one["key"]: one["name"] for one in change.data["detail"]["added"]}


def test_a_step_runs_as_soon_as_it_is_added(run: Run, agent: Agent) -> None:
    assert add(run, a=work("load", parameters={"rows": 7})) == {"a": "load"}
    (task,) = queued_tasks(run)
    assert (task.name, task.parameters) == ("load", {"General/rows": 7})
    assert run.graph_revision == 1
    play_all(agent)
    assert statuses(run) == {"load": "completed"}
    run.refresh_from_db()
    assert run.status == Status.RUNNING, "its script may add more"
    assert ended(run).status == Status.COMPLETED
    check_run(run)


def test_steps_follow_others_by_name_and_by_reference(run: Run, agent: Agent) -> None:
    add(run, a=work("load"))
    (task,) = queued_tasks(run)
    claim(task, agent)
    end(task, outputs={"n": 42})
    settle()
    add(run, b=work("train", parameters={"rows": "${load.n}"}), c=work("test", parents=["train"]))
    assert statuses(run) == {"load": "completed", "train": "queued", "test": "pending"}
    (train,) = queued_tasks(run)
    assert train.parameters == {"General/rows": 42}
    play_all(agent)
    assert set(statuses(run).values()) == {"completed"}
    ended(run)
    check_run(run)


@pytest.mark.parametrize("cut", [False, True])
def test_parents_count_as_they_stand_when_the_step_comes(
    run: Run, agent: Agent, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cut:
        monkeypatch.setattr(turns, "STEPS_A_TURN", 2)
        monkeypatch.setattr(turns, "DECISIONS_A_TURN", 2)
    add(run, **{f"k{n}": work(f"good {n}") for n in range(3)})
    add(run, bad=work("bad"), slow=work("slow"))
    slow = next(task for task in queued_tasks(run) if task.name == "slow")
    for task in queued_tasks(run):
        if task.name != "slow":
            claim(task, agent)
            end(task, TaskEvent.END_BADLY if task.name == "bad" else TaskEvent.END_WELL)
    # Nobody has taken a turn since: the steps come before their parents' ends are known.
    everything = ["good 0", "good 1", "good 2"]
    add(
        run,
        ready=work("ready", parents=everything),
        open=work("open", parents=["good 0", "slow"]),
        never=work("never", parents=["good 1", "bad"]),
        anyhow=work("anyhow", parents=["bad"], trigger="all_done"),
        below=work("below", parents=["never"]),
    )
    found = statuses(run)
    assert (found["ready"], found["open"]) == ("queued", "pending")
    assert (found["never"], found["anyhow"], found["below"]) == ("skipped", "queued", "skipped")
    assert Step.objects.get(run=run, path="below").reason == '"bad" failed'
    check_run(run)
    claim(slow, agent)
    end(slow)
    play_all(agent)
    assert statuses(run)["open"] == "completed"
    ended(run)
    check_run(run)


def test_steps_are_given_names_of_their_own(run: Run) -> None:
    assert add(run, a=work("x"), b=work("x"), c=work("y", parents=["x"])) == {
        "a": "x",
        "b": "x_1",
        "c": "y",
    }
    assert add(run, d=work("x"), e=work("y", parents=["x"])) == {"d": "x_2", "e": "y_1"}
    graph = {step.path: step for step in Step.objects.filter(run=run)}
    assert set(graph) == {"x", "x_1", "y", "x_2", "y_1"}
    parents = _parents(run)
    assert parents["y"] == ["x_1"], "the nearest one before it of that name"
    assert parents["y_1"] == ["x_2"]


def _parents(run: Run) -> dict[str, list[str]]:
    nodes = queries.graph(run)["nodes"]
    return {node["name"]: [nodes[parent]["name"] for parent in node["parents"]] for node in nodes}


def test_the_same_step_under_the_same_key_is_the_same(run: Run, agent: Agent) -> None:
    first = add(run, a=work("load"), b=work("load"))
    lose_lease(run)
    claimed(run, agent)
    assert add(run, a=work("load"), b=work("load")) == first == {"a": "load", "b": "load_1"}
    assert add(run, a=work("load"), c=work("load")) == {"a": "load", "c": "load_2"}
    assert Step.objects.filter(run=run).count() == 3
    with pytest.raises(KeyConflict, match='key "a": a step with another "queue"'):
        add(run, a=work("load", queue="services"))


def test_two_who_add_under_one_key_at_once_get_one_step(run: Run) -> None:
    asked = [{"key": "a", "step": work("load")}]
    others = [{"key": "a", "step": work("other")}]
    for each in (asked, asked, others):
        assert scripts.add_steps(actor="ada", run=run, steps=each)[1]
    settle()
    assert statuses(run) == {"load": "queued"}
    refused = Change.objects.get(run=run, kind="refused").data
    assert (refused["code"], "name" in refused["reason"]) == ("key_conflict", True)
    check_run(run)


@pytest.mark.parametrize(
    ("step", "where", "code"),
    [
        (work("a", template="nothing"), "steps[1].step.template", "unknown_template"),
        (work("a", parents=["nobody"]), "steps[1].step.parents[0]", "unknown_step"),
        (work("a", parameters={"wrong": 1}), "steps[1].step.parameters.wrong", "unknown_parameter"),
        (work("a", parameters={"rows": "${x.}"}), "steps[1].step", "bad_reference"),
        (work("a", parameters={"rows": "${no.n}"}), "steps[1].step", "unknown_step"),
        ({"name": "a"}, "steps[1].step.template", "missing"),
        ({"name": "a", "task": "no"}, "steps[1].step.task", "unknown_task"),
        ({"template": "load"}, "steps[1].step.name", "missing"),
        (work("a/b"), "steps[1].step.name", "bad_name"),
    ],
)
def test_a_bad_step_is_refused_at_once(run: Run, step: Any, where: str, code: str) -> None:
    asked = [{"key": "good", "step": work("good")}, {"key": "bad", "step": step}]
    with pytest.raises(Invalid) as raised:
        scripts.add_steps(actor="ada", run=run, steps=asked)
    problems = raised.value.problems
    assert [(p.where.startswith(where), p.code) for p in problems] == [(True, code)], problems
    settle()
    assert statuses(run) == {}, "nothing is half asked"


def test_nothing_is_added_to_a_run_that_ends(run: Run, agent: Agent) -> None:
    asked = [{"key": "a", "step": work("load")}]
    abort_run(actor="ada", run=run)
    _, late = scripts.add_steps(actor="ada", run=run, steps=asked)
    settle()
    # The run did not know of its end when it was asked; which came first is for the turn to say.
    change = Change.objects.get(run=run, data__signal=late)
    assert change.kind in ("asked", "refused")
    run.refresh_from_db()
    with pytest.raises(GraphClosed):
        scripts.add_steps(actor="ada", run=run, steps=[{"key": "b", "step": work("load")}])
    ended(run, TaskEvent.CONFIRM_GONE)
    assert run.status == Status.ABORTED
    check_run(run)


def test_a_step_that_is_added_may_be_a_fan_out_or_a_run(
    project: Project, run: Run, agent: Agent
) -> None:
    make_pipeline(project, "inner", document={"schema": 1, "steps": [work("one")]})
    add(
        run,
        a=work("each", parameters={"rows": "${item}"}, for_each={"list": [1, 2, 3]}),
        b={"name": "inner", "kind": "pipeline", "pipeline": "inner", "parents": ["each"]},
    )
    play_all(agent)
    assert statuses(run) == {
        "each": "completed",
        "inner": "completed",
        **{f"each[{n}]": "completed" for n in range(3)},
    }
    assert add(run, c=work("after", parents=["each[1]", "inner"])) == {"c": "after"}
    play_all(agent)
    ended(run)
    assert run.status == Status.COMPLETED
    check_run(run)


def test_a_step_may_be_a_task_that_the_script_made(
    project: Project, run: Run, agent: Agent
) -> None:
    task = create_task(
        actor="ada", project=project, name="mine", kind="command", body={"argv": ["true"]}
    )
    Task.objects.filter(pk=task.pk).update(parameters={"General/a": 1})
    assert add(run, a={"name": "its own", "task": str(task.pk), "retries": {"number": 1}})
    (first,) = queued_tasks(run)
    assert (first.pk, first.name, first.parameters) == (task.pk, "mine", {"General/a": 1})
    claim(first, agent)
    end(first, TaskEvent.END_BADLY)
    settle()
    (second,) = queued_tasks(run)
    assert second.pk != task.pk
    assert (second.definition_id, second.parameters) == (task.definition_id, {"General/a": 1})
    play_all(agent)
    assert statuses(run) == {"its own": "completed"}
    assert Attempt.objects.filter(run=run).count() == 2
    ended(run)
    check_run(run)


def test_a_step_shows_what_it_is_made_of(run: Run, agent: Agent) -> None:
    add(run, a=work("load", parameters={"rows": 7}))
    play_all(agent)
    shown = queries.step_detail(run, "load")
    assert (shown["template"], shown["status"]) == ("alpha/load", "completed")
    assert [step["name"] for step in queries.steps(run)] == ["load"]


def test_a_script_becomes_a_run_while_it_runs(project: Project, agent: Agent) -> None:
    body = {"script": "print(1)"}
    task = create_task(actor="ada", project=project, name="My loop", kind="python", body=body)
    with pytest.raises(Conflict, match="it becomes a run while it runs"):
        scripts.make_run(actor="ada", task=task)
    Task.objects.filter(pk=task.pk).update(status="queued", fence=1)
    assert execution.claim(task.pk, 1, agent.pk, 1000)
    run, is_new = scripts.make_run(actor="ada", task=task)
    settle()
    run.refresh_from_db()
    assert (is_new, run.pk, run.status, run.driver) == (True, task.pk, Status.RUNNING, "script")
    assert (run.pipeline.slug, run.number, run.origin) == ("my-loop", 1, "script")
    assert scripts.make_run(actor="ada", task=task) == (run, False)
    add(run, a=work("load"))
    play_all(agent)
    assert ended(run).status == Status.COMPLETED
    check_run(run)
    second = create_task(actor="ada", project=project, name="My loop", kind="python", body=body)
    Task.objects.filter(pk=second.pk).update(status="queued", fence=1)
    assert execution.claim(second.pk, 1, agent.pk, 1000)
    again, _ = scripts.make_run(actor="ada", task=second)
    assert (again.pipeline, again.version, again.number) == (run.pipeline, run.version, 2)


def test_the_steps_of_a_controller_begin_when_it_has_registered_them(
    project: Project, agent: Agent
) -> None:
    pipeline = drive(make_pipeline(project), "controller")
    run = make_run(pipeline)
    settle()
    claimed(run, agent)
    assert (run.graph_open, statuses(run)) == (True, {})
    with pytest.raises(GraphClosed, match="has not registered its steps yet"):
        scripts.add_steps(actor="ada", run=run, steps=[{"key": "a", "step": work("x")}])
    scripts.register_steps(actor="ada", run=run, version=1)
    settle()
    run.refresh_from_db()
    assert (run.graph_open, statuses(run)) == (False, {"first": "queued", "second": "pending"})
    add(run, a=work("third", parents=["second"]))
    play_all(agent)
    run.refresh_from_db()
    assert run.status == Status.RUNNING, "its script has not ended"
    scripts.register_steps(actor="ada", run=run, version=1)
    settle()
    assert ended(run).status == Status.COMPLETED
    assert statuses(run) == dict.fromkeys(("first", "second", "third"), "completed")
    check_run(run)


def test_a_controller_may_register_another_version_before_there_are_steps(
    project: Project, agent: Agent
) -> None:
    pipeline = drive(make_pipeline(project), "controller")
    run = make_run(pipeline, rows=3)
    settle()
    claimed(run, agent)
    newer = _next_version(pipeline, {"schema": 1, "steps": [work("only")]})
    scripts.register_steps(actor="ada", run=run, version=newer)
    settle()
    run.refresh_from_db()
    assert statuses(run) == {"only": "queued"}
    assert (run.version and run.version.number, run.parameters) == (newer, {})
    with pytest.raises(Conflict, match="steps of another version"):
        scripts.register_steps(actor="ada", run=run, version=1)
    play_all(agent)
    assert ended(run).status == Status.COMPLETED
    check_run(run)


def _next_version(pipeline: Pipeline, document: dict[str, Any]) -> int:
    from orchestrator.actions.pipelines import publish, save_draft

    save_draft(actor="ada", pipeline=pipeline, document=document, revision=1)
    version = publish(actor="ada", pipeline=pipeline)
    drive(pipeline, "controller")
    assert version.number
    return version.number


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (TaskEvent.END_WELL, "its script ended before it had registered its steps"),
        (TaskEvent.END_BADLY, "its script failed: so"),
    ],
)
def test_a_controller_that_registers_nothing_fails_its_run(
    project: Project, agent: Agent, event: TaskEvent, reason: str
) -> None:
    run = make_run(drive(make_pipeline(project), "controller"))
    settle()
    claimed(run, agent)
    ended(run, event, reason="so")
    assert (run.status, run.reason) == (Status.FAILED, reason)
    assert statuses(run) == {"first": "skipped", "second": "skipped"}
    check_run(run)


def test_a_registered_graph_goes_on_without_its_controller(project: Project, agent: Agent) -> None:
    run = make_run(drive(make_pipeline(project), "controller"))
    settle()
    claimed(run, agent)
    scripts.register_steps(actor="ada", run=run, version=1)
    settle()
    ended(run, TaskEvent.CANNOT_RUN, reason="its machine was lost")
    assert (run.status, run.taken_up) == (Status.RUNNING, 0)
    play_all(agent)
    run.refresh_from_db()
    assert run.status == Status.COMPLETED
    check_run(run)


def test_turns_end_and_come_to_rest(run: Run) -> None:
    add(run, a=work("load"))
    assert advance(run.pk) == 0, "there is nothing left to do"
