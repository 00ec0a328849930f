"""A step's parameters: names with sections, and values of the type that the script expects."""

from __future__ import annotations

import json

from pipelines.errors import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping
    from typing import Any, Callable, Optional

    from pipelines.context import StepContext

DEFAULT_SECTION = "General"
_TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
_FALSE_WORDS = frozenset({"false", "no", "off", "0", ""})


def full_name(name: str, section: str = DEFAULT_SECTION) -> str:
    """Give a bare name its section."""
    return name if "/" in name else f"{section}/{name}"


class Parameters:
    """The values that a task was given, and the record of those that its script used."""

    def __init__(
        self, context: StepContext, tell: Optional[Callable[[Mapping[str, Any]], None]] = None
    ) -> None:
        self._context = context
        self._tell = tell
        self.given: dict[str, Any] = context.read_json("parameters.json")
        self.used: dict[str, Any] = {}

    def get(self, name: str, default: object = None, *, cast: bool = False) -> Any:
        """Give one value; the default is noted as used when none was given."""
        name = full_name(name)
        value = self.given.get(name)
        value = default if value is None else value
        if cast:
            value = read_text(value) if default is None else cast_like(name, value, default)
        if value is None:
            return None
        self.note({name: value})
        return value

    def connect(
        self, values: MutableMapping[str, Any], section: str, *, overlay: bool = True
    ) -> None:
        """Put the given values over the script's own, each with the type of the latter."""
        used: dict[str, Any] = {}
        self._overlay(values, section, used, overlay)
        self.note(used)

    def put(self, values: Mapping[str, Any]) -> None:
        """Let the script decide on values, whatever was given; the server is told soon."""
        self.given.update(values)
        self._write(values)
        if self._tell is not None:
            self._tell(values)

    def note(self, used: Mapping[str, Any]) -> None:
        """Write down which values the script goes on with."""
        new = {
            name: value
            for name, value in used.items()
            if name not in self.used or self.used[name] != value
        }
        if not new:
            return
        self._write(new)
        # An agent reads the file when the step has ended; without one the server is told now.
        if self._tell is not None and not self._context.has_agent:
            self._tell(new)

    def _write(self, used: Mapping[str, Any]) -> None:
        with self._context.storing:
            self.used.update(used)
            try:
                self._context.write_json("parameters_used.json", self.used)
            except (TypeError, ValueError) as error:
                raise ParameterError(f"a parameter cannot be kept as JSON: {error}") from error

    def _overlay(
        self, values: MutableMapping[str, Any], prefix: str, used: dict[str, Any], overlay: bool
    ) -> None:
        for key, default in values.items():
            name = f"{prefix}/{key}"
            if isinstance(default, dict) and (not overlay or self.given.get(name) is None):
                self._overlay(default, name, used, overlay)
                if not default:
                    used[name] = default
                continue
            # A parameter that was declared without a value leaves the script its own.
            if overlay and self.given.get(name) is not None:
                values[key] = cast_like(name, self.given[name], default)
            used[name] = values[key]


def cast_like(name: str, value: Any, example: object) -> Any:
    """Turn a value into the type of an example, or say which parameter does not fit."""
    if value is None or example is None:
        return value
    if isinstance(example, bool):
        return _boolean(name, value)
    if isinstance(example, int):
        return _integer(name, value)
    if isinstance(example, float):
        return _number(name, value)
    if isinstance(example, str):
        return value if isinstance(value, str) else json.dumps(value)
    if isinstance(example, (list, tuple, dict)):
        return _collection(name, value, example)
    return value


def read_text(value: Any) -> Any:
    """Give what a text stands for: a number, yes or no, JSON, or else itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        lowered = value.strip().lower()
        return lowered == "true" if lowered in ("true", "false") else value


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise _misfit(name, value, "true or false")


def _integer(name: str, value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise _misfit(name, value, "a whole number")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _misfit(name, value, "a whole number") from None
    return _integer(name, number)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _misfit(name, value, "a number") from None


def _collection(
    name: str, value: Any, example: list[Any] | tuple[Any, ...] | dict[str, Any]
) -> Any:
    wanted = dict if isinstance(example, dict) else (list, tuple)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise _misfit(name, value, "JSON") from None
    if not isinstance(value, wanted):
        raise _misfit(name, value, "an object" if wanted is dict else "a list")
    return tuple(value) if isinstance(example, tuple) else value


def _misfit(name: str, value: object, wanted: str) -> ParameterError:
    return ParameterError(f"parameter {name}: {value!r} is not {wanted}")
