"""Signing in by password and by a link that works once; signing out."""

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.actions.sign_in import TRIES_FROM_ONE_PLACE, WINDOW
from orchestrator.models import AuditEvent, SignInLink, User
from tests.pages.world import PASSWORD, World


def make_link(*, name: str = "ada", minutes: int = 10) -> tuple[str, SignInLink]:
    secret = f"secret-of-{name}-{minutes}"
    link = SignInLink.objects.create(
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        user=User.objects.get(username=name),
        expires_at=timezone.now() + timedelta(minutes=minutes),
    )
    return f"/sign-in/link/{secret}/", link


def is_signed_in(client: Client) -> bool:
    return client.get("/pipelines/").status_code == 200


def test_looking_at_a_link_does_not_spend_it(world: World) -> None:
    url, link = make_link()
    client = Client()
    for _ in range(3):
        assert client.get(url).status_code == 200
    link.refresh_from_db()
    assert link.used_at is None
    assert not is_signed_in(client)


def test_a_link_signs_in_once(world: World) -> None:
    url, _ = make_link()
    first, second = Client(), Client()
    assert first.post(url)["Location"] == "/"
    assert is_signed_in(first)
    answer = second.post(url)
    assert answer.status_code == 410
    assert "This link is over" in answer.content.decode()
    assert not is_signed_in(second)


def test_an_expired_link_says_so(world: World) -> None:
    url, link = make_link(minutes=-1)
    answer = Client().post(url)
    assert answer.status_code == 410
    assert "expired" in answer.content.decode()
    link.refresh_from_db()
    assert link.used_at is None


def test_a_link_of_somebody_who_was_shut_out_does_not_work(world: World) -> None:
    url, _ = make_link()
    User.objects.filter(username="ada").update(is_active=False)
    assert Client().post(url).status_code == 410


def test_a_link_that_never_was_is_over_too(world: World) -> None:
    assert Client().post("/sign-in/link/nonsense/").status_code == 410


def test_the_links_page_is_kept_nowhere(world: World) -> None:
    url, _ = make_link()
    assert "no-store" in Client().get(url)["Cache-Control"]


def test_a_password_signs_in_and_leads_on(world: World) -> None:
    client = Client()
    answer = client.post("/sign-in/", {"username": "ada", "password": PASSWORD, "next": "/queues/"})
    assert answer["Location"] == "/queues/"
    assert is_signed_in(client)


def test_signing_in_leads_to_no_other_site(world: World) -> None:
    form = {"username": "ada", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert Client().post("/sign-in/", form)["Location"] == "/"


def test_a_wrong_password_is_told_of_and_the_name_is_kept(world: World) -> None:
    answer = Client().post("/sign-in/", {"username": "ada", "password": "wrong"})
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert 'value="ada"' in page
    assert "wrong" not in page


def test_signing_out_takes_a_post(world: World) -> None:
    client = world.client("ada")
    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)
    client.post("/sign-out/")
    assert not is_signed_in(client)


def test_a_form_without_its_token_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ada"))
    assert client.post("/sign-out/").status_code == 403


def try_password(password: str, *, address: str = "10.0.0.1", name: str = "ada") -> str:
    """What the form answers; nothing when it has let somebody in."""
    answer = Client(REMOTE_ADDR=address).post("/sign-in/", {"username": name, "password": password})
    return "" if answer.status_code == 302 else answer.content.decode()


def test_guessing_a_password_comes_to_an_end(world: World) -> None:
    for _ in range(TRIES_FROM_ONE_PLACE):
        assert "Too many" not in try_password("wrong")
    assert "Too many wrong passwords for this name" in try_password(PASSWORD)
    # Neither the person elsewhere nor another one here has to wait for that.
    assert try_password(PASSWORD, address="10.0.0.2") == ""
    assert try_password(PASSWORD, name="vera") == ""


def test_after_a_while_a_password_may_be_tried_again(world: World) -> None:
    for _ in range(TRIES_FROM_ONE_PLACE):
        try_password("wrong")
    AuditEvent.objects.update(at=timezone.now() - WINDOW)
    assert try_password(PASSWORD) == ""


def test_guessing_from_many_places_comes_to_an_end_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.actions.sign_in.TRIES_FROM_ALL_PLACES", 3)
    for place in range(3):
        try_password("wrong", address=f"10.0.1.{place}")
    assert "Too many" in try_password(PASSWORD, address="10.0.2.1")
