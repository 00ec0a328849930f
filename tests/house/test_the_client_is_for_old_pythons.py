"""What steps import is written for Python 3.9, and importing it loads next to nothing.

`newer_than_python_3_9.json` has, by module of the standard library, the names that came after 3.9.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.workshop import oldest_python

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "pipelines").rglob("*.py"))
NEWER: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("newer_than_python_3_9.json").read_text(encoding="utf-8")
)
NEWER_ARGUMENTS = {"zip": {"strict"}, "dataclass": {"slots", "kw_only"}}
TYPES = {"str", "int", "float", "bool", "bytes", "list", "dict", "tuple", "set", "type"}
SLOW = {
    *("argparse", "ast", "asyncio", "concurrent", "ctypes", "dataclasses", "decimal", "email"),
    *("http", "inspect", "logging", "multiprocessing", "numpy", "pandas", "pathlib", "pickle"),
    *("select", "shutil", "socket", "ssl", "subprocess", "tempfile", "typing", "unittest"),
    *("urllib", "uuid", "xml", "zipfile"),
}
BARE = "import sys; sys.path.insert(0, {root!r}); before = set(sys.modules)\n{code}\n{tell}"
TELL = "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """What is executed on every Python: no annotation, and nothing that asks first."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST) and not _asks_first(inner):
                yield from executed(inner)


def _asks_first(node: ast.AST) -> bool:
    if isinstance(node, ast.Try):
        caught = [ast.unparse(each.type) for each in node.handlers if each.type]
        return any("ImportError" in word or "AttributeError" in word for word in caught)
    if not isinstance(node, ast.If):
        return False
    return any(word in ast.unparse(node.test) for word in ("TYPE_CHECKING", "version_info"))


def names_of_the_library(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of what is taken from the standard library."""
    modules = {}
    for node in executed(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                modules[each.asname or each.name] = each.name
                yield each.name, "*"
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, "*"
            yield from ((node.module, each.name) for each in node.names)
    for node in executed(tree):
        if isinstance(node, ast.Attribute) and (module := modules.get(ast.unparse(node.value))):
            yield module, node.attr


def newer_syntax(tree: ast.Module) -> Iterator[str]:
    """Unions that are made when the line is executed, and arguments that 3.9 does not take."""
    for node in executed(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = {ast.unparse(node.left), ast.unparse(node.right)}
            if sides & {"None", *TYPES}:
                yield f"line {node.lineno}: {ast.unparse(node)}"
        elif isinstance(node, ast.Call):
            taken = NEWER_ARGUMENTS.get(ast.unparse(node.func).rpartition(".")[2], set())
            for each in node.keywords:
                if each.arg in taken:
                    yield f"line {node.lineno}: {each.arg}= of {ast.unparse(node.func)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_module_is_written_for_python_3_9(path: Path) -> None:
    tree = tree_of(path)
    newer = [f"{m}.{name}" for m, name in names_of_the_library(tree) if name in NEWER.get(m, ())]
    assert [*newer, *newer_syntax(tree)] == []
    has_annotations = any(
        isinstance(node, ast.FunctionDef) and (node.returns or node.args.args)
        for node in ast.walk(tree)
    )
    assert not has_annotations or "from __future__ import annotations" in path.read_text()


def test_what_is_newer_is_found() -> None:
    code = (
        "import os\nfrom enum import StrEnum\nos.EFD_NONBLOCK\nx = int | None\nzip(a, strict=1)\n"
    )
    tree = ast.parse(code)
    newer = [name for module, name in names_of_the_library(tree) if name in NEWER[module]]
    assert newer == ["StrEnum", "EFD_NONBLOCK"]
    assert list(newer_syntax(tree)) == ["line 4: int | None", "line 5: strict= of zip"]


def test_every_module_can_be_imported_where_there_is_only_python() -> None:
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES]
    wanted = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    code = f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)"
    in_bare(code, python=oldest_python())


@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("import pipelines", set()),
        ("from pipelines import Task; assert Task.current_task() is None", set()),
        ("from pipelines import Logger, StorageManager, TaskTypes", set()),
    ],
)
def test_importing_loads_nothing_that_is_slow(code: str, may: set[str]) -> None:
    loaded = set(in_bare(code).split())
    assert "pipelines" in loaded
    assert loaded & (SLOW - may) == set()


def in_bare(code: str, *, python: str = sys.executable) -> str:
    """Run it where nothing is but Python: no environment, no packages, no folder of one's own."""
    done = subprocess.run(
        [
            python,
            "-I",
            "-S",
            "-W",
            "error",
            "-c",
            BARE.format(root=str(ROOT), code=code, tell=TELL),
        ],
        env={},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
