"""The cache: what makes two tasks equal, and in words why an earlier one was not.

Equal are tasks of one project that execute the same definition, which holds the requirements
too, with the same parameters and configuration. The address of an artifact counts by what the
artifact holds, so that the same content under another task is the same input.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator.domain.errors import shortened

Address = tuple[str, str]
"""An artifact by its task's id and its name."""

Contents = Mapping[Address, str]
"""The hash of what each artifact holds."""

_ADDRESS: Final = re.compile(
    r"(?:artifact://(?P<task>[0-9a-f-]{36})/(?P<name>[^/]+)"
    r"|https?://[^ ]+/api/v1/tasks/(?P<of>[0-9a-f-]{36})/artifacts/(?P<called>[^/]+)/)"
)
_MOST_TOLD: Final = 3
_SHOWN: Final = 40
_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Made:
    """What a task was made of, as far as it decides whether it is equal to another."""

    definition: str
    body: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)


def addresses_in(value: Any) -> frozenset[Address]:
    """The artifacts that a value holds the addresses of, at any depth."""
    return frozenset(_addresses(value))


def key_of(
    definition: str,
    parameters: Mapping[str, Any],
    contents: Contents,
    configuration: Mapping[str, str] | None = None,
) -> str:
    """The same for equal tasks of a project, and for no others."""
    made = [definition, with_contents(parameters, contents) if contents else parameters]
    if configuration:
        made.append(configuration)
    text = json.dumps(made, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def with_contents(value: Any, contents: Contents) -> Any:
    """The value with addresses replaced by what lies there; unknown ones stay."""
    match value:
        case str():
            address = _address(value)
            known = contents.get(address) if address else None
            return value if known is None else {"artifact": known}
        case dict():
            return {name: with_contents(inner, contents) for name, inner in value.items()}
        case list():
            return [with_contents(inner, contents) for inner in value]
        case _:
            return value


def why_not_equal(now: Made, then: Made, *, since: str) -> str:
    """What has changed since an earlier task, in words; both with contents in place of addresses.

    *since* names the earlier one: ``run #3``.
    """
    told = [*_definition_changes(now, then), *_parameter_changes(now.parameters, then.parameters)]
    if now.configuration != then.configuration:
        told.append("the configuration has changed")
    if not told:
        return f"nothing of {since} can be taken"
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    return f"since {since}: {'; '.join(told[:_MOST_TOLD])}{more}"


def _definition_changes(now: Made, then: Made) -> Iterable[str]:
    if now.definition == then.definition:
        return
    for key in dict.fromkeys((*now.body, *then.body)):
        if now.body.get(key) != then.body.get(key):
            word = {"source": "function", "argv": "command"}.get(key, key)
            yield f"the {word} {'have' if word == 'requirements' else 'has'} changed"


def _parameter_changes(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterable[str]:
    for name in sorted({*now, *then}):
        new, old = now.get(name, _NOTHING), then.get(name, _NOTHING)
        if new == old and type(new) is type(old):
            continue
        if old is _NOTHING:
            yield f"{name} is new"
        elif new is _NOTHING:
            yield f"{name} is gone"
        elif _is_content(new) and _is_content(old):
            yield f"what {name} refers to holds something else"
        else:
            yield f"{name} changed from {_told(old)} to {_told(new)}"


def _is_content(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"artifact"}


def _told(value: Any) -> str:
    return shortened(json.dumps(value, ensure_ascii=False, sort_keys=True), _SHOWN)


def _addresses(value: Any) -> Iterable[Address]:
    match value:
        case str():
            if address := _address(value):
                yield address
        case dict():
            for inner in value.values():
                yield from _addresses(inner)
        case list():
            for inner in value:
                yield from _addresses(inner)


def _address(text: str) -> Address | None:
    if "/" not in text:
        return None
    found = _ADDRESS.fullmatch(text)
    return (found["task"] or found["of"], found["name"] or found["called"]) if found else None
