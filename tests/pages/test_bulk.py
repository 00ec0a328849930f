"""Many runs at once: the lists offer it, the question says what would be, the answer what was."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from orchestrator.controller import advance
from orchestrator.models import Run, Signal
from pipelines_ui.views import bulk
from tests.makers import make_member, make_pipeline, make_project, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(broker: object) -> list[Run]:
    """One that goes on, and one that has ended."""
    pipeline = make_pipeline(make_project())
    made = [make_run(pipeline) for _ in range(2)]
    for run in made:
        advance(run.pk)
    Run.objects.filter(pk=made[1].pk).update(status="completed")
    return made


def signed_in(name: str) -> Client:
    client = Client()
    assert client.login(username=name, password="a long password")
    return client


@pytest.fixture
def ada(runs: list[Run]) -> Client:
    return signed_in("ada")


@pytest.mark.parametrize("address", ["/runs/", "/pipelines/alpha/chain/"])
def test_lists_offer_check_boxes_and_verbs_to_whom_they_are_of_use(
    ada: Client, runs: list[Run], address: str
) -> None:
    shown = ada.get(address).content.decode()
    for run in runs:
        assert f'name="run" value="{run.pk}" form="choose-runs"' in shown
        assert f'aria-label="Choose run #{run.number} of ' in shown
    bar = shown.partition('id="choose-runs"')[2].partition("</form>")[0]
    verbs = re.findall(r'name="verb" value="([a-z-]+)"', bar)
    assert verbs == list(bulk.WORDINGS)
    make_member(runs[0].project, "vic")
    assert "choose-runs" not in signed_in("vic").get(address).content.decode()


def test_the_question_says_of_each_run_what_would_be(ada: Client, runs: list[Run]) -> None:
    chosen = "&".join(f"run={run.pk}" for run in runs)
    shown = ada.get(f"/runs/bulk/?verb=abort&{chosen}").content.decode()
    assert "Abort these runs?" in shown
    assert "1 of 2 can be asked" in shown
    assert "not possible: the run is completed already" in shown
    assert f'name="runs" value="{runs[0].pk}"' in shown
    assert not Signal.objects.exists()


def test_the_answer_says_of_each_run_what_was(
    ada: Client, runs: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk.time, "sleep", lambda _: advance(runs[0].pk))
    answer = ada.post("/runs/bulk/", {"verb": "abort", "runs": ",".join(str(r.pk) for r in runs)})
    shown = answer.content.decode()
    assert "Abort: 1 run asked" in shown
    assert "refused: the run is completed already" in shown
    assert "done" in shown
    assert 'data-status="aborted"' in shown
    runs[0].refresh_from_db()
    assert runs[0].status == "aborted"


def test_all_that_match_are_those_of_the_list(ada: Client, runs: list[Run]) -> None:
    shown = ada.get("/runs/bulk/?verb=rerun-all&all=1&status=completed").content.decode()
    assert "It can be asked" in shown
    assert f'value="{runs[1].pk}"' in shown


def test_what_is_no_verb_or_no_run_is_not_found(ada: Client) -> None:
    assert ada.get("/runs/bulk/?verb=dance").status_code == 404
    assert ada.get("/runs/bulk/?verb=abort&run=x").status_code == 404
    assert "No run was chosen" in ada.get("/runs/bulk/?verb=abort").content.decode()
