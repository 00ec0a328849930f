"""Reads from a script, without running it, what parameters it declares and what it requires.

Three ways of declaring are understood: a dictionary given to `connect`, the arguments of an
argparse parser, and an annotated function `main`. A comment behind a dictionary's entry or a
function's parameter becomes its help.
"""

from __future__ import annotations

import ast
import re

from pipelines.errors import PipelinesError
from pipelines.syntax import (
    UNKNOWN,
    calls,
    comments_by_line,
    first_list,
    is_guarded,
    keyword,
    last_name,
    literal,
    named_literals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Spec = dict[str, Any]

_BLOCK = re.compile(r"^# /// script\s*$\n(?P<content>(?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)
_DEPENDENCIES = re.compile(r"^dependencies\s*=\s*(?=\[)", re.MULTILINE)
_TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
_JSON_TYPES = frozenset({"list", "dict", "tuple", "List", "Dict", "Tuple", "Any", "object"})
_FLAGS = {"store_true": False, "store_false": True}
_NO_VALUE_ACTIONS = frozenset({"help", "version"})


class TemplateFile:
    """What a script says about itself."""

    def __init__(self, script: str, where: str = "the script") -> None:
        try:
            self._tree = ast.parse(script)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            message = f"{where}{f', line {line}' if line else ''}: {getattr(error, 'msg', error)}"
            raise PipelinesError(f"{message}; a template is made from a Python script") from error
        self.script = script
        self.function = ""
        self.notes: list[str] = []
        self._where = where
        self._comments = comments_by_line(script)
        self._literals = named_literals(self._tree)
        self._specs: dict[str, Spec] = {}
        for spec in (*self._connected(), *self._arguments(), *self._of_main()):
            self._specs.setdefault(spec["name"], spec)
        self.requirements = self._required()

    @property
    def specs(self) -> list[Spec]:
        """The declared parameters, in the order of the script."""
        return list(self._specs.values())

    @property
    def execution(self) -> dict[str, str]:
        """How the script is to be executed: as a program, or by calling its main."""
        if self.function:
            return {"kind": "function", "source": self.script, "function": self.function}
        return {"kind": "python", "script": self.script}

    @property
    def summary(self) -> str:
        """The first line of the script's own description."""
        return (ast.get_docstring(self._tree) or "").partition("\n")[0].strip()

    def _connected(self) -> Iterator[Spec]:
        """Find what is given to `connect`: a dictionary, or a name that stands for one."""
        for call in calls(self._tree, "connect"):
            if not call.args or isinstance(call.args[0], ast.Starred):
                continue
            given = call.args[0]
            if isinstance(given, ast.Name):
                given = self._literals.get(given.id, given)
            if not isinstance(given, ast.Dict):
                continue
            section = literal(call.args[1] if len(call.args) > 1 else keyword(call, "name"))
            yield from self._entries(given, section if isinstance(section, str) else "General")

    def _entries(self, dictionary: ast.Dict, prefix: str) -> Iterator[Spec]:
        for place, value in enumerate(dictionary.values):
            name = literal(dictionary.keys[place])
            if not isinstance(name, (str, int)):
                self._note(dictionary, "an entry whose name is computed is left out")
                continue
            if isinstance(value, ast.Dict) and value.keys:
                yield from self._entries(value, f"{prefix}/{name}")
                continue
            default = literal(value)
            if default is UNKNOWN:
                self._note(value, f"{prefix}/{name} has a computed default: the script keeps its")
            yield self._spec(f"{prefix}/{name}", default, value)

    def _arguments(self) -> Iterator[Spec]:
        """Find the arguments that are added to a parser of the command line."""
        found = list(calls(self._tree, "add_argument"))
        if found and not self._asks_for_its_task():
            self._note(
                found[0],
                "a parser sees parameters only in a script that calls Task.current_task() "
                "before it parses",
            )
        for call in found:
            flags = [flag for flag in map(literal, call.args) if isinstance(flag, str)]
            action = literal(keyword(call, "action"))
            if flags and action not in _NO_VALUE_ACTIONS:
                yield self._argument(call, flags, action)

    def _argument(self, call: ast.Call, flags: list[str], action: object) -> Spec:
        default = literal(keyword(call, "default"))
        if action in _FLAGS and default is UNKNOWN:
            default = _FLAGS[str(action)]
        spec = self._spec(f"Args/{_destination(call, flags)}", default, call)
        word = keyword(call, "type")
        if isinstance(word, ast.Name) and word.id in _TYPES:
            spec["type"] = _TYPES[word.id]
        elif default is UNKNOWN or default is None:
            spec["type"] = "string"
        nargs = literal(keyword(call, "nargs"))
        if nargs in ("*", "+") or isinstance(nargs, int) or action in ("append", "extend"):
            spec["type"] = "json"
        choices = literal(keyword(call, "choices"))
        if isinstance(choices, (list, tuple)) and choices:
            spec["choices"] = list(choices)
            spec["type"] = "choice" if spec["type"] == "string" else spec["type"]
        is_positional = not flags[0].startswith("-") and nargs not in ("?", "*")
        if literal(keyword(call, "required")) is True or is_positional:
            spec["required"] = True
        help_text = literal(keyword(call, "help"))
        if isinstance(help_text, str):
            spec["help"] = help_text
        _fit_default(spec)
        return spec

    def _of_main(self) -> Iterator[Spec]:
        """Find the annotated parameters of a function called main.

        A script that gives main its arguments itself has declared nothing by it. One that calls
        main only as a program, or not at all, is executed by calling main.
        """
        found = [n for n in self._tree.body if isinstance(n, ast.FunctionDef) and n.name == "main"]
        own_calls = list(calls(self._tree, "main"))
        if not found or any(call.args or call.keywords for call in own_calls):
            return
        specs = list(self._signature(found[-1].args))
        if not specs or any(spec["type"] == "" for spec in specs):
            return
        unguarded = [call for call in own_calls if not is_guarded(self._tree, call)]
        if not self._calls_main() and unguarded:
            self._note(unguarded[0], "main gets its own defaults here; write call(main) instead")
        elif not self._calls_main():
            self.function = "main"
        yield from specs

    def _signature(self, arguments: ast.arguments) -> Iterator[Spec]:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = [None] * (len(positional) - len(arguments.defaults))
        defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
        for place, argument in enumerate([*positional, *arguments.kwonlyargs]):
            value = defaults[place]
            if argument.annotation is None:
                continue
            spec = self._spec(f"General/{argument.arg}", literal(value), argument)
            _annotate(spec, argument.annotation)
            if value is None:
                spec["required"] = True
            _fit_default(spec)
            yield spec

    def _spec(self, name: str, default: object, node: ast.AST) -> Spec:
        spec: Spec = {"name": name, "type": _type_of(default)}
        if default is not UNKNOWN and default is not None:
            spec["default"] = default
        comment = self._comments.get(getattr(node, "end_lineno", 0), "")
        if comment:
            spec["help"] = comment
        return spec

    def _required(self) -> list[str]:
        """Read the packages of a block of inline script metadata."""
        block = _BLOCK.search(self.script)
        if block is None:
            return []
        content = "\n".join(line[2:] for line in block["content"].splitlines())
        match = _DEPENDENCIES.search(content)
        if match is None:
            return []
        packages = first_list(content[match.end() :])
        if packages is None or not all(isinstance(package, str) for package in packages):
            raise PipelinesError(f"{self._where}: its dependencies are not a list of texts")
        return packages

    def _asks_for_its_task(self) -> bool:
        return any(True for _ in calls(self._tree, "current_task"))

    def _calls_main(self) -> bool:
        found = calls(self._tree, "call")
        return any(call.args and last_name(call.args[0]) == "main" for call in found)

    def _note(self, node: ast.AST, text: str) -> None:
        self.notes.append(f"{self._where}, line {getattr(node, 'lineno', 1)}: {text}")


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    for kind, word in ((int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return word
    return "json"


def _annotate(spec: Spec, annotation: ast.expr) -> None:
    """Let the annotation say what type a parameter has; none if no parameter can have it."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    options = [part for part in _options(annotation) if literal(part) is not None]
    if len(options) == 1 and isinstance(options[0], ast.Subscript):
        outer, inner = last_name(options[0].value), options[0].slice
        if outer == "Literal":
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            spec["type"] = "choice"
            spec["choices"] = [literal(value) for value in values]
            return
    words = {_word(option) for option in options}
    if not words <= _TYPES.keys() | _JSON_TYPES:
        spec["type"] = ""
    else:
        spec["type"] = _TYPES.get(words.pop(), "json") if len(words) == 1 else "json"


def _word(annotation: ast.expr) -> str:
    return last_name(annotation.value if isinstance(annotation, ast.Subscript) else annotation)


def _options(annotation: ast.expr) -> Iterator[ast.expr]:
    """Give what a value may be: the sides of `int | None`, the one of Optional[int]."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        yield from _options(annotation.left)
        yield from _options(annotation.right)
    elif isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "Optional":
        yield from _options(annotation.slice)
    else:
        yield annotation


def _fit_default(spec: Spec) -> None:
    """Write a whole default of a number as one; leave out a default of another type."""
    default = spec.get("default")
    if spec["type"] == "number" and isinstance(default, int):
        spec["default"] = float(default)
    fits = {"integer": int, "number": float, "string": str, "boolean": bool}
    kind = fits.get(spec["type"])
    if kind and "default" in spec and not isinstance(spec["default"], kind):
        del spec["default"]


def _destination(call: ast.Call, flags: list[str]) -> str:
    """Give the name under which argparse keeps an argument."""
    given = literal(keyword(call, "dest"))
    if isinstance(given, str):
        return given
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_") if long.startswith("-") else long
