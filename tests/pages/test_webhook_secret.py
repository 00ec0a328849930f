"""Who administers a project gives its webhooks a new secret, and sees it once."""

from __future__ import annotations

import pytest

from orchestrator.webhooks import secret_of
from tests.pages.world import make_world

pytestmark = pytest.mark.django_db


def test_a_new_secret_is_shown_once_to_an_administrator() -> None:
    world = make_world()
    ada = world.client("ada")
    before = secret_of(world.project)
    shown = ada.post("/projects/alpha/").content.decode()
    world.project.refresh_from_db()
    assert secret_of(world.project) != before
    assert secret_of(world.project) in shown
    assert secret_of(world.project) not in ada.get("/projects/alpha/").content.decode()


def test_others_neither_see_the_button_nor_may_press_it() -> None:
    world = make_world()
    for name, answer in (("ola", 403), ("vera", 403), ("sam", 404)):
        client = world.client(name)
        assert "Make a new secret" not in client.get("/projects/alpha/").content.decode()
        assert client.post("/projects/alpha/").status_code == answer
    world.project.refresh_from_db()
    assert world.project.webhook_generation == 0
