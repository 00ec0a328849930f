"""Code to read: coloured by Pygments with classes (the policy forbids inline style)."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import (  # type: ignore[import-untyped]
    JsonLexer,
    PythonLexer,
    TextLexer,
)

_LEXERS = {"python": PythonLexer, "json": JsonLexer, "text": TextLexer}
# Colouring a megabyte takes seconds; such a script is shown plain.
LONGEST = 200_000


@lru_cache(maxsize=64)
def coloured(text: str, language: str) -> SafeString:
    """The text as HTML, each line an element with an id that can be linked to (#L-12)."""
    lexer = _LEXERS["text" if len(text) > LONGEST else language]()
    html = highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="hl-"))
    # Pygments escapes what it colours and closes its spans at the end of each line.
    lines = html.removesuffix("\n").split("\n")
    return mark_safe(
        "\n".join(
            f'<span class="code-line" id="L-{number}">{line}</span>'
            for number, line in enumerate(lines, 1)
        )
    )


def code_of(kind: str, body: Mapping[str, Any]) -> tuple[str, str]:
    """What a definition executes, as text, and the language that it is written in."""
    if kind == "command":
        return shlex.join(body.get("argv", ())), "text"
    return str(body.get("script") or body.get("source") or ""), "python"


def parameters_text(specs: list[dict[str, Any]]) -> str:
    """Declarations as lines that compare well."""
    return "\n".join(json.dumps(spec, ensure_ascii=False) for spec in specs)
