"""Scripts at the same time: of one name becoming runs, and kept as templates."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from orchestrator.actions.adopting import enqueue_as_step
from orchestrator.actions.keeping import keep_task
from orchestrator.actions.registering import register_pipeline
from orchestrator.actions.scripts import make_run
from orchestrator.actions.tasks import create_task
from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Pipeline, PipelineVersion, Project, Run, Task
from tests.engine.playing import settle
from tests.engine.test_races import at_once
from tests.makers import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

AT_ONCE = 12
EMPTY = {"schema": 1, "steps": []}


def running(project: Project, name: str, script: str = "print(1)") -> Task:
    body = {"script": script}
    task = create_task(actor="ada", project=project, name=name, kind="python", body=body)
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING, fence=1)
    return Task.objects.get(pk=task.pk)


@pytest.mark.parametrize("alike", [True, False])
def test_scripts_of_one_name_become_runs_of_one_pipeline_at_once(alike: bool) -> None:
    project = make_project()
    tasks = [
        running(project, "My loop", "print(1)" if alike else f"print({n})") for n in range(AT_ONCE)
    ]
    answers = at_once(*[lambda task=task: make_run(actor="ada", task=task)[1] for task in tasks])
    assert answers == [True] * AT_ONCE
    pipeline = Pipeline.objects.get(project=project)
    numbers = Run.objects.filter(pipeline=pipeline).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, AT_ONCE + 1))
    versions = PipelineVersion.objects.filter(pipeline=pipeline).order_by("number")
    assert [one.number for one in versions] == list(range(1, 2 if alike else AT_ONCE + 1))


def test_a_script_becomes_a_run_once_however_often_it_asks() -> None:
    task = running(make_project(), "My loop")
    answers = at_once(*[lambda: make_run(actor="ada", task=task)[1]] * 6)
    assert sorted(answers) == [False] * 5 + [True]
    assert Run.objects.count() == 1


def test_scripts_become_runs_while_their_pipeline_is_registered() -> None:
    project = make_project()
    tasks = [running(project, "My loop", f"print({n})") for n in range(4)]

    def register(number: int) -> bool:
        script = {"script": f"print('registered {number}')"}
        return register_pipeline(
            actor="ada",
            project=project,
            name="My loop",
            document=EMPTY,
            driver="controller",
            script=script,
        )[1]

    answers = at_once(
        *[lambda task=task: make_run(actor="ada", task=task)[1] for task in tasks],
        *[lambda number=number: register(number) for number in range(4)],
    )
    assert answers == [True] * 8
    versions = PipelineVersion.objects.filter(pipeline__project=project).order_by("number")
    assert [one.number for one in versions] == list(range(1, 9))


def test_tasks_of_one_name_are_kept_at_once() -> None:
    project = make_project()
    alike = [running(project, "train") for _ in range(4)]
    others = [running(project, "train", f"print('other {n}')") for n in range(4)]
    answers = at_once(
        *[
            lambda task=task: keep_task(actor="ada", task=task).version.template_id
            for task in (*alike, *others)
        ]
    )
    assert len(set(answers)) == 5, answers
    assert len(set(answers[:4])) == 1, "the same script is one template"


def test_one_ask_that_is_sent_twice_at_once_is_answered_twice_alike() -> None:
    project = make_project()
    script = running(project, "My loop")
    body = {"script": "print(1)"}
    train = create_task(actor="ada", project=project, name="x", kind="python", body=body)

    def ask() -> str:
        task = Task.objects.get(pk=train.pk)
        return enqueue_as_step(actor="ada", script=script.pk, task=task, key="a").status

    assert at_once(*[ask] * 6) == ["queued"] * 6
    settle()
    assert Attempt.objects.filter(run=script.pk).count() == 1


@pytest.mark.server
def test_who_only_refers_to_the_project_does_not_wait_for_a_script_that_becomes_a_run() -> None:
    project = make_project()
    tasks = [running(project, "My loop") for _ in range(2)]
    make_run(actor="ada", task=tasks[0])

    def refer() -> str:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            pipeline = Pipeline.objects.get(project=project)
            PipelineVersion.objects.create(pipeline=pipeline, document=EMPTY, content_hash="x")
            body = {"script": "print(1)"}
            create_task(actor="ada", project=project, name="x", kind="python", body=body)
        return "done"

    with transaction.atomic():
        make_run(actor="ada", task=tasks[1])
        assert at_once(refer) == ["done"]
