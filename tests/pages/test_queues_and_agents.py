"""The page of queues and agents: who is alive, what waits in which order, who serves nothing."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from orchestrator.domain.states import Status
from orchestrator.models import Agent, Task
from tests.makers import make_project, make_template
from tests.pages.world import World


def make_agent(name: str, *, seconds_left: int = 60, **more: Any) -> Agent:
    return Agent.objects.create(
        name=name,
        host="host-of-" + name,
        pid=1,
        queues=more.pop("queues", ["default"]),
        slots=2,
        lease_until=timezone.now() + timedelta(seconds=seconds_left),
        **more,
    )


def page(world: World, name: str = "ada") -> str:
    return world.client(name).get("/queues/").content.decode()


def test_a_queue_that_nobody_serves_is_told_of(world: World) -> None:
    assert page(world).count("No agent serves this queue") == 2
    make_agent("one")
    assert page(world).count("No agent serves this queue") == 1
    assert "Served by one" in page(world)


def test_an_agent_whose_lease_is_over_shows_no_sign_of_life(world: World) -> None:
    make_agent("gone", seconds_left=-5)
    make_agent("here")
    shown = page(world)
    assert shown.count("no sign of life") == 1
    assert shown.count("alive") == 1
    assert "Served by here" in shown


def test_what_waits_stands_in_the_order_of_the_queue(world: World) -> None:
    now = timezone.now()
    for name, priority, age in (("late", 0, 1), ("early", 0, 9), ("urgent", 5, 0)):
        Task.objects.create(
            project=world.project,
            name=name,
            kind="python",
            status=Status.QUEUED,
            priority=priority,
            queued_at=now - timedelta(seconds=age),
        )
    shown = page(world)
    places = [shown.index(f">{name}</a>") for name in ("urgent", "early", "late")]
    assert places == sorted(places)


def test_tasks_of_other_projects_are_counted_but_not_named(world: World) -> None:
    other = make_project("beta", owner="bob")
    make_template(other, "theirs", actor="bob")
    agent = make_agent("one")
    for name, status in (("secret waiting", Status.QUEUED), ("secret running", Status.RUNNING)):
        Task.objects.create(
            project=other,
            name=name,
            kind="python",
            status=status,
            agent=agent if status is Status.RUNNING else None,
            queued_at=timezone.now(),
            started_at=timezone.now() if status is Status.RUNNING else None,
        )
    shown = page(world)
    assert "secret" not in shown
    assert shown.count("a task of another project") == 2
    assert "1 of 2 slots busy" in shown
    assert "secret running" in page(world, "bob")
