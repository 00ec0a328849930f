"""Parameters of the section Args, for scripts that read their command line with argparse."""

from __future__ import annotations

import argparse

from pipelines.parameters import Parameters, cast_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECTION = "Args"


def offer_to_parser(parser: argparse.ArgumentParser, parameters: Parameters) -> None:
    """Make the task's parameters the parser's defaults; the command line still wins."""
    used: dict[str, Any] = {}
    for action in parser._actions:
        if action.dest in (argparse.SUPPRESS, "help"):
            continue
        name = f"{SECTION}/{action.dest}"
        if parameters.given.get(name) is not None:
            action.default = _typed(name, action, parameters.given[name])
            _make_optional(action)
        if action.default is not None and action.default is not argparse.SUPPRESS:
            used[name] = action.default
    parameters.note(used)


def offer_to_all_parsers(parameters: Parameters) -> None:
    """Do so for every parser of this process, when it parses."""
    original = argparse.ArgumentParser.parse_known_args

    def parse_known_args(self: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        offer_to_parser(self, parameters)
        return original(self, *args, **kwargs)

    argparse.ArgumentParser.parse_known_args = parse_known_args  # type: ignore[method-assign]


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
