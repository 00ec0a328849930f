"""The links by which a page asks for all modules of its script at once."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from pipelines_ui.modules import imported_by

register = template.Library()


@register.simple_tag
def also_imported(entry: str, *entries: str) -> str:
    """The addresses of the modules of these scripts that the first has not, with spaces between."""
    known = imported_by(entry)
    return " ".join(static(name) for name in imported_by(*entries) if name not in known)


@register.simple_tag
def preloads(*entries: str) -> SafeString:
    """A link for each module that these scripts are made of."""
    names = imported_by(*entries)
    return format_html_join(
        "", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names)
    )
