"""What a function needs of the module that it was written in: imports, helpers, constants."""

from __future__ import annotations

import ast
import inspect
import os
import symtable
import sys
from typing import TYPE_CHECKING, Any

from pipelines.automation.sources import (
    CaptureError,
    Source,
    is_builtin,
    module_of,
    module_text,
    outer_values,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGEST_CONSTANT = 100_000


class Surroundings:
    """Gathers, name by name, what has to stand above a function for it to run elsewhere."""

    def __init__(self, *, skip_imports: bool = False) -> None:
        self.imports: list[str] = []
        self.futures: list[str] = []
        self.pieces: dict[str, str] = {}
        self.folders: set[str] = set()
        self.notes: list[str] = []
        self.components: list[Any] = []
        self._skip_imports = skip_imports
        self._modules: dict[str, _Module] = {}
        self._met: set[str] = set()

    def add(self, source: Source) -> None:
        """Take in all that a function or class refers to outside of itself."""
        self._met.add(source.name)
        module = self._module_of(source.original)
        for line in module.futures:
            if line not in self.futures:
                self.futures.append(line)
        values = outer_values(source.original)
        for name in names_used("\n".join([*module.futures, source.text])):
            self._need(name, values, module, source.name)

    def add_helper(self, thing: Any) -> None:
        """Take in a function or class as it is, its decorators with it, and what it needs."""
        source = Source(thing, strip=False)
        if source.name in self.pieces:
            return
        self.add(source)
        self.pieces[source.name] = source.text

    def _need(self, name: str, values: dict[str, Any], module: _Module, by: str) -> None:
        if name in self._met or (name.startswith("__") and name.endswith("__")):
            return
        if name not in values:
            if not is_builtin(name):
                self.notes.append(f"{by} uses {name!r}, which is not known where it is written")
            return
        self._met.add(name)
        value = values[name]
        if getattr(type(value), "is_component", False):
            self.components.append(value)
        statement = module.import_of(name)
        if statement is not None:
            self._import(statement, module)
        elif inspect.ismodule(value):
            self._import(_as_name("import", value.__name__, name), module)
        elif _is_written_here(name, value, module):
            self.add_helper(value)
        elif not self._keep_assigned(name, value, values, module, by):
            self._import_by_value(name, value, module, by)

    def _import(self, statement: str, module: _Module) -> None:
        if self._skip_imports:
            return
        if module.folder:
            self.folders.add(module.folder)
        if statement not in self.imports:
            self.imports.append(statement)

    def _keep_assigned(
        self, name: str, value: Any, values: dict[str, Any], module: _Module, by: str
    ) -> bool:
        """Take in a constant as its value, and what cannot be written as one as it was made."""
        text = repr(value) if type(value) in _LITERALS else ""
        if text and len(text) <= _LARGEST_CONSTANT and _reads_back(text, value):
            self.pieces[name] = f"{name} = {text}\n"
            return True
        statement = module.assignment_of(name)
        if statement is None or type(value).__module__.startswith("pipelines."):
            return False
        for inner in names_used(statement):
            self._need(inner, values, module, by)
        self.pieces[name] = statement
        return True

    def _import_by_value(self, name: str, value: Any, module: _Module, by: str) -> None:
        home, own = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
        found: Any = sys.modules.get(home) if home else None
        if home in (None, "__main__", module.name) or getattr(found, own, None) is not value:
            self.notes.append(
                f"{by} uses {name!r}, which is neither an import, a function, a class nor a "
                "constant of its module: it will not be there in the step; give it as an argument"
            )
            return
        self._import(_as_name(f"from {home} import", own, name), module)

    def _module_of(self, thing: Any) -> _Module:
        path, text = module_text(thing)
        if path not in self._modules:
            self._modules[path] = _Module(path, text, module_of(thing))
        return self._modules[path]


class _Module:
    """The statements of one file."""

    def __init__(self, path: str, text: str, module: Any) -> None:
        self.name: str = module.__name__
        self._package: str = getattr(module, "__package__", None) or ""
        self.path = path
        self.folder = _root_of(path, self.name)
        self._text = text
        try:
            self._body = ast.parse(text).body
        except SyntaxError as error:
            raise CaptureError(f"{path} cannot be read: {error}") from error
        self.futures = [
            ast.unparse(one)
            for one in self._body
            if isinstance(one, ast.ImportFrom) and one.module == "__future__"
        ]

    def import_of(self, name: str) -> str | None:
        """Give the statement that imports a name, if one does."""
        found = [text for one in self._body if (text := self._import_in(one, name))]
        return "\n".join(found) or None

    def assignment_of(self, name: str) -> str | None:
        """Give the statement at the module's level that sets a name."""
        for one in reversed(self._body):
            targets = one.targets if isinstance(one, ast.Assign) else []
            if isinstance(one, ast.AnnAssign) and one.value is not None:
                targets = [one.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return f"{ast.get_source_segment(self._text, one)}\n"
        return None

    def _import_in(self, statement: ast.stmt, name: str) -> str:
        if isinstance(statement, ast.Import):
            kept = [one for one in statement.names if _bound_by(one) == name]
            return ast.unparse(ast.Import(names=kept)) if kept else ""
        if isinstance(statement, ast.ImportFrom) and statement.module != "__future__":
            names = [one for one in statement.names if (one.asname or one.name) == name]
            return f"from {self._absolute(statement)} import {_listed(names)}" if names else ""
        if isinstance(statement, (ast.Try, ast.If)):
            inner = [one for part in _parts_of(statement) for one in part]
            if any(self._import_in(one, name) for one in inner):
                return ast.get_source_segment(self._text, statement) or ""
        return ""

    def _absolute(self, statement: ast.ImportFrom) -> str:
        if not statement.level:
            return statement.module or ""
        parts = self._package.split(".")
        base = parts[: len(parts) - statement.level + 1]
        return ".".join([*base, *([statement.module] if statement.module else [])])


def names_used(text: str) -> list[str]:
    """Give the names that code takes from outside of itself, in the order of the alphabet."""
    found: set[str] = set()
    tables = [symtable.symtable(text, "<step>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        at_top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (at_top or symbol.is_global()):
                found.add(symbol.get_name())
    return sorted(found)


_LITERALS = (bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset, type(None))


def _reads_back(text: str, value: Any) -> bool:
    try:
        read = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return bool(read == value) and repr(read) == text


def _is_written_here(name: str, value: Any, module: _Module) -> bool:
    """Tell whether a function or class stands under this name in this very file."""
    if not callable(value):
        return False
    if inspect.isclass(value) and value.__module__ != module.name:
        return False
    try:
        source = Source(value, strip=False)
    except CaptureError:
        return False
    return source.name == name and module_text(source.original)[0] == module.path


def _root_of(path: str, module: str) -> str:
    """Give the folder from which a file's neighbours are imported."""
    folder = os.path.dirname(os.path.abspath(path)) if os.path.exists(path) else ""
    for _ in range(module.count(".") if folder and module != "__main__" else 0):
        folder = os.path.dirname(folder)
    return folder


def _bound_by(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _listed(names: Iterable[ast.alias]) -> str:
    return ", ".join(ast.unparse(one) for one in names)


def _parts_of(statement: ast.Try | ast.If) -> Iterable[list[ast.stmt]]:
    yield statement.body
    yield statement.orelse
    if isinstance(statement, ast.Try):
        yield statement.finalbody
        for handler in statement.handlers:
            yield handler.body


def _as_name(start: str, thing: str, name: str) -> str:
    return f"{start} {thing}" if thing == name else f"{start} {thing} as {name}"
