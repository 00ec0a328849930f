"""What the run's page offers of reruns: the ways, what can be changed, what is said afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from orchestrator.actions.reruns import rerun
from orchestrator.models import Attempt, Line, Run, Step
from orchestrator.queries.steps import step_detail
from tests.engine.playing import make_agent, play
from tests.engine.starting import diamond, started
from tests.makers import make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(broker: Any) -> Run:
    return play(started(diamond(parameters={"rows": "${load.outputs.rows}"})), make_agent())


@pytest.fixture
def ada(client: Client, run: Run) -> Client:
    from orchestrator.models import User

    client.force_login(User.objects.get(username="ada"))
    return client


def fetched(client: Client, run: Run, query: str) -> str:
    address = f"/runs/{run.project.slug}/{run.pipeline.slug}/{run.number}/"
    response = client.get(address + query)
    assert response.status_code == 200, response
    return response.content.decode()


def test_an_ended_run_offers_everything_and_what_is_stale(ada: Client, run: Run) -> None:
    text = fetched(ada, run, "?part=actions")
    assert "Everything…" in text
    assert "Refresh stale" not in fetched(ada, run, "?part=stale")
    Step.objects.filter(run=run, path="join").update(stale=True)
    assert "Refresh stale (1)" in fetched(ada, run, "?part=stale")
    assert "What is stale (1)…" in fetched(ada, run, "?part=actions")
    Run.objects.filter(pk=run.pk).update(status="aborting")
    assert "Everything…" not in fetched(ada, run, "?part=actions")


def test_the_sheet_shows_the_values_of_now_and_where_they_are_from(ada: Client, run: Run) -> None:
    Line.objects.create(kind="queue", name="gpu")
    make_template(run.project, script="print('better')\n")
    rerun(actor="ada", run=run, steps=["right"], parameters={"right": {"rows": 7}})
    play(run, make_agent("second"))
    text = fetched(ada, run, "?part=rerun&step=right")
    assert re.search(r'name="parameter.General/rows"[^>]*value="7"', text)
    assert "of an earlier rerun" in text
    assert "v2 is newer" in text
    assert "<option>gpu</option>" in text
    text = fetched(ada, run, "?part=rerun&step=right&version=2")
    assert re.search(r'<option value="2" selected>', text)
    assert "Taken from other steps (1)" in fetched(ada, run, "?part=rerun&step=left")
    assert "parameter." not in fetched(ada, run, "?part=rerun")


def test_what_a_rerun_has_kept_and_what_version_it_took_is_said(ada: Client, run: Run) -> None:
    make_template(run.project, script="print('better')\n")
    rerun(actor="ada", run=run, from_="left", versions={"left": 2})
    play(run, make_agent("second"))
    assert "Reused from round 1" in fetched(ada, run, "?part=step&step=load")
    assert "Reused" not in fetched(ada, run, "?part=step&step=left")
    assert "reused from round 1" in fetched(ada, run, "?part=why")
    left, join = step_detail(run, "left"), step_detail(run, "join")
    assert (left["version"], left["reused_from"], join["version"]) == (2, None, 1)
    assert Attempt.objects.filter(run=run, step__path="left").count() == 2


@pytest.mark.parametrize("verb", ["rerun-all", "rerun-stale"])
def test_without_scripts_the_ways_are_buttons(ada: Client, run: Run, verb: str) -> None:
    Step.objects.filter(run=run, path="right").update(stale=True)
    address = f"/runs/{run.project.slug}/{run.pipeline.slug}/{run.number}/"
    assert f'value="{verb}"' in fetched(ada, run, "")
    assert ada.post(address, {"verb": verb}).status_code == 302
    play(run, make_agent("second"))
    assert Attempt.objects.get(run=run, step__path="right", number=2).origin == "rerun"
