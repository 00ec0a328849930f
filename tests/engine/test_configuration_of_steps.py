"""The configuration of a template's version is that of the steps made of it, and counts for what
the cache calls equal."""

from __future__ import annotations

import pytest

from orchestrator.actions.templates import save_template
from orchestrator.controller import advance
from orchestrator.models import Run, Task
from tests.makers import SCRIPT, make_pipeline, make_project, make_run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_step_has_the_configuration_of_its_templates_version() -> None:
    project = make_project()
    keys = set()
    for text in ("one", "two", "one"):
        save_template(
            actor="ada",
            project=project,
            slug="load",
            name="load",
            kind="python",
            body={"script": SCRIPT},
            configuration={"c": text},
        )
        document = {"schema": 1, "steps": [{"name": "a", "template": "load"}]}
        pipeline = make_pipeline(project, f"p-{Run.objects.count()}", document=document)
        run = make_run(pipeline)
        advance(run.pk)
        task = Task.objects.get(parent=run.pk)
        assert task.configuration == {"c": text}
        keys.add(task.cache_key)
    assert len(keys) == 2
