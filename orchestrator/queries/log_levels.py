"""How serious a line of output is, told from the ways in which programs commonly say so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

NONE, DEBUG, INFO, WARNING, ERROR = range(5)
LEVELS: Final = {"debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR}
LEVEL_NAMES: Final = ("", "debug", "info", "warning", "error")

# What is looked at of a line: a level stands near its beginning.
_HEAD: Final = 200
_WORDS: Final = {
    "trace": DEBUG,
    "debug": DEBUG,
    "info": INFO,
    "notice": INFO,
    "warn": WARNING,
    "warning": WARNING,
    "err": ERROR,
    "error": ERROR,
    "critical": ERROR,
    "fatal": ERROR,
    "severe": ERROR,
    "panic": ERROR,
}
_WORD: Final = "trace|debug|info|notice|warn(?:ing)?|err(?:or)?|critical|fatal|severe|panic"
# A time, and up to three names that end in a sign, may stand before the level. In small letters
# a word is a level only when a sign follows, else every sentence about errors would be one.
_LEADING: Final = re.compile(
    r"[\d\s\-:.,/+TZ|\[\](){}<>#*]*"
    r"(?:[\w.\-/]{1,60}[\])]?(?:\s[-|]|[:|\])])\s*[\d\s\-:.,/+TZ|\[\](){}<>#*]*){0,3}?"
    rf"(?:(?P<loud>{_WORD.upper()})(?![\w.=(])"
    rf"|(?P<small>(?i:{_WORD}))(?=\s*[:\]|>)]))"
)
_NAMED: Final = re.compile(
    rf"""(?:level|lvl|levelname|severity)["']?\s*[=:]\s*["']?(?P<word>(?i:{_WORD}))\b"""
)
_RAISED: Final = re.compile(r"(?:[A-Za-z_]\w*\.)*\w*(?:Error|Exception|Interrupt|Exit)(?::|$)")
_GLOG: Final = re.compile(r"([IWEF])\d{4} \d\d:")
_GLOG_LEVELS: Final = {"I": INFO, "W": WARNING, "E": ERROR, "F": ERROR}


def level_of(line: str) -> int:
    """Tell the level of one line, or that it names none."""
    head = line[:_HEAD]
    if found := _LEADING.match(head):
        return _WORDS[(found["loud"] or found["small"]).lower()]
    if ("=" in head or '"' in head) and (found := _NAMED.search(head)):
        return _WORDS[found["word"].lower()]
    if head.startswith("Traceback (most recent call last)") or _RAISED.match(head):
        return ERROR
    if "Warning:" in head:
        return WARNING
    found = _GLOG.match(head)
    return _GLOG_LEVELS[found[1]] if found else NONE


def levels_of(lines: Iterable[str]) -> bytes:
    """Tell the level of each line; an indented one belongs to the line above it."""
    levels = bytearray()
    above = NONE
    for line in lines:
        if line[:1] in (" ", "\t"):
            level = level_of(line.lstrip()) if above == NONE else above
        else:
            level = above = level_of(line)
        levels.append(level)
    return bytes(levels)
