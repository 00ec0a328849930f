"""Parameters of the section Args, for scripts that read their command line with argparse."""

from __future__ import annotations

import argparse
from weakref import WeakKeyDictionary

from pipelines.connecting import as_kept, kept
from pipelines.parameters import Parameters, cast_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

SECTION = "Args"


_parsed: WeakKeyDictionary[argparse.ArgumentParser, argparse.Namespace] = WeakKeyDictionary()
_original = argparse.ArgumentParser.parse_known_args


def connect_parser(parser: argparse.ArgumentParser, parameters: Parameters) -> None:
    """Connect a parser that will parse, or has parsed: then what it gave is changed in place."""
    offer_to_parser(parser, parameters)
    namespace = _parsed.get(parser)
    if namespace is None:
        return
    for action in parser._actions:
        name = f"{SECTION}/{action.dest}"
        if hasattr(namespace, action.dest) and parameters.given.get(name) is not None:
            setattr(namespace, action.dest, _typed(name, action, parameters.given[name]))
    parameters.note(kept(_known(parser, namespace)))


def offer_to_parser(
    parser: argparse.ArgumentParser, parameters: Parameters, left_out: Collection[str] = ()
) -> None:
    """Make the task's parameters the parser's defaults; the command line still wins."""
    used: dict[str, Any] = {}
    for action in parser._actions:
        if action.dest in (argparse.SUPPRESS, "help") or action.dest in left_out:
            continue
        name = f"{SECTION}/{action.dest}"
        if parameters.given.get(name) is not None:
            action.default = _typed(name, action, parameters.given[name])
            _make_optional(action)
        if action.default is not None and action.default is not argparse.SUPPRESS:
            used[name] = as_kept(action.default)
    parameters.note(used)


def offer_to_all_parsers(
    parameters: Parameters, *, left_out: Collection[str] = (), notes_parsed: bool = False
) -> None:
    """Do so for every parser of this process, when it parses.

    With *notes_parsed* what it gives is written down, too, and what was given before.
    """
    remember_parsed()
    remembered = argparse.ArgumentParser.parse_known_args

    def parse_known_args(self: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        offer_to_parser(self, parameters, left_out)
        answer = remembered(self, *args, **kwargs)
        if notes_parsed and answer:
            note(self, answer[0])
        return answer

    def note(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> None:
        known = _known(parser, namespace)
        parameters.note(
            kept({n: v for n, v in known.items() if n.split("/", 1)[1] not in left_out})
        )

    argparse.ArgumentParser.parse_known_args = parse_known_args  # type: ignore[method-assign]
    if notes_parsed:
        for parser, namespace in list(_parsed.items()):
            note(parser, namespace)


def remember_parsed() -> None:
    """Keep in mind what each parser gives, for a task that is begun, or connected, only then."""
    if argparse.ArgumentParser.parse_known_args is not _original:
        return

    def parse_known_args(self: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        answer = _original(self, *args, **kwargs)
        if answer:
            _parsed[self] = answer[0]
        return answer

    argparse.ArgumentParser.parse_known_args = parse_known_args  # type: ignore[method-assign]


def _known(parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> dict[str, Any]:
    names = {action.dest for action in parser._actions} - {argparse.SUPPRESS, "help"}
    found = {name: getattr(namespace, name, None) for name in sorted(names)}
    return {f"{SECTION}/{name}": value for name, value in found.items() if value is not None}


def _typed(name: str, action: argparse.Action, value: Any) -> Any:
    if isinstance(action, (argparse._StoreTrueAction, argparse._StoreFalseAction)):
        return cast_like(name, value, True)
    if callable(action.type) and isinstance(value, (str, int, float)):
        return action.type(str(value))
    return cast_like(name, value, action.default)


def _make_optional(action: argparse.Action) -> None:
    action.required = False
    if not action.option_strings and action.nargs is None:
        action.nargs = argparse.OPTIONAL
