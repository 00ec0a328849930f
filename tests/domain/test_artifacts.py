"""What artifacts may be called and be."""

from __future__ import annotations

import pytest

from orchestrator.domain import artifacts
from pipelines import arrays, storing


@pytest.mark.parametrize("name", ["a", "_x.csv", "Ergebnis 1", "n" * 128])
def test_names(name: str) -> None:
    assert artifacts.name_fault(name) is None


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "n" * 129, "a\n", "a:b"])
def test_what_is_no_name(name: str) -> None:
    assert "1 to 128" in str(artifacts.name_fault(name))


def test_what_the_client_stores_has_a_kind_that_is_known() -> None:
    stored = {*arrays.KINDS, *storing._MEDIA_TYPES, "file", "model"}
    assert stored == set(artifacts.KINDS)
    assert all(map(artifacts.is_media_type, storing._MEDIA_TYPES.values()))


@pytest.mark.parametrize("kind", ["", "sound", None, ["file"]])
def test_what_is_no_kind(kind: object) -> None:
    assert "a kind is one of file, folder" in str(artifacts.kind_fault(kind))


@pytest.mark.parametrize(
    ("media_type", "is_one", "is_text"),
    [
        ("text/csv; charset=utf-8", True, True),
        ("application/json", True, True),
        ("application/vnd.x+json", True, True),
        ("image/png", True, False),
        ("csv", False, False),
        (f"a/{'b' * 99}", False, False),
    ],
)
def test_media_types(media_type: str, is_one: bool, is_text: bool) -> None:
    assert artifacts.is_media_type(media_type) is is_one
    assert artifacts.is_text(media_type) is is_text
