"""The run page without scripts: what it shows, to whom, and what its buttons do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import Agent, Artifact, Attempt, Project, Run, Sample, Signal, Task
from tests.live.rows import (
    DIAMOND,
    NOON,
    add_changes,
    make_agent,
    make_project,
    make_run,
    make_user,
)

pytestmark = pytest.mark.django_db

MIDDLE = {"load": "completed", "clean": "failed", "train a": "skipped", "train b": "skipped"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def run(project: Project) -> Run:
    return make_run(project, MIDDLE)


@pytest.fixture
def owner(client: Client, project: Project) -> Client:
    client.force_login(make_user("ada", project))
    return client


def task_of(run: Run, step: str) -> Task:
    task = Attempt.objects.get(run=run, step__path=step).task
    assert task is not None
    return task


def page(client: Client, run: Run, query: str = "") -> str:
    response = client.get(f"/runs/sample/digits/{run.number}/{query}")
    assert response.status_code == 200, response
    return response.content.decode()


def test_the_page_is_right_without_scripts(owner: Client, run: Run) -> None:
    text = page(owner, run, "?tab=table")
    assert "running · Digits #1" in text
    assert text.count("<tr data-step=") == 5
    assert "parent failed" in text
    for count in ("1</span> failed", "1</span> completed", "2</span> skipped"):
        assert count in text


def test_why_steps_are_where_they_are_is_told_to_scripts(owner: Client, run: Run) -> None:
    answer = owner.get(f"/runs/sample/digits/{run.number}/?part=why").json()
    assert "parent failed" in answer["2"]
    assert "0" not in answer


def test_a_failed_run_shows_its_first_failure(owner: Client, project: Project) -> None:
    from orchestrator.domain.states import Status

    run = make_run(project, MIDDLE, status=Status.FAILED)
    assert "<h2>clean</h2>" in page(owner, run)
    assert "<h2>load</h2>" in page(owner, run, "?step=load")
    assert "Select a step" in page(owner, run, "?step=nothing")


def test_a_stranger_finds_nothing_and_nobody_signs_in_first(client: Client, run: Run) -> None:
    address = f"/runs/sample/digits/{run.number}/"
    assert client.get(address).headers["Location"].startswith("/sign-in/")
    client.force_login(make_user("eve", make_project("other"), "admin"))
    for query in ("", "?part=step&step=load", "?part=history"):
        assert client.get(address + query).status_code == 404
    assert client.post(address, {"verb": "abort"}).status_code == 404
    assert not Signal.objects.exists()


def test_a_viewer_sees_no_buttons_and_may_not_press_them(
    client: Client, project: Project, run: Run
) -> None:
    client.force_login(make_user("vic", project, "viewer"))
    text = page(client, run, "?step=load")
    assert "Abort run" not in text
    assert "Rerun this step" not in text
    assert client.post(f"/runs/sample/digits/{run.number}/", {"verb": "abort"}).status_code == 403
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ({"verb": "abort"}, "abort"),
        ({"verb": "rerun-failed"}, "rerun"),
        ({"verb": "rerun-step", "step": "load"}, "rerun"),
        ({"verb": "rerun-from", "step": "load"}, "rerun"),
        ({"verb": "abort-step", "step": "compare"}, "abort_steps"),
    ],
)
def test_each_button_asks_for_its_thing(
    owner: Client, run: Run, form: dict[str, str], kind: str
) -> None:
    response = owner.post(f"/runs/sample/digits/{run.number}/?step=load", form)
    assert response.headers["Location"] == f"/runs/sample/digits/{run.number}/?step=load"
    assert list(Signal.objects.filter(run=run).values_list("kind", "actor")) == [(kind, "ada")]


def test_a_script_gets_words_instead_of_a_page(owner: Client, run: Run) -> None:
    address = f"/runs/sample/digits/{run.number}/"
    told = owner.post(address, {"verb": "abort"}, headers={"X-Fragment": "yes"})
    assert told.json() == {"told": "Asked the run to end."}
    Run.objects.filter(pk=run.pk).update(status="completed")
    refused = owner.post(address, {"verb": "abort"}, headers={"X-Fragment": "yes"})
    assert (refused.status_code, refused.json()["error"]) == (409, "the run is completed already")


def test_an_unknown_verb_tab_or_part_is_not_found(owner: Client, run: Run) -> None:
    address = f"/runs/sample/digits/{run.number}/"
    assert owner.post(address, {"verb": "explode"}).status_code == 404
    assert owner.get(address + "?tab=nothing").status_code == 404
    assert owner.get(address + "?part=nothing").status_code == 404
    assert owner.get("/runs/sample/digits/99/").status_code == 404


@pytest.mark.parametrize("part", ["step", "parameters", "artifacts", "history", "actions"])
def test_each_part_answers_alone(owner: Client, run: Run, part: str) -> None:
    add_changes(run, ("note", {"text": "hello"}))
    text = page(owner, run, f"?part={part}&step=load")
    assert "<html" not in text
    assert text.strip()


def test_what_people_wrote_comes_out_escaped(owner: Client, project: Project) -> None:
    named = {**DIAMOND["steps"][0], "comment": HOSTILE, "parameters": {"rows": HOSTILE}}
    run = make_run(project, {"load": "completed"}, document={"schema": 1, "steps": [named]})
    Run.objects.filter(pk=run.pk).update(name=HOSTILE, reason=HOSTILE, parameters={"x": HOSTILE})
    attempt = Attempt.objects.get(run=run)
    Attempt.objects.filter(pk=attempt.pk).update(
        traceback=HOSTILE, reason=HOSTILE, outputs={"x": HOSTILE}
    )
    assert attempt.task is not None
    shown: dict[str, Any] = {"sha256": "0" * 64, "size": 1, "kind": "file"}
    for media_type in ("text/csv", "application/json", "text/plain", "image/png"):
        Artifact.objects.create(
            task=attempt.task, fence=1, name=f"{HOSTILE}{media_type}", media_type=media_type,
            preview=f"{HOSTILE}\n{HOSTILE}", **shown,
        )  # fmt: skip
    add_changes(run, ("note", {"text": HOSTILE}))
    text = page(owner, run, "?step=load")
    assert "<img src=x" not in text
    assert text.count("&lt;img src=x") > 10


def test_values_reported_by_a_step_are_drawn_and_told_in_numbers(owner: Client, run: Run) -> None:
    task = task_of(run, "load")
    for n in range(5):
        Sample.objects.create(
            task=task,
            fence=1,
            title="loss",
            series="train",
            n=n,
            step=n,
            value=1 / (n + 1),
            at=NOON,
        )
    Sample.objects.create(
        task=task, fence=1, title="score", series="test", n=0, step=None, value=0.875, at=NOON
    )
    text = page(owner, run, "?part=step&step=load")
    assert text.count("data-plots=") == 1
    assert "loss · train" in text
    assert "0.875" in text


def test_resources_of_a_step_stand_apart_from_its_metrics(owner: Client, run: Run) -> None:
    task = task_of(run, "load")
    for title, series in ((":resources", "cpu"), ("loss", "train")):
        for n in range(2):
            Sample.objects.create(
                task=task, fence=1, title=title, series=series, n=n, step=n, value=n, at=NOON
            )
    text = page(owner, run, "?part=step&step=load")
    metrics, _, resources = text.partition("<h3>Resources</h3>")
    assert "loss · train" in metrics
    assert "cpu" not in metrics
    assert "cpu" in resources


def test_a_table_of_an_artifact_is_shown_as_one(owner: Client, run: Run) -> None:
    task = task_of(run, "load")
    Artifact.objects.create(
        task=task, fence=1, name="rows", media_type="text/csv", preview="a,b\n1,2\n",
        sha256="0" * 64, size=8, kind="file",
    )  # fmt: skip
    text = page(owner, run, "?part=step&step=load")
    assert '<th scope="col">a</th>' in text
    assert "<td>2</td>" in text


def test_the_page_asks_as_often_for_many_steps_as_for_few(
    owner: Client, project: Project, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    wide = {"schema": 1, "steps": [{"name": f"step {i}", "template": "load"} for i in range(80)]}
    run = make_run(project, {f"step {i}": "queued" for i in range(80)}, document=wide)
    with django_assert_max_num_queries(24):
        page(owner, run)


@pytest.mark.parametrize("query", ["?tab=artifacts", "?step=load", "?part=artifacts"])
@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml", "application/octet-stream"])
def test_artifacts_are_shown_with_and_without_a_step(
    owner: Client, run: Run, query: str, media_type: str
) -> None:
    task = task_of(run, "load")
    Artifact.objects.create(
        task=task, fence=1, name="picture", media_type=media_type,
        sha256="0" * 64, size=8, kind="file",
    )  # fmt: skip
    text = page(owner, run, query)
    assert "/steps/load/attempts/1/artifacts/picture/" in text
    assert ("<img" in text) == media_type.startswith("image/")


def test_what_the_run_itself_has_is_among_its_artifacts(owner: Client, run: Run) -> None:
    Artifact.objects.create(
        task=run.task, fence=run.task.fence, name="best", media_type="text/plain",
        sha256="0" * 64, size=8, kind="file",
    )  # fmt: skip
    text = page(owner, run, "?tab=artifacts")
    assert f'href="/api/v1/tasks/{run.pk}/artifacts/best/"' in text
    assert 'id="run-artifact-count">1<' in text


def test_a_queued_step_says_who_holds_the_slot_and_follows_the_lines(
    owner: Client, project: Project
) -> None:
    agent = make_agent(["default"])
    run = make_run(project, {"load": "running", "clean": "queued"})
    Task.objects.filter(pk=task_of(run, "load").pk).update(agent=agent)
    Agent.objects.update(slots=1)
    text = page(owner, run, "?part=step&step=clean")
    assert "the only slot of the queue &quot;default&quot; is held by &quot;load&quot;" in text
    assert 'data-watches="lines"' in text
    assert f'data-watches="task:{task_of(run, "load").pk}"' in page(
        owner, run, "?part=step&step=load"
    )


def test_metrics_that_are_watched_stand_with_the_run_and_in_lists(
    owner: Client, run: Run, project: Project
) -> None:
    Run.objects.filter(pk=run.pk).update(metrics={"loss/train": 0.25})
    for n, value in enumerate((0.5, 0.25)):
        Sample.objects.create(
            task_id=run.pk,
            fence=run.task.fence,
            title="loss",
            series="train",
            n=n,
            value=value,
            at=NOON,
        )
    text = page(owner, run, "?tab=parameters")
    assert f'data-plots="/api/v1/tasks/{run.pk}/samples/"' in text
    assert "loss · train" in text
    listed = owner.get("/runs/").content.decode()
    assert "loss/train: 0.25" in listed
    assert owner.get(f"/api/v1/runs/{run.pk}/").json()["metrics"] == {"loss/train": 0.25}
    assert len(owner.get(f"/api/v1/tasks/{run.pk}/samples/").json()) == 1
