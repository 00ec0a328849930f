"""What may be a step's name, a slug, a template's name."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import BadName
from orchestrator.domain.names import (
    SLUG_LENGTH,
    check_slug,
    check_step_name,
    is_slug,
    is_step_name,
    slugify,
    split_template_name,
    step_name_fault,
)


@pytest.mark.parametrize(
    "name", ["load", "train a", "train_1-b.2", "9", "x" * 128, "Größe", "a.b", "...a", "pipelines"]
)
def test_a_step_may_be_called(name: str) -> None:
    assert step_name_fault(name) is None
    assert check_step_name(name) == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "needs a name"),
        (None, "is text, not NoneType"),
        (3, "is text, not int"),
        ("x" * 129, "at most 128"),
        ("a/b", "is made of"),
        ("a\nb", "is made of"),
        ("a\n", "is made of"),
        ("train[3]", "is made of"),
        ("${a}", "is made of"),
        (" a", "begin or end with a space"),
        ("a ", "begin or end with a space"),
        (".", "dots only"),
        ("..", "dots only"),
        ("pipeline", "reserved"),
        ("item", "reserved"),
        ("u\u0308ber", "is made of"),
        ("\u212b", "NFC"),
    ],
)
def test_a_step_may_not_be_called(name: object, says: str) -> None:
    assert not is_step_name(name)
    with pytest.raises(BadName, match=says):
        check_step_name(name)


@pytest.mark.parametrize("slug", ["a", "sample", "train-2", "a_b", "2024", "x" * SLUG_LENGTH])
def test_a_slug_may_be(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    ["", None, "A", "-a", "a b", "a/b", "ä", "a\n", "new", "latest", "x" * 101, str(uuid4())],
)
def test_a_slug_may_not_be(slug: object) -> None:
    with pytest.raises(BadName):
        check_slug(slug)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Train the model!", "train-the-model"),
        ("Größe", "grosse"),
        ("  --  ", "unnamed"),
        ("北京", "unnamed"),
        ("new", "new-1"),
        ("a_b", "a_b"),
    ],
)
def test_a_title_becomes_a_slug(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text(max_size=300))
def test_whatever_is_written_becomes_a_usable_slug(text: str) -> None:
    assert is_slug(slugify(text))


def test_a_title_that_looks_like_an_id_does_not_become_one() -> None:
    assert is_slug(slugify(str(uuid4())))


@pytest.mark.parametrize(
    ("name", "parts"), [("load", (None, "load")), ("sample/load", ("sample", "load"))]
)
def test_a_template_is_named_with_or_without_its_project(
    name: str, parts: tuple[str | None, str]
) -> None:
    assert split_template_name(name) == parts


@pytest.mark.parametrize("name", ["", "/", "a/", "/a", "a/b/c", "A/b", "a b"])
def test_what_is_not_a_templates_name_is_refused(name: str) -> None:
    with pytest.raises(BadName, match="project/slug"):
        split_template_name(name)
