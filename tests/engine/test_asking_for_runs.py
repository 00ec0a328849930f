"""What one may ask of runs: start, clone, enqueue, run again; what is refused and how."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orchestrator.actions.pipelines import save_draft
from orchestrator.actions.reruns import rerun
from orchestrator.actions.runs import (
    Idempotency,
    KeyReused,
    abort_run,
    abort_steps,
    change_draft_run,
    clone_run,
    enqueue_run,
    run_again,
    start_run,
)
from orchestrator.controller import advance
from orchestrator.domain.errors import Conflict, Invalid, NotFound
from orchestrator.models import Definition, IdempotencyKey, Run, Task, TemplateVersion
from tests.engine.playing import changes_of, check_run, make_agent, play, statuses
from tests.engine.starting import diamond, started
from tests.makers import make_pipeline, make_project, make_template, publish_pipeline

pytestmark = pytest.mark.django_db

ROWS = {"name": "rows", "type": "integer", "default": 10, "minimum": 1}
WITH_ROWS = {
    "schema": 1,
    "parameters": [ROWS],
    "steps": [{"name": "load", "template": "load", "parameters": {"rows": "${pipeline.rows}"}}],
}

WRONG = [
    ({"rowz": 1}, "parameters.rowz", "rows"),
    ({"rows": "many"}, "parameters.rows", "whole number"),
    ({"rows": True}, "parameters.rows", "whole number"),
    ({"rows": 0}, "parameters.rows", "1"),
]


@pytest.mark.parametrize(("given", "where", "word"), WRONG)
def test_a_wrong_parameter_is_refused_by_name_and_no_run_is_made(broker, given, where, word):
    with pytest.raises(Invalid) as caught:
        started(WITH_ROWS, **given)
    (problem,) = caught.value.problems
    assert problem.where == where
    assert word in problem.message
    assert not Run.objects.exists()


def test_parameters_that_are_not_given_take_their_defaults(broker):
    assert started(WITH_ROWS).parameters == {"rows": 10}


def test_a_run_is_its_controller_task_and_begins_with_change_one(broker):
    run = started(diamond())
    assert Task.objects.get(pk=run.pk).kind == "controller"
    (first,) = changes_of(run)
    assert (first["n"], first["kind"], first["actor"]) == (1, "run_created", "ada")
    assert run.status == "queued"


def test_a_version_that_is_not_there_is_named(broker):
    run = started(diamond())
    with pytest.raises(NotFound, match="version 7"):
        start_run(actor="ada", pipeline=run.pipeline, version=7)


def test_a_pipeline_without_versions_says_so(broker):
    project = make_project()
    make_template(project)
    pipeline = make_pipeline(project, document=diamond(), published=False)
    with pytest.raises(NotFound, match="no published version"):
        start_run(actor="ada", pipeline=pipeline)


def test_a_draft_can_be_run_without_being_published(broker):
    project = make_project()
    make_template(project)
    pipeline = make_pipeline(project, document=diamond(), published=False)
    run = play(start_run(actor="ada", pipeline=pipeline, version="draft"), make_agent())
    assert run.status == "completed"
    assert run.version is not None
    assert run.version.number is None


def test_a_cloned_run_is_a_draft_until_it_is_enqueued(broker):
    run = play(started(WITH_ROWS, rows=5), make_agent())
    clone = clone_run(actor="bob", run=run)
    assert (clone.status, clone.parameters, clone.number) == ("draft", {"rows": 5}, 2)
    assert advance(clone.pk) == 0, "a draft must not start by itself"
    change_draft_run(actor="bob", run=clone, parameters={"rows": 6})
    enqueue_run(actor="bob", run=clone)
    play(clone, make_agent("second"))
    assert clone.status == "completed"
    assert Task.objects.get(attempts__run=clone).parameters == {"General/rows": 6}
    check_run(clone)


def test_only_a_draft_can_be_changed_or_enqueued(broker):
    run = play(started(WITH_ROWS), make_agent())
    with pytest.raises(Conflict, match="completed"):
        change_draft_run(actor="ada", run=run, parameters={"rows": 6})
    with pytest.raises(Conflict, match="completed"):
        enqueue_run(actor="ada", run=run)


def test_a_draft_run_that_is_aborted_never_starts(broker):
    run = clone_run(actor="ada", run=play(started(diamond()), make_agent()))
    abort_run(actor="ada", run=run)
    advance(run.pk)
    run.refresh_from_db()
    assert (run.status, run.steps_made) == ("aborted", 0)


def test_running_again_takes_the_same_parameters_unless_others_are_given(broker):
    run = play(started(WITH_ROWS, rows=5), make_agent())
    assert run_again(actor="ada", run=run).parameters == {"rows": 5}
    assert run_again(actor="ada", run=run, parameters={"rows": 7}).parameters == {"rows": 7}


def test_an_ended_run_refuses_to_be_aborted_at_once(broker):
    run = play(started(diamond()), make_agent())
    with pytest.raises(Conflict, match="completed already"):
        abort_run(actor="ada", run=run)


def test_a_step_that_is_not_there_is_named(broker):
    run = play(started(diamond()), make_agent())
    with pytest.raises(NotFound, match='"lode"'):
        rerun(actor="ada", run=run, steps=["lode"])
    with pytest.raises(Conflict):
        abort_steps(actor="ada", run=run, steps=["load"])


def test_a_rerun_is_said_in_exactly_one_way(broker):
    run = play(started(diamond()), make_agent())
    with pytest.raises(Invalid, match="exactly one"):
        rerun(actor="ada", run=run, steps=["load"], failed=True)


def test_a_rerun_with_other_parameters_uses_them_and_checks_them(broker):
    run = play(started(diamond()), make_agent())
    with pytest.raises(Invalid, match="rowz"):
        rerun(actor="ada", run=run, steps=["left"], parameters={"left": {"rowz": 1}})
    rerun(actor="ada", run=run, steps=["left"], parameters={"left": {"rows": 3}})
    play(run, make_agent("second"))
    attempts = run.attempts.filter(step__path="left").order_by("number")
    assert [attempt.resolved["General/rows"] for attempt in attempts] == [100, 3]
    check_run(run)


def test_rerunning_from_a_step_takes_everything_below_it(broker):
    run = play(started(diamond()), make_agent())
    rerun(actor="ada", run=run, from_="left")
    play(run, make_agent("second"))
    numbers = dict(run.steps.values_list("path", "attempt"))
    assert numbers == {"load": 1, "left": 2, "right": 1, "join": 2}
    check_run(run)


def test_everything_can_be_run_anew(broker):
    run = play(started(diamond()), make_agent())
    rerun(actor="ada", run=run, everything=True)
    play(run, make_agent("second"))
    assert set(run.steps.values_list("attempt", flat=True)) == {2}
    assert set(statuses(run).values()) == {"completed"}
    check_run(run)


def keyed(pipeline, body="one body"):
    key = Idempotency("t", "k", body)
    return start_run(actor="ada", pipeline=pipeline, idempotency=key)


def test_the_same_key_gives_the_same_run_and_another_body_is_refused(broker):
    pipeline = started(diamond()).pipeline
    first = keyed(pipeline)
    assert keyed(pipeline) == first
    with pytest.raises(KeyReused):
        keyed(pipeline, "another body")


def test_a_key_is_forgotten_after_a_day(broker):
    pipeline = started(diamond()).pipeline
    first = keyed(pipeline)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert keyed(pipeline) != first


def test_a_running_pipeline_leaves_its_template_as_it_was(broker):
    project = make_project()
    version = make_template(project)
    before = Task.objects.filter(pk=version.template_id).values().get()
    definitions = list(Definition.objects.values())
    pipeline = make_pipeline(project, document=diamond())
    play(start_run(actor="ada", pipeline=pipeline), make_agent())
    assert Task.objects.filter(pk=version.template_id).values().get() == before
    assert list(Definition.objects.values()) == definitions
    assert TemplateVersion.objects.count() == 1


def test_a_published_pipeline_stays_with_the_template_version_it_was_published_with(broker):
    project = make_project()
    make_template(project)
    pipeline = make_pipeline(project, document=diamond())
    make_template(project, script="print('newer')\n")
    run = play(start_run(actor="ada", pipeline=pipeline), make_agent())
    used = set(Task.objects.filter(attempts__run=run).values_list("template_version__number"))
    assert used == {(1,)}
    document = diamond()
    document["steps"][0]["comment"] = "again"
    save_draft(actor="ada", pipeline=pipeline, document=document, revision=1)
    publish_pipeline(pipeline)
    run = play(start_run(actor="ada", pipeline=pipeline), make_agent("second"))
    used = set(Task.objects.filter(attempts__run=run).values_list("template_version__number"))
    assert used == {(2,)}
