"""What the editor asks: the palette, comparisons, restoring, values of the last run, texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestrator.models import Artifact, Pipeline, Sample, Task
from orchestrator.queries.palette import palette, supported_kinds
from tests.api.asking import Asker, People, assert_problem
from tests.engine.playing import make_agent, play
from tests.makers import (
    chain_document,
    make_actor,
    make_pipeline,
    make_project,
    make_run,
    make_template,
)

CHAIN = "pipelines/alpha/chain/"
DRAFT = f"{CHAIN}draft/"
Save = Callable[..., Any]


@pytest.fixture
def save(ada: Asker, pipeline: Pipeline) -> Save:
    """Save a document as the draft; what it answers."""

    def saved(document: Any, **headers: str) -> Any:
        tag = ada.get(DRAFT)["ETag"]
        answer = ada.put(DRAFT, {"document": document}, If_Match=tag, **headers)
        assert answer.status_code == 200, answer.content
        return answer

    return saved


def offered(asker: Asker, query: str = "", kind: str = "task") -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = asker.get(f"{CHAIN}palette/{query}").json()["results"]
    return [item for item in results if item["kind"] == kind]


def test_the_palette_holds_the_templates_that_one_sees(people: People, pipeline: Pipeline) -> None:
    make_template(pipeline.project, "train", parameters=[{"name": "General/depth"}])
    foreign = make_project("gamma", owner="ada")
    make_template(foreign, "shared")
    hidden = make_project("hidden", owner="zoe")
    make_template(hidden, "secret", actor="zoe")
    found = offered(people.owner)
    assert [item["template"] for item in found] == ["load", "train", "gamma/shared"]
    assert found[1]["parameters"][0]["name"] == "General/depth"
    assert (found[1]["version"], found[1]["versions"], found[1]["page"]) == (
        1,
        [1],
        "/templates/alpha/train/",
    )
    assert [item["template"] for item in offered(people.colleague)] == ["load", "train"]


def test_the_palette_is_searched_by_words_project_and_tag(ada: Asker, pipeline: Pipeline) -> None:
    make_template(pipeline.project, "train-model")
    Task.objects.filter(slug="train-model").update(tags=["gpu"], comment="A gradient booster")
    assert [one["slug"] for one in offered(ada, "?q=BOOSTER train")] == ["train-model"]
    assert [one["slug"] for one in offered(ada, "?q=gpu")] == ["train-model"]
    assert [one["slug"] for one in offered(ada, "?tag=gpu")] == ["train-model"]
    assert [one["slug"] for one in offered(ada, "?project=alpha")] == ["load", "train-model"]
    assert offered(ada, "?q=nothing-like-it") == []
    assert_problem(ada.get(f"{CHAIN}palette/?project=nowhere"), 404, "not_found")
    assert_problem(ada.get(f"{CHAIN}palette/?colour=red"), 400, "invalid")


def test_the_palette_knows_what_was_used_last(ada: Asker, pipeline: Pipeline) -> None:
    make_template(pipeline.project, "unused")
    play(make_run(pipeline), make_agent())
    used = {item["slug"]: item["last_used"] for item in offered(ada)}
    assert used["load"] is not None
    assert used["unused"] is None


def test_what_the_engine_cannot_do_is_not_offered(ada: Asker, pipeline: Pipeline) -> None:
    make_pipeline(pipeline.project, "other")
    kinds = {kind for kind in ("task", "pipeline", "approval") if offered(ada, kind=kind)}
    assert kinds == supported_kinds()
    actor = make_actor(pipeline.project.memberships.get(user__username="ada").user)
    found = palette(actor, pipeline, kinds=("task", "pipeline", "approval"))
    assert {item["kind"] for item in found} == {"task", "pipeline", "approval"}
    (other,) = [item for item in found if item["kind"] == "pipeline"]
    assert (other["pipeline"], other["version"]) == ("other", 1)


def test_two_states_are_compared_by_step_field_and_line(ada: Asker, save: Save) -> None:
    same = ada.get(f"{CHAIN}compare/").json()
    assert (same["from"], same["to"], same["same"], same["text"]) == ("latest", "draft", True, [])
    document = chain_document("first", "third")
    document["steps"][0]["comment"] = "changed"
    save(document)
    told = ada.get(f"{CHAIN}compare/?from=1&to=draft").json()
    assert told["steps"] == {
        "added": ["third"],
        "removed": ["second"],
        "changed": {"first": ["comment"]},
    }
    assert told["edges"] == {"added": [["first", "third"]], "removed": [["first", "second"]]}
    assert {"kind": "added", "text": "    comment: changed"} in told["text"]
    for query, status, code in (("from=9", 404, "not_found"), ("to=x", 400, "invalid")):
        assert_problem(ada.get(f"{CHAIN}compare/?{query}"), status, code)


def test_a_version_becomes_the_draft_again(ada: Asker, save: Save) -> None:
    save(chain_document("other"))
    late = ada.post(f"{CHAIN}versions/1/restore/", If_Match='"1"')
    assert_problem(late, 412, "stale_draft")
    restored = ada.post(f"{CHAIN}versions/1/restore/", If_Match='"2"')
    assert (restored.status_code, restored["ETag"]) == (200, '"3"')
    assert [one["name"] for one in restored.json()["document"]["steps"]] == ["first", "second"]
    assert_problem(ada.post(f"{CHAIN}versions/7/restore/", If_Match='"3"'), 404, "not_found")


def test_a_save_may_be_answered_in_short(save: Save) -> None:
    answer = save(chain_document("one"), Prefer="return=minimal")
    assert set(answer.json()) == {"revision", "actor", "updated_at"}
    assert (answer["ETag"], answer["Preference-Applied"]) == ('"2"', "return=minimal")


def test_a_newer_version_of_a_template_is_told_of(
    ada: Asker, pipeline: Pipeline, save: Save
) -> None:
    make_template(pipeline.project, script="print('newer')")
    document = chain_document("pinned", "free")
    document["steps"][0]["version"] = 1
    draft = save(document).json()
    assert draft["pins"] == {
        "pinned": {"template": "load", "version": 1, "current": 2},
        "free": {"template": "load", "version": 2, "current": 2},
    }
    (problem,) = draft["problems"]
    assert (problem["code"], problem["severity"], problem["where"]) == (
        "newer_version",
        "warning",
        "steps[0].version",
    )
    assert problem["fix"]["set"] == [{"path": ["steps", 0, "version"], "value": 2}]
    published = ada.get(f"{CHAIN}versions/1/").json()["pins"]
    assert published["first"] == {"template": "alpha/load", "version": 1, "current": 2}


def test_publishing_what_is_published_says_so(ada: Asker, save: Save) -> None:
    again = ada.post(f"{CHAIN}publish/", {"note": "again"}, If_Match='"1"')
    assert (again.status_code, again.json()["number"], again.json()["unchanged"]) == (200, 1, True)
    save({**chain_document(), "layout": {"first": [5, 5]}})
    moved = ada.post(f"{CHAIN}publish/", {"note": "moved"}, If_Match='"2"')
    assert (moved.status_code, moved.json()["number"], moved.json()["note"]) == (201, 2, "moved")
    assert moved.json()["unchanged"] is False


def test_references_are_shown_with_the_values_of_the_last_run(
    ada: Asker, pipeline: Pipeline, save: Save
) -> None:
    nothing = ada.get(f"{CHAIN}references/").json()
    assert nothing == {"run": None, "pipeline": {}, "steps": {}}
    run = play(make_run(pipeline, rows=12), make_agent())
    task = Task.objects.get(attempts__run=run, attempts__step__path="first")
    Task.objects.filter(pk=task.pk).update(outputs={"score": 0.5, "long": "x" * 5_000})
    made = {"task": task, "fence": task.fence, "sha256": "0" * 64, "size": 3, "kind": "file"}
    Artifact.objects.create(name="table", media_type="text/csv", preview="a,b", **made)
    loss = {"task": task, "fence": task.fence, "title": "loss", "series": "test"}
    for n, value in enumerate((0.9, 0.1)):
        Sample.objects.create(n=n, value=value, at=task.created_at, **loss)
    told = ada.get(f"{CHAIN}references/?step=second").json()
    assert told["run"] == {
        "number": run.number,
        "url": f"/runs/alpha/chain/{run.number}/",
        "status": "completed",
    }
    assert told["pipeline"] == {"rows": 12}
    assert set(told["steps"]) == {"first"}
    first = told["steps"]["first"]
    assert first["parameters"] == {"General/rows": 12}
    assert first["outputs"]["score"] == 0.5
    assert len(first["outputs"]["long"]) == 500
    assert first["artifacts"]["table"]["size"] == 3
    assert first["metrics"] == {"loss": {"test": 0.1}}
    assert set(ada.get(f"{CHAIN}references/").json()["steps"]) == {"first", "second"}
    assert ada.get(f"{CHAIN}references/?step=nobody").json()["steps"] == {}


def test_a_text_is_read_without_being_kept(ada: Asker, pipeline: Pipeline) -> None:
    text = "schema: 1\nsteps:\n  - {name: a, template: nowhere, retries: {on: [failed]}}\n"
    answer = ada.post(f"{CHAIN}read/", {"text": text}).json()
    assert answer["document"]["steps"][0]["retries"] == {"on": ["failed"]}
    assert [problem["code"] for problem in answer["problems"]] == ["unknown_template"]
    assert ada.get(DRAFT).json()["revision"] == 1
    for bad in ("a: [1", "a: &x 1\nb: *x", '{"a": "\\ud800", "steps": []}', ""):
        problem = assert_problem(ada.post(f"{CHAIN}read/", {"text": bad}), 400, "invalid")
        assert problem["problems"][0]["where"] == "document"


def test_checking_asks_few_questions_however_many_templates_there_are(
    ada: Asker, pipeline: Pipeline, save: Save
) -> None:
    def questions(count: int) -> int:
        document = {
            "schema": 1,
            "steps": [{"name": f"s{n}", "template": f"t{n}"} for n in range(count)],
        }
        with CaptureQueriesContext(connection) as asked:
            answer = ada.post(f"{CHAIN}validate/", {"document": document})
        assert answer.json()["valid"]
        return len(asked)

    for n in range(12):
        make_template(pipeline.project, f"t{n}")
    questions(2)
    assert questions(12) == questions(2)


def test_publishing_asks_few_questions_however_many_templates_there_are(
    ada: Asker, pipeline: Pipeline, save: Save
) -> None:
    def questions(count: int) -> int:
        steps = [{"name": f"s{n}", "template": f"t{n}"} for n in range(count)]
        tag = save({"schema": 1, "steps": steps})["ETag"]
        with CaptureQueriesContext(connection) as asked:
            assert ada.post(f"{CHAIN}publish/", {}, If_Match=tag).status_code == 201
        return len(asked)

    for n in range(12):
        make_template(pipeline.project, f"t{n}")
    questions(1)
    assert questions(12) == questions(2)
