"""Every page for its owner, a colleague, a stranger and somebody who has not signed in."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.makers import make_agent, make_waiting
from tests.pages.world import World

# route: address, then the codes for owner, viewer and stranger. Nobody is sent to sign in.
PAGES: dict[str, tuple[str, int, int, int]] = {
    "pipelines/": ("/pipelines/", 200, 200, 200),
    "pipelines/new/": ("/pipelines/new/", 200, 200, 200),
    "pipelines/<slug:project>/<slug:slug>/": ("/pipelines/alpha/chain/", 200, 200, 404),
    "pipelines/<slug:project>/<slug:slug>/run/": ("/pipelines/alpha/chain/run/", 200, 403, 404),
    "pipelines/<slug:project>/<slug:slug>/document/": (
        "/pipelines/alpha/chain/document/",
        200,
        403,
        404,
    ),
    "runs/": ("/runs/", 200, 200, 200),
    "runs/<slug:project>/<slug:pipeline>/<int:number>/as-step/": (
        "/runs/alpha/chain/1/as-step/",
        200,
        403,
        404,
    ),
    "runs/<slug:project>/<slug:pipeline>/<int:number>/steps/<str:step>/<slug:verb>/": (
        "/runs/alpha/chain/1/steps/first/skip/",
        200,
        403,
        404,
    ),
    "templates/": ("/templates/", 200, 200, 200),
    "templates/new/": ("/templates/new/", 200, 200, 200),
    "templates/<slug:project>/<slug:slug>/": ("/templates/alpha/load/", 200, 200, 404),
    "templates/<slug:project>/<slug:slug>/edit/": ("/templates/alpha/load/edit/", 200, 403, 404),
    "templates/<slug:project>/<slug:slug>/compare/": (
        "/templates/alpha/load/compare/",
        200,
        200,
        404,
    ),
    "tasks/": ("/tasks/", 200, 200, 200),
    "tasks/<uuid:task_id>/": ("/tasks/{task}/", 200, 200, 404),
    "queues/": ("/queues/", 200, 200, 200),
    "queues/<str:name>/": ("/queues/default/", 200, 200, 200),
    "projects/": ("/projects/", 200, 200, 200),
    "projects/<slug:slug>/": ("/projects/alpha/", 200, 200, 404),
    "tokens/": ("/tokens/", 200, 200, 200),
}
# Addresses that are only posted to: the codes for owner, viewer and stranger.
FORMS: dict[str, tuple[str, int, int, int]] = {
    "pipelines/<slug:project>/<slug:slug>/places/": (
        "/pipelines/alpha/chain/places/",
        302,
        403,
        404,
    ),
    "tasks/<uuid:task_id>/<slug:verb>/": ("/tasks/{task}/clone/", 302, 403, 404),
    "queues/<str:name>/tasks/<uuid:task_id>/<slug:verb>/": (
        "/queues/default/tasks/{waiting}/front/",
        302,
        403,
        404,
    ),
    "agents/<uuid:agent_id>/<slug:verb>/": ("/agents/{agent}/drain/", 403, 403, 403),
    "tokens/<uuid:token_id>/revoke/": ("/tokens/{token}/revoke/", 302, 404, 404),
}
ELSEWHERE = {
    "",
    "sign-in/",
    "sign-in/link/<str:secret>/",
    "sign-out/",
    # The editor, the run page, questions and verbs for many runs have tests of their own.
    "pipelines/<slug:project>/<slug:slug>/edit/",
    "runs/<slug:project>/<slug:pipeline>/<int:number>/",
    "runs/<slug:project>/<slug:pipeline>/<int:number>/steps/<str:step>/answer/",
    "runs/bulk/",
}


def address(world: World, pattern: str) -> str:
    waiting = make_waiting(world.project, "waits").pk if "{waiting}" in pattern else ""
    agent = make_agent().pk if "{agent}" in pattern else ""
    return pattern.format(task=world.task.pk, token=world.token.pk, waiting=waiting, agent=agent)


@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_there_for_members_and_unknown_to_strangers(world: World, route: str) -> None:
    pattern, owner, viewer, stranger = PAGES[route]
    url = address(world, pattern)
    for name, expected in (("ada", owner), ("vera", viewer), ("sam", stranger)):
        response = world.client(name).get(url)
        assert response.status_code == expected, f"{url} for {name}"


@pytest.mark.parametrize("route", [*PAGES, *FORMS])
def test_who_has_not_signed_in_is_asked_to(world: World, route: str) -> None:
    url = address(world, {**PAGES, **FORMS}[route][0])
    method = "post" if route in FORMS else "get"
    response = getattr(world.client(""), method)(url)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize("route", FORMS)
def test_a_form_is_taken_from_those_who_may(world: World, route: str) -> None:
    pattern, owner, viewer, stranger = FORMS[route]
    url = address(world, pattern)
    for name, expected in (("sam", stranger), ("vera", viewer), ("ada", owner)):
        client = world.client(name)
        assert client.get(url).status_code == 405
        assert client.post(url).status_code == expected, f"{url} for {name}"


def test_every_address_of_a_page_is_in_these_tables() -> None:
    routes = {str(pattern.pattern) for pattern in patterns() if isinstance(pattern, URLPattern)}
    assert routes == {*PAGES, *FORMS, *ELSEWHERE}


def patterns() -> list[URLPattern | URLResolver]:
    return [one for one in get_resolver().url_patterns if not str(one.pattern).startswith("api/")]


def test_a_viewer_is_not_offered_what_they_may_not_do(world: World) -> None:
    page = world.client("vera").get("/pipelines/alpha/chain/").content.decode()
    assert "/run/" not in page
    assert "/document/" not in page
    listed = world.client("vera").get("/pipelines/").content.decode()
    assert "chain/run/" not in listed


def test_an_operator_may_run_but_not_edit(world: World) -> None:
    client = world.client("ola")
    assert client.get("/pipelines/alpha/chain/run/").status_code == 200
    assert client.get("/pipelines/alpha/chain/document/").status_code == 403
    assert client.get("/templates/alpha/load/edit/").status_code == 403


def test_a_strangers_lists_are_empty(world: World) -> None:
    client = world.client("sam")
    for url in ("/pipelines/", "/runs/", "/templates/", "/tasks/"):
        page = client.get(url).content.decode()
        assert "chain" not in page, url
        assert "alpha" not in page, url


def test_the_page_for_nothing_names_what_was_asked_for(world: World) -> None:
    page = world.client("ada").get("/pipelines/alpha/nothing/")
    assert page.status_code == 404
    assert "nothing" in page.content.decode()
