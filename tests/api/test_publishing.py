"""Drafts and versions: what is published stays, and who comes second is told."""

from __future__ import annotations

import pytest

from orchestrator.actions.pipelines import (
    StaleDraft,
    create_pipeline,
    document_problems,
    publish,
    save_draft,
    version_for_draft,
)
from orchestrator.domain.errors import Conflict, Invalid
from orchestrator.models import Pipeline
from tests.makers import chain_document, make_member, make_pipeline, make_project, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline() -> Pipeline:
    return make_pipeline(make_project())


def test_publishing_pins_each_step_to_the_template_version_of_then(pipeline: Pipeline) -> None:
    first = pipeline.versions.get()
    assert first.number == 1
    assert {pin["version"] for pin in first.pins.values()} == {1}
    make_template(pipeline.project, script="print('another')")
    second = publish(actor="ada", pipeline=pipeline)
    first.refresh_from_db()
    assert second.number == 2
    assert {pin["version"] for pin in second.pins.values()} == {2}
    assert {pin["version"] for pin in first.pins.values()} == {1}
    assert second.pins["first"]["template"] == "alpha/load"


def test_publishing_twice_without_a_change_gives_the_same_version(pipeline: Pipeline) -> None:
    assert publish(actor="ada", pipeline=pipeline).number == 1
    assert pipeline.versions.count() == 1


def test_who_saves_an_old_revision_is_told_and_changes_nothing(pipeline: Pipeline) -> None:
    draft = save_draft(
        actor="ada", pipeline=pipeline, document=chain_document("a", "b"), revision=1
    )
    assert draft.revision == 2
    with pytest.raises(StaleDraft, match="revision 2"):
        save_draft(actor="bob", pipeline=pipeline, document=chain_document("z"), revision=1)
    draft.refresh_from_db()
    assert [step["name"] for step in draft.document["steps"]] == ["a", "b"]
    assert [old.revision for old in draft.revisions.all()] == [1]


def test_a_draft_may_have_problems_but_cannot_be_published_with_them(pipeline: Pipeline) -> None:
    document = chain_document("a", template="nowhere")
    save_draft(actor="ada", pipeline=pipeline, document=document, revision=1)
    with pytest.raises(Invalid, match="nowhere") as caught:
        publish(actor="ada", pipeline=pipeline)
    assert caught.value.problems[0].step == "a"


def test_a_foreign_template_is_unknown_to_who_does_not_see_its_project() -> None:
    ours = make_project()
    theirs = make_project("secret", owner="eve")
    make_template(theirs, "hidden", actor="eve")
    document = chain_document("a", template="secret/hidden")
    assert [one.code for one in document_problems(document, ours, actor="ada")] != []
    make_member(theirs, "ada")
    assert document_problems(document, ours, actor="ada") == []


def test_a_run_of_the_draft_belongs_to_a_version_without_a_number(pipeline: Pipeline) -> None:
    version = version_for_draft(pipeline)
    assert version.number is None
    assert version_for_draft(pipeline) == version
    save_draft(actor="ada", pipeline=pipeline, document=chain_document("a"), revision=1)
    assert version_for_draft(pipeline) != version


def test_a_step_that_asks_for_a_version_is_pinned_to_it(pipeline: Pipeline) -> None:
    make_template(pipeline.project, script="print('another')")
    document = chain_document("a")
    document["steps"][0]["version"] = 1
    save_draft(actor="ada", pipeline=pipeline, document=document, revision=1)
    assert publish(actor="ada", pipeline=pipeline).pins["a"]["version"] == 1


def test_a_slug_is_one_per_project(pipeline: Pipeline) -> None:
    with pytest.raises(Conflict, match="chain"):
        create_pipeline(actor="ada", project=pipeline.project, slug="chain")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "wrong_type"),
        ({"x-note": "a\0b"}, "bad_value"),
        ({"x-note": "\ud800"}, "bad_value"),
        ({"x-note": float("nan")}, "bad_value"),
        ({"x-note": "x" * (4 * 1024 * 1024)}, "cap_exceeded"),
    ],
)
def test_what_cannot_be_stored_is_refused(document: object, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        create_pipeline(
            actor="ada",
            project=make_project(),
            slug="odd",
            document=document,  # type: ignore[arg-type]
        )
    assert caught.value.problems[0].code == code
