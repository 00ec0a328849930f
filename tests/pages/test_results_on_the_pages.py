"""Reports, models and metrics in a step's panel and on a task's page."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from orchestrator.models import Artifact, Attempt, LogPiece, Sample, Step, Task
from orchestrator.store.contents import store_content
from pipelines_ui.plots import plot_shown
from tests.pages.world import World

PLOT = "application/vnd.plotly.v1+json"


@pytest.fixture(autouse=True)
def artifact_folder(settings: Any, tmp_path: Path) -> None:
    settings.PIPELINES_ARTIFACT_DIR = tmp_path / "artifacts"


@pytest.fixture
def task(world: World) -> Task:
    task = world.task
    task.status, task.fence = "running", 1
    task.process = {"host": "laptop", "actor": "ada"}
    task.comment, task.tags = "as <b>an</b> example", ["first tag"]
    task.configuration = {"model": "depth: <3>"}
    task.parameters = {**task.parameters, "Models/start": f"{world.run.pk}/base"}
    task.save()
    return task


def leave(task: Task, name: str, content: bytes, media_type: str, **more: Any) -> None:
    stored = store_content(io.BytesIO(content))
    Artifact.objects.create(
        task=task,
        fence=1,
        name=name,
        sha256=stored.sha256,
        size=stored.size,
        media_type=media_type,
        preview=content.decode(errors="replace") if media_type != "image/png" else "",
        **{"kind": "file", **more},
    )


def reported(task: Task, kind: str, artifact: str, title: str, step: int | None = None) -> None:
    n = Sample.objects.filter(task=task).count()
    Sample.objects.create(
        task=task,
        fence=1,
        title=title,
        series="test",
        n=10**9 + n,
        step=step,
        reference=f"{kind}:{artifact}",
        at=timezone.now(),
    )


def leave_everything(task: Task) -> None:
    leave(task, "rows", b"name,score\nforest,0.9\n", "text/csv")
    reported(task, "table", "rows", "scores")
    for step in (1, 2):
        leave(task, f"digit {step}", b"\x89PNG", "image/png")
        reported(task, "image", f"digit {step}", "digits", step)
    figure = {
        "data": [
            {"type": "bar", "name": "by class", "x": ["one", "two"], "y": [3, 4]},
            {"type": "heatmap", "z": [[5, 1], [0, 6]], "x": ["a", "b"], "y": ["a", "b"]},
        ],
        "layout": {"xaxis": {"title": {"text": "class"}}},
    }
    leave(task, "confusion", json.dumps(figure).encode(), PLOT)
    reported(task, "plot", "confusion", "confusion")
    leave(
        task,
        "forest",
        b"weights",
        "application/octet-stream",
        kind="model",
        metadata={"model": True, "framework": "scikit-learn", "file": "forest.pkl"},
    )
    leave(task, "plain", b"text", "text/plain")
    for n in range(2):
        Sample.objects.create(
            task=task, fence=1, title="loss", series="train", n=n, value=n, at=timezone.now()
        )


def test_a_tasks_page_shows_what_it_reported(world: World, task: Task) -> None:
    leave_everything(task)
    page = world.client("vera").get(f"/tasks/{task.pk}/").content.decode()
    for words in (
        "forest</td><td>0.9",
        'alt="Image: digits, test, step 2"',
        "1 earlier",
        "x: class",
        ">by class<",
        '<rect x="',
        '<td data-shade="7">6</td>',
        "scikit-learn",
        "forest.pkl",
        f'<a href="/tasks/{world.run.pk}/">base</a>',
        f'data-plots="/api/v1/tasks/{task.pk}/samples/"',
        "by ada on laptop, by no agent",
        "first tag",
        "as &lt;b&gt;an&lt;/b&gt; example",
        "Configuration: model",
        "depth: &lt;3&gt;",
    ):
        assert words in page, words
    listed = page[page.index('id="artifacts"') :]
    assert "<strong>plain</strong>" in listed
    for name in ("rows", "confusion", "forest", "digit 2"):
        assert f"<strong>{name}</strong>" not in listed


def test_a_steps_panel_shows_the_same(world: World, task: Task) -> None:
    leave_everything(task)
    Task.objects.filter(pk=task.pk).update(parent=world.run)
    step = Step.objects.create(
        run=world.run, index=0, node=0, path="first", attempt=1, status="running"
    )
    Attempt.objects.create(run=world.run, step=step, number=1, task=task, status="running")
    where = f"/runs/alpha/chain/{world.run.number}/?part=step&step=first"
    panel = world.client("vera").get(where).content.decode()
    for words in (
        "<h3>Reports</h3>",
        'alt="Image: digits, test, step 2"',
        "forest</td><td>0.9",
        "<h3>Models</h3>",
        ">base</a>",
        "<h3>Artifacts</h3>",
    ):
        assert words in panel, words


def test_a_task_that_reported_nothing_has_no_empty_parts(world: World, task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(parameters={}, configuration={})
    page = world.client("ada").get(f"/tasks/{task.pk}/").content.decode()
    for title in ("Reports", "Models", "Metrics", "Configuration"):
        assert f">{title}" not in page


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"data": 1}', '{"data": {}}', '"x"', "[" * 100_000],
)
def test_what_is_no_plot_is_only_downloaded(text: str) -> None:
    assert plot_shown(text) == {"kind": ""}


def test_odd_plots_are_shown_as_far_as_they_go() -> None:
    odd = {
        "data": [
            {"y": [1, None, float("nan"), 10**400, True, "x"], "x": [1, 2]},
            {"type": "bar", "y": []},
            {"z": [[1], [2, 3], 4]},
            {"labels": ["a"], "values": [2]},
            {"mode": "markers", "x": [0, 1], "y": [5, 5]},
            7,
            {"y": list(range(500))},
        ],
        "layout": [1],
    }
    shown = plot_shown(json.dumps(odd))
    assert [one["count"] for one in shown["traces"]] == [6, 3, 1, 2, 500]
    assert [bool(one.get("drawing")) for one in shown["traces"]] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert shown["traces"][-1]["cut"]
    assert len(shown["traces"][-1]["rows"]) == 200


def test_a_drawing_says_between_which_values_it_lies() -> None:
    bars = {"type": "bar", "x": ["a", "b", "c"], "y": [1, -2, 3.5]}
    points = {"mode": "markers", "x": [0, 0.25, 10], "y": [5, 5, 7], "name": "seen"}
    named, one = plot_shown(json.dumps({"data": [points, bars]}))["traces"]
    assert (named["name"], named["drawing"]["across"]) == ("seen", ["0", "10"])
    assert named["drawing"]["up"] == ["7", "5"]
    assert named["drawing"]["dots"].count("h0") == 3
    assert (one["name"], one["drawing"]["up"]) == ("bar 2", ["3.5", "-2"])
    assert one["drawing"]["labels"] == ["a", "b", "c"]
    many = {"type": "bar", "x": list(range(40)), "y": [1] * 40}
    (alone,) = plot_shown(json.dumps({"data": [many]}))["traces"]
    assert (alone["name"], alone["drawing"]["across"]) == ("", ["0", "39"])
    assert alone["drawing"]["labels"] == []


def test_a_matrix_is_shaded_from_its_least_to_its_greatest_value() -> None:
    matrix = {"z": [[50, 2, None], [3, 44, "x"]], "x": ["cat", "dog", "bird"], "y": ["cat", "dog"]}
    (trace,) = plot_shown(json.dumps({"data": [matrix]}))["traces"]
    assert [row["name"] for row in trace["heat"]] == ["cat", "dog"]
    shades = [[cell["shade"] for cell in row["cells"]] for row in trace["heat"]]
    assert shades == [[7, 0, ""], [0, 7, ""]]
    assert [cell["word"] for cell in trace["heat"][0]["cells"]] == ["50", "2", ""]
    even = {"z": [[1, 1]]}
    (trace,) = plot_shown(json.dumps({"data": [even]}))["traces"]
    assert [cell["shade"] for cell in trace["heat"][0]["cells"]] == [0, 0]


def test_a_tasks_log_is_shown_as_a_terminal_shows_it(world: World, task: Task) -> None:
    LogPiece.objects.create(
        task=task,
        fence=task.fence,
        n=0,
        stream="stdout",
        byte_from=0,
        line_from=0,
        text="\x1b[32mepoch\x1b[0m 1\n10 %\r90 %\n",
    )
    page = world.client("ada").get(f"/tasks/{task.pk}/").content.decode()
    assert "epoch 1\n90 %\n</pre>" in page
