"""The pages that are shown when there is nothing, when it is not allowed, and when it broke."""

from django.test import Client, RequestFactory

from orchestrator.models import User
from pipelines_ui.views.errors import broken
from tests.pages.world import World


def test_a_broken_page_is_shown_without_the_database() -> None:
    # No fixture gives this test a database, so asking it would be an error.
    answer = broken(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


def test_an_old_form_is_told_of_in_our_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ada"))
    answer = client.post("/tokens/", {"name": "x"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "That form cannot be taken any more" in page
    assert "style=" not in page


def test_what_is_not_allowed_says_what_it_takes(world: World) -> None:
    answer = world.client("vera").get("/pipelines/alpha/chain/document/")
    assert answer.status_code == 403
    assert "editor" in answer.content.decode()


def test_an_address_that_is_none_is_a_page_too(world: World) -> None:
    for client in (world.client("ada"), Client()):
        answer = client.get("/no/such/page/")
        assert answer.status_code == 404
        assert "There is nothing here" in answer.content.decode()
