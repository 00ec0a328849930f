"""What tells pipelines, versions and runs that a Python script drives from those of the editor."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pipelines_ui.templatetags.parts import icon

register = template.Library()

_WORDS = {
    "controller": "A Python script registered these steps and drives each run.",
    "script": "A Python script drives each run and finds its steps as it goes.",
}


@register.simple_tag
def python_mark(driver: str | None, quiet: bool = False) -> SafeString | str:
    """A mark for what a script drives, with the word unless there is little room."""
    words = _WORDS.get(driver or "")
    if not words:
        return ""
    if quiet:
        return format_html(
            ' <span class="python-mark" title="{}">{}</span>', words, icon("code", "Python")
        )
    return format_html(' <span class="badge" title="{}">{}Python</span>', words, icon("code"))


@register.filter
def driven(version: Any) -> str:
    """Say of a version, or a run, what drives it; nothing for a plain graph, or for a draft."""
    return _WORDS.get(getattr(version, "driver", ""), "")
