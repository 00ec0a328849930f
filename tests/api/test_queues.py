"""Queues and agents over REST: the order of a line, what administrators change, who is told."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.domain.states import Status
from orchestrator.models import AuditEvent, Project, Task
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_agent, make_project, make_token, make_user, make_waiting


@pytest.fixture
def root(people: People) -> Asker:
    return Asker(make_token(make_user("root", superuser=True)))


def names_in_line(asker: Asker, where: str = "queues/default/tasks/") -> list[str]:
    return [task["name"] for task in asker.get(where).json()["tasks"]]


def test_a_line_stands_by_priority_then_age(ada: Asker, project: Project) -> None:
    for name, priority, age in (("late", 0, 1), ("early", 0, 9), ("urgent", 5, 0)):
        make_waiting(project, name, priority=priority, age=age)
    assert names_in_line(ada) == ["urgent", "early", "late"]
    answer = ada.get("queues/default/tasks/?first=2&limit=1").json()
    assert answer["waiting"] == 3
    assert [(task["place"], task["name"]) for task in answer["tasks"]] == [(2, "early")]


def test_a_foreign_task_keeps_its_place_without_a_name(ada: Asker, project: Project) -> None:
    make_waiting(make_project("gamma", owner="gus"), "secret", age=9)
    make_waiting(project, "mine")
    first, second = ada.get("queues/default/tasks/").json()["tasks"]
    assert (first["place"], first["id"], first["name"]) == (1, None, "")
    assert (second["place"], second["name"]) == (2, "mine")


def test_to_the_front_is_before_all_others_again_and_again(ada: Asker, project: Project) -> None:
    make_waiting(project, "urgent", priority=1000, age=5)
    tasks = [make_waiting(project, name) for name in ("one", "two")]
    for task in tasks:
        answer = ada.post(f"queues/default/tasks/{task.pk}/front/")
        assert (answer.status_code, answer.json()["place"]) == (200, 1)
    assert names_in_line(ada) == ["two", "one", "urgent"]
    assert AuditEvent.objects.filter(action="task.to_front", actor="ada").count() == 2


def test_a_priority_moves_a_task(ada: Asker, project: Project) -> None:
    for name, age in (("one", 9), ("two", 5), ("three", 1)):
        make_waiting(project, name, age=age)
    where = f"queues/default/tasks/{Task.objects.get(name='one').pk}/"
    answer = ada.patch(where, {"priority": -1}).json()
    assert (answer["place"], answer["priority"]) == (3, -1)
    assert names_in_line(ada) == ["two", "three", "one"]
    assert_problem(ada.patch(where, {"priority": 1001}), 400, "invalid")


def test_what_does_not_wait_there_is_not_found(ada: Asker, project: Project) -> None:
    running = make_waiting(project, "runs", status=Status.RUNNING)
    elsewhere = make_waiting(project, "elsewhere", queue="services")
    for task in (running, elsewhere):
        assert_problem(ada.post(f"queues/default/tasks/{task.pk}/front/"), 404, "not_found")


def test_a_queue_is_changed_paused_and_resumed(root: Asker) -> None:
    changed = root.patch("queues/default/", {"limit": 3, "description": "all"}).json()
    assert (changed["limit"], changed["description"], changed["paused"]) == (3, "all", False)
    assert root.post("queues/default/pause/").json()["paused"] is True
    assert root.post("queues/default/resume/").json()["paused"] is False
    assert root.patch("queues/default/", {"limit": None}).json()["limit"] is None
    details = [event.detail for event in AuditEvent.objects.filter(action="queue.change")]
    assert {"paused": True} in details
    assert {"limit": None} in details


@pytest.mark.parametrize("limit", [0, -1, 100_001, "many"])
def test_a_limit_is_a_number_of_tasks(root: Asker, limit: Any) -> None:
    assert_problem(root.patch("queues/default/", {"limit": limit}), 400, "invalid")


def test_only_an_empty_queue_is_deleted(root: Asker, project: Project) -> None:
    root.post("queues/", {"name": "gpu"})
    task = make_waiting(project, "one", queue="gpu")
    assert_problem(root.delete("queues/gpu/"), 409, "conflict")
    task.delete()
    assert root.delete("queues/gpu/").status_code == 204
    assert_problem(root.get("queues/gpu/"), 404, "not_found")
    assert_problem(root.delete("queues/default/"), 409, "conflict")


def test_an_agent_is_drained_and_taken_back(root: Asker, project: Project) -> None:
    agent = make_agent("one")
    make_waiting(project, "works", status=Status.RUNNING, agent=agent)
    where = f"agents/{agent.pk}/"
    drained = root.post(f"{where}drain/").json()
    assert (drained["state"], drained["tasks"][0]["name"]) == ("draining", "works")
    queue = root.get("queues/default/").json()
    assert (queue["agents"], queue["draining"], queue["slots"]) == ([], ["one"], 0)
    Task.objects.update(status=Status.COMPLETED)
    assert root.get(where).json()["state"] == "drained"
    assert root.post(f"{where}undrain/").json()["state"] == "serving"
    assert list(AuditEvent.objects.filter(action__startswith="agent").values_list("action")) == [
        ("agent.drain",),
        ("agent.undrain",),
    ]


def test_agents_that_are_gone_are_told_apart(root: Asker) -> None:
    from django.utils import timezone

    make_agent("here")
    make_agent("lost", seconds_left=-5)
    left = make_agent("left", ended_at=timezone.now())
    found = {agent["name"]: agent["state"] for agent in root.get("agents/?gone=1").json()}
    assert found == {"here": "serving", "lost": "lost", "left": "left"}
    assert {agent["name"] for agent in root.get("agents/").json()} == {"here", "lost"}
    assert_problem(root.post(f"agents/{left.pk}/drain/"), 409, "conflict")


def test_what_a_foreign_task_is_called_is_not_told_of_a_slot(ada: Asker) -> None:
    agent = make_agent("one")
    other = make_project("gamma", owner="gus")
    make_waiting(other, "secret", status=Status.RUNNING, agent=agent)
    (found,) = ada.get("agents/").json()
    assert found["running"] == 1
    assert found["tasks"][0]["name"] == ""
