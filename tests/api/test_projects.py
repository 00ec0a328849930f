"""Projects, their members, queues and agents over REST."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.models import Agent, AuditEvent, Project
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_token, make_user


def test_who_makes_a_project_is_its_admin(ada: Asker) -> None:
    answer = ada.post("projects/", {"name": "Größere Sachen"})
    assert (answer.status_code, answer.json()["slug"]) == (201, "grossere-sachen")
    where = f"{answer['Location']}members/"
    assert ada.get(where).json() == [{"user": "ada", "role": "admin"}]
    assert AuditEvent.objects.filter(action="project.create", actor="ada").exists()


@pytest.mark.parametrize("slug", ["new", "Großes", "a/b", "-a", "x" * 101, "018bcfe5" + "0" * 24])
def test_a_slug_that_could_not_stand_in_an_address_is_refused(ada: Asker, slug: str) -> None:
    problem = assert_problem(ada.post("projects/", {"name": "x", "slug": slug}), 400, "invalid")
    assert problem["problems"][0]["where"] == "slug"


def test_a_slug_is_one_for_all(ada: Asker) -> None:
    assert_problem(ada.post("projects/", {"name": "Beta", "slug": "beta"}), 409, "conflict")


def test_members_come_and_go(people: People, project: Project) -> None:
    where = "projects/alpha/members/eve/"
    assert_problem(people.stranger.get("projects/alpha/"), 404, "not_found")
    assert people.owner.put(where, {"role": "operator"}).json()["role"] == "operator"
    assert people.stranger.get("projects/alpha/").status_code == 200
    assert people.owner.delete(where).status_code == 204
    assert_problem(people.stranger.get("projects/alpha/"), 404, "not_found")
    assert_problem(people.owner.delete(where), 404, "not_found")
    assert_problem(people.owner.put(where, {"role": "king"}), 400, "invalid")
    assert_problem(
        people.owner.put("projects/alpha/members/nobody/", {"role": "viewer"}), 404, "not_found"
    )


def test_the_last_admin_remains(people: People, project: Project) -> None:
    where = "projects/alpha/members/ada/"
    assert_problem(people.owner.put(where, {"role": "viewer"}), 409, "conflict")
    assert_problem(people.owner.delete(where), 409, "conflict")
    people.owner.put("projects/alpha/members/ben/", {"role": "admin"})
    assert people.owner.put(where, {"role": "viewer"}).status_code == 200


def test_an_administrator_makes_a_queue(project: Project) -> None:
    root = Asker(make_token(make_user("root", superuser=True)))
    assert root.post("queues/", {"name": "gpu", "description": "fast"}).status_code == 201
    assert_problem(root.post("queues/", {"name": "gpu"}), 409, "conflict")
    assert_problem(root.post("queues/", {"name": "Größe"}), 400, "invalid")
    assert [row["name"] for row in root.get("queues/").json()] == [
        "default",
        "gpu",
        "local",
        "services",
    ]


def test_who_serves_a_queue_is_who_is_alive(ada: Asker) -> None:
    now = timezone.now()
    for name, seconds in (("alive", 60), ("lost", -60)):
        Agent.objects.create(
            name=name,
            host="here",
            pid=1,
            queues=["default"],
            slots=2,
            lease_until=now + timedelta(seconds=seconds),
        )
    assert ada.get("queues/default/").json()["agents"] == ["alive"]
    agents = {row["name"]: row["alive"] for row in ada.get("agents/").json()}
    assert agents == {"alive": True, "lost": False}
    assert_problem(ada.get("queues/nowhere/"), 404, "not_found")
