"""The schema and its page: complete, true, and served to who is signed in."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from orchestrator.api.schema import whole_schema
from orchestrator.models import Pipeline, User
from tests.api.asking import Asker, assert_problem
from tests.makers import make_run

ANSWERS = {
    "RunShape": "runs/{run}/",
    "SnapshotShape": "runs/{run}/snapshot/",
    "GraphShape": "runs/{run}/graph/",
    "StepDetail": "runs/{run}/steps/first/",
    "Frame": "runs/{run}/changes/",
    "PipelineDetail": "pipelines/{pipeline}/",
    "DraftShape": "pipelines/{pipeline}/draft/",
    "VersionDetail": "pipelines/{pipeline}/versions/1/",
    "Exported": "pipelines/{pipeline}/export/",
    "Palette": "pipelines/{pipeline}/palette/",
    "Comparison": "pipelines/{pipeline}/compare/",
    "LastValues": "pipelines/{pipeline}/references/",
    "TaskDetail": "tasks/alpha/load/",
    "QueueShape": "queues/default/",
    "ProjectShape": "projects/alpha/",
}


def test_the_schema_is_valid_and_without_warnings() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "openapi: 3.1" in out.getvalue()


@pytest.mark.parametrize(("shape", "path"), ANSWERS.items())
def test_answers_have_exactly_the_fields_that_the_schema_says(
    ada: Asker, pipeline: Pipeline, shape: str, path: str
) -> None:
    run = make_run(pipeline)
    answer = json.loads(ada.get(path.format(run=run.pk, pipeline=pipeline.pk)).content)
    said = whole_schema()["components"]["schemas"][shape]["properties"]
    assert set(answer) == set(said)


def test_every_operation_has_a_summary_and_its_errors() -> None:
    for path, item in whole_schema()["paths"].items():
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert {"401", "403", "404"} <= set(operation["responses"]), where


def test_the_schema_is_for_who_is_signed_in(ada: Asker) -> None:
    assert ada.get("/api/schema/?format=json").json()["openapi"].startswith("3.1")
    assert_problem(Asker(None).get("/api/schema/"), 401, "not_authenticated")


@pytest.fixture
def browser(pipeline: Pipeline) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    return client


def test_the_page_shows_every_operation_and_needs_nothing_from_elsewhere(browser: Client) -> None:
    answer = browser.get("/api/docs/")
    page = answer.content.decode()
    for item in whole_schema()["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=|<style|\bstyle=", page)
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_the_page_sends_strangers_to_sign_in(client: Client, db: Any) -> None:
    answer = client.get("/api/docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=/api/docs/")
