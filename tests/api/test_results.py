"""What executions leave behind, and what a running step may send with its own token."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from orchestrator.models import (
    Artifact,
    Attempt,
    LogPiece,
    Pipeline,
    Run,
    Sample,
    Signal,
    Step,
    Task,
)
from orchestrator.store.contents import content_path, store_content
from orchestrator.store.execution import attempt_token
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_run

STEP_NAME = "lädt Daten.1"


@pytest.fixture(autouse=True)
def artifact_folder(settings: Any, tmp_path: Path) -> Path:
    settings.PIPELINES_ARTIFACT_DIR = tmp_path / "artifacts"
    return tmp_path / "artifacts"


def running_step(run: Run, name: str, index: int = 0) -> Task:
    """Put a step into a run whose attempt is being executed."""
    task = Task.objects.create(
        project=run.project, name=name, kind="command", status="running", fence=1
    )
    step = Step.objects.create(
        run=run, index=index, node=index, path=name, attempt=1, status="running"
    )
    Attempt.objects.create(run=run, step=step, number=1, task=task, status="running")
    return task


@pytest.fixture
def run(pipeline: Pipeline) -> Run:
    return make_run(pipeline)


@pytest.fixture
def task(run: Run) -> Task:
    return running_step(run, STEP_NAME)


@pytest.fixture
def step(task: Task) -> Asker:
    return Asker(attempt_token(task.pk, 1))


def put_file(token: str, path: str, content: bytes, **headers: str) -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    media_type = headers.pop("media_type", "text/plain")
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.put(f"/api/v1/{path}", content, content_type=media_type, headers=extra)


def keep(task: Task, name: str, content: bytes, media_type: str, kind: str = "file") -> Artifact:
    stored = store_content(io.BytesIO(content))
    return Artifact.objects.create(
        task=task,
        fence=1,
        name=name,
        sha256=stored.sha256,
        size=stored.size,
        media_type=media_type,
        kind=kind,
    )


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_step_uploads_and_a_person_downloads(ada: Asker, task: Task, run: Run) -> None:
    answer = put_file(
        attempt_token(task.pk, 1),
        f"tasks/{task.pk}/artifacts/table.csv/",
        b"a,b\n1,2\n",
        media_type="text/csv",
        X_Pipelines_Kind="file",
        X_Pipelines_Metadata=quote(json.dumps({"rows": 1})),
    )
    assert answer.status_code == 201
    body = answer.json()
    assert (body["size"], body["kind"], body["metadata"]) == (8, "file", {"rows": 1})
    assert body["preview"] == "a,b\n1,2\n"
    file = ada.get(body["url"])
    assert read(file) == b"a,b\n1,2\n"
    assert file["Content-Disposition"] == 'attachment; filename="table.csv"'
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (file["Content-Type"], file["Content-Length"]) == ("text/csv", "8")
    path = f"runs/{run.pk}/steps/{quote(STEP_NAME)}/attempts/1/artifacts/"
    assert [row["name"] for row in ada.get(path).json()["results"]] == ["table.csv"]
    assert read(ada.get(f"{path}table.csv/")) == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        "x",
        '{"a": NaN}',
        '{"a": -1e999}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        f'{{"a": {"[" * 5000}{"]" * 5000}}}',
    ],
    ids=["list", "text", "constant", "too large", "NUL", "half", "deep"],
)
def test_metadata_that_cannot_be_kept_is_refused_by_its_header(task: Task, said: str) -> None:
    answer = put_file(
        attempt_token(task.pk, 1),
        f"tasks/{task.pk}/artifacts/table.csv/",
        b"a",
        X_Pipelines_Metadata=quote(said),
    )
    problem = assert_problem(answer, 400, "invalid")
    assert problem["problems"][0]["where"] == "X-Pipelines-Metadata"
    assert not Artifact.objects.filter(task=task).exists()


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("application/pdf", "application/octet-stream"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("image/png", "image/png"),
    ],
)
def test_nothing_is_sent_that_a_browser_would_run(
    ada: Asker, task: Task, media_type: str, sent: str
) -> None:
    keep(task, "thing", b"<script>alert(1)</script>", media_type)
    answer = ada.get(f"tasks/{task.pk}/artifacts/thing/")
    assert answer["Content-Type"] == sent
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "name",
    ["..", ".hidden", "../../etc/passwd", "a/b", "a\\b", "a\r\nSet-Cookie: x=1", 'a"b', "x" * 129],
    ids=lambda name: repr(name)[:20],
)
def test_a_name_that_could_be_a_path_or_a_header_is_refused(
    task: Task, artifact_folder: Path, name: str
) -> None:
    token = attempt_token(task.pk, 1)
    answer = put_file(token, f"tasks/{task.pk}/artifacts/{quote(name, safe='')}/", b"x")
    assert answer.status_code in (400, 404)
    assert not Artifact.objects.exists()
    assert not [path for path in artifact_folder.rglob("*") if path.is_file()]


def test_a_name_in_another_script_comes_out_whole(ada: Asker, task: Task) -> None:
    keep(task, "größe 数", b"x", "text/plain")
    answer = ada.get(f"tasks/{task.pk}/artifacts/{quote('größe 数')}/")
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe%20%E6%95%B0.txt"
    )


def test_content_that_is_gone_is_said_to_be(ada: Asker, task: Task) -> None:
    artifact = keep(task, "thing", b"x", "text/plain")
    content_path(artifact.sha256).unlink()
    assert_problem(ada.get(f"tasks/{task.pk}/artifacts/thing/"), 404, "not_found")
    assert ada.get(f"tasks/{task.pk}/artifacts/thing/?preview=1").json()["kind"] == "none"


@pytest.mark.parametrize(
    ("media_type", "content", "expected"),
    [
        ("text/plain", b"hello", {"kind": "text", "text": "hello"}),
        ("application/json", b'{"a": 1}', {"kind": "json", "json": {"a": 1}}),
        ("application/json", b'{"a": NaN}', {"kind": "text"}),
        ("application/json", b"{", {"kind": "text", "text": "{"}),
        ("text/csv", b"a,b\n1,2\n", {"kind": "table", "header": ["a", "b"], "rows": [["1", "2"]]}),
        ("text/csv", b"", {"kind": "table", "header": [], "rows": []}),
        ("text/tab-separated-values", b"a\tb\n", {"kind": "table", "header": ["a", "b"]}),
        (
            "text/csv",
            b"n,x,f,t,w\n1,1e3,True,2026-11-28,a\n-2,,False,2026-11-28T12:00:00Z,1\n",
            {"types": ["whole", "number", "flag", "time", "text"]},
        ),
        ("image/png", b"\x89PNG", {"kind": "image", "data": "data:image/png;base64,iVBORw=="}),
        ("application/zip", b"PK", {"kind": "none"}),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_a_page_is_given_to_show(
    ada: Asker, task: Task, media_type: str, content: bytes, expected: dict[str, Any]
) -> None:
    keep(task, "thing", content, media_type)
    shown = ada.get(f"tasks/{task.pk}/artifacts/thing/?preview=1").json()
    assert {key: shown.get(key) for key in expected} == expected


def test_a_long_table_is_cut_and_says_so(ada: Asker, task: Task) -> None:
    keep(task, "thing", b"a\n" + b"1\n" * 2000, "text/csv")
    shown = ada.get(f"tasks/{task.pk}/artifacts/thing/?preview=1").json()
    assert (len(shown["rows"]), shown["truncated"]) == (1000, True)


def test_a_batch_of_values_that_comes_twice_is_kept_once(
    ada: Asker, step: Asker, task: Task
) -> None:
    where = f"tasks/{task.pk}/samples/"
    batch = [
        {"title": "loss", "series": "train", "step": n, "value": 1 / (n + 1)} for n in range(3)
    ]
    assert step.post(where, batch, Idempotency_Key="one").json() == {"kept": 3}
    assert step.post(where, batch, Idempotency_Key="one").json() == {"kept": 0}
    assert step.post(where, batch[:1], Idempotency_Key="two").json() == {"kept": 1}
    assert [row.n for row in Sample.objects.order_by("n")] == [0, 1, 2, 3]
    (series,) = ada.get(where).json()
    assert (series["title"], series["count"], series["last"]) == ("loss", 4, 1.0)


def test_a_value_may_be_missing_but_not_be_something_else(step: Asker, task: Task) -> None:
    where = f"tasks/{task.pk}/samples/"
    good = {"title": "loss", "series": "train", "step": 1, "value": None}
    assert step.post(where, [good]).status_code == 201
    problem = assert_problem(step.post(where, [good, {**good, "value": "x"}]), 400, "invalid")
    assert problem["problems"][0]["where"] == "[1].value"
    assert_problem(step.post(where, {"title": "x"}), 400, "invalid")


def test_progress_becomes_a_signal_to_the_run(step: Asker, task: Task, run: Run) -> None:
    assert step.patch(f"tasks/{task.pk}/", {"progress": 0.25}).json()["progress"] == 0.25
    signal = Signal.objects.get(run=run, kind="progress")
    assert signal.data == {"step": 0, "attempt": 1, "value": 0.25}


def test_a_script_says_which_parameters_it_uses(step: Asker, task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(parameters={"General/a": 1})
    step.patch(f"tasks/{task.pk}/", {"parameters": {"a": 2, "b": 3}, "comment": "by itself"})
    task.refresh_from_db()
    assert task.comment == "by itself"
    assert task.parameters == {"General/a": 2, "General/b": 3}


def test_a_step_reads_its_runs_things_and_no_others(
    step: Asker, task: Task, run: Run, pipeline: Pipeline
) -> None:
    sister = running_step(run, "sister", 1)
    keep(sister, "data", b"hello", "text/plain", "text")
    keep(run.task, "given", b"hello", "text/plain", "text")
    assert read(step.get(f"tasks/{run.pk}/artifacts/given/")) == b"hello"
    assert read(step.get(f"tasks/{sister.pk}/artifacts/data/")) == b"hello"
    assert step.get(f"tasks/{sister.pk}/").json()["status"] == "running"
    assert_problem(step.patch(f"tasks/{sister.pk}/", {"progress": 1}), 403, "not_allowed")
    foreign = running_step(make_run(pipeline), "foreign")
    keep(foreign, "data", b"hello", "text/plain")
    assert_problem(step.get(f"tasks/{foreign.pk}/artifacts/data/"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "projects/"),
        ("GET", "tasks/"),
        ("GET", "runs/"),
        ("POST", "runs/{run}/abort/"),
        ("POST", "pipelines/alpha/chain/runs/"),
        ("POST", "tasks/{task}/clone/"),
        ("GET", "tokens/"),
    ],
)
def test_a_steps_token_opens_nothing_else(
    step: Asker, task: Task, run: Run, method: str, path: str
) -> None:
    answer = step(method, path.format(run=run.pk, task=task.pk))
    assert_problem(answer, 403, "not_allowed")


def test_a_step_saves_no_template(step: Asker, task: Task) -> None:
    body = {"name": "x", "script": "print(1)"}
    assert_problem(step.put(f"tasks/{task.pk}/", body), 403, "not_allowed")


@pytest.mark.parametrize("change", [{"status": "completed"}, {"fence": 2}])
def test_a_token_ends_with_its_attempt(task: Task, change: dict[str, Any]) -> None:
    token = attempt_token(task.pk, 1)
    Task.objects.filter(pk=task.pk).update(**change)
    asker = Asker(token)
    for answer in (
        asker.get(f"tasks/{task.pk}/"),
        asker.patch(f"tasks/{task.pk}/", {"progress": 1}),
        put_file(token, f"tasks/{task.pk}/artifacts/late/", b"x"),
    ):
        assert_problem(answer, 401, "bad_token")


def test_a_forged_token_does_not_count(task: Task) -> None:
    forged = attempt_token(task.pk, 1)[:-1] + "_"
    assert_problem(Asker(forged).get(f"tasks/{task.pk}/"), 401, "bad_token")


@pytest.fixture
def log(task: Task) -> Task:
    texts = ["erste Zeile\n", "zweite: ä\n", "dritte\n"]
    at = line = 0
    for n, text in enumerate(texts):
        LogPiece.objects.create(
            task=task, fence=1, n=n, stream="stdout", byte_from=at, line_from=line, text=text
        )
        at, line = at + len(text.encode()), line + 1
    return task


def test_a_log_is_read_from_a_byte_on(ada: Asker, log: Task, run: Run) -> None:
    where = f"runs/{run.pk}/steps/{quote(STEP_NAME)}/attempts/1/logs/"
    whole = ada.get(where).json()
    assert [piece["text"] for piece in whole["pieces"]] == [
        "erste Zeile\n",
        "zweite: ä\n",
        "dritte\n",
    ]
    assert (whole["from"], whole["to"], whole["end"]) == (0, 30, False)
    rest = ada.get(f"{where}?from=12").json()
    assert [piece["text"] for piece in rest["pieces"]] == ["zweite: ä\n", "dritte\n"]
    assert ada.get(f"{where}?limit=1").json()["to"] == 12
    assert_problem(ada.get(f"{where}?from=-1"), 400, "invalid")
    by_task = ada.get(f"tasks/{log.pk}/logs/").json()
    assert by_task == whole


def test_a_log_is_read_and_searched_by_lines(ada: Asker, log: Task, run: Run) -> None:
    for where in (
        f"runs/{run.pk}/steps/{quote(STEP_NAME)}/attempts/1/logs/",
        f"tasks/{log.pk}/logs/",
    ):
        found = ada.get(f"{where}lines/?from=1&count=1").json()
        assert found == {
            "from": 1, "lines": [[1, "zweite: ä", "", "stdout"]], "total": 3, "end": False,
        }  # fmt: skip
        assert [line[0] for line in ada.get(f"{where}lines/?last=2").json()["lines"]] == [1, 2]
        assert ada.get(f"{where}lines/?count=5&levels=error").json()["lines"] == []
        found = ada.get(f"{where}search/?find=%5EZ.*%C3%A4&pattern=1").json()
        assert (found["steps"], found["total"]) == ([1], 3)
        assert ada.get(f"{where}search/?find=Z&case=1").json()["steps"] == [0]
        assert_problem(ada.get(f"{where}search/?find=(&pattern=1"), 400, "invalid")
        assert_problem(ada.get(f"{where}search/?levels=loud"), 400, "invalid")


def test_a_log_is_downloaded_whole(ada: Asker, log: Task) -> None:
    answer = ada.get(f"tasks/{log.pk}/logs/?download=1")
    assert read(answer).decode() == "erste Zeile\nzweite: ä\ndritte\n"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"].startswith("text/plain")


def test_an_attempt_that_is_not_there_is_not_found(ada: Asker, run: Run, task: Task) -> None:
    assert_problem(ada.get(f"runs/{run.pk}/steps/{STEP_NAME}/attempts/2/logs/"), 404, "not_found")


def test_a_stranger_finds_nothing_of_it(people: People, log: Task, run: Run) -> None:
    for path in ("logs/", "logs/lines/", "logs/search/", "samples/", "artifacts/", "artifacts/x/"):
        assert_problem(people.stranger.get(f"tasks/{log.pk}/{path}"), 404, "not_found")
        where = f"runs/{run.pk}/steps/{quote(STEP_NAME)}/attempts/1/{path}"
        assert_problem(people.stranger.get(where), 404, "not_found")
