"""Reading bodies: JSON with a cap, and nothing in it that a database would choke on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from orchestrator.api.errors import TooLarge

LARGEST_BODY: Final = 8 * 1024 * 1024


class StrictJSONParser(JSONParser):
    """JSON up to a size. NUL and half characters are refused: PostgreSQL cannot store them."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            raise TooLarge(f"a JSON body has at most {LARGEST_BODY:,} bytes")
        try:
            value = super().parse(io.BytesIO(raw), media_type, dict(parser_context or {}))
        except RecursionError:
            raise ParseError("the JSON is nested too deeply") from None
        if b"\\u" in raw and (fault := bad_text(value)):
            raise ParseError(fault)
        return value


class AnyContent(BaseParser):
    """A body that the view itself reads, piece by piece, whatever it is."""

    media_type = "*/*"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return {}


def bad_text(value: Any) -> str | None:
    """Say what in a value a database cannot store, if anything."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.keys()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            if "\0" in one:
                return "this holds a NUL character, which cannot be stored"
            if any("\ud800" <= sign <= "\udfff" for sign in one):
                return "this holds half a character (a lone surrogate)"
    return None
