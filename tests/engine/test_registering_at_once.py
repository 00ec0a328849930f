"""Scripts that start at once keep the same tasks and register the same pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator.actions.keeping import Kept, keep_task
from orchestrator.actions.projects import project_for
from orchestrator.actions.registering import register_pipeline
from orchestrator.actions.tasks import create_task
from orchestrator.models import Pipeline, PipelineVersion, Project, Task, TemplateVersion
from tests.engine.test_races import at_once
from tests.makers import make_actor, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def tasks(project: Project, scripts: list[str]) -> list[Task]:
    return [
        create_task(
            actor="ada", project=project, name="get data", kind="python", body={"script": script}
        )
        for script in scripts
    ]


def kept_at_once(wanted: list[Task]) -> list[Kept]:
    def keep(task: Task) -> Callable[[], Kept]:
        return lambda: keep_task(actor="ada", task=Task.objects.get(pk=task.pk))

    answers: list[Any] = at_once(*[keep(task) for task in wanted])
    assert all(isinstance(answer, Kept) for answer in answers), answers
    return answers


def test_tasks_that_are_alike_are_one_template_however_many_ask_at_once() -> None:
    project = make_project("alpha", owner="ada")
    found = kept_at_once(tasks(project, ["print(1)"] * 20))
    assert {(one.version.template.slug, one.version.number) for one in found} == {("get-data", 1)}
    assert sum(one.is_new for one in found) == 1
    assert TemplateVersion.objects.count() == 1


def test_one_task_is_kept_once_however_many_ask_at_once() -> None:
    project = make_project("alpha", owner="ada")
    (task,) = tasks(project, ["print(1)"])
    found = kept_at_once([task] * 20)
    assert sum(one.is_new for one in found) == 1
    assert TemplateVersion.objects.count() == 1


def test_tasks_that_only_have_one_name_do_not_become_versions_of_one_template() -> None:
    project = make_project("alpha", owner="ada")
    found = kept_at_once(tasks(project, [f"print({number})" for number in range(10)]))
    assert [one.version.number for one in found] == [1] * 10
    assert len({one.version.template_id for one in found}) == 10


def test_a_pipeline_that_many_register_at_once_has_one_version() -> None:
    project = make_project("alpha", owner="ada")

    def register() -> tuple[PipelineVersion, bool]:
        return register_pipeline(
            actor="ada",
            project=project,
            name="Train it",
            document={"schema": 1, "steps": []},
            driver="controller",
            script={"script": "print(1)"},
        )

    answers = at_once(*[register] * 20)
    assert all(isinstance(answer, tuple) for answer in answers), answers
    assert sum(is_new for _, is_new in answers) == 1
    assert (Pipeline.objects.count(), PipelineVersion.objects.count()) == (1, 1)


def test_a_project_that_is_made_on_the_way_is_there_for_all_who_ask_at_once() -> None:
    ada = make_actor(make_user("ada"))
    answers = at_once(*[lambda: project_for(ada, "My Project")] * 10)
    assert len({getattr(answer, "pk", answer) for answer in answers}) == 1, answers
