"""Configurations: texts that a task keeps by name, dictionaries and files to a script."""

from __future__ import annotations

import json
import os

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pipelines.task_parameters import TaskParameters


def connect_configuration(
    task: TaskParameters, configuration: Any, name: str, *, overlay: bool
) -> Any:
    """Keep what a script has; under an agent take what the task has, in the same form."""
    is_file = isinstance(configuration, (str, os.PathLike))
    if not is_file and not isinstance(configuration, (dict, list, tuple)):
        raise TypeError(
            f"a {type(configuration).__name__} is no configuration; give a dictionary or a path"
        )
    given = task.get_configuration_object(name) if overlay and task._context.has_agent else None
    if given is None:
        text = _text_of(configuration) if is_file else write_configuration(name, configuration)
        task.set_configuration_object(name, config_text=text)
        return configuration
    if is_file:
        return _as_file(task, configuration, name, given)
    return _in_place(configuration, read_configuration(name, given))


def read_configuration(name: str, text: str) -> Any:
    """Give the values that a configuration's text stands for."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise PipelinesError(f"configuration {name!r} is not JSON: {error}") from error


def write_configuration(name: str, values: Any) -> str:
    """Write values as a configuration's text."""
    try:
        return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2)
    except (TypeError, ValueError) as error:
        raise PipelinesError(f"configuration {name!r} cannot be kept: {error}") from error


def _text_of(path: Any) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise PipelinesError(f"the configuration {str(path)!r} cannot be read: {error}") from error


def _as_file(task: TaskParameters, path: Any, name: str, text: str) -> Any:
    folder = task._context.path("configuration")
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, os.path.basename(os.fspath(path)) or name)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    return target if isinstance(path, str) else type(path)(target)


def _in_place(values: Any, given: Any) -> Any:
    if isinstance(values, dict) and isinstance(given, dict):
        values.clear()
        values.update(given)
        return values
    if isinstance(values, list) and isinstance(given, list):
        values[:] = given
        return values
    return given
