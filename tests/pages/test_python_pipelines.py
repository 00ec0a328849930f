"""Pages tell pipelines that a Python script drives, show its code, and say what editing means."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from orchestrator.controller import advance
from orchestrator.domain.document import content_hash
from orchestrator.models import Call, Change, Definition, Draft, PipelineVersion, Run, Task
from orchestrator.store.definitions import definition_row
from tests.engine.scripting import Raises, Script, asking, driven_in
from tests.makers import make_agent, make_run
from tests.pages.world import World

CODE = "from pipelines import PipelineController\n\nprint('hello from the script')\n"


@pytest.fixture
def version(world: World) -> PipelineVersion:
    """The world's pipeline has a second version, which a script has registered."""
    return registered(world, "controller")


def registered(world: World, driver: str, **more: Any) -> PipelineVersion:
    first = world.pipeline.versions.get()
    document = more.pop("document", first.document)
    script: Definition = definition_row("python", {"script": CODE, "requirements": ["numpy==2"]})
    return PipelineVersion.objects.create(
        pipeline=world.pipeline,
        number=2,
        label="1.0.1",
        pins=first.pins,
        document=document,
        content_hash=content_hash(document),
        author="ada",
        driver=driver,
        script=script,
        **more,
    )


def text(world: World, path: str, who: str = "ada") -> str:
    answer = world.client(who).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_version_says_that_a_script_drives_it_and_shows_its_code(
    world: World, version: PipelineVersion
) -> None:
    page = text(world, "/pipelines/alpha/chain/")
    assert "Version 2 · 1.0.1" in page
    assert "A Python script registered these steps and drives each run." in page
    assert "hello from the script" in page
    assert "numpy==2" in page
    assert "The draft differs" not in page
    first = text(world, "/pipelines/alpha/chain/?version=1")
    assert "hello from the script" not in first
    assert "drives each run.</span>" not in first


def test_steps_that_a_script_finds_are_not_missing(world: World) -> None:
    registered(world, "script", document={"schema": 1, "steps": []})
    page = text(world, "/pipelines/alpha/chain/")
    assert "Its steps appear as the script runs" in page
    assert "No steps yet" not in page
    assert "0 steps" not in page


def test_lists_mark_what_is_python(world: World, version: PipelineVersion) -> None:
    assert "Python</span>" in text(world, "/pipelines/")
    assert 'aria-label="Python"' not in text(world, "/runs/")
    Run.objects.filter(pk=world.run.pk).update(driver=Run.Driver.CONTROLLER)
    assert 'aria-label="Python"' in text(world, "/runs/")


def test_the_run_form_says_who_drives_and_where_it_waits(
    world: World, version: PipelineVersion
) -> None:
    form = text(world, "/pipelines/alpha/chain/run/")
    assert "Version 2 (1.0.1)" in form
    assert "waits in the queue services" in form
    assert "rows" in form
    assert "waits in the queue" not in text(world, "/pipelines/alpha/chain/run/?version=1")
    assert "waits in the queue" not in text(world, "/pipelines/alpha/chain/run/?only=first")


def test_the_editor_says_what_publishing_here_makes(world: World, version: PipelineVersion) -> None:
    page = text(world, "/pipelines/alpha/chain/edit/")
    assert "Versions of this pipeline come from a Python script" in page
    assert "its callbacks must be removed" not in page
    version.delete()
    assert "come from a Python script" not in text(world, "/pipelines/alpha/chain/edit/")


def test_the_editor_says_that_callbacks_must_be_removed(world: World) -> None:
    document = world.pipeline.versions.get().document
    calling = {**document, "hooks": {"created": [{"kind": "script"}]}}
    registered(world, "controller", document=calling)
    Draft.objects.filter(pipeline=world.pipeline).update(document=calling)
    assert "its callbacks must be removed" in text(world, "/pipelines/alpha/chain/edit/")
    draft = text(world, "/pipelines/alpha/chain/?version=draft")
    assert "the created callback lives in the Python script" in draft


# The page of a run ------------------------------------------------------------------------------


@pytest.fixture
def run(world: World, version: PipelineVersion, broker: object) -> Run:
    """A run whose script waits in its queue."""
    run = make_run(world.pipeline)
    advance(run.pk)
    return Run.objects.get(pk=run.pk)


def script_part(world: World, run: Run) -> str:
    return text(world, f"/runs/alpha/chain/{run.number}/?part=script")


def test_the_script_is_a_part_of_its_run(world: World, run: Run) -> None:
    page = text(world, f"/runs/alpha/chain/{run.number}/")
    assert "Controller script" in page
    assert "The script has not added a step yet." in page
    assert "Its script and what runs are ended" in page
    assert "version 2 · 1.0.1" in page
    waits = "Its script waits in queue &quot;services&quot;, which no agent serves."
    assert waits in script_part(world, run)
    assert "Log<span" not in script_part(world, run)
    assert "Controller script" not in text(world, "/runs/alpha/chain/1/")


def test_where_the_script_runs_and_how_often_it_was_taken_up(world: World, run: Run) -> None:
    agent = make_agent("ant", queues=("services",))
    values = {"status": "running", "agent": agent, "fence": 3, "started_at": timezone.now()}
    Task.objects.filter(pk=run.pk).update(**values)
    Run.objects.filter(pk=run.pk).update(taken_up=2)
    for number in (1, 2):
        Call.objects.create(run=run, round=1, number=number, kind="pre", by="script", step=number)
    part = script_part(world, run)
    assert "on ant" in part
    assert "taken up 2 times" in part
    assert "2 callbacks to answer" in part
    assert f'data-log-topic="log:{run.pk}:3"' in part
    assert f"/api/v1/tasks/{run.pk}/logs/?fence=2&amp;download=1" in part


def test_the_task_of_a_script_leads_back_to_its_run(world: World, run: Run) -> None:
    address = f'<a href="/runs/alpha/chain/{run.number}/">chain #{run.number}</a>'
    assert address in text(world, f"/tasks/{run.pk}/")
    assert "<dt>Run</dt>" not in text(world, f"/tasks/{world.task.pk}/")


def test_how_the_script_ended(world: World, run: Run) -> None:
    outcome = {"reason": "ValueError: no", "exit_code": 1, "traceback": "Traceback: line 1"}
    Task.objects.filter(pk=run.pk).update(
        status="failed", outcome=outcome, started_at=timezone.now(), ended_at=timezone.now()
    )
    part = script_part(world, run)
    assert "ValueError: no" in part
    assert "Traceback: line 1" in part
    assert "started outside of any agent" in part


def test_calls_of_the_script_stand_under_their_step_and_in_the_history(
    world: World, broker: object
) -> None:
    run = driven_in(world.pipeline, asking("pre"))
    script = Script(run, lambda _: Raises("too small"))
    script.begin()
    panel = f"/runs/alpha/chain/{run.number}/?part=step&step=load"
    assert "waits for its pre callback" in text(world, panel)
    script.until_it_rests()
    answered = text(world, panel)
    assert "its pre callback failed: ValueError: too small" in answered
    assert "the run&#x27;s script" in answered
    history = text(world, f"/runs/alpha/chain/{run.number}/?tab=history")
    assert "its pre callback was called" in history
    assert "the pre callback failed" in history


def test_the_history_says_what_the_script_did(world: World, run: Run, broker: object) -> None:
    detail = {"steps": ["round 1"], "count": 1}
    for number, verb, said in ((1, "add_steps", detail), (2, "register", {}), (3, "pause", {})):
        data = {"signal": number, "verb": verb, "detail": said}
        last = run.last_change + number
        Change.objects.create(
            run=run, number=last, kind="asked", data=data, actor="ada", at=timezone.now()
        )
    Run.objects.filter(pk=run.pk).update(last_change=run.last_change + 3)
    history = text(world, f"/runs/alpha/chain/{run.number}/?tab=history")
    asked, _, everything = history.partition("Everything that happened")
    assert "added &quot;round 1&quot;" in everything
    assert "registered the steps" in everything
    assert "round 1" not in asked
    assert "asked the run to pause" in asked
