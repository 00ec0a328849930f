"""Tables, images, plots and texts that a running task reports beside its values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orchestrator.models import Pipeline, Project, Run, Sample, Task
from orchestrator.queries.samples import sample_summary
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, assert_problem
from tests.api.test_results import put_file, running_step
from tests.makers import make_run


@pytest.fixture(autouse=True)
def artifact_folder(settings: Any, tmp_path: Path) -> None:
    settings.PIPELINES_ARTIFACT_DIR = tmp_path / "artifacts"


@pytest.fixture
def task(project: Project) -> Task:
    return Task.objects.create(
        project=project, name="train", kind="python", status="running", fence=1, actor="ada"
    )


def put(task: Task, name: str, content: bytes, media_type: str, token: str = "") -> None:
    where = f"tasks/{task.pk}/artifacts/{name}/"
    answer = put_file(token or attempt_token(task.pk, 1), where, content, media_type=media_type)
    assert answer.status_code == 201, answer.content


def report(task: Task, kind: str, artifact: str, step: int | None = None, **more: Any) -> Any:
    own = Asker(attempt_token(task.pk, 1))
    said = {"title": "scores", "series": "test", "step": step, "value": None, **more}
    body = [{**said, "reference": {"kind": kind, "artifact": artifact}}]
    return own.post(f"tasks/{task.pk}/samples/", body)


def test_what_was_reported_is_given_by_series_the_newest_first(ada: Asker, task: Task) -> None:
    for step in range(12):
        put(task, f"table {step}", b"a,b\n1,2\n", "text/csv")
        assert report(task, "table", f"table {step}", step).json() == {"kept": 1}
    put(task, "picture", b"\x89PNG", "image/png")
    assert report(task, "image", "picture", title="debug").status_code == 201
    report(task, "plot", "never uploaded")
    found = ada.get(f"tasks/{task.pk}/reports/").json()
    shown = [(one["title"], one["series"], one["kind"], len(one["entries"])) for one in found]
    assert shown == [("debug", "test", "image", 1), ("scores", "test", "table", 10)]
    newest = found[1]["entries"][0]
    assert (newest["step"], newest["artifact"]["name"]) == (11, "table 11")
    assert newest["artifact"]["url"] == f"/api/v1/tasks/{task.pk}/artifacts/table%2011/"


def test_a_picture_that_is_replaced_is_given_once(ada: Asker, task: Task) -> None:
    put(task, "picture", b"\x89PNG", "image/png")
    for step in (1, 2):
        report(task, "image", "picture", step)
    (found,) = ada.get(f"tasks/{task.pk}/reports/").json()
    assert [entry["step"] for entry in found["entries"]] == [2]


def test_reports_are_no_values(ada: Asker, task: Task) -> None:
    own = Asker(attempt_token(task.pk, 1))
    put(task, "table", b"a\n1\n", "text/csv")
    for n in range(3):
        value = {"title": "scores", "series": "test", "step": n, "value": n / 2}
        own.post(f"tasks/{task.pk}/samples/", [value])
        report(task, "table", "table", n)
    (series,) = ada.get(f"tasks/{task.pk}/samples/").json()
    assert (series["count"], series["first"], series["last"]) == (3, 0, 1.0)
    assert [row.n for row in Sample.objects.filter(reference="").order_by("n")] == [0, 1, 2]
    assert [one["count"] for one in sample_summary(task.pk, 1)] == [3]


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ({"kind": "video", "artifact": "x"}, "[0].reference.kind"),
        ({"kind": "image"}, "[0].reference.artifact"),
        ({"kind": "image", "artifact": "x", "colour": 1}, "[0].reference.colour"),
        ("picture", "[0].reference"),
    ],
    ids=str,
)
def test_a_wrong_report_is_refused_by_name(task: Task, reference: Any, place: str) -> None:
    own = Asker(attempt_token(task.pk, 1))
    body = [{"title": "t", "series": "s", "reference": reference}]
    problem = assert_problem(own.post(f"tasks/{task.pk}/samples/", body), 400, "invalid")
    assert [one["where"] for one in problem["problems"]] == [place]
    assert not Sample.objects.exists()


def test_a_plots_json_is_kept_as_a_preview(ada: Asker, task: Task) -> None:
    plot = json.dumps({"data": [{"y": [1, 2]}]}).encode()
    put(task, "plot", plot, "application/vnd.plotly.v1+json")
    (artifact,) = ada.get(f"tasks/{task.pk}/artifacts/").json()["results"]
    assert json.loads(artifact["preview"])["data"][0]["y"] == [1, 2]


def test_a_step_reports_to_the_script_that_drives_its_run(ada: Asker, pipeline: Pipeline) -> None:
    run = make_run(pipeline)
    step = running_step(run, "first")
    token = attempt_token(step.pk, 1)
    where = f"tasks/{run.pk}/"
    Task.objects.filter(pk=run.pk).update(status="running", fence=3)
    values = [{"title": "loss", "series": "train", "value": 0.5}]
    # A graph has no script to report to.
    assert_problem(Asker(token).post(f"{where}samples/", values), 403, "not_allowed")
    Run.objects.filter(pk=run.pk).update(driver="controller")
    assert Asker(token).post(f"{where}samples/", values).json() == {"kept": 1}
    put(Task.objects.get(pk=run.pk), "result", b"1", "text/plain", token)
    kept = Task.objects.get(pk=run.pk).artifacts.get()
    assert (kept.name, kept.fence) == ("result", 3)
    other = make_run(pipeline)
    Task.objects.filter(pk=other.pk).update(status="running", fence=1)
    elsewhere = f"tasks/{other.pk}/samples/"
    assert Asker(token).post(elsewhere, values).status_code in (403, 404)
