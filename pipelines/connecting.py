"""What a script connects with its parameters: dictionaries, classes, objects, parsed arguments."""

from __future__ import annotations

import os

from pipelines.parameters import cast_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, MutableMapping
    from typing import Any, Callable, Optional

    from pipelines.parameters import Parameters

    Told = Callable[[str, Any], None]

_PLAIN = (bool, int, float, str, list, tuple, dict, os.PathLike)
_MISSING = object()


class ConnectedDict(dict):  # type: ignore[type-arg]
    """A dictionary whose changes are told, and made in the one that it was made of, too."""

    def __init__(self, original: MutableMapping[str, Any], prefix: str, told: Told) -> None:
        super().__init__()
        self._original = original
        self._prefix = prefix
        self._told = told
        for key, value in original.items():
            super().__setitem__(key, self._of(key, value))

    def __setitem__(self, key: Any, value: Any) -> None:
        self._original[key] = value
        made = self._of(key, value)
        super().__setitem__(key, made)
        for name, leaf in leaves(value, f"{self._prefix}/{key}"):
            self._told(name, leaf)

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        self._original.pop(key, None)

    def update(self, *others: Any, **more: Any) -> None:
        """Take over other values, one by one."""
        for key, value in dict(*others, **more).items():
            self[key] = value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Give the value; without one the default becomes it."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, default: Any = _MISSING) -> Any:
        """Take a value out."""
        self._original.pop(key, None)
        return super().pop(key) if default is _MISSING else super().pop(key, default)

    def __ior__(self, other: Any) -> ConnectedDict:  # type: ignore[misc]
        self.update(other)
        return self

    def __reduce__(self) -> Any:
        # In another process there is nobody to tell.
        return dict, (dict(self._plain()),)

    def __deepcopy__(self, memo: Any) -> dict[Any, Any]:
        from copy import deepcopy

        return deepcopy(dict(self._plain()), memo)

    def _plain(self) -> Iterator[tuple[Any, Any]]:
        for key, value in self.items():
            yield key, dict(value._plain()) if isinstance(value, ConnectedDict) else value

    def _of(self, key: Any, value: Any) -> Any:
        if isinstance(value, dict):
            return ConnectedDict(value, f"{self._prefix}/{key}", self._told)
        return value


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Give what a value is written down as: of a dictionary each value under a name of its own."""
    if isinstance(value, dict) and value and all(isinstance(key, str) for key in value):
        for key, inner in value.items():
            yield from leaves(inner, f"{name}/{key}")
    else:
        yield name, value


def connect_attributes(
    thing: Any, section: str, parameters: Parameters, names: Optional[Iterable[str]] = None
) -> None:
    """Put the task's parameters over the plain attributes of a class or an object."""
    used: dict[str, Any] = {}
    for key in plain_attributes(thing) if names is None else names:
        name, default = f"{section}/{key}", getattr(thing, key)
        if parameters.given.get(name) is not None:
            setattr(thing, key, typed(name, parameters.given[name], default))
        used[name] = as_kept(getattr(thing, key))
    parameters.note(used)


def plain_attributes(thing: Any) -> list[str]:
    """Name what a class or an object holds that a parameter can hold."""
    owner = thing if isinstance(thing, type) else type(thing)
    found = []
    for name in dir(thing):
        if name.startswith("_") or isinstance(getattr(owner, name, None), property):
            continue
        value = getattr(thing, name, _MISSING)
        if value is None or isinstance(value, _PLAIN):
            found.append(name)
    return found


def typed(name: str, value: Any, example: Any) -> Any:
    """Give a value the type of an example."""
    if isinstance(example, os.PathLike) and isinstance(value, str):
        return type(example)(value)  # type: ignore[call-arg]
    return cast_like(name, value, example)


def as_kept(value: Any) -> Any:
    """Write a value so that JSON can hold it."""
    import json

    if isinstance(value, os.PathLike):
        return os.fspath(value)
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return value


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write all values so."""
    return {name: as_kept(value) for name, value in values.items()}
