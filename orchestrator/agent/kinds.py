"""The kinds of execution: what is written into the working folder and which program is started."""

from __future__ import annotations

import json
import keyword
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.agent.folder import WorkFolder, search_path
from orchestrator.domain.errors import PipelinesError
from orchestrator.store.execution import Work

_PARAMETER = re.compile(r"\{([\w\-. ]+/[\w\-. /]+)\}")

_CALL_FUNCTION = '''\
"""Calls the step's function with the task's parameters; its return value becomes an output."""

from pipelines import Task
from pipelines.main_call import call
from step_function import {name} as function

answer = call(function)
if answer is not None and not isinstance(answer, dict):
    Task.current_task().set_output("return", answer)
'''


class CannotStart(PipelinesError):
    """The task cannot be started."""

    code = "cannot_start"


@dataclass(frozen=True, slots=True)
class Program:
    """What is executed: a script by a fork of the fork server, or any other program."""

    argv: list[str]
    is_script: bool = False
    python: str = sys.executable


def prepare(work: Work, folder: WorkFolder, python: str = sys.executable) -> Program:
    """Write what the execution needs into its folder, and say what is to be executed.

    *python* is that of the task's environment.
    """
    if work.kind == "python":
        return _python(work.body, folder, python)
    if work.kind == "function":
        return _function(work.body, folder, python)
    if work.kind == "command":
        return _command(work.body, work.parameters, folder, python)
    raise CannotStart(f"an agent cannot execute a task of kind {work.kind!r}")


def _python(body: Mapping[str, Any], folder: WorkFolder, python: str) -> Program:
    script = folder.write("script.py", _text_of(body, "script"))
    return Program([python, str(script)], is_script=True, python=python)


def _function(body: Mapping[str, Any], folder: WorkFolder, python: str) -> Program:
    name = _text_of(body, "name")
    # It is written into a program: a name only, whatever somebody stored.
    if not name.isidentifier() or keyword.iskeyword(name):
        raise CannotStart(f"{name!r} is not the name of a function")
    folder.write("step_function.py", _text_of(body, "source"))
    main = folder.write("call_function.py", _CALL_FUNCTION.format(name=name))
    return Program([python, str(main)], is_script=True, python=python)


def _command(
    body: Mapping[str, Any], parameters: Mapping[str, Any], folder: WorkFolder, python: str
) -> Program:
    argv = body.get("argv")
    if not isinstance(argv, list) or not argv or not all(isinstance(a, str) for a in argv):
        raise CannotStart("the task's command is not a list of texts")
    program, *arguments = [_filled_in(element, parameters) for element in argv]
    where = str(folder.path / program) if "/" in program else program
    found = shutil.which(where, path=search_path(python))
    if found is None:
        raise CannotStart(f"there is no program {program!r} on this agent")
    return Program([found, *arguments], python=python)


def _filled_in(element: str, parameters: Mapping[str, Any]) -> str:
    """Put parameters into one argument; whatever they hold, it stays one argument."""

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in parameters:
            raise CannotStart(f"the command names {{{name}}}, which is no parameter of the task")
        return _as_text(parameters[name])

    text = _PARAMETER.sub(value_of, element)
    if "\0" in text:
        raise CannotStart(f"the argument {element!r} would hold a NUL character")
    return text


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text_of(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise CannotStart(f"the task has no {key}")
    return value
