"""The source of a function or class as it was written, and the module around it."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import sys
import textwrap
import types
from typing import TYPE_CHECKING, Any

from pipelines.errors import PipelinesError

if TYPE_CHECKING:
    from typing import Union

    Definition = Union[ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef]

_OURS = ("PipelineDecorator.component", "PipelineDecorator.pipeline")


class CaptureError(PipelinesError, ValueError):
    """A function that cannot be taken along into a step; the message says why."""


class Source:
    """A function's or class's own text, without what stands around it."""

    def __init__(self, thing: Any, *, strip: bool) -> None:
        self.original = original_of(thing)
        lines = _lines_of(self.original)
        tree = _parsed(lines, self.original)
        self.definition = _definition_in(tree, self.original)
        self.name: str = self.definition.name
        kept = _without_ours(lines, self.definition, self.original) if strip else lines
        self.text = "".join(kept).rstrip() + "\n"

    @property
    def is_decorated(self) -> bool:
        """Whether somebody's own decorator stands above it."""
        return any(not _is_ours(one, self.original) for one in self.definition.decorator_list)


def original_of(thing: Any) -> Any:
    """Find the function that was written, under whatever decorators have made of it.

    A wrapper that was made without functools.wraps has it from the function around it.
    """
    met: set[int] = set()
    while id(thing) not in met:
        met.add(id(thing))
        inside = [] if inspect.isclass(thing) else _wrapped_by(thing)
        if not inside:
            break
        thing = next(filter(_is_decorated, inside), inside[0])
    if inspect.isclass(thing) or inspect.isfunction(thing):
        return thing
    raise CaptureError(f"{thing!r} is no function written in Python: a step is made of a def")


def outer_values(function: Any) -> dict[str, Any]:
    """Give what a function's free names stand for: those around it, then its module's."""
    values = dict(getattr(function, "__globals__", None) or vars(module_of(function)))
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    for name, cell in zip(code.co_freevars if code else (), cells or ()):
        try:
            values[name] = cell.cell_contents
        except ValueError:
            continue
    return values


def module_of(thing: Any) -> types.ModuleType:
    """Give the module that something was written in."""
    name = getattr(thing, "__module__", None) or "__main__"
    return sys.modules.get(name) or types.ModuleType(name)


def module_text(thing: Any) -> tuple[str, str]:
    """Give the path and the text of the file, or the notebook's cell, that something stands in."""
    code = getattr(thing, "__code__", None)
    path = code.co_filename if code else (getattr(module_of(thing), "__file__", None) or "")
    lines = linecache.getlines(path, getattr(thing, "__globals__", None))
    return path, "".join(lines)


def is_builtin(name: str) -> bool:
    """Tell whether a name is there in every Python program."""
    return hasattr(builtins, name)


def _wrapped_by(thing: Any) -> list[Any]:
    """Give the functions that a wrapper was given to wrap."""
    wrapped = getattr(thing, "__wrapped__", None)
    if wrapped is not None:
        return [wrapped]
    if not inspect.isfunction(thing):
        return [value for value in getattr(thing, "__dict__", {}).values() if _is_function(value)]
    received = _arguments_around(thing) if thing.__closure__ else set()
    values = outer_values(thing)
    names = [name for name in thing.__code__.co_freevars if name in received]
    return [values[name] for name in names if _is_function(values.get(name))]


def _is_function(value: Any) -> bool:
    return inspect.isfunction(value) or hasattr(value, "__wrapped__")


def _arguments_around(function: Any) -> set[str]:
    """Give the names of all arguments of the functions that a function is written in."""
    try:
        tree = ast.parse(module_text(function)[1])
    except SyntaxError:
        return set()
    line = function.__code__.co_firstlineno
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first < line <= (node.end_lineno or 0):
                every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                names.update(one.arg for one in every)
    return names


def _is_decorated(function: Any) -> bool:
    try:
        lines = _lines_of(function)
        return bool(_definition_in(_parsed(lines, function), function).decorator_list)
    except CaptureError:
        return False


def _lines_of(thing: Any) -> list[str]:
    name = getattr(thing, "__qualname__", repr(thing))
    if getattr(thing, "__name__", "") == "<lambda>":
        raise CaptureError("a lambda cannot be a step: write it as a def")
    try:
        lines, _ = inspect.getsourcelines(thing)
    except (OSError, TypeError) as error:
        raise CaptureError(
            f"the source of {name} cannot be read ({error}): write it in a file"
        ) from error
    text = textwrap.dedent("".join(lines))
    if text[:1].isspace():
        # A text of several lines that begins further to the left than the def.
        text = "if True:\n" + "".join(lines)
    return text.splitlines(keepends=True)


def _parsed(lines: list[str], thing: Any) -> ast.Module:
    try:
        return ast.parse("".join(lines))
    except SyntaxError as error:
        name = getattr(thing, "__qualname__", repr(thing))
        raise CaptureError(f"the source of {name} cannot be read by itself: {error}") from error


def _definition_in(tree: ast.Module, thing: Any) -> Definition:
    body = tree.body
    if len(body) == 1 and isinstance(body[0], ast.If):
        body = body[0].body
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return statement
    raise CaptureError(f"{getattr(thing, '__qualname__', thing)} is not written as a def")


def _without_ours(lines: list[str], definition: Definition, thing: Any) -> list[str]:
    dropped: set[int] = set()
    for decorator in definition.decorator_list:
        if _is_ours(decorator, thing):
            dropped.update(range(decorator.lineno, (decorator.end_lineno or 0) + 1))
    return [line for number, line in enumerate(lines, 1) if number not in dropped]


def _is_ours(decorator: ast.expr, thing: Any) -> bool:
    """Tell whether a decorator makes a component or a pipeline of a function."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    names.insert(0, node.id)
    if ".".join(names).endswith(_OURS):
        return True
    value = outer_values(thing).get(names[0])
    for name in names[1:]:
        value = getattr(value, name, None)
    module = getattr(value, "__module__", None) or ""
    return module.startswith("pipelines.") and getattr(value, "__name__", "") in (
        "component",
        "pipeline",
    )
