"""The page of queues and agents: who is alive, what waits in which order, who serves nothing."""

import re
from datetime import timedelta

from django.utils import timezone

from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Step, Task
from tests.makers import make_agent, make_project, make_template, make_user, make_waiting
from tests.pages.world import World


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


def test_a_waiting_step_is_linked_with_its_run(world: World) -> None:
    task = make_waiting(world.project, "first")
    step = Step.objects.create(run=world.run, index=0, node=0, path="first", attempt=1)
    Attempt.objects.create(run=world.run, step=step, number=1, task=task)
    for shown in (page(world), world.client("ada").get("/queues/default/").content.decode()):
        assert '<a href="/runs/alpha/chain/1/?step=first">alpha / chain #1' in shown


def test_an_operator_moves_a_task_to_the_front_and_a_viewer_does_not(world: World) -> None:
    make_waiting(world.project, "older", age=9)
    task = make_waiting(world.project, "younger")
    where = f"/queues/default/tasks/{task.pk}/front/"
    assert "To front" not in page(world, "vera")
    assert page(world, "ola").count("To front") == 1
    assert world.client("vera").post(where).status_code == 403
    assert world.client("sam").post(where).status_code == 404
    answer = world.client("ola").post(where)
    assert answer["Location"] == f"/queues/default/#task-{task.pk}"
    shown = world.client("ola").get("/queues/default/").content.decode()
    assert shown.index(">younger</a>") < shown.index(">older</a>")


def test_a_priority_is_set_on_the_page(world: World) -> None:
    task = make_waiting(world.project, "one")
    where = f"/queues/default/tasks/{task.pk}/priority/"
    client = world.client("ola")
    for given, kept in (("7", 7), ("-3", -3), ("many", -3), ("1001", -3)):
        assert client.post(where, {"priority": given}).status_code == 302
        task.refresh_from_db()
        assert task.priority == kept


def test_only_an_administrator_gets_the_buttons_of_queues_and_agents(world: World) -> None:
    agent = make_agent("one")
    for name in ("ada", "ola"):
        client = world.client(name)
        for shown in (page(world, name), client.get("/queues/default/").content.decode()):
            assert not re.search("Pause|Drain|New queue|Delete", shown)
        assert client.post("/queues/", {"name": "gpu"}).status_code == 403
        assert client.post("/queues/default/", {"verb": "pause"}).status_code == 403
        assert client.post(f"/agents/{agent.pk}/drain/").status_code == 403


def test_an_administrator_makes_pauses_limits_and_deletes_a_queue(world: World) -> None:
    make_user("root", superuser=True)
    root = world.client("root")
    assert root.post("/queues/", {"name": "Größe"}).status_code == 422
    assert root.post("/queues/", {"name": "gpu"})["Location"] == "/queues/gpu/"
    root.post("/queues/gpu/", {"verb": "pause", "from": "queues"})
    assert "Paused: nothing more starts here" in page(world)
    root.post("/queues/gpu/", {"verb": "resume"})
    assert "Paused" not in page(world)
    root.post("/queues/gpu/", {"verb": "change", "limit": "3", "description": "fast"})
    assert "limit 3" in page(world)
    assert root.post("/queues/gpu/", {"verb": "change", "limit": "0"}).status_code == 422
    root.post("/queues/gpu/", {"verb": "change", "limit": "", "description": "fast"})
    assert "limit 3" not in page(world)
    make_waiting(world.project, "one", queue="gpu")
    assert root.post("/queues/gpu/", {"verb": "delete"})["Location"] == "/queues/gpu/"
    assert "only an empty queue can be deleted" in root.get("/queues/gpu/").content.decode()
    Task.objects.filter(queue="gpu").delete()
    assert root.post("/queues/gpu/", {"verb": "delete"})["Location"] == "/queues/"
    assert root.get("/queues/gpu/").status_code == 404


def test_a_draining_agent_is_told_from_an_idle_one_and_from_one_that_left(world: World) -> None:
    make_user("root", superuser=True)
    agent = make_agent("one")
    make_agent("before", ended_at=timezone.now())
    root = world.client("root")
    make_waiting(world.project, "works", status=Status.RUNNING, agent=agent)
    root.post(f"/agents/{agent.pk}/drain/")
    assert ">draining</span>" in page(world)
    assert "All agents that serve this queue are draining: one" in page(world)
    Task.objects.filter(name="works").update(status=Status.COMPLETED)
    assert "drained, idle" in page(world)
    root.post(f"/agents/{agent.pk}/undrain/")
    assert "Served by one" in page(world)
    assert "Left: before" in page(world)


def test_a_long_line_is_shown_in_pieces(world: World) -> None:
    for number in range(104):
        make_waiting(world.project, f"task {number:03}", age=200 - number)
    assert "94 more behind them" in page(world)
    shown = world.client("ada").get("/queues/default/?first=101").content.decode()
    assert ">task 103</a>" in shown
    assert ">task 099</a>" not in shown
    assert '<td class="number">104</td>' in shown
