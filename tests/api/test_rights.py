"""Every route of the interface, and what it answers to whom.

``owner`` is admin of the project, ``colleague`` a viewer, ``stranger`` has a project of their own.
A route that is not in the table fails the test, and so does a row whose route is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern

from orchestrator.api.schema import Unknown
from orchestrator.api.urls import urlpatterns
from orchestrator.models import Artifact, Attempt, Project, Run, Step, Task
from orchestrator.queries.rights import Actor, can, require, visible_projects
from tests.api.asking import People
from tests.makers import (
    make_actor,
    make_agent,
    make_member,
    make_pipeline,
    make_project,
    make_run,
    make_user,
)

METHODS = ("get", "post", "put", "patch", "delete")

READ = (200, 200, 404, 401)
EDIT_200 = (200, 403, 404, 401)
EDIT_201 = (201, 403, 404, 401)
EDIT_409 = (409, 403, 404, 401)
ASKED = (202, 403, 404, 401)

DRAFT = {"document": {"schema": 1, "steps": []}}
WHY = {"reason": "it is known"}
# Who may not is told so of each run.
BULK = {"verb": "abort", "filter": {}}
NEW_STEP = {"steps": [{"key": "a", "step": {"name": "a", "template": "load"}}]}
STEP = "runs/{run}/steps/first/attempts/1/"
T, P, R = "tasks/<uuid:id>/", "pipelines/<uuid:id>/", "runs/<uuid:id>/"
Q = "queues/<str:name>/"
WAITS = "queues/default/tasks/{task}/"
A = f"{R}steps/<str:step>/attempts/<int:number>/"

# Route as it is written, the address that is asked, the body, and the answers to
# owner, colleague, stranger, anonymous.
TABLE: list[tuple[str, str, str, Any, tuple[int, int, int, int]]] = [
    ("GET", "projects/", "projects/", None, (200, 200, 200, 401)),
    ("POST", "projects/", "projects/", {"name": "new"}, (201, 201, 409, 401)),
    ("GET", "projects/<str:project>/", "projects/alpha/", None, READ),
    ("PATCH", "projects/<str:project>/", "projects/alpha/", {"name": "B"}, EDIT_200),
    (
        "POST",
        "projects/<str:project>/webhook-secret/",
        "projects/alpha/webhook-secret/",
        {},
        EDIT_200,
    ),
    ("GET", "projects/<str:project>/members/", "projects/alpha/members/", None, READ),
    (
        "PUT",
        "projects/<str:project>/members/<str:user>/",
        "projects/alpha/members/ben/",
        {"role": "viewer"},
        EDIT_200,
    ),
    (
        "DELETE",
        "projects/<str:project>/members/<str:user>/",
        "projects/alpha/members/zoe/",
        None,
        (204, 403, 404, 401),
    ),
    ("GET", "tasks/", "tasks/", None, (200, 200, 200, 401)),
    (
        "POST",
        "tasks/",
        "tasks/",
        {"project": "alpha", "name": "t", "kind": "command", "argv": ["true"]},
        EDIT_201,
    ),
    ("GET", T, "tasks/{task}/", None, READ),
    ("PATCH", T, "tasks/{task}/", {"comment": "hm"}, EDIT_200),
    ("PUT", T, "tasks/alpha/load/", {"name": "load", "script": "print(2)"}, EDIT_200),
    ("DELETE", T, "tasks/{task}/", None, (204, 403, 404, 401)),
    ("POST", f"{T}clone/", "tasks/alpha/load/clone/", None, EDIT_201),
    ("POST", f"{T}enqueue/", "tasks/{task}/enqueue/", None, EDIT_200),
    ("POST", f"{T}dequeue/", "tasks/{task}/dequeue/", None, EDIT_200),
    ("POST", f"{T}abort/", "tasks/{task}/abort/", None, EDIT_200),
    ("POST", f"{T}reset/", "tasks/{task}/reset/", None, EDIT_200),
    ("POST", f"{T}keep/", "tasks/{task}/keep/", None, EDIT_200),
    ("POST", f"{T}start/", "tasks/{task}/start/", None, EDIT_200),
    ("POST", f"{T}renew/", "tasks/{task}/renew/", None, (403, 403, 404, 401)),
    ("POST", f"{T}output/", "tasks/{task}/output/", {"pieces": []}, (403, 403, 404, 401)),
    ("POST", f"{T}finish/", "tasks/{task}/finish/", {"status": "draft"}, (403, 403, 404, 401)),
    ("POST", f"{T}run/", "tasks/{task}/run/", {}, EDIT_201),
    ("GET", f"{T}versions/", "tasks/alpha/load/versions/", None, READ),
    ("GET", f"{T}logs/", "tasks/{task}/logs/", None, READ),
    ("GET", f"{T}logs/lines/", "tasks/{task}/logs/lines/", None, READ),
    ("GET", f"{T}logs/search/", "tasks/{task}/logs/search/", None, READ),
    ("GET", f"{T}samples/", "tasks/{task}/samples/", None, READ),
    ("POST", f"{T}samples/", "tasks/{task}/samples/", [], (403, 403, 404, 401)),
    ("GET", f"{T}reports/", "tasks/{task}/reports/", None, READ),
    ("GET", f"{T}artifacts/", "tasks/{task}/artifacts/", None, READ),
    ("GET", f"{T}artifacts/<str:name>/", "tasks/{step_task}/artifacts/data/?preview=1", None, READ),
    ("PUT", f"{T}artifacts/<str:name>/", "tasks/{task}/artifacts/x/", {}, (403, 403, 404, 401)),
    ("GET", "pipelines/", "pipelines/", None, (200, 200, 200, 401)),
    ("POST", "pipelines/", "pipelines/", {"project": "alpha", "name": "new"}, EDIT_201),
    (
        "POST",
        "pipelines/register/",
        "pipelines/register/",
        {"project": "alpha", "name": "told", "driver": "script", "document": DRAFT["document"]},
        (200, 403, 404, 401),
    ),
    (
        "POST",
        "pipelines/import/",
        "pipelines/import/",
        {"project": "alpha", "slug": "brought", **DRAFT},
        EDIT_201,
    ),
    (
        "POST",
        "pipelines/apply/",
        "pipelines/apply/",
        {"project": "alpha", "slug": "applied", "text": "schema: 1"},
        EDIT_200,
    ),
    ("GET", P, "pipelines/{pipeline}/", None, READ),
    ("PATCH", P, "pipelines/{pipeline}/", {"description": "hm"}, EDIT_200),
    ("GET", f"{P}draft/", "pipelines/{pipeline}/draft/", None, READ),
    ("PUT", f"{P}draft/", "pipelines/{pipeline}/draft/", DRAFT, (428, 403, 404, 401)),
    ("POST", f"{P}validate/", "pipelines/{pipeline}/validate/", None, READ),
    ("GET", f"{P}places/", "pipelines/{pipeline}/places/", None, (200, 200, 404, 401)),
    ("PATCH", f"{P}places/", "pipelines/{pipeline}/places/", {"limit": 3}, (200, 403, 404, 401)),
    ("POST", f"{P}publish/", "pipelines/{pipeline}/publish/", None, (428, 403, 404, 401)),
    ("POST", f"{P}write/", "pipelines/{pipeline}/write/", DRAFT, READ),
    ("GET", f"{P}versions/", "pipelines/{pipeline}/versions/", None, READ),
    ("GET", f"{P}versions/<int:number>/", "pipelines/{pipeline}/versions/1/", None, READ),
    (
        "POST",
        f"{P}versions/<int:number>/restore/",
        "pipelines/{pipeline}/versions/1/restore/",
        None,
        (428, 403, 404, 401),
    ),
    ("GET", f"{P}palette/", "pipelines/{pipeline}/palette/", None, READ),
    ("GET", f"{P}compare/", "pipelines/{pipeline}/compare/", None, READ),
    ("GET", f"{P}references/", "pipelines/{pipeline}/references/", None, READ),
    ("POST", f"{P}read/", "pipelines/{pipeline}/read/", {"text": "schema: 1"}, READ),
    (
        "POST",
        f"{P}write/",
        "pipelines/{pipeline}/write/",
        {"document": {"schema": 1, "steps": []}},
        READ,
    ),
    ("GET", f"{P}export/", "pipelines/{pipeline}/export/", None, READ),
    ("GET", f"{P}runs/", "pipelines/{pipeline}/runs/", None, READ),
    ("POST", f"{P}runs/", "pipelines/{pipeline}/runs/", None, EDIT_201),
    ("GET", "runs/", "runs/", None, (200, 200, 200, 401)),
    ("POST", "runs/bulk/", "runs/bulk/", BULK, (202, 202, 202, 401)),
    ("GET", R, "runs/{run}/", None, READ),
    ("PATCH", R, "runs/{run}/", {"parameters": {}}, EDIT_409),
    ("GET", f"{R}graph/", "runs/{run}/graph/", None, READ),
    ("GET", f"{R}snapshot/", "runs/{run}/snapshot/", None, READ),
    ("GET", f"{R}actions/", "runs/{run}/actions/", None, READ),
    ("GET", f"{R}calls/", "runs/{run}/calls/", None, READ),
    (
        "POST",
        f"{R}calls/<int:number>/answer/",
        "runs/{run}/calls/1/answer/",
        {"value": None},
        (403, 403, 404, 401),
    ),
    ("GET", f"{R}unconfirmed/", "runs/{run}/unconfirmed/", None, READ),
    ("GET", f"{R}cause/", "runs/{run}/cause/", None, READ),
    ("GET", f"{R}changes/", "runs/{run}/changes/", None, READ),
    ("POST", f"{R}abort/", "runs/{run}/abort/", None, ASKED),
    ("POST", f"{R}rerun/", "runs/{run}/rerun/", {"all": True}, ASKED),
    ("POST", f"{R}pause/", "runs/{run}/pause/", None, ASKED),
    ("POST", f"{R}resume/", "runs/{run}/resume/", None, ASKED),
    ("POST", f"{R}pause_at/", "runs/{run}/pause_at/", {"steps": ["first"]}, ASKED),
    ("POST", f"{R}as-step/", "runs/{run}/as-step/", {"pipeline": "alpha/chain"}, EDIT_200),
    ("POST", f"{R}clone/", "runs/{run}/clone/", None, EDIT_201),
    ("POST", f"{R}enqueue/", "runs/{run}/enqueue/", None, EDIT_409),
    ("GET", f"{R}steps/", "runs/{run}/steps/", None, READ),
    ("POST", f"{R}steps/", "runs/{run}/steps/", NEW_STEP, ASKED),
    ("POST", f"{R}register/", "runs/{run}/register/", {"version": 1}, EDIT_409),
    ("GET", f"{R}steps/<str:step>/", "runs/{run}/steps/first/", None, READ),
    ("POST", f"{R}steps/<str:step>/abort/", "runs/{run}/steps/first/abort/", None, ASKED),
    ("POST", f"{R}steps/<str:step>/rerun/", "runs/{run}/steps/first/rerun/", None, ASKED),
    ("POST", f"{R}steps/<str:step>/skip/", "runs/{run}/steps/first/skip/", WHY, ASKED),
    ("POST", f"{R}steps/<str:step>/complete/", "runs/{run}/steps/first/complete/", WHY, ASKED),
    ("POST", f"{R}steps/<str:step>/fail/", "runs/{run}/steps/first/fail/", WHY, ASKED),
    ("POST", f"{R}steps/<str:step>/approve/", "runs/{run}/steps/first/approve/", None, EDIT_409),
    ("POST", f"{R}steps/<str:step>/reject/", "runs/{run}/steps/first/reject/", None, EDIT_409),
    ("GET", f"{A}logs/", f"{STEP}logs/", None, READ),
    ("GET", f"{A}logs/lines/", f"{STEP}logs/lines/", None, READ),
    ("GET", f"{A}logs/search/", f"{STEP}logs/search/", None, READ),
    ("GET", f"{A}samples/", f"{STEP}samples/", None, READ),
    ("GET", f"{A}artifacts/", f"{STEP}artifacts/", None, READ),
    ("GET", f"{A}artifacts/<str:name>/", f"{STEP}artifacts/data/?preview=1", None, READ),
    ("GET", "queues/", "queues/", None, (200, 200, 200, 401)),
    ("POST", "queues/", "queues/", {"name": "gpu"}, (403, 403, 403, 401)),
    ("GET", Q, "queues/default/", None, (200, 200, 200, 401)),
    ("PATCH", Q, "queues/default/", {"paused": True}, (403, 403, 403, 401)),
    ("DELETE", Q, "queues/default/", None, (403, 403, 403, 401)),
    ("POST", f"{Q}pause/", "queues/default/pause/", None, (403, 403, 403, 401)),
    ("POST", f"{Q}resume/", "queues/default/resume/", None, (403, 403, 403, 401)),
    ("GET", f"{Q}tasks/", "queues/default/tasks/", None, (200, 200, 200, 401)),
    ("PATCH", f"{Q}tasks/<uuid:task>/", f"{WAITS}", {"priority": 5}, (200, 403, 404, 401)),
    ("POST", f"{Q}tasks/<uuid:task>/front/", f"{WAITS}front/", None, (200, 403, 404, 401)),
    ("GET", "agents/", "agents/", None, (200, 200, 200, 401)),
    ("GET", "agents/<uuid:id>/", "agents/{agent}/", None, (200, 200, 200, 401)),
    ("POST", "agents/<uuid:id>/drain/", "agents/{agent}/drain/", None, (403, 403, 403, 401)),
    ("POST", "agents/<uuid:id>/undrain/", "agents/{agent}/undrain/", None, (403, 403, 403, 401)),
    ("GET", "tokens/", "tokens/", None, (200, 200, 200, 401)),
    (
        "POST",
        "tokens/",
        "tokens/",
        {"name": "t", "scopes": ["runs:read"]},
        (201, 201, 201, 401),
    ),
    ("GET", "tokens/<uuid:id>/", "tokens/{token}/", None, (200, 404, 404, 401)),
    ("DELETE", "tokens/<uuid:id>/", "tokens/{token}/", None, (204, 404, 404, 401)),
]


@pytest.fixture
def names(people: People, project: Project) -> dict[str, Any]:
    """Put one of everything into the project; give the names for the addresses."""
    make_member(project, "zoe")
    pipeline = make_pipeline(project)
    run = make_run(pipeline)
    step = Step.objects.create(run=run, index=0, node=0, path="first", attempt=1)
    Run.objects.filter(pk=run.pk).update(steps_made=1)
    step_task = Task.objects.create(project=project, name="first", kind="command", fence=1)
    Attempt.objects.create(run=run, step=step, number=1, task=step_task)
    Artifact.objects.create(
        task=step_task,
        fence=1,
        name="data",
        sha256="0" * 64,
        size=1,
        media_type="text/plain",
        kind="text",
    )
    body = {"project": "alpha", "name": "t", "kind": "command", "argv": ["true"]}
    task = people.owner.post("tasks/", body).json()["id"]
    token = people.owner.get("tokens/").json()["results"][0]["id"]
    return {
        "pipeline": pipeline.pk,
        "run": run.pk,
        "task": task,
        "step_task": step_task.pk,
        "token": token,
        "agent": make_agent().pk,
    }


def _prepare(method: str, route: str, names: dict[str, Any]) -> None:
    """Bring the task into a status that the verb can leave."""
    status = {"dequeue/": "queued", "reset/": "failed", "run/": "running"}.get(
        route.removeprefix(T)
    )
    if route.startswith(f"{Q}tasks/<"):
        status = "queued"
    if status:
        Task.objects.filter(pk=names["task"]).update(status=status)


@pytest.mark.parametrize(
    ("method", "route", "address", "body", "codes"), TABLE, ids=lambda value: str(value)[:60]
)
def test_who_gets_what(
    people: People,
    names: dict[str, Any],
    method: str,
    route: str,
    address: str,
    body: Any,
    codes: tuple[int, int, int, int],
) -> None:
    _prepare(method, route, names)
    where = address.format(**names)
    asked = (people.anonymous, people.stranger, people.colleague, people.owner)
    # Who may most comes last: what they do must not change what the others find.
    found = tuple(asker(method, where, body).status_code for asker in asked)
    expected = tuple(reversed(codes))
    if route == "projects/" and method == "POST":
        # The slug is one for all: who comes second is told.
        assert sorted(found) == [201, 401, 409, 409]
    else:
        assert found == expected


def _routes() -> Iterator[tuple[str, URLPattern]]:
    for pattern in urlpatterns:
        if pattern.callback.cls is not Unknown:  # type: ignore[attr-defined]
            yield str(pattern.pattern), pattern


def test_every_route_is_in_the_table() -> None:
    implemented = {
        f"{method.upper()} {route}"
        for route, pattern in _routes()
        if "<slug:" not in route
        for method in METHODS
        if hasattr(pattern.callback.cls, method)  # type: ignore[attr-defined]
    }
    assert implemented == {f"{row[0]} {row[1]}" for row in TABLE}


def test_what_has_an_id_is_also_found_by_the_path_that_people_see() -> None:
    slugs = {
        "tasks/": "<slug:project>/<slug:slug>/",
        "pipelines/": "<slug:project>/<slug:slug>/",
        "runs/": "<slug:project>/<slug:pipeline>/<int:run>/",
    }
    views = {route: pattern.callback.cls for route, pattern in _routes()}  # type: ignore[attr-defined]
    for route, view in views.items():
        for plural, path in slugs.items():
            if route.startswith(f"{plural}<uuid:id>/"):
                assert views[route.replace("<uuid:id>/", path)] is view


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", "view"),
        ("operator", "view operate"),
        ("editor", "view operate edit"),
        ("admin", "view operate edit administer"),
    ],
)
@pytest.mark.parametrize("verb", ["view", "operate", "edit", "administer"])
def test_what_each_role_may(project: Project, role: str, allowed: str, verb: Any) -> None:
    actor = make_actor(make_member(project, "rita", role))
    assert can(actor, verb, project) is (verb in allowed.split())


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        ("", ""),
        ("runs:read", "view"),
        ("runs:write", "view operate"),
        ("pipelines:write", "view edit"),
        ("runs:write pipelines:write", "view operate edit"),
        ("admin", "view operate edit administer"),
    ],
)
@pytest.mark.parametrize("verb", ["view", "operate", "edit", "administer"])
def test_a_token_may_what_its_scopes_say(
    project: Project, scopes: str, allowed: str, verb: Any
) -> None:
    user = make_member(project, "rita", "admin")
    actor = Actor(user.username, user.pk, scopes=frozenset(scopes.split()))
    assert can(actor, verb, project) is (verb in allowed.split())


def test_a_superuser_sees_everything_except_through_a_bound_token(project: Project) -> None:
    other = make_project("other", owner="eve")
    root = make_user("root", superuser=True)
    assert set(visible_projects(make_actor(root))) == {project, other}
    bound = Actor("root", root.pk, superuser=True, project_id=project.pk)
    assert set(visible_projects(bound)) == {project}
    assert not can(bound, "view", other)
    require(bound, "administer", project)
