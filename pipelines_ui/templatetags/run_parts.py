"""What only the run page needs: times out of JSON, and the bar of all steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orchestrator.domain.states import DISPLAY_ORDER, Status

register = template.Library()

NAMES_SHOWN = 3

# Ended well first, so that the bar fills from the left.
BAR_ORDER = (*DISPLAY_ORDER[-3:], *DISPLAY_ORDER[:-3])


@register.filter
def moment(text: str | None) -> datetime | None:
    """A time as it travels, made into one that other tags take."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def left(value: datetime | None) -> str:
    """How long it is until then; the page counts on."""
    if value is None:
        return ""
    seconds = ceil((value - datetime.now(UTC)).total_seconds())
    return f"in {seconds} s" if seconds > 0 else "now"


@register.filter
def percent(value: float | None) -> str:
    """A share of one as a whole percentage."""
    return "" if value is None else f"{value * 100:.0f} %"


@register.filter
def short(value: float | None) -> str:
    """A reported number in few digits."""
    return "–" if value is None else f"{value:.5g}"


@register.filter
def part_words(part: Mapping[str, Any]) -> str:
    """Which steps a run was asked for, when it was not all of them."""
    if "until" in part:
        return f"up to {_listed(part['until'])}"
    numbers = sorted({one["run"] for one in part.get("given", {}).values()})
    runs = ", ".join(f"#{number}" for number in numbers)
    return f"only {_listed(part.get('only', ()))}{f', with values of {runs}' if runs else ''}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - NAMES_SHOWN
    said = ", ".join(f"“{name}”" for name in names[:NAMES_SHOWN])
    return f"{said} and {more} more" if more > 0 else said


@register.simple_tag
def run_bar(counts: Mapping[str, int]) -> SafeString:
    """All steps as one bar, a piece for each status; the words stand beside it."""
    total = sum(counts.values()) or 1
    pieces: list[tuple[Any, ...]] = []
    x = 0.0
    for status in sorted(counts, key=lambda word: BAR_ORDER.index(Status(word))):
        width = 1000 * counts[status] / total
        pieces.append((status, round(x, 2), round(width, 2)))
        x += width
    rects = format_html_join(
        "", '<rect data-status="{}" x="{}" y="0" width="{}" height="8"/>', pieces
    )
    return format_html(
        '<svg class="run-bar" id="run-bar" viewBox="0 0 1000 8" preserveAspectRatio="none" '
        'aria-hidden="true">{}</svg>',
        rects,
    )
