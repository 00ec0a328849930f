"""The pages of ten thousand steps: short, in few questions, the rest beside them for scripts."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import Artifact, Attempt, Draft, Project, Run, Step
from tests.live.rows import NOON, make_project, make_run, make_user

pytestmark = pytest.mark.django_db

MANY = 10_000
SHORT = 150_000


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def owner(client: Client, project: Project) -> Client:
    client.force_login(make_user("ada", project))
    return client


@pytest.fixture
def big(project: Project) -> Run:
    """Ten thousand steps in threes, all of which have ended."""
    names = [f"step {i}" for i in range(MANY)]
    steps = [
        {"name": name, "template": "load", "parents": [names[i - 3]] if i >= 3 else []}
        for i, name in enumerate(names)
    ]
    # Their rows at once; one by one would take longer than all else here.
    run = make_run(project, document={"schema": 1, "steps": steps[:1]})
    version = run.version
    assert version is not None
    pin = version.pins[names[0]]
    version.document = {"schema": 1, "steps": steps}
    version.pins = dict.fromkeys(names, pin)
    version.content_hash = "big"
    version.save()
    rows = [
        Step(
            run=run, index=i, node=i, path=name, status="completed", started_at=NOON, ended_at=NOON
        )
        for i, name in enumerate(names)
    ]
    Step.objects.bulk_create(rows[1:], batch_size=2000)
    Run.objects.filter(pk=run.pk).update(
        steps_total=MANY, steps_made=MANY, tally={"completed": MANY}
    )
    return run


def get(client: Client, run: Run, query: str = "", **headers: str) -> str:
    response = client.get(f"/runs/sample/digits/{run.number}/{query}", headers=headers)
    assert response.status_code == 200, response
    return response.content.decode()


def test_the_page_of_ten_thousand_steps_is_short_and_asks_little(
    owner: Client, big: Run, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(24):
        text = get(owner, big)
    assert len(text) < SHORT
    assert "10000</span> completed" in text
    for tab in ("table", "parameters", "artifacts", "history"):
        assert len(get(owner, big, f"?tab={tab}")) < SHORT


def test_without_scripts_its_steps_are_listed_page_by_page(owner: Client, big: Run) -> None:
    first, last = get(owner, big, "?tab=table"), get(owner, big, "?tab=table&page=200")
    assert first.count("<tr data-step=") == last.count("<tr data-step=") == 50
    assert "Page 1 of 200" in first
    assert 'data-name="step 9999"' in last


def test_a_step_far_down_can_be_looked_at(owner: Client, big: Run) -> None:
    assert "<h2>step 9876</h2>" in get(owner, big, "?step=step+9876")
    Step.objects.filter(run=big, index=7777).update(status="failed")
    Run.objects.filter(pk=big.pk).update(status="failed")
    assert "<h2>step 7777</h2>" in get(owner, big)


def addresses(text: str) -> dict[str, str]:
    found = re.findall(r'id="([\w-]+)" data-from="([^"]+)"', text)
    return {name: address.replace("&amp;", "&") for name, address in found}


def test_the_page_names_where_graph_and_states_are(owner: Client, big: Run) -> None:
    text = get(owner, big)
    where = addresses(text)
    for address in where.values():
        assert f'as="fetch" crossorigin href="{address.replace("&", "&amp;")}"' in text
    graph = json.loads(get(owner, big, where["run-graph-data"]))
    assert graph["names"][:2] == ["step 0", "step 1"]
    assert graph["parents"][9] == [6]
    assert graph["kinds"] == [["task", "sample/load", 1]]
    assert set(graph["uses"]) == {0}
    states = json.loads(get(owner, big, where["run-snapshot"]))
    assert states["statuses"] == "p" + "c" * (MANY - 1)
    assert states["run"]["status"] == "running"


def test_the_graph_is_made_once_and_need_not_be_sent_again(
    owner: Client, big: Run, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cache.clear()
    address = f"/runs/sample/digits/{big.number}/{addresses(get(owner, big))['run-graph-data']}"
    answer = owner.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) * 4 < len(gzip.decompress(answer.content))
    assert "immutable" in answer.headers["Cache-Control"]
    with django_assert_max_num_queries(6):
        assert owner.get(address, headers={"Accept-Encoding": "gzip"}).content == answer.content
        tag = answer.headers["ETag"]
        assert owner.get(address, headers={"If-None-Match": tag}).status_code == 304
    elsewhere = owner.get(f"/runs/sample/digits/{big.number}/?part=graph")
    assert "immutable" not in elsewhere.headers["Cache-Control"]


def test_a_small_run_has_its_data_in_the_page(owner: Client, project: Project) -> None:
    text = get(owner, make_run(project, {"load": "running"}))
    assert addresses(text) == {}
    assert '"names": ["load", "clean"' in text
    assert 'as="fetch"' not in text


def test_of_many_artifacts_the_first_are_shown_and_all_are_counted(
    owner: Client, project: Project
) -> None:
    run = make_run(project, {"load": "completed"})
    attempt = Attempt.objects.get(run=run)
    assert attempt.task is not None
    common = {"task": attempt.task, "media_type": "text/plain", "sha256": "0" * 64, "size": 1}
    names = [f"number {i:03}" for i in range(250)]
    Artifact.objects.bulk_create(
        [Artifact(**common, fence=1, kind="file", name=name) for name in names]
        + [Artifact(**common, fence=0, kind="file", name="of an execution before")]
    )
    text = get(owner, run, "?tab=artifacts")
    assert text.count('<details class="run-artifact"') == 200
    assert "The first 200 of 250 artifacts" in text
    assert 'id="run-artifact-count">250<' in text
    assert "of an execution before" not in text
    assert 'id="run-artifact-count">250<' in get(owner, run)


def test_the_page_asks_for_all_modules_of_its_script_at_once(
    owner: Client, project: Project
) -> None:
    text = get(owner, make_run(project))
    for module in ("run/main.js", "graph/element.js", "graph/paint/edge_path.js"):
        assert re.search(rf'<link rel="modulepreload" href="[^"]+/js/{module}">', text)
    assert "run/table.js" not in text
    log = re.search(r'data-modules="([^"]+)"', text)
    assert log is not None
    asked = [address.partition("/js/")[2] for address in log[1].split()]
    assert {"run/log_drawer.js", "widgets/log_view.js", "widgets/log/ansi.js"} <= set(asked)
    assert "live.js" not in asked


def test_the_page_of_a_pipeline_of_ten_thousand_steps_is_short_too(
    owner: Client, big: Run, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    document = big.version.document if big.version else {}
    Draft.objects.create(pipeline=big.pipeline, document=document, actor="ada")
    with django_assert_max_num_queries(24):
        text = owner.get("/pipelines/sample/digits/").content.decode()
    assert len(text) < SHORT
    assert "10000 steps" in text
    assert "Page 1 of 100" in text
    address = addresses(text)["graph-data"]
    graph = owner.get(f"/pipelines/sample/digits/{address}")
    assert len(graph.json()["names"]) == MANY
    assert "immutable" in graph.headers["Cache-Control"]
    last = owner.get("/pipelines/sample/digits/?page=100").content.decode()
    assert "<strong>step 9999</strong>" in last
