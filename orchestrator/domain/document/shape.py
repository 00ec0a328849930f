"""Whether a document has the schema's shape, telling of everything that has not."""

from collections.abc import Iterable, Mapping
from typing import Any

from orchestrator.domain.errors import Fix, Problem, Severity, shortened
from orchestrator.domain.parameters import close_match

# A document that is wrong everywhere is wrong enough.
MOST_PROBLEMS = 1_000
MOST_WARNINGS = 200
# Looking for what may have been meant takes time; the first few are what is read.
MOST_HINTS = 10
MOST_WORDS = 2_000

Schema = Mapping[str, Any]
Fault = tuple[str, str]

_WORDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "object": ("an object", (dict,)),
    "array": ("a list", (list, tuple)),
    "string": ("a text", (str,)),
    "integer": ("a whole number", (int,)),
    "number": ("a number", (int, float)),
    "boolean": ("true or false", (bool,)),
}


class Findings:
    """The problems found so far; knows the steps' names, so that each can be shown on its step."""

    def __init__(self, step_names: Mapping[int, str] | None = None) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._step_names = step_names or {}
        self._near: dict[tuple[str, str], str | None] = {}

    @property
    def full(self) -> bool:
        """Tell whether more errors would not be kept; warnings never stand in their way."""
        return len(self.problems) >= MOST_PROBLEMS

    def tell(
        self,
        where: str,
        code: str,
        message: str,
        *,
        place: int | None = None,
        fix: Fix | None = None,
        severity: Severity = "error",
    ) -> None:
        """Add a problem; ``place`` is that of its step."""
        kept, most = self.problems, MOST_PROBLEMS
        if severity == "warning":
            kept, most = self.warnings, MOST_WARNINGS
        if len(kept) < most:
            step = None if place is None else self._step_names.get(place)
            kept.append(Problem(shortened(where, 300), step, code, message, severity, fix))

    def near(self, word: str, known: Iterable[str], what: str) -> str | None:
        """Find which of the known words may have been meant; ``what`` they are words for."""
        key = what, word
        if key not in self._near:
            words = list(known) if len(self._near) < MOST_HINTS else []
            match = close_match(shortened(word), words) if len(words) <= MOST_WORDS else None
            self._near[key] = match
        return self._near[key]

    def hint(self, word: str, known: Iterable[str], what: str) -> str:
        """Say which of the known words may have been meant."""
        match = self.near(word, known, what)
        return f'; did you mean "{match}"?' if match else ""


def check_shape(findings: Findings, document: Any, schema: Schema) -> None:
    """Compare a document with its schema; never raises."""
    _check(findings, document, schema, "", None)


def _check(findings: Findings, value: Any, schema: Schema, where: str, place: int | None) -> None:
    if not schema:
        return
    fault: Fault | None = None

    kind = schema.get("type")
    if "anyOf" in schema:
        if not any(_matches(value, option) for option in schema["anyOf"]):
            fault = "bad_value", f"is {schema['x-says']}, not {_kind(value)}"
    elif "const" in schema and not _equal(value, schema["const"]):
        fault = "bad_value", f"is {schema['const']!r}, not {_shown(value)}"
    elif kind is not None and not _is_a(value, kind):
        fault = "wrong_type", f"is {_WORDS[kind][0]}, not {_kind(value)}"
    elif kind == "object":
        _check_object(findings, value, schema, where, place)
    elif kind == "array":
        _check_list(findings, value, schema, where, place)
    else:
        fault = _plain_fault(value, schema)
    if fault:
        code, message = fault
        findings.tell(where, code, f"{_named(where)} {message}", place=place)


def _check_object(
    findings: Findings, value: dict[Any, Any], schema: Schema, where: str, place: int | None
) -> None:
    properties = schema.get("properties", {})
    extra = schema.get("additionalProperties")
    kind = f"keys of {schema.get('description', where)}"
    for key, inner in value.items():
        if findings.full:
            return
        here = f"{where}.{key}" if where else str(key)
        known = properties.get(key)
        if known is not None:
            if inner is None and key not in schema["required"]:
                continue
            if known.get("x-supported") is False and _asks_for_something(inner, known):
                message = f'"{key}" is not supported yet'
                findings.tell(here, "not_supported", message, place=place)
            _check(findings, inner, known, here, place)
        elif not isinstance(key, str):
            findings.tell(where, "wrong_type", "a key is text", place=place)
        elif extra is False and not key.startswith("x-"):
            message = f'"{shortened(key)}" is not known here{findings.hint(key, properties, kind)}'
            findings.tell(here, "unknown_key", message, place=place)
        elif extra:
            _check(findings, inner, extra, here, place)
    for key in schema.get("required", ()):
        if key not in value:
            here = f"{where}.{key}" if where else key
            findings.tell(here, "missing", f'{_named(where)} needs "{key}"', place=place)


def _check_list(
    findings: Findings, value: list[Any], schema: Schema, where: str, place: int | None
) -> None:
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    if len(value) < low or (high is not None and len(value) > high):
        message = f"{_named(where)} has {high or low} elements, not {len(value)}"
        findings.tell(where, "bad_value", message, place=place)
    items = schema.get("items", {})
    for index, inner in enumerate(value):
        if findings.full:
            return
        step = index if where == "steps" else place
        _check(findings, inner, items, f"{where}[{index}]", step)


def _plain_fault(value: Any, schema: Schema) -> Fault | None:
    if isinstance(value, str):
        return _text_fault(value, schema)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _range_fault(value, schema)
    return None


def _text_fault(value: str, schema: Schema) -> Fault | None:
    if "enum" in schema and value not in schema["enum"]:
        return "bad_value", f"is one of {', '.join(schema['enum'])}, not {_shown(value)}"
    if value not in schema.get("x-supported-values", (value,)):
        return "not_supported", f"{_shown(value)} is not supported yet"
    if not value and schema.get("minLength"):
        return "bad_value", "is empty"
    return None


def _range_fault(value: float, schema: Schema) -> Fault | None:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if low is not None and value < low:
        return "bad_value", f"is at least {low}, not {_shown(value)}"
    if above is not None and value <= above:
        return "bad_value", f"is more than {above}, not {_shown(value)}"
    if high is not None and value > high:
        return "bad_value", f"is at most {high}, not {_shown(value)}"
    return None


def _asks_for_something(value: Any, schema: Schema) -> bool:
    # What says only what would be so anyway asks for nothing that is not built.
    return value not in (None, False, "", [], {}) and value != schema.get("default")


def _matches(value: Any, schema: Schema) -> bool:
    found = Findings()
    _check(found, value, schema, "", None)
    return not found.problems


def _is_a(value: Any, kind: str) -> bool:
    return isinstance(value, _WORDS[kind][1]) and (kind == "boolean" or not isinstance(value, bool))


def _equal(value: Any, other: Any) -> bool:
    return type(value) is type(other) and bool(value == other)


def _named(where: str) -> str:
    if not where:
        return "the document"
    last = where.rpartition(".")[2]
    return f'"{shortened(last, 80)}"'


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    for words, types in _WORDS.values():
        if isinstance(value, types):
            return words
    return "something else"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{shortened(value, 60)}"'
    plain = isinstance(value, float | bool) or (isinstance(value, int) and abs(value) < 10**18)
    return str(value) if plain else _kind(value)
