"""A step that was not executed says so, with a link; one that was says why the cache missed."""

from __future__ import annotations

import pytest
from django.test import Client

from orchestrator.models import Attempt, Run
from tests.live.rows import make_project, make_run, make_user
from tests.makers import make_pipeline
from tests.pages.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(client: Client) -> Run:
    project = make_project()
    client.force_login(make_user("ada", project))
    return make_run(project, {"load": "completed", "clean": "completed"})


def panel(client: Client, run: Run, step: str) -> str:
    query = f"?part=step&step={step}"
    return client.get(f"/runs/sample/digits/{run.number}/{query}").content.decode()


def test_a_hit_links_to_the_original(client: Client, run: Run) -> None:
    original = Attempt.objects.get(run=run, step__path="load")
    look = {"hit": True, "key": "k", "why": ""}
    taken = Attempt.objects.filter(run=run, step__path="clean")
    taken.update(status="cached", task=original.task, cache=look)
    text = panel(client, run, "clean")
    assert "takes the result of an equal task" in text
    assert f'href="/runs/sample/digits/{run.number}/?step=load&amp;attempt=1"' in text
    answer = client.get(f"/api/v1/runs/{run.pk}/steps/clean/").json()
    assert answer["attempts"][0]["cache"]["original"]["step"] == "load"


def test_a_miss_says_why(client: Client, run: Run) -> None:
    look = {"hit": False, "key": "k", "why": "since run #1 of digits: rows changed from 1 to 2"}
    Attempt.objects.filter(run=run, step__path="load").update(cache=look)
    assert "since run #1 of digits: rows changed from 1 to 2" in panel(client, run, "load")


def test_a_run_is_started_without_cache_from_its_form() -> None:
    world = make_world()
    steps = [{"name": "load", "template": "load", "cache": True}]
    pipeline = make_pipeline(world.project, "kept", document={"schema": 1, "steps": steps})
    address = f"/pipelines/alpha/{pipeline.slug}/run/"
    client = world.client("ola")
    assert "Without cache" in client.get(address).content.decode()
    client.post(address, {"key": "one", "version": "1", "without_cache": "on"})
    assert Run.objects.get(pipeline=pipeline).options == {"cache": False}
    assert "Without cache" not in client.get("/pipelines/alpha/chain/run/").content.decode()
