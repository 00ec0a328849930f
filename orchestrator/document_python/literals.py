"""Values of JSON as Python, laid out as `ruff format` leaves them.

What fits stands in one line; else each element has one of its own. Texts of several lines are
written as they look, long ones in pieces. Whatever cannot be seen is escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from orchestrator.domain.errors import Invalid

WIDTH: Final = 100
_STEP: Final = "    "
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]*")
_SHORTEST_PIECE: Final = 20
_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
# What would be taken for the end of a text between three quotes.
_ENDING: Final = re.compile(r'"{3,}|"+\Z')
_ROWS_IN_FULL: Final = 3


_IN_LINES: Final = (dict, list, tuple, str)


class Said(NamedTuple):
    """An argument, an entry or an element: what stands before its value, and the value."""

    head: str
    value: Any


def call(function: str, arguments: Iterable[Said]) -> list[str]:
    """Write a call, in lines."""
    return _group(f"{function}(", list(arguments), ")", "")


def statement(head: str, value: Any) -> list[str]:
    """Write a call whose only argument is a value, in lines."""
    return _group(f"{head}(", [Said("", value)], ")", "")


def literal(value: Any) -> str:
    """Write a value in one line."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))})"
    if isinstance(value, dict):
        inner = (f"{_text(str(key))}: {literal(inner)}" for key, inner in value.items())
        return f"{{{', '.join(inner)}}}"
    return _number(value)


def width(text: str) -> int:
    """Tell how many columns a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _value(said: Said, indent: str, tail: str) -> list[str]:
    """Write one argument, entry or element with its indentation; the tail follows it."""
    head, value = f"{indent}{said.head}", said.value
    if not _needs_lines(value):
        line = f"{head}{literal(value)}{tail}"
        if width(line) <= WIDTH:
            return [line]
    if isinstance(value, dict) and value:
        entries = [Said(key, inner) for key, inner in _entries(value, indent + _STEP)]
        return _group(f"{head}{{", entries, "}", indent, tail)
    if isinstance(value, list | tuple) and value:
        opened, closed = "[]" if isinstance(value, list) else "()"
        return _group(f"{head}{opened}", [Said("", one) for one in value], closed, indent, tail)
    if isinstance(value, str):
        return _long_text(head, value, indent, tail)
    return [f"{head}{literal(value)}{tail}"]


def _group(head: str, inner: list[Said], closed: str, indent: str, tail: str = "") -> list[str]:
    if not any(_needs_lines(one.value) or "\n" in one.head for one in inner):
        line = f"{head}{', '.join(f'{one.head}{literal(one.value)}' for one in inner)}{closed}"
        if width(f"{line}{tail}") <= WIDTH:
            return [f"{line}{tail}"]
    lines = [head]
    for one in inner:
        lines += _value(one, indent + _STEP, ",")
    return [*lines, f"{indent}{closed}{tail}"]


def _entries(value: dict[str, Any], indent: str) -> Iterator[tuple[str, Any]]:
    for key, inner in value.items():
        head = _text(str(key))
        # Room for the colon and, at least, the beginning of what comes after it.
        beginning = literal(inner) if not isinstance(inner, _IN_LINES) else "{"
        if width(f"{indent}{head}: {beginning},") > WIDTH:
            pieces = _pieces(str(key), WIDTH - width(indent) - len(_STEP))
            rows = "".join(f"{indent}{_STEP}{piece}\n" for piece in pieces)
            head = f"(\n{rows}{indent})"
        yield f"{head}: ", inner


def _needs_lines(value: Any) -> bool:
    if isinstance(value, str):
        return _is_shown_in_full(value)
    if isinstance(value, dict):
        return any(map(_needs_lines, value.values()))
    return isinstance(value, list | tuple) and any(map(_needs_lines, value))


def _is_shown_in_full(text: str) -> bool:
    """Tell whether a text of several lines is written as it looks."""
    rows = text.split("\n")
    return len(rows) >= _ROWS_IN_FULL and all(
        width(row) <= WIDTH and row.isprintable() and row == row.rstrip() for row in rows
    )


def _long_text(head: str, text: str, indent: str, tail: str) -> list[str]:
    if _is_shown_in_full(text):
        shown = _ENDING.sub(_escaped, text.replace("\\", "\\\\"))
        first, *rows = f'"""\\\n{shown}"""'.split("\n")
        return [f"{head}{first}", *rows[:-1], f"{rows[-1]}{tail}"]
    pieces = _pieces(text, WIDTH - width(indent) - len(_STEP))
    if len(pieces) < 2 and width(f"{head}{pieces[0]}{tail}") <= WIDTH:
        return [f"{head}{pieces[0]}{tail}"]
    return [f"{head}(", *(f"{indent}{_STEP}{piece}" for piece in pieces), f"{indent}){tail}"]


def _escaped(quotes: re.Match[str]) -> str:
    return '\\"' * len(quotes.group())


def _pieces(text: str, room: int) -> list[str]:
    """Cut a text into pieces that fit: behind line ends, else between words, else anywhere."""
    room = max(room, _SHORTEST_PIECE)
    pieces = []
    for row in re.findall(r"[^\n]*\n|[^\n]+", text):
        while width(_text(row)) > room:
            end = _longest(row, room)
            cut = row.rfind(" ", 1, end) + 1 or end
            pieces.append(_text(row[:cut]))
            row = row[cut:]
        pieces.append(_text(row))
    return pieces or ['""']


def _longest(text: str, room: int) -> int:
    """Return how many signs of a text fit."""
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if width(_text(text[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _text(text: str) -> str:
    # Single quotes only where they save escapes.
    quote = "'" if text.count('"') > text.count("'") else '"'
    if _PLAIN.fullmatch(text):
        return f"{quote}{text}{quote}"
    return f"{quote}{''.join(_sign(sign, quote) for sign in text)}{quote}"


def _sign(sign: str, quote: str) -> str:
    if sign == quote:
        return f"\\{sign}"
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def _number(value: float) -> str:
    try:
        return repr(value).replace("e+", "e")
    except ValueError:
        raise Invalid.at("document", "bad_value", "a number is too long to be written") from None
