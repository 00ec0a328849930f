"""Which packages a piece of code needs: those that it imports and that are installed here.

They are pinned to the versions found here, so that a step meets what its author has tried. What is
of the standard library, of this package or beside the script needs no package.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.metadata import Distribution
    from typing import Union

    Beside = Union[str, Iterable[str]]

_OWN = "pipelines"
_CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_PACKAGES = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "PIL": "Pillow",
    "yaml": "PyYAML",
    "cv2": "opencv-python-headless",
    "bs4": "beautifulsoup4",
    "dateutil": "python-dateutil",
}


def requirements_of(
    sources: Iterable[str], *, beside: Beside = "", module_level: bool = False
) -> list[str]:
    """Name the packages that some code imports, each ``name==version``, sorted.

    With *module_level* what is imported inside of functions does not count. Modules that lie in
    a folder *beside* are the author's own. Raises SyntaxError for what is not Python.
    """
    found: set[str] = set()
    for source in sources:
        for name in imported_names(source, module_level=module_level):
            if not _is_beside(name, beside):
                found.update(_packages_of(name))
    return sorted(found, key=str.lower)


def unresolved(sources: Iterable[str], *, beside: Beside = "") -> list[str]:
    """Name the modules that some code needs and that cannot be imported here."""
    from importlib.util import find_spec

    found: set[str] = set()
    for source in sources:
        for name in imported_names(source, optional=False):
            top = name.partition(".")[0]
            if top not in (_OWN, "__main__") and not _is_beside(top, beside):
                found.update([top] if find_spec(top) is None else [])
    return sorted(found)


def package_named_like(module: str) -> str:
    """Guess in which package a module comes that is not installed here."""
    return _PACKAGES.get(module, module)


def imported_names(source: str, *, module_level: bool = False, optional: bool = True) -> list[str]:
    """Give the dotted names of all modules that code imports, also of those it may not find.

    With *optional* false without those whose absence it is prepared for.
    """
    names: dict[str, None] = {}
    for node in _imports(ast.parse(source).body, module_level, optional):
        if isinstance(node, ast.Import):
            names.update((alias.name, None) for alias in node.names)
        elif not node.level and node.module:
            names[node.module] = None
            names.update((f"{node.module}.{alias.name}", None) for alias in node.names)
    return list(names)


def find_local(name: str, folder: str) -> str | None:
    """Find the file of a module of the author's own, if there is one in a folder."""
    place = os.path.join(folder, *name.split("."))
    for path in (os.path.join(place, "__init__.py"), f"{place}.py"):
        if os.path.isfile(path):
            return path
    return None


def local_modules(source: str, folder: str) -> dict[str, str]:
    """Give the files of all modules in a folder that code needs, by their dotted names.

    Modules that these import are among them, and the packages that they are in.
    """
    found: dict[str, str] = {}
    waiting = [(name, "") for name in imported_names(source)]
    while waiting:
        name, package = waiting.pop()
        parts = (f"{package}.{name}" if package else name).split(".")
        for depth in range(1, len(parts) + 1):
            dotted = ".".join(parts[:depth])
            path = find_local(dotted, folder)
            if path is None or _is_installed(path):
                break
            if dotted in found:
                continue
            found[dotted] = path
            text = read_source(path)
            is_package = os.path.basename(path) == "__init__.py"
            parent = dotted if is_package else dotted.rpartition(".")[0]
            waiting += [(one, "") for one in imported_names(text)]
            waiting += [(one, "") for one in _relative_names(text, parent)]
    return found


def read_source(path: str) -> str:
    """Read a Python file as Python does, whatever encoding it declares."""
    import tokenize

    with tokenize.open(path) as file:
        return file.read()


def _relative_names(source: str, package: str) -> Iterator[str]:
    """Give what is imported with leading dots by full names."""
    for node in _imports(ast.parse(source).body, False):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1]
            if base and base[0]:
                whole = ".".join([*base, *([node.module] if node.module else [])])
                yield whole
                yield from (f"{whole}.{alias.name}" for alias in node.names)


def _imports(
    body: Sequence[ast.stmt], module_level: bool, optional: bool = True
) -> Iterator[ast.Import | ast.ImportFrom]:
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and module_level:
            continue
        elif _is_for_types(statement) or (not optional and _is_prepared(statement)):
            yield from _imports(getattr(statement, "orelse", ()), module_level, optional)
        else:
            for part in ("body", "orelse", "finalbody", "handlers", "cases"):
                for child in getattr(statement, part, ()):
                    inner = [child] if isinstance(child, ast.stmt) else child.body
                    yield from _imports(inner, module_level, optional)


def _is_for_types(statement: ast.stmt) -> bool:
    """Tell whether a statement is for type checkers only."""
    if not isinstance(statement, ast.If):
        return False
    test = statement.test
    return getattr(test, "attr", getattr(test, "id", "")) == "TYPE_CHECKING"


def _is_prepared(statement: ast.stmt) -> bool:
    """Tell whether imports in a statement may fail without harm."""
    if not isinstance(statement, ast.Try):
        return False
    caught = [handler.type for handler in statement.handlers]
    named = [node for one in caught if one is not None for node in ast.walk(one)]
    names = {node.id for node in named if isinstance(node, ast.Name)}
    return None in caught or bool(names & _CAUGHT)


def _is_beside(name: str, beside: Beside) -> bool:
    folders = [beside] if isinstance(beside, str) else beside
    top = name.partition(".")[0]
    return any(find_local(top, folder) for folder in folders if folder)


def _packages_of(name: str) -> list[str]:
    top = name.partition(".")[0]
    if top == _OWN or _is_standard(top):
        return []
    owners = _owners().get(top, [])
    if len(owners) > 1:
        # A name that many packages share: only those count that have what is imported.
        owners = [one for one in owners if _has(one, name)]
    return [f"{_plain_name(one)}=={one.version}" for one in owners if _plain_name(one) != _OWN]


@lru_cache(maxsize=1)
def _owners() -> dict[str, list[Distribution]]:
    """All installed packages by the names under which they are imported."""
    from importlib.metadata import distributions

    owners: dict[str, list[Distribution]] = {}
    seen: set[str] = set()
    for one in distributions():
        name = _plain_name(one)
        if name in seen or not name:
            continue
        seen.add(name)
        for top in _tops_of(one):
            owners.setdefault(top, []).append(one)
    return owners


def _tops_of(one: Distribution) -> set[str]:
    declared = (one.read_text("top_level.txt") or "").split()
    if declared:
        return {word.partition("/")[0] for word in declared}
    tops = set()
    for file in one.files or ():
        first = file.parts[0]
        if len(file.parts) > 1 and not first.endswith((".dist-info", ".data")) and first != "..":
            tops.add(first)
        elif len(file.parts) == 1 and first.endswith((".py", ".so", ".pyd")):
            tops.add(first.partition(".")[0])
    return tops


def _has(one: Distribution, name: str) -> bool:
    path = name.replace(".", "/")
    files = [str(file) for file in one.files or ()]
    return any(file.startswith((f"{path}/", f"{path}.")) for file in files)


def _plain_name(one: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower()


def _is_standard(top: str) -> bool:
    if top in sys.builtin_module_names:
        return True
    names = getattr(sys, "stdlib_module_names", None)
    return top in names if names is not None else _lies_in_library(top)


def _lies_in_library(top: str) -> bool:
    """Tell the same of a Python that does not list its library."""
    import sysconfig

    library = sysconfig.get_path("stdlib")
    places = (library, os.path.join(library, "lib-dynload"))
    return any(
        file.partition(".")[0] == top
        for place in places
        if os.path.isdir(place)
        for file in os.listdir(place)
        if file != "site-packages"
    )


def _is_installed(path: str) -> bool:
    parts = os.path.realpath(path).split(os.sep)
    return "site-packages" in parts or "dist-packages" in parts
