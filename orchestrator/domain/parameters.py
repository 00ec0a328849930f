"""Parameters: what a pipeline or a template takes, and whether what was given fits.

A task's parameters are named ``Section/name``; a bare name means ``General/name``. A pipeline's
have no section in their names (``section`` only groups them in forms).
"""

import difflib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from orchestrator.domain.errors import Invalid, PipelinesError, Problem, shortened
from orchestrator.domain.names import CAPS

GENERAL = "General"
NAME_LENGTH = 200

_KEYS = (
    "name",
    "type",
    "default",
    "required",
    "choices",
    "minimum",
    "maximum",
    "help",
    "section",
)
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})


class ParameterType(StrEnum):
    """What kind of value a parameter takes."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    JSON = "json"


_NUMERIC = (ParameterType.INTEGER, ParameterType.NUMBER)
_WORDS = {
    ParameterType.STRING: "a text",
    ParameterType.INTEGER: "a whole number",
    ParameterType.NUMBER: "a number",
    ParameterType.BOOLEAN: "true or false",
    ParameterType.CHOICE: "one of the choices",
    ParameterType.JSON: "a JSON value",
}


class BadValue(PipelinesError):
    """A value does not fit its parameter."""

    code = "bad_value"


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter as it was declared; a default of ``None`` means that there is none."""

    name: str
    type: ParameterType = ParameterType.STRING
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    help: str = ""
    section: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Give the JSON shape, without what was not said."""
        said: dict[str, Any] = {"name": self.name, "type": self.type.value}
        for key in _KEYS[2:]:
            value = getattr(self, key)
            if key == "default" or (value not in (None, "", ()) and value is not False):
                said[key] = list(value) if isinstance(value, tuple) else value
        return said


def full_name(name: str) -> str:
    """Give a task's parameter its section: ``rows`` is ``General/rows``."""
    return name if "/" in name else f"{GENERAL}/{name}"


def specs_from(raw: object, *, where: str = "parameters") -> tuple[ParameterSpec, ...]:
    """Read declarations; raise Invalid with everything that is wrong with them."""
    specs, problems = read_specs(raw, where=where)
    if problems:
        raise Invalid(problems)
    return specs


def read_specs(
    raw: object, *, where: str = "parameters"
) -> tuple[tuple[ParameterSpec, ...], list[Problem]]:
    """Read declarations; what cannot be read is left out and told of."""
    if raw is None:
        return (), []
    if not isinstance(raw, list | tuple):
        return (), [Problem(where, None, "wrong_type", f"{where} is a list, not {_kind(raw)}")]
    specs: dict[str, ParameterSpec] = {}
    problems: list[Problem] = []
    for place, entry in enumerate(raw):
        here = f"{where}[{place}]"
        spec, faults = _read_spec(entry, here)
        problems += faults
        if spec and spec.name in specs:
            message = f'parameter "{spec.name}" is declared twice'
            problems.append(Problem(f"{here}.name", None, "duplicate_name", message))
        elif spec:
            specs[spec.name] = spec
    return tuple(specs.values()), problems


def check_values(
    specs: Iterable[ParameterSpec],
    given: Mapping[str, Any] | None,
    *,
    where: str = "parameters",
    from_text: bool = False,
    step: str | None = None,
    undeclared: bool = False,
) -> tuple[dict[str, Any], list[Problem]]:
    """Return a value for every declared parameter, and what is wrong with what was given.

    Bare names find ``General/name``. With ``from_text`` (forms, command lines) strings are read
    as the declared type first. *undeclared* ones are taken as they come, if that is wanted.
    """
    by_name = {spec.name: spec for spec in specs}
    values: dict[str, Any] = {}
    others: dict[str, Any] = {}
    problems: list[Problem] = []

    def tell(name: str, code: str, message: str) -> None:
        problems.append(Problem(f"{where}.{shortened(name)}", step, code, message))

    for key, value in (given or {}).items():
        spec = find_spec(by_name, key)
        if spec is None and undeclared:
            if fault := _name_fault(key):
                tell(key, "bad_name", fault)
            others[full_name(key)] = value
        elif spec is None:
            tell(key, "unknown_parameter", unknown_parameter(key, by_name))
        elif spec.name in values:
            tell(key, "duplicate_name", f'parameter "{spec.name}" is given twice')
        else:
            try:
                values[spec.name] = fit_value(spec, value, from_text=from_text)
            except BadValue as error:
                values[spec.name] = spec.default
                tell(key, error.code, error.message)
    for name, spec in by_name.items():
        if name not in values:
            values[name] = spec.default
            if spec.required and spec.default is None:
                tell(name, "missing", f'parameter "{name}" is required')
    checked = {name: values[name] for name in by_name} | others
    problems += _too_large(checked, where, step)
    return checked, problems


def find_spec(by_name: Mapping[str, ParameterSpec], key: object) -> ParameterSpec | None:
    """Find a declaration by its name or, for a task's parameter, by its bare name."""
    if not isinstance(key, str):
        return None
    return by_name.get(key) or by_name.get(full_name(key))


def unknown_parameter(key: object, known: Iterable[str]) -> str:
    """Say that there is no such parameter, and which one may have been meant."""
    name = shortened(str(key))
    names = list(known)
    # A suggestion is worth milliseconds, not seconds.
    match = close_match(name, names[:500])
    if match:
        return f'there is no parameter "{name}"; did you mean "{match}"?'
    if not names:
        return f'there is no parameter "{name}"; none is declared'
    return f'there is no parameter "{name}"; there are {", ".join(sorted(names)[:8])}'


def close_match(name: str, known: Sequence[str]) -> str | None:
    """Find the word that was probably meant."""
    by_folded = {word.casefold(): word for word in known}
    by_folded |= {word.casefold().rpartition("/")[2]: word for word in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.7)
    return by_folded[close[0]] if close else None


def fit_value(spec: ParameterSpec, value: Any, *, from_text: bool = False) -> Any:
    """Return the value as the parameter's type, or raise BadValue naming both."""
    if from_text and isinstance(value, str):
        return coerce_text(spec, value)
    if value is None:
        if spec.type is ParameterType.JSON or not (spec.required or spec.default is not None):
            return None
        raise BadValue(f'parameter "{spec.name}" needs {_WORDS[spec.type]}, not null')
    value = _typed(spec, value)
    _check_range(spec, value)
    if spec.choices and not _is_choice(spec, value):
        offered = ", ".join(map(_shown, spec.choices[:20]))
        raise BadValue(f'parameter "{spec.name}" is one of {offered}, not {_shown(value)}')
    return value


def coerce_text(spec: ParameterSpec, text: str) -> Any:
    """Read what a person typed as the parameter's type; an empty field means no value."""
    stripped = text.strip()
    if spec.type is not ParameterType.STRING and not stripped:
        return fit_value(spec, None)
    return fit_value(spec, _read_text(spec, text, stripped))


def _read_text(spec: ParameterSpec, text: str, stripped: str) -> Any:
    try:
        match spec.type:
            case ParameterType.INTEGER:
                return int(stripped)
            case ParameterType.NUMBER:
                return float(stripped)
            case ParameterType.BOOLEAN if stripped.lower() in _YES | _NO:
                return stripped.lower() in _YES
            case ParameterType.JSON:
                return json.loads(text)
            case ParameterType.CHOICE:
                return next((one for one in spec.choices if _plain(one) == stripped), text)
    except (ValueError, RecursionError):
        pass
    # Not readable as its type: the check that follows says so in its own words.
    if spec.type is ParameterType.JSON:
        raise BadValue(f'parameter "{spec.name}" needs a JSON value, not {_shown(text)}')
    return text


def _typed(spec: ParameterSpec, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match spec.type:
        case ParameterType.STRING:
            fits = isinstance(value, str)
        case ParameterType.INTEGER:
            fits = number and _is_finite(value) and value == int(value)
            value = int(value) if fits else value
        case ParameterType.NUMBER:
            fits = number and _is_finite(value)
        case ParameterType.BOOLEAN:
            fits = isinstance(value, bool)
        case ParameterType.JSON:
            fits = _is_json(value)
        case ParameterType.CHOICE:
            fits = True
    if not fits:
        message = f'parameter "{spec.name}" needs {_WORDS[spec.type]}, not {_shown(value)}'
        raise BadValue(message)
    return value


def _check_range(spec: ParameterSpec, value: Any) -> None:
    if spec.type not in _NUMERIC:
        return
    if spec.minimum is not None and value < spec.minimum:
        raise BadValue(f'parameter "{spec.name}" is at least {spec.minimum}, not {_shown(value)}')
    if spec.maximum is not None and value > spec.maximum:
        raise BadValue(f'parameter "{spec.name}" is at most {spec.maximum}, not {_shown(value)}')


def _read_spec(entry: object, here: str) -> tuple[ParameterSpec | None, list[Problem]]:
    if not isinstance(entry, dict):
        message = f"a parameter is declared by an object with a name, not {_kind(entry)}"
        return None, [Problem(here, None, "wrong_type", message)]
    faults = list(_spec_faults(entry))
    if faults:
        return None, [Problem(f"{here}{at}", None, code, text) for at, code, text in faults]
    said = {key: entry[key] for key in _KEYS if entry.get(key) is not None}
    said["type"] = ParameterType(said.get("type", ParameterType.STRING))
    said["choices"] = tuple(said.get("choices", ()))
    default = said.pop("default", None)
    spec = ParameterSpec(**said)
    try:
        for choice in spec.choices:
            _typed(spec, choice)
    except BadValue as error:
        return None, [Problem(f"{here}.choices", None, error.code, f"choices: {error.message}")]
    try:
        default = None if default is None else fit_value(spec, default)
    except BadValue as error:
        return spec, [Problem(f"{here}.default", None, error.code, f"default: {error.message}")]
    return ParameterSpec(**said, default=default), []


def _spec_faults(entry: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    for key in entry:
        if key not in _KEYS and not str(key).startswith("x-"):
            close = close_match(str(key)[:60], _KEYS)
            hint = f'; did you mean "{close}"?' if close else ""
            yield "", "unknown_key", f'a parameter has no "{shortened(str(key))}"{hint}'
    if fault := _name_fault(entry.get("name")):
        yield ".name", "bad_name", fault
    kind = entry.get("type")
    if kind is not None and kind not in tuple(ParameterType):
        known = ", ".join(ParameterType)
        yield ".type", "bad_value", f"a parameter's type is one of {known}, not {_shown(kind)}"
    for key, types, words in _SHAPES:
        value = entry.get(key)
        if value is not None and not _is_a(value, types):
            yield f".{key}", "wrong_type", f'"{key}" is {words}, not {_kind(value)}'
            return
    yield from _faults_together(entry)


def _faults_together(entry: dict[str, Any]) -> Iterable[tuple[str, str, str]]:
    kind = entry.get("type", "string")
    low, high = entry.get("minimum"), entry.get("maximum")
    for key in ("minimum", "maximum"):
        if entry.get(key) is not None and kind not in ("integer", "number"):
            yield f".{key}", "bad_value", f'"{key}" is for numbers, not for type "{kind}"'
    if low is not None and high is not None and low > high:
        yield ".minimum", "bad_value", "minimum is above maximum"
    choices = entry.get("choices")
    if kind == "choice" and not choices:
        yield ".choices", "missing", 'a parameter of type "choice" needs choices'
    if choices and not all(isinstance(one, str | int | float | bool) for one in choices):
        yield ".choices", "wrong_type", "choices are texts, numbers, true or false"


_SHAPES: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("required", (bool,), "true or false"),
    ("choices", (list, tuple), "a list"),
    ("minimum", (int, float), "a number"),
    ("maximum", (int, float), "a number"),
    ("help", (str,), "a text"),
    ("section", (str,), "a text"),
)


def _is_a(value: Any, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _name_fault(name: object) -> str | None:
    if name is None:
        return "a parameter needs a name"
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        return f"a parameter's name is printable text, not {_shown(name)}"
    if len(name) > NAME_LENGTH:
        return f"a parameter's name has at most {NAME_LENGTH} characters, this one {len(name)}"
    return None


def _is_choice(spec: ParameterSpec, value: Any) -> bool:
    # In Python 1 == True; in a form they are two answers.
    return any(
        one == value and isinstance(one, bool) == isinstance(value, bool) for one in spec.choices
    )


def _too_large(values: dict[str, Any], where: str, step: str | None) -> list[Problem]:
    try:
        size = len(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError):
        return [Problem(where, step, "bad_value", "parameters must be JSON values")]
    if size <= CAPS.parameter_bytes:
        return []
    message = f"parameters: {size:,} bytes is more than the cap of {CAPS.parameter_bytes:,} bytes"
    return [Problem(where, step, "cap_exceeded", message)]


def _is_finite(value: float) -> bool:
    # A whole number may be too large for the question.
    return isinstance(value, int) or math.isfinite(value)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _shown(value: Any) -> str:
    try:
        return shortened(json.dumps(value, ensure_ascii=False, default=repr), 60)
    except (TypeError, ValueError, RecursionError):
        return _kind(value)


_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a text",
    bool: "true or false",
    type(None): "null",
}


def _kind(value: object) -> str:
    return _KINDS.get(
        type(value), "a number" if isinstance(value, int | float) else "something else"
    )
