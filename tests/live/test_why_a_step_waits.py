"""Why a step waits: one sentence, true when it is read, the same for one step and for the table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from orchestrator.domain.states import Status
from orchestrator.models import Agent, Attempt, Line, Run, Step, Task
from orchestrator.queries.runs import runs_with_names, step_detail, steps
from tests.live.rows import NOON, make_agent, make_project, make_run

pytestmark = pytest.mark.django_db

MIDDLE = {"load": "completed", "clean": "completed", "train a": "running", "train b": "queued"}


@pytest.fixture
def run() -> Run:
    """Train a runs and train b waits, both in the queue "default"."""
    made = make_run(make_project(), MIDDLE)
    return runs_with_names().get(pk=made.pk)


def why(run: Run, name: str = "train b") -> str:
    """The sentence, asked for the step and read from the table."""
    fresh = runs_with_names().get(pk=run.pk)
    sentence: str = step_detail(fresh, name)["why"]
    assert {row["name"]: row["why"] for row in steps(fresh)}[name] == sentence
    return sentence


def hold(run: Run, agent: Agent, *names: str) -> None:
    """Let steps of the run run on an agent."""
    tasks = Attempt.objects.filter(run=run, step__path__in=names).values("task")
    Task.objects.filter(pk__in=tasks).update(agent=agent, status="running", started_at=NOON)


def wait_ahead(run: Run, number: int, **more: object) -> None:
    values = {"name": "x", "kind": "python", "status": Status.QUEUED, **more}
    for n in range(number):
        Task.objects.create(
            project=run.project, queued_at=NOON - timedelta(seconds=n + 1), **values
        )


def test_no_agent(run: Run) -> None:
    assert why(run) == 'no agent serves the queue "default"'
    make_agent(["default"], alive=False)
    make_agent(["other"])
    assert why(run) == 'no agent serves the queue "default"'


def test_only_draining_agents(run: Run) -> None:
    make_agent(["default"])
    Agent.objects.update(draining=True)
    assert why(run) == 'the agents of the queue "default" are draining: ant'
    make_agent(["default"])
    assert "draining" not in why(run)


def test_a_free_slot_tells_the_place_in_the_line(run: Run) -> None:
    make_agent(["default"])
    wait_ahead(run, 1)
    wait_ahead(run, 1, priority=-5)
    assert why(run) == 'number 2 of 3 in the queue "default"'
    Task.objects.filter(name="train b").update(priority=1)
    assert why(run) == 'number 1 of 3 in the queue "default"'


def test_the_only_slot_and_who_holds_it(run: Run) -> None:
    agent = make_agent(["default"])
    Agent.objects.update(slots=1)
    hold(run, agent, "train a")
    assert (
        why(run)
        == 'the only slot of the queue "default" is held by "train a"; number 1 of 1 in line'
    )


def test_slots_held_by_other_runs_and_by_what_one_may_not_see(run: Run) -> None:
    agent = make_agent(["default"])
    hold(run, agent, "train a")
    other = make_run(run.project, {"load": "running"}, slug="others")
    hold(other, agent, "load")
    foreign = {"name": "secret", "kind": "python", "status": "running", "agent": agent}
    Task.objects.create(project=make_project("beta"), queue="services", **foreign)
    sentence = why(run)
    assert sentence.startswith('all 2 slots of the queue "default" are held by "train a"')
    assert '"load" of others #1 and one of another project; number 1 of 1 in line' in sentence
    assert "secret" not in sentence


def test_many_holders_are_counted(run: Run) -> None:
    agent = make_agent(["default"])
    for name in "abcdef":
        Task.objects.create(
            project=run.project, name=name, kind="python", status="running", agent=agent
        )
    assert "and 4 more; number 1 of 1 in line" in why(run)


def test_the_limit_of_the_queue_and_who_holds_its_places(run: Run) -> None:
    agent = make_agent(["default"])
    hold(run, agent, "train a")
    Line.objects.filter(name="default").update(limit=1)
    reached = 'the queue "default" runs 1 at a time; its place is held by "train a"'
    assert why(run) == f"{reached}; number 1 of 1 in line"


def test_a_paused_queue(run: Run) -> None:
    make_agent(["default"])
    wait_ahead(run, 2)
    Line.objects.filter(name="default").update(paused=True)
    assert why(run) == 'the queue "default" is paused; number 3 of 3 in line'


def test_what_runs_where_its_script_runs(run: Run) -> None:
    Task.objects.filter(name="train b").update(queue="local")
    said = "runs where its script runs, which has not started it yet"
    assert why(run) == f"{said}; number 1 of 1 in line"
    asked = {"abort_requested_at": NOON, "process": {"host": "laptop", "actor": "ada"}}
    Task.objects.filter(name="train b").update(status=Status.ABORTING, **asked)
    Step.objects.filter(run=run, path="train b").update(status=Status.ABORTING)
    assert "its process on laptop has not answered yet" in why(run)


def test_a_queue_that_was_deleted(run: Run) -> None:
    Line.objects.filter(name="default").delete()
    assert why(run) == 'the queue "default" is not there any more'


def test_an_aborting_run(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(status="aborting")
    assert why(run) == "the run is being aborted"
    assert why(run, "compare") == "the run is being aborted"


def test_parents_and_how_many_more() -> None:
    names = [f"work {n}" for n in range(6)]
    document = {
        "schema": 1,
        "steps": [
            *({"name": name, "template": "load"} for name in names),
            {"name": "end", "template": "load", "parents": names},
        ],
    }
    run = make_run(make_project(), {"work 0": "completed"}, document=document)
    assert why(run, "end") == 'waits for "work 1", "work 2", "work 3" and 2 more'


def test_a_sentence_costs_the_same_however_much_waits(
    run: Run, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_agent(["default"])
    wait_ahead(run, 300)
    with django_assert_max_num_queries(14):
        assert step_detail(run, "train b")["why"] == 'number 301 of 301 in the queue "default"'


def test_everybody_in_a_wide_run_has_a_place() -> None:
    names = [f"step {n}" for n in range(40)]
    document = {"schema": 1, "steps": [{"name": name, "template": "load"} for name in names]}
    run = make_run(make_project(), dict.fromkeys(names, "queued"), document=document)
    make_agent(["default"])
    found = {row["name"]: row["why"] for row in steps(runs_with_names().get(pk=run.pk))}
    places = sorted(int(sentence.split()[1]) for sentence in found.values())
    assert places == list(range(1, 41))
    assert Step.objects.filter(run=run).count() == 40
