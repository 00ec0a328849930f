"""References in a document's values: ``${load.outputs.rows}``. Reading, renaming, resolving.

A value is any JSON value; references stand in its strings, at any depth, never in keys. One
that is the whole string keeps the type of what it gives; several in one string are put in as
text. What a reference gives is not looked at again, so data can never become a reference.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from orchestrator.domain.errors import BadReference, CapExceeded, UnresolvedReference

# More than any sensible text has; they bound the work that a hostile one can cause.
REFERENCE_LENGTH = 1024
REFERENCES = 1_000
VALUE_DEPTH = 64
SHORT = 256

_START = re.compile(r"\$\$\{|\$\{")
_PART = re.compile(r"`((?:[^`]|``)+)`|((?:[\w\-/]|\\\.)+)")
_PLAIN = re.compile(r"[\w\-]+")
_EACH = "[*]"
_ARTIFACT_FACTS = ("url", "size", "hash")
_MODEL_FACTS = ("url", "id", "name")


class Source(StrEnum):
    """Where a reference looks."""

    PIPELINE = "pipeline"
    STEP = "step"
    ITEM = "item"


class What(StrEnum):
    """What a reference asks for there."""

    ID = "id"
    STATUS = "status"
    PARAMETERS = "parameters"
    ARTIFACTS = "artifacts"
    METRICS = "metrics"
    MODELS = "models"
    OUTPUTS = "outputs"
    RUN = "run"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference, read: ``path`` is what follows the word in ``what``.

    ``${pipeline.rows}`` is (PIPELINE, PARAMETERS, ("rows",)); ``${load.rows}`` is (STEP, OUTPUTS,
    ("rows",), step="load"); a step's parameter always comes with its section.
    """

    source: Source
    what: What
    path: tuple[str, ...] = ()
    step: str | None = None
    each: bool = False

    def __str__(self) -> str:
        if self.source is Source.STEP:
            first = _written(self.step or "") + (_EACH if self.each else "")
            words: tuple[str, ...] = (self.what.value,)
        else:
            first = self.source.value
            words = (self.what.value,) if self.what is What.RUN else ()
        slash = self.source is Source.STEP and self.what is What.PARAMETERS
        path = tuple(_written(part, slash=slash) for part in self.path)
        return "${" + ".".join((first, *words, *path)) + "}"


class Resolution(NamedTuple):
    """A value without references, and what each of them gave, in order of first use."""

    value: Any
    used: tuple[tuple[Reference, Any], ...]


Lookup = Callable[[Reference], Any]


class _Found(NamedTuple):
    reference: Reference
    end: int
    step_from: int
    step_to: int


def parse(text: str) -> tuple[str | Reference, ...]:
    """Split a string into literal text and references; an empty string gives nothing."""
    return _parse_short(text) if len(text) <= SHORT else _parse(text)


def _parse(text: str) -> tuple[str | Reference, ...]:
    return tuple(piece.reference if isinstance(piece, _Found) else piece for piece in _scan(text))


# A document is checked, drawn and launched with the same few texts.
_parse_short = lru_cache(maxsize=4096)(_parse)


def references_in(value: Any) -> tuple[Reference, ...]:
    """Return the references of a value, each once, in order of appearance."""
    found: dict[Reference, None] = {}
    for _, text in strings_in(value):
        found.update(dict.fromkeys(part for part in parse(text) if isinstance(part, Reference)))
    return tuple(found)


def steps_referenced(value: Any) -> tuple[str, ...]:
    """Return the names of the steps that a value refers to, each once, in order of appearance."""
    names = (reference.step for reference in references_in(value))
    return tuple(dict.fromkeys(name for name in names if name is not None))


def strings_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Go through the strings of a value that may hold references, with the way to each."""
    waiting: list[tuple[str, Any, int]] = [(path, value, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if isinstance(value, str):
            if "${" in value:
                yield path, value
            continue
        if not isinstance(value, dict | list | tuple):
            continue
        if depth >= VALUE_DEPTH:
            raise CapExceeded("depth of a value", VALUE_DEPTH, depth + 1, "levels")
        waiting.extend(reversed([(*inner, depth + 1) for inner in _inside(path, value)]))


def rename_steps(value: Any, names: Mapping[str, str]) -> Any:
    """Return the value with references to steps pointing to their new names, by the old ones, all
    else as it was.

    A string with a reference that cannot be read is left alone: its author must see it.
    """

    def renamed(text: str, start: int, found: _Found) -> str:
        new = names.get(found.reference.step or "")
        if new is None:
            return text[start : found.end]
        return text[start : found.step_from] + _written(new) + text[found.step_to : found.end]

    return _mapped(value, lambda text: _rewritten(text, renamed))


def replace(value: Any, old: Reference, new: Reference) -> Any:
    """Return the value with one reference, however it is written, put in another's place."""

    def replaced(text: str, start: int, found: _Found) -> str:
        return str(new) if found.reference == old else text[start : found.end]

    return _mapped(value, lambda text: _rewritten(text, replaced))


def _rewritten(text: str, change: Callable[[str, int, _Found], str]) -> str:
    try:
        pieces = list(_scan(text, keep_escapes=True))
    except BadReference:
        return text
    result, place = [], 0
    for piece in pieces:
        result.append(piece if isinstance(piece, str) else change(text, place, piece))
        place = place + len(piece) if isinstance(piece, str) else piece.end
    return "".join(result)


def resolve(value: Any, lookup: Lookup) -> Resolution:
    """Put in what each reference gives; ``lookup`` raises UnresolvedReference for want of it."""
    used: dict[Reference, Any] = {}

    def given(reference: Reference) -> Any:
        if reference not in used:
            used[reference] = lookup(reference)
        return used[reference]

    def filled(text: str) -> Any:
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            return given(parts[0])
        return "".join(part if isinstance(part, str) else as_text(given(part)) for part in parts)

    return Resolution(_mapped(value, filled), tuple(used.items()))


KEEP = object()
"""What a lookup gives for a reference that is to stay as it is."""


def fill(value: Any, lookup: Lookup) -> Any:
    """Put in what some references give; what is put in is data, and never read as a reference.

    Unlike ``resolve`` it gives a value that can be written into a document again.
    """

    def filled(text: str) -> Any:
        parts = parse(text)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            found = lookup(parts[0])
            return text if found is KEEP else _mapped(found, _escaped)
        return _rewritten(text, written)

    def written(text: str, start: int, found: _Found) -> str:
        given = lookup(found.reference)
        if given is KEEP:
            return text[start : found.end]
        plain = as_text(given)
        if plain.endswith("$") and text[found.end : found.end + 1] in ("{", "$"):
            raise UnresolvedReference(
                str(found.reference), 'a "$" at its end would change what follows'
            )
        return _escaped(plain)

    return _mapped(value, lambda text: filled(text) if _is_readable(text) else text)


def _escaped(text: str) -> str:
    return text.replace("${", "$${")


def _is_readable(text: str) -> bool:
    try:
        parse(text)
    except BadReference:
        return False
    return True


def as_text(value: Any) -> str:
    """Write a value into a text: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _scan(text: str, *, keep_escapes: bool = False) -> Iterator[str | _Found]:
    place = count = 0
    literal: list[str] = []
    while match := _START.search(text, place):
        literal.append(text[place : match.start()])
        if match.group() == "$${":
            literal.append("$${" if keep_escapes else "${")
            place = match.end()
            continue
        if before := "".join(literal):
            yield before
        literal = []
        count += 1
        if count > REFERENCES:
            raise BadReference(text, f"one text has at most {REFERENCES:,} references")
        found = _read(text, match.start())
        yield found
        place = found.end
    literal.append(text[place:])
    if rest := "".join(literal):
        yield rest


def _read(text: str, start: int) -> _Found:
    """Read the reference that begins here: parts, dots between them, a closing brace."""
    limit = min(len(text), start + REFERENCE_LENGTH)
    place = step_from = start + 2
    step_to = place
    parts: list[str] = []
    each = False
    while True:
        match = _PART.match(text, place, limit)
        if match is None:
            raise BadReference(_shown(text, start), _expected(text, place, limit))
        quoted, plain = match.groups()
        parts.append(quoted.replace("``", "`") if quoted else plain.replace("\\.", "."))
        place = match.end()
        if len(parts) == 1:
            step_to = place
            each = text.startswith(_EACH, place)
            place += len(_EACH) * each
        sign = text[place : place + 1] if place < limit else ""
        if sign not in (".", "}"):
            raise BadReference(_shown(text, start), _expected(text, place, limit))
        place += 1
        if sign == "}":
            break
    try:
        return _Found(_meaning(parts, each), place, step_from, step_to)
    except ValueError as error:
        raise BadReference(_shown(text, start), str(error)) from None


def _expected(text: str, place: int, limit: int) -> str:
    if place >= limit:
        return "the closing brace is missing ($${ writes a literal ${)"
    sign = text[place]
    if sign in ".}":
        return "a name is missing ($${ writes a literal ${)"
    if sign == "[":
        return "only [*] may stand in square brackets, after a step's name"
    if sign == "`":
        return "back-quotes enclose a whole part and are not empty"
    return f'a part with "{sign}" is written in back-quotes ($${{ writes a literal ${{)'


def _shown(text: str, start: int) -> str:
    end = text.find("}", start, start + 80)
    return text[start : end + 1] if end > 0 else text[start : start + 80]


def _meaning(parts: list[str], each: bool) -> Reference:
    first, *rest = parts
    if first in (Source.PIPELINE, Source.ITEM) and each:
        raise ValueError("only a step can have [*]")
    if first == Source.ITEM:
        return Reference(Source.ITEM, What.ITEM, tuple(rest))
    if first == Source.PIPELINE:
        return _meaning_in_pipeline(rest)
    what, path = _meaning_in_step(rest)
    return Reference(Source.STEP, what, path, step=first, each=each)


def _meaning_in_pipeline(rest: list[str]) -> Reference:
    if rest == ["run", "id"]:
        return Reference(Source.PIPELINE, What.RUN, ("id",))
    if len(rest) != 1:
        raise ValueError('after "pipeline" comes the name of one parameter, or "run.id"')
    return Reference(Source.PIPELINE, What.PARAMETERS, (rest[0],))


def _meaning_in_step(rest: list[str]) -> tuple[What, tuple[str, ...]]:
    if not rest:
        raise ValueError("say what of the step is meant, such as .outputs.NAME or .id")
    word, path = rest[0], tuple(rest[1:])
    reader = _STEP_WORDS.get(word)
    if reader is None:
        if path:
            words = ", ".join(_STEP_WORDS)
            raise ValueError(f'"{word}" is none of {words}; one output is .outputs.NAME')
        return What.OUTPUTS, (word,)
    return What(word), reader(path)


def _nothing(path: tuple[str, ...]) -> tuple[str, ...]:
    if path:
        raise ValueError(f'nothing may follow here, but "{path[0]}" does')
    return ()


def _one_output(path: tuple[str, ...]) -> tuple[str, ...]:
    if len(path) != 1:
        raise ValueError("after .outputs comes one name (dots in it are written \\.)")
    return path


def _one_parameter(path: tuple[str, ...]) -> tuple[str, ...]:
    if len(path) != 1:
        raise ValueError("after .parameters comes Section/name (dots in it are written \\.)")
    return path if "/" in path[0] else (f"General/{path[0]}",)


def _artifact(path: tuple[str, ...]) -> tuple[str, ...]:
    if len(path) == 1 or (len(path) == 2 and path[1] in _ARTIFACT_FACTS):
        return path
    raise ValueError("after .artifacts comes a name, and perhaps .url, .size or .hash")


def _metric(path: tuple[str, ...]) -> tuple[str, ...]:
    if len(path) != 2:
        raise ValueError("after .metrics come TITLE.SERIES (dots in them are written \\.)")
    return path


def _model(path: tuple[str, ...]) -> tuple[str, ...]:
    if len(path) == 3 and path[0] in ("input", "output") and path[2] in _MODEL_FACTS:
        return path
    raise ValueError("after .models comes output or input, a number, and url, id or name")


_STEP_WORDS: dict[str, Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    "id": _nothing,
    "status": _nothing,
    "parameters": _one_parameter,
    "artifacts": _artifact,
    "metrics": _metric,
    "models": _model,
    "outputs": _one_output,
}


def _written(part: str, *, slash: bool = False) -> str:
    plain = part.replace("/", "") if slash else part
    return part if _PLAIN.fullmatch(plain) else "`" + part.replace("`", "``") + "`"


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (f"{path}.{key}" if path else str(key)), inner
    else:
        for place, inner in enumerate(value):
            yield f"{path}[{place}]", inner


def _mapped(value: Any, change: Callable[[str], Any], depth: int = 0) -> Any:
    if isinstance(value, str):
        return change(value) if "${" in value else value
    if not isinstance(value, dict | list | tuple):
        return value
    if depth >= VALUE_DEPTH:
        raise CapExceeded("depth of a value", VALUE_DEPTH, depth + 1, "levels")
    if isinstance(value, dict):
        return {key: _mapped(inner, change, depth + 1) for key, inner in value.items()}
    return [_mapped(inner, change, depth + 1) for inner in value]
