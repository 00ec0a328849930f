"""Reads from a script, without running it, what parameters it declares and what it requires.

Three ways of declaring are understood: a dictionary given to `connect`, the arguments of an
argparse parser, and an annotated function `main`. A comment behind a dictionary's entry or a
function's parameter becomes its help.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Spec = dict[str, Any]

_BLOCK = re.compile(r"^# /// script\s*$\n(?P<content>(?:^#(?:| .*)$\n)+?)^# ///\s*$", re.MULTILINE)
_DEPENDENCIES = re.compile(r"^dependencies\s*=\s*(?=\[)", re.MULTILINE)
_TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean"}
_FLAGS = {"store_true": False, "store_false": True}
_NO_VALUE_ACTIONS = frozenset({"help", "version"})
_UNKNOWN = object()


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
        self.notes: list[str] = []
        self._where = where
        self._comments = _comments_by_line(script)
        self._literals = _named_literals(self._tree)
        self._specs: dict[str, Spec] = {}
        for spec in (*self._connected(), *self._arguments(), *self._of_main()):
            self._specs.setdefault(spec["name"], spec)
        self.requirements = self._required()

    @property
    def specs(self) -> list[Spec]:
        """The declared parameters, in the order of the script."""
        return list(self._specs.values())

    @property
    def summary(self) -> str:
        """The first line of the script's own description."""
        return (ast.get_docstring(self._tree) or "").partition("\n")[0].strip()

    def _connected(self) -> Iterator[Spec]:
        """Find what is given to `connect`: a dictionary, or a name that stands for one."""
        for call in _calls(self._tree, "connect"):
            if not call.args or isinstance(call.args[0], ast.Starred):
                continue
            given = call.args[0]
            if isinstance(given, ast.Name):
                given = self._literals.get(given.id, given)
            if not isinstance(given, ast.Dict):
                continue
            section = _literal(call.args[1] if len(call.args) > 1 else _keyword(call, "name"))
            yield from self._entries(given, section if isinstance(section, str) else "General")

    def _entries(self, dictionary: ast.Dict, prefix: str) -> Iterator[Spec]:
        for place, value in enumerate(dictionary.values):
            name = _literal(dictionary.keys[place])
            if not isinstance(name, (str, int)):
                self._note(dictionary, "an entry whose name is computed is left out")
                continue
            if isinstance(value, ast.Dict) and value.keys:
                yield from self._entries(value, f"{prefix}/{name}")
                continue
            default = _literal(value)
            if default is _UNKNOWN:
                self._note(value, f"{prefix}/{name} has a computed default: the script keeps its")
            yield self._spec(f"{prefix}/{name}", default, value)

    def _arguments(self) -> Iterator[Spec]:
        """Find the arguments that are added to a parser of the command line."""
        found = list(_calls(self._tree, "add_argument"))
        if found and not self._asks_for_its_task():
            self._note(
                found[0],
                "a parser sees parameters only in a script that calls Task.current_task() "
                "before it parses",
            )
        for call in found:
            flags = [flag for flag in map(_literal, call.args) if isinstance(flag, str)]
            action = _literal(_keyword(call, "action"))
            if flags and action not in _NO_VALUE_ACTIONS:
                yield self._argument(call, flags, action)

    def _argument(self, call: ast.Call, flags: list[str], action: object) -> Spec:
        default = _literal(_keyword(call, "default"))
        if action in _FLAGS and default is _UNKNOWN:
            default = _FLAGS[str(action)]
        spec = self._spec(f"Args/{_destination(call, flags)}", default, call)
        word = _keyword(call, "type")
        if isinstance(word, ast.Name) and word.id in _TYPES:
            spec["type"] = _TYPES[word.id]
        elif default is _UNKNOWN or default is None:
            spec["type"] = "string"
        nargs = _literal(_keyword(call, "nargs"))
        if nargs in ("*", "+") or isinstance(nargs, int) or action in ("append", "extend"):
            spec["type"] = "json"
        choices = _literal(_keyword(call, "choices"))
        if isinstance(choices, (list, tuple)) and choices:
            spec["choices"] = list(choices)
            spec["type"] = "choice" if spec["type"] == "string" else spec["type"]
        is_positional = not flags[0].startswith("-") and nargs not in ("?", "*")
        if _literal(_keyword(call, "required")) is True or is_positional:
            spec["required"] = True
        help_text = _literal(_keyword(call, "help"))
        if isinstance(help_text, str):
            spec["help"] = help_text
        _fit_default(spec)
        return spec

    def _of_main(self) -> Iterator[Spec]:
        """Find the annotated parameters of a function called main."""
        for node in self._tree.body:
            if isinstance(node, ast.FunctionDef) and node.name == "main":
                specs = list(self._signature(node.args))
                if specs and not self._calls_main():
                    self._note(node, "main sees parameters only if the script ends in call(main)")
                yield from specs

    def _signature(self, arguments: ast.arguments) -> Iterator[Spec]:
        positional = [*arguments.posonlyargs, *arguments.args]
        missing = [None] * (len(positional) - len(arguments.defaults))
        defaults = [*missing, *arguments.defaults, *arguments.kw_defaults]
        for place, argument in enumerate([*positional, *arguments.kwonlyargs]):
            value = defaults[place]
            if argument.annotation is None:
                continue
            spec = self._spec(f"General/{argument.arg}", _literal(value), argument)
            _annotate(spec, argument.annotation)
            if value is None:
                spec["required"] = True
            _fit_default(spec)
            yield spec

    def _spec(self, name: str, default: object, node: ast.AST) -> Spec:
        spec: Spec = {"name": name, "type": _type_of(default)}
        if default is not _UNKNOWN and default is not None:
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
        packages = _first_list(content[match.end() :])
        if packages is None or not all(isinstance(package, str) for package in packages):
            raise PipelinesError(f"{self._where}: its dependencies are not a list of texts")
        return packages

    def _asks_for_its_task(self) -> bool:
        return any(True for _ in _calls(self._tree, "current_task"))

    def _calls_main(self) -> bool:
        calls = _calls(self._tree, "call")
        return any(call.args and getattr(call.args[0], "id", "") == "main" for call in calls)

    def _note(self, node: ast.AST, text: str) -> None:
        self.notes.append(f"{self._where}, line {getattr(node, 'lineno', 1)}: {text}")


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Give the calls of a function or method of this name, in the order of the script."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and name == (getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
    ]
    return iter(sorted(found, key=lambda call: (call.lineno, call.col_offset)))


def _named_literals(tree: ast.AST) -> dict[str, ast.expr]:
    """Give the dictionaries that are assigned to a name, each name once in the whole script."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(
            node.value, ast.Dict
        ):
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                found[target.id] = node.value
    return found


def _first_list(text: str) -> list[Any] | None:
    """Read the list that a text begins with: TOML writes a list of texts as Python does."""
    for end in (place + 1 for place, sign in enumerate(text) if sign == "]"):
        try:
            found = ast.literal_eval(text[:end])
        except (SyntaxError, ValueError):
            continue
        return list(found)
    return None


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _literal(node: ast.expr | None) -> Any:
    """Give a literal's value, or the mark that there is none."""
    if node is None:
        return _UNKNOWN
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return _UNKNOWN
    return list(value) if isinstance(value, tuple) else value


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    for kind, word in ((int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return word
    return "json"


def _annotate(spec: Spec, annotation: ast.expr) -> None:
    """Let the annotation, not the default, say what type a parameter has."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    options = [part for part in _options(annotation) if _literal(part) is not None]
    if len(options) != 1:
        spec["type"] = "json"
        return
    (only,) = options
    name = getattr(only, "id", "")
    if isinstance(only, ast.Subscript) and _last_name(only.value) == "Literal":
        inner = only.slice
        values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        spec["type"] = "choice"
        spec["choices"] = [_literal(value) for value in values]
        return
    spec["type"] = _TYPES.get(name, "json")


def _options(annotation: ast.expr) -> Iterator[ast.expr]:
    """Give what a value may be: the sides of `int | None`, the one of Optional[int]."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        yield from _options(annotation.left)
        yield from _options(annotation.right)
    elif isinstance(annotation, ast.Subscript) and _last_name(annotation.value) == "Optional":
        yield from _options(annotation.slice)
    else:
        yield annotation


def _last_name(node: ast.expr) -> str:
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))


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
    given = _literal(_keyword(call, "dest"))
    if isinstance(given, str):
        return given
    long = next((flag for flag in flags if flag.startswith("--")), flags[0])
    return long.lstrip("-").replace("-", "_") if long.startswith("-") else long


def _comments_by_line(script: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(script).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip()
    }
