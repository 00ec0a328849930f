"""Durations and ages read the same from the server and from the page's clock."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines_ui.templatetags.parts import age, duration, size

SCENARIOS = json.loads(
    (Path(__file__).parent.parent / "scenarios" / "durations.json").read_text(encoding="utf-8")
)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "text"), SCENARIOS["durations"])
def test_a_duration_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), SCENARIOS["ages"])
def test_an_age_in_words(seconds: float, text: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (48213, "48.2 KB")]
)
def test_a_size_in_words(number: int, text: str) -> None:
    assert size(number) == text
