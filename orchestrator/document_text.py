"""A document as text that people keep in files: JSON, YAML of plain values, or a script.

YAML says here what JSON can say: no tags, no aliases (with them a small text becomes a huge
value), no dates; only ``true`` and ``false`` are flags, so that the key ``on`` stays a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from orchestrator.document_python import PipelineFile, is_python, read_script
from orchestrator.domain.errors import Invalid, shortened
from orchestrator.domain.names import CAPS

# Indented text is longer than what it says.
LARGEST_TEXT: Final = 2 * CAPS.document_bytes
DEEPEST: Final = 100
_SHORT_LIST: Final = 80
_WORDS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
# Written without quotes: what no reader of YAML, old or new, takes for anything but this text.
_BARE: Final = re.compile(r"[A-Za-z_/](?:[\w./()+*-]| (?![#\s]|$))*", re.ASCII)
_NOT_BARE: Final = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)
_BLOCK: Final = re.compile(r"(?:[^\s\x00-\x1f\x7f-\xa0\ud800-\udfff\ufeff\u2028\u2029][ -~]*\n)+")


def read_document(text: str) -> dict[str, Any]:
    """Read a pipeline's document, or the one in an exported file; Invalid says what is wrong."""
    document: dict[str, Any] = read_pipeline(text).said["document"]
    return document


def read_pipeline(text: str) -> PipelineFile:
    """Read an exported file; a document alone is one that says no more."""
    if not text.strip():
        raise _invalid("there is no document yet: paste one or choose a file")
    if len(text) > LARGEST_TEXT:
        raise _invalid(f"the document is larger than the cap of {CAPS.document_bytes:,} bytes")
    if is_python(text):
        return read_script(text)
    found = read_json(text) if text.lstrip().startswith("{") else read_yaml(text)
    if not isinstance(found, dict):
        raise _invalid("a pipeline's document is an object with schema and steps")
    return PipelineFile(found if isinstance(found.get("document"), dict) else {"document": found})


def read_json(text: str) -> Any:
    """Read JSON; a key that stands twice is an error, and so is NaN."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise _invalid(message) from None
    except RecursionError:
        raise _invalid("this JSON is nested too deeply") from None
    except ValueError as error:
        raise _invalid(f"this is not JSON: {shortened(str(error))}") from None


def read_yaml(text: str | bytes) -> Any:
    """Read YAML of plain values."""
    try:
        return _YamlReader(text).read()
    except yaml.MarkedYAMLError as error:
        where = _at(error.problem_mark) if error.problem_mark else ""
        raise _invalid(f"this is neither JSON nor YAML: {error.problem}{where}") from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"this is neither JSON nor YAML: {shortened(str(error))}"
        raise _invalid(message) from None


def written_json(value: Any) -> str:
    """A value as text to edit."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def written_yaml(value: Any) -> str:
    """A value as YAML for people to read and keep in a repository."""
    if _is_short(value):
        return f"{_in_line(value)}\n"
    return "".join(_lines(value, ""))


class _YamlReader:
    """One pass over the parser's events; nothing is built that is not a plain value."""

    def __init__(self, text: str | bytes) -> None:
        self._parser = yaml.CSafeLoader(text)

    def read(self) -> Any:
        self._next()
        if isinstance(event := self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), 0)
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            raise _invalid(f"this YAML holds a second document{_at(event.start_mark)}")
        return value

    def _next(self) -> Any:
        return self._parser.get_event()

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            where = _at(event.start_mark)
            raise _invalid(f"this YAML has anchors and aliases; write the values out{where}")
        if event.tag is not None:
            named = f"this YAML has a tag, {shortened(event.tag, 60)}; none is taken here"
            raise _invalid(f"{named}{_at(event.start_mark)}")
        if isinstance(event, yaml.ScalarEvent):
            # The first says whether it stands there without quotes.
            return _plain(event.value) if event.implicit[0] else event.value
        if depth >= DEEPEST:
            raise _invalid(f"this YAML is nested too deeply{_at(event.start_mark)}")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(depth + 1)
        return self._mapping(depth + 1)

    def _list(self, depth: int) -> list[Any]:
        found = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event, depth))
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            # A step may be called 1, or null: as a key it is that word.
            if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
                raise _invalid(f"a key of this YAML is not a word{_at(event.start_mark)}")
            if event.value in found:
                word = shortened(event.value, 60)
                raise _invalid(f'the key "{word}" stands twice{_at(event.start_mark)}')
            found[event.value] = self._value(self._next(), depth)
        return found


def _plain(text: str) -> Any:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Write an object or a list below the line that names it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(f"{indent}{_in_line(str(key))}:", inner, indent)
        return
    for inner in value:
        if not isinstance(inner, dict) or not inner:
            yield from _entry(f"{indent}-", inner, indent)
            continue
        first, *others = _lines(inner, f"{indent}  ")
        yield f"{indent}- {first[len(indent) + 2 :]}"
        yield from others


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, str) and _BLOCK.fullmatch(value):
        yield f"{head} |\n"
        yield from (f"{indent}  {line}\n" for line in value.splitlines())
    elif _is_short(value):
        yield f"{head} {_in_line(value)}\n"
    else:
        yield f"{head}\n"
        yield from _lines(value, f"{indent}  ")


def _is_short(value: Any) -> bool:
    """Tell whether a value stands in one line: a plain one, nothing, a short list of plain ones."""
    if isinstance(value, list):
        plain = not any(isinstance(one, dict | list) for one in value)
        return plain and sum(len(str(one)) + 2 for one in value) <= _SHORT_LIST
    return not isinstance(value, dict) or not value


def _in_line(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_in_line, value))}]"
    if isinstance(value, str) and _BARE.fullmatch(value) and not _NOT_BARE.fullmatch(value):
        return value
    # JSON's way of writing plain values and texts is one of YAML's, but for pairs of surrogates.
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(sign: str) -> str:
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{shortened(twice, 60)}" stands twice')
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no value of JSON")


def _at(mark: Any) -> str:
    return f" (line {mark.line + 1}, column {mark.column + 1})"


def _invalid(message: str) -> Invalid:
    return Invalid.at("document", "bad_value", message)
