"""Calling a script's own `main` with the task's parameters."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pipelines.parameters import DEFAULT_SECTION, cast_like, read_text
from pipelines.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

_EXAMPLES: dict[str, object] = {
    "int": 0,
    "float": 0.0,
    "bool": False,
    "str": "",
    "dict": {},
    "list": [],
}


def call(function: Callable[..., Any]) -> Any:
    """Call a function with this task's parameters by name, typed as it declares them.

    What a dictionary holds that it returns becomes the task's outputs. Outside an agent the
    function is simply called, with its own defaults.
    """
    task = Task.current_task()
    if task is None:
        return function()
    answer = function(**_arguments(function, task))
    if isinstance(answer, dict):
        for name, value in answer.items():
            task.set_output(name, value)
    return answer


def _arguments(function: Callable[..., Any], task: Task) -> dict[str, Any]:
    given = task.get_parameters()
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        name = f"{DEFAULT_SECTION}/{parameter.name}"
        if given.get(name) is not None:
            arguments[parameter.name] = _typed(name, given[name], parameter)
            task.get_parameter(name, arguments[parameter.name], cast=True)
        elif parameter.default is not parameter.empty:
            task.get_parameter(name, parameter.default)
    return arguments


def _typed(name: str, value: Any, parameter: inspect.Parameter) -> Any:
    annotation = parameter.annotation
    word = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    example = _EXAMPLES.get(word.partition("[")[0].strip())
    if example is None and parameter.default not in (None, parameter.empty):
        example = parameter.default
    return read_text(value) if example is None else cast_like(name, value, example)
