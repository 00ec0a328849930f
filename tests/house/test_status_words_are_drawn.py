"""Each status has a picture and a colour of its own."""

import re
from pathlib import Path

import pytest

from orchestrator.domain.states import Status

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("word", [status.value for status in Status])
def test_a_status_has_an_icon_in_the_sprite(word: str) -> None:
    sprite = (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    assert f'id="status-{word}"' in sprite


@pytest.mark.parametrize("word", [status.value for status in Status])
def test_a_status_has_a_colour_among_the_tokens(word: str) -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    assert re.search(rf"--status-{word}\s*:", tokens)
