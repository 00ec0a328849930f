"""The last runs of a pipeline as small bars: height is duration, colour is status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orchestrator.domain.states import DISPLAY_ORDER, FINAL, Status
from orchestrator.queries.overview import BARS, PipelineRow, RunMark
from orchestrator.queries.runs import counts
from pipelines_ui.templatetags.parts import age, duration

register = template.Library()

_BAR_ORDER = (*DISPLAY_ORDER[-3:], *DISPLAY_ORDER[:-3])
_WIDTH, _GAP, _HEIGHT, _LOWEST = 7, 2, 32, 5


@register.simple_tag
def run_bars(row: PipelineRow) -> SafeString:
    """The bars, for the eye and the pointer; the sentence beside them is for everybody else."""
    now = datetime.now(UTC)
    # One that runs on for hours would press all the others flat.
    ended = [mark for mark in row.marks if mark.ended_at is not None]
    longest = max((mark.seconds(now) or 0 for mark in ended or row.marks), default=0)
    href = f"/runs/{row.pipeline.project.slug}/{row.pipeline.slug}/"
    first = BARS - len(row.marks)
    bars = format_html_join(
        "",
        '<a href="{}{}/" tabindex="-1"><title>{}</title>'
        '<rect class="hit" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="bar" data-status="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/></a>',
        (
            _bar(mark, first + place, href=href, longest=longest, now=now)
            for place, mark in enumerate(row.marks)
        ),
    )
    empty = format_html_join(
        "",
        '<rect class="bar-empty" x="{}" y="{}" width="{}" height="2" rx="1"/>',
        ((place * (_WIDTH + _GAP), _HEIGHT - 2, _WIDTH) for place in range(first)),
    )
    width = BARS * (_WIDTH + _GAP) - _GAP
    return format_html(
        '<svg class="run-bars" viewBox="0 0 {} {}" aria-hidden="true">{}{}</svg>'
        '<span class="visually-hidden">{}</span>',
        width,
        _HEIGHT,
        empty,
        bars,
        spoken(row.marks),
    )


@register.simple_tag
def tally(run: Any) -> SafeString:
    """How far a run is: one bar, a piece for each status, and the same in words."""
    parts = [(status, int(number)) for status, number in counts(run).items()]
    total = sum(number for _, number in parts)
    if not total:
        return SafeString("")
    words = ", ".join(f"{number} {status}" for status, number in parts)
    ended = sum(number for status, number in parts if Status(status) in FINAL)
    # Ended well first, so that the bar fills from the left.
    parts.sort(key=lambda part: _BAR_ORDER.index(Status(part[0])))
    pieces, x = [], 0.0
    for status, number in parts:
        width = 100 * number / total
        pieces.append((status, round(x, 2), round(width, 2)))
        x += width
    bars = format_html_join(
        "", '<rect data-status="{}" x="{}" y="0" width="{}" height="6"/>', pieces
    )
    return format_html(
        '<span class="run-tally" title="{}"><svg class="tally" viewBox="0 0 100 6" '
        'preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        '<span class="small muted" aria-hidden="true">{}/{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        words,
        bars,
        ended,
        total,
        words,
    )


def spoken(marks: list[RunMark]) -> str:
    """The same in words: what there is most of first."""
    if not marks:
        return "No runs yet."
    counts: dict[str, int] = {}
    for mark in marks:
        counts[mark.status] = counts.get(mark.status, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    told = ", ".join(f"{count} {status}" for status, count in ordered)
    return f"Last {len(marks)} runs: {told}." if len(marks) > 1 else f"One run: {told}."


def _bar(
    mark: RunMark, place: int, *, href: str, longest: float, now: datetime
) -> tuple[object, ...]:
    seconds = mark.seconds(now)
    share = min(seconds / longest, 1) if seconds and longest else 0
    height = round(_LOWEST + (_HEIGHT - _LOWEST) * share, 1)
    x = place * (_WIDTH + _GAP)
    lasted = f", {duration(seconds)}" if seconds is not None else ""
    title = f"#{mark.number} {mark.status}{lasted}, {age(mark.created_at, now)}"
    box = (x, round(_HEIGHT - height, 1), _WIDTH, height)
    return (href, mark.number, title, x, _WIDTH + _GAP, _HEIGHT, mark.status, *box)
