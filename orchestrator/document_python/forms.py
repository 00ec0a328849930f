"""What the arguments of a call say of a step or a parameter, and back.

A key that is said in a shorter form has that form only where it is read back as it was; keys
that no argument is for, or that hold what no argument can say, stand in ``more``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from orchestrator.document_python import monitors
from orchestrator.document_python.words import MORE, PARAMETER, STEP

Values = dict[str, Any]

# What a step is, when it is said by what it is made of.
_TELLING: Final = ("pipeline", "approval")
_DECLARED: Final = {key: word for word, key in PARAMETER.items()}
# Keys that are said as they are.
_FORMED: Final = frozenset({"retry_on_failure", "for_each", *monitors.WORDS})
_DIRECT: Final = {key: word for word, key in STEP.items() if word not in _FORMED}
_ONLY_NUMBER: Final = {"number"}
_ONLY_LIST: Final = {"list"}


class WrongForm(Exception):
    """An argument holds something else than it takes."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument
        self.key = STEP.get(argument, argument)
        self.message = message


def arguments_of_parameter(parameter: Mapping[str, Any]) -> Values:
    """Say a declared parameter in the arguments of its call."""
    known = {_DECLARED[key]: value for key, value in parameter.items() if key in _DECLARED}
    more = {key: value for key, value in parameter.items() if key not in _DECLARED}
    return _in_order(known, more, PARAMETER)


def parameter_of(said: Mapping[str, Any]) -> Values:
    """Make a parameter's declaration of the arguments of its call."""
    known = {PARAMETER[word]: value for word, value in said.items() if word != MORE}
    return _with_more(known, said)


def arguments_of_step(step: Mapping[str, Any]) -> Values:
    """Say a step in the arguments of its call."""
    said: Values = {}
    more: Values = {}
    telling = [key for key in _TELLING if key in step]
    is_told = "kind" in step and telling == [step["kind"]]
    for key, value in step.items():
        if key == "kind" and is_told:
            continue
        if key in _TELLING and "kind" not in step:
            more[key] = value
        elif key == "retries" and (number := only_number(value)) is not None:
            said["retry_on_failure"] = number
        elif key == "for_each" and not isinstance(value, str | list):
            said["for_each"] = _short_list(value)
        elif key in monitors.KEYS and (short := monitors.said(key, value)) is not None:
            said[monitors.KEYS[key]] = short
        elif key in _DIRECT:
            said[_DIRECT[key]] = value
        else:
            more[key] = value
    return _in_order(said, more, STEP)


def step_of(said: Mapping[str, Any]) -> Values:
    """Make a step of the arguments of its call; WrongForm for what they cannot hold."""
    step: Values = {}
    for word, value in said.items():
        if word == "retry_on_failure":
            if only_number({"number": value}) is None:
                raise WrongForm(word, "retry_on_failure is a whole number; else say retries={…}")
            step["retries"] = {"number": value}
        elif word == "for_each":
            step["for_each"] = {"list": value} if isinstance(value, str | list) else value
        elif word in monitors.WORDS:
            if (items := monitors.items_of(word, value)) is None:
                raise WrongForm(word, monitors.WORDS[word])
            step[STEP[word]] = items
        elif word != MORE:
            step[STEP[word]] = value
    telling = [key for key in _TELLING if key in step]
    if "kind" not in step and len(telling) == 1:
        step["kind"] = telling[0]
    return _with_more(step, said)


def only_number(retries: Any) -> int | None:
    """Return how often something is tried again, if nothing else is said of it."""
    if not isinstance(retries, dict) or retries.keys() != _ONLY_NUMBER:
        return None
    number = retries["number"]
    return number if type(number) is int else None


def _short_list(for_each: Any) -> Any:
    """Return the list alone where nothing else is said."""
    if isinstance(for_each, dict) and for_each.keys() == _ONLY_LIST:
        short = for_each["list"]
        return short if isinstance(short, str | list) else for_each
    return for_each


def _in_order(said: Values, more: Values, words: Mapping[str, str]) -> Values:
    ordered = {word: said[word] for word in words if word in said}
    return {**ordered, MORE: more} if more else ordered


def _with_more(made: Values, said: Mapping[str, Any]) -> Values:
    more = said.get(MORE, {})
    if not isinstance(more, dict):
        raise WrongForm(MORE, "more is an object: keys that no argument is for")
    if twice := made.keys() & more.keys():
        raise WrongForm(MORE, f'"{min(twice)}" is said twice: by its argument, and in more')
    return {**made, **more}
