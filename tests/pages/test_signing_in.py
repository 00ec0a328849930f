"""Signing in by password and by a link that works once; signing out."""

import hashlib
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from orchestrator.models import SignInLink, User
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
