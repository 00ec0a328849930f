"""Reading bodies: JSON with a cap, and nothing in it that a database would choke on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from orchestrator.api.errors import TooLarge

LARGEST_BODY: Final = 8 * 1024 * 1024


class StrictJSONParser(JSONParser):
    """JSON up to a size. What PostgreSQL cannot store is refused: NUL, half characters, numbers
    that are none."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        raw = stream.read(LARGEST_BODY + 1)
        if len(raw) > LARGEST_BODY:
            raise TooLarge(f"a JSON body has at most {LARGEST_BODY:,} bytes")
        encoding = str((parser_context or {}).get("encoding") or "utf-8")
        try:
            return read_json(raw.decode(encoding))
        except (ValueError, LookupError) as error:
            raise ParseError(str(error)) from None


def read_json(text: str) -> Any:
    """Read JSON that a database can hold; raises ValueError saying what is wrong with it."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"JSON parse error - {error}") from None
    if "\\u" in text and (fault := bad_text(value)):
        raise ValueError(fault)
    return value


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no number that JSON knows, or too large a one")


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
