"""Under a step stand the hooks that were called because of it; REST lists all calls of a run."""

from __future__ import annotations

import pytest
from django.test import Client

from orchestrator.controller import advance
from orchestrator.models import Run, Task, User
from tests.engine.hooking import Play, Raises, hooked
from tests.engine.starting import started

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client, broker: object) -> Client:
    run = started(hooked("pre", "post", "ended"))
    client.force_login(User.objects.get(username="ada"))
    client.run = run  # type: ignore[attr-defined]
    return client


def panel(client: Client, run: Run) -> str:
    return client.get(f"/runs/alpha/chain/{run.number}/?part=step&step=load").content.decode()


def test_an_open_call_says_what_the_step_waits_for(ada: Client) -> None:
    run: Run = ada.run  # type: ignore[attr-defined]
    advance(run.pk)
    task = Task.objects.get(parent=run.pk)
    text = panel(ada, run)
    assert "waits for its pre hook" in text
    assert f'href="/tasks/{task.pk}/"' in text
    (call,) = ada.get(f"/api/v1/runs/{run.pk}/calls/?open=1").json()
    assert (call["kind"], call["step"], call["state"], call["by"]) == (
        "pre",
        "load",
        "open",
        "python",
    )
    (step, _) = ada.get(f"/api/v1/runs/{run.pk}/steps/").json()
    assert step["why"] == "waits for its pre hook"


def test_what_was_answered_and_why_one_failed(ada: Client) -> None:
    run: Run = ada.run  # type: ignore[attr-defined]
    answers = {"pre": {"parameters": {"rows": 3}}, "post": Raises("too small")}
    Play(lambda kind, _: answers.get(kind)).until_it_rests(run)
    text = panel(ada, run)
    assert "&quot;parameters&quot;" in text
    assert "its post hook failed: ValueError: too small" in text
    history = ada.get(f"/runs/alpha/chain/{run.number}/?tab=history").content.decode()
    assert "its pre hook was called" in history
    assert "the post hook failed" in history
    calls = ada.get(f"/api/v1/runs/{run.pk}/calls/").json()
    assert [(one["kind"], one["state"]) for one in calls] == [
        ("pre", "answered"),
        ("post", "failed"),
        ("ended", "answered"),
    ]
    assert ada.get(f"/api/v1/runs/{run.pk}/calls/?since=2").json()[0]["kind"] == "ended"
