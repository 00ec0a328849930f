"""Lists: filters, pages, and a number of questions that does not grow with the rows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orchestrator.actions.tasks import clone_task
from orchestrator.domain.states import Status
from orchestrator.models import Run
from tests.makers import make_pipeline, make_run, make_template
from tests.pages.world import World


def questions(client: Client, url: str) -> int:
    # What is asked once per process is not counted.
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


MOST_QUESTIONS = {
    "/pipelines/": 10,
    "/pipelines/alpha/chain/": 14,
    "/pipelines/alpha/chain/run/": 9,
    "/runs/": 7,
    "/templates/": 7,
    "/templates/alpha/load/": 14,
    "/tasks/": 8,
    "/queues/": 13,
    "/projects/": 5,
    "/projects/alpha/": 12,
    "/tokens/": 6,
}


@pytest.mark.parametrize("url", MOST_QUESTIONS)
def test_a_page_asks_few_questions_however_much_there_is(world: World, url: str) -> None:
    client = world.client("ada")
    before = questions(client, url)
    for number in range(4):
        other = make_pipeline(world.project, f"other-{number}")
        make_run(other)
        make_run(world.pipeline)
        make_template(world.project, f"more-{number}")
        clone_task(actor="ada", task=world.template)
    after = questions(client, url)
    assert after <= before
    assert before <= MOST_QUESTIONS[url]


def test_the_bars_say_the_same_in_words(world: World) -> None:
    make_run(world.pipeline)
    Run.objects.filter(pipeline=world.pipeline, number=1).update(status=Status.FAILED)
    page = world.client("ada").get("/pipelines/").content.decode()
    assert "Last 2 runs: 1 failed, 1 queued." in page
    assert page.count('class="bar"') == 2
    assert 'class="bar" data-status="failed"' in page


def test_pipelines_are_found_by_name_project_and_last_run(world: World) -> None:
    make_pipeline(world.project, "quiet")
    client = world.client("ada")

    def names(query: str) -> set[str]:
        page = client.get(f"/pipelines/?{query}").content.decode()
        return {name for name in ("chain", "quiet") if f"/pipelines/alpha/{name}/" in page}

    assert names("") == {"chain", "quiet"}
    assert names("search=qui") == {"quiet"}
    assert names("project=alpha") == {"chain", "quiet"}
    assert names("last=going") == {"chain"}
    Run.objects.update(status=Status.FAILED)
    assert names("last=going") == set()
    assert names("last=bad") == {"chain"}
    assert client.get("/pipelines/?project=foreign").status_code == 404


def test_runs_are_found_by_status_pipeline_and_person(world: World) -> None:
    make_run(world.pipeline, actor="ola")
    Run.objects.filter(number=1).update(status=Status.COMPLETED)
    client = world.client("ada")

    def numbers(query: str) -> set[int]:
        page = client.get(f"/runs/?{query}").content.decode()
        return {number for number in (1, 2) if f"/runs/alpha/chain/{number}/" in page}

    assert numbers("") == {1, 2}
    assert numbers("status=completed") == {1}
    assert numbers("status=going") == {2}
    assert numbers("actor=ola") == {2}
    assert numbers("pipeline=alpha/chain") == {1, 2}
    assert numbers("pipeline=beta/chain") == set()


def test_older_runs_stand_on_further_pages(world: World) -> None:
    for _ in range(54):
        make_run(world.pipeline)
    client = world.client("ada")
    first = client.get("/runs/").content.decode()
    assert first.count("<tr data-key") == 50
    before = first.split("?before=")[1].split('"')[0]
    second = client.get(f"/runs/?before={before}").content.decode()
    assert second.count("<tr data-key") == 5
    assert "Older" not in second
    assert client.get("/runs/?before=nonsense").status_code == 404


def test_tasks_are_found_by_status_and_queue(world: World) -> None:
    client = world.client("ada")
    assert "by itself" in client.get("/tasks/?status=draft&queue=default").content.decode()
    assert "by itself" not in client.get("/tasks/?status=failed").content.decode()
    assert "by itself" not in client.get("/tasks/?search=nothing").content.decode()
