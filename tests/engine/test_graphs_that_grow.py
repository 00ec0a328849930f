"""Graphs of runs that grow: each made of the one before, and none kept that came to nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from orchestrator import graphs
from orchestrator.actions import scripts
from orchestrator.actions.templates import save_template
from orchestrator.controller import advance
from orchestrator.domain.errors import Conflict
from orchestrator.models import Agent, Change, GraphPart, Project, Run
from orchestrator.store import registering, signals, turns
from tests.engine.driving import claimed
from tests.engine.playing import check_run, settle, statuses
from tests.makers import drive, make_pipeline, make_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

EMPTY: dict[str, Any] = {"schema": 1, "steps": []}


def ask(run: Run, name: str, **more: Any) -> None:
    fresh = Run.objects.select_related("version", "pipeline", "project").get(pk=run.pk)
    step = {"name": name, "template": "load", **more}
    scripts.add_steps(actor="ada", run=fresh, steps=[{"key": name, "step": step}])


def names(run: Run) -> list[str]:
    fresh = Run.objects.select_related("version").get(pk=run.pk)
    return [node.name for node in graphs.graph_of_run(fresh).nodes]


class Cut(Exception):
    """What ends a turn before its commit."""


def test_a_graph_of_a_turn_that_came_to_nothing_is_forgotten(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(run, "first")
    with monkeypatch.context() as cut:
        cut.setattr("orchestrator.controller._add_steps", _cut)
        with pytest.raises(Cut):
            advance(run.pk)
    # Another turn gives the same number to another graph.
    run.signals.all().delete()
    ask(run, "second")
    settle()
    assert names(run) == ["second"]
    assert statuses(run) == {"second": "queued"}
    check_run(run)


def _cut(turn: Any) -> None:
    assert [node.name for node in turn.mail.graph.nodes] == ["first"]
    raise Cut


def test_what_a_graph_was_made_of_is_not_read_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        ask(run, f"step {number}", parents=[f"step {number - 1}"] if number else [])
        settle()
    read: list[str] = []
    made = graphs.added_node

    def noted(index: int, step: Any, *more: Any) -> Any:
        read.append(step["name"])
        return made(index, step, *more)

    monkeypatch.setattr(graphs, "added_node", noted)
    ask(run, "one more", parents=["step 4"])
    settle()
    assert set(read) == {"one more"}, "the steps that were there are read again"
    assert names(run) == [*(f"step {number}" for number in range(5)), "one more"]
    check_run(run)


def test_a_process_that_has_not_seen_the_graph_makes_the_same(run: Run) -> None:
    for number in range(4):
        ask(run, f"step {number}", parents=[f"step {number - 1}"] if number else [])
        settle()
    grown = graphs.graph_of_run(Run.objects.select_related("version").get(pk=run.pk))
    graphs._kept.clear()
    fresh = graphs.graph_of_run(Run.objects.select_related("version").get(pk=run.pk))
    assert (fresh.nodes, fresh.children) == (grown.nodes, grown.children)


def test_a_turn_without_mail_does_not_read_the_graph(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "graph_of_run", lambda run: pytest.fail("the graph was read"))
    assert advance(run.pk) == 0


def test_a_run_whose_version_cannot_be_had_stays_as_it_is(
    project: Project, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(drive(make_pipeline(project), "controller"))
    settle()
    claimed(run, agent)

    def gone(version: object) -> None:
        raise Conflict("the pipeline is there no more")

    scripts.register_steps(actor="ada", run=run, version=1)
    with monkeypatch.context() as patched:
        patched.setattr(registering, "pins_for_run", gone)
        settle()
    run.refresh_from_db()
    assert (run.graph_open, statuses(run)) == (True, {})
    assert Change.objects.get(run=run, kind="refused").data["reason"].startswith("the pipeline")
    scripts.register_steps(actor="ada", run=run, version=1)
    settle()
    assert statuses(run) == {"first": "queued", "second": "pending"}
    check_run(run)


def test_a_step_that_does_not_fit_is_refused_before_anything_is_written(run: Run) -> None:
    said = {"key": "a", "step": {"name": "a", "template": "load", "parents": ["nobody"]}}
    with transaction.atomic():
        signals.put(run.pk, "add_steps", {"steps": [{**said, "pin": {}}]}, "ada")
    settle()
    assert Change.objects.get(run=run, kind="refused").data["code"] == "invalid"
    assert not GraphPart.objects.filter(run=run).exists()
    ask(run, "b")
    settle()
    assert statuses(run) == {"b": "queued"}
    check_run(run)


def test_the_same_is_answered_although_it_would_be_refused_by_now(
    project: Project, run: Run
) -> None:
    ask(run, "first")
    settle()
    # Its template takes another parameter now, that nobody gives.
    needed = {"name": "General/needed", "type": "integer", "required": True}
    save_template(
        actor="ada",
        project=project,
        slug="load",
        name="load",
        kind="python",
        body={"script": "print(2)"},
        specs=[needed],
    )
    fresh = Run.objects.select_related("version", "pipeline", "project").get(pk=run.pk)
    step = {"name": "first", "template": "load"}
    there, signal = scripts.add_steps(
        actor="ada", run=fresh, steps=[{"key": "first", "step": step}]
    )
    assert ([one.name for one in there], signal) == (["first"], None)
