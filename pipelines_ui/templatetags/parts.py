"""The small parts that every page uses: icons, statuses, times, sizes, links of the side bar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orchestrator.domain.states import MEANINGS, Status

register = template.Library()

_SIZES = ("B", "KB", "MB", "GB", "TB")
_AGES = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A picture from the sprite. Without a label it is decoration and stays unspoken."""
    href = f"{static('icons.svg')}#{name if name.startswith('status-') else f'icon-{name}'}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.simple_tag
def status(value: str, pill: bool = False) -> SafeString:
    """A status as icon, word and colour."""
    return format_html(
        '<span class="status{}" data-status="{}" title="{}">{}{}</span>',
        " status-pill" if pill else "",
        value,
        MEANINGS.get(Status(value), ""),
        icon(f"status-{value}"),
        value,
    )


@register.filter
def duration(value: float | timedelta | None) -> str:
    """Seconds as a person says them: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min, 4 d 3 h."""
    if value is None or value == "":
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min {rest:02d} s"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes:02d} min"


@register.simple_tag
def took(started_at: datetime | None, ended_at: datetime | None) -> SafeString | str:
    """How long it took; while it runs, a clock that the page keeps going."""
    if started_at is None:
        return ""
    if ended_at is not None:
        return duration(ended_at - started_at)
    text = duration(datetime.now(UTC) - started_at)
    return format_html('<span data-running-since="{}">{}</span>', _iso(started_at), text)


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """A time as its age, with the exact one behind it."""
    if value is None:
        return ""
    exact = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = age(value, datetime.now(UTC))
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}" data-ago>{}</time>', _iso(value), exact, text
    )


def age(value: datetime, now: datetime) -> str:
    """One unit is enough: nobody plans by "3 d 4 h ago"."""
    seconds = int((now - value).total_seconds())
    if abs(seconds) < 5:
        return "now"
    for size, unit in _AGES:
        if abs(seconds) >= size:
            count = abs(seconds) // size
            return f"{count} {unit} ago" if seconds > 0 else f"in {count} {unit}"
    return "now"


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@register.filter
def size(value: int) -> str:
    """Bytes as a person says them."""
    amount = float(value)
    for unit in _SIZES[:-1]:
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} {_SIZES[-1]}"


@register.filter
def as_json(value: Any) -> str:
    """A value as JSON; a text stays as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    """The value of a key that is itself a variable."""
    return mapping.get(key, "")


@register.simple_tag(takes_context=True)
def nav_link(context: dict[str, Any], href: str, picture: str, label: str) -> SafeString:
    """A link of the side bar; the one whose pages we are on says so."""
    here = context["request"].path.startswith(href)
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        href,
        SafeString(' aria-current="page"') if here else "",
        icon(picture),
        label,
    )


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """This page's address with some of its query changed; None takes one out."""
    query: QueryDict = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"
