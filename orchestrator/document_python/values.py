"""Literals of Python as values of JSON; anything else is named with its line."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Any, Final

from orchestrator.domain.errors import shortened

_WRITTEN_OUT: Final = "values are written out here, as nothing of the script is run"
_KINDS: Final = {
    ast.Name: "a name",
    ast.Call: "a call",
    ast.JoinedStr: "an f-string",
    ast.Attribute: "an attribute",
    ast.Subscript: "an element of something",
    ast.BinOp: "a computation",
    ast.Set: "a set",
    ast.Lambda: "a function",
    ast.Starred: "something unpacked",
    ast.ListComp: "a comprehension",
    ast.DictComp: "a comprehension",
}


class Unreadable(Exception):
    """What stands there cannot be taken for a value."""

    def __init__(self, node: ast.AST, message: str) -> None:
        super().__init__(message)
        self.line: int = getattr(node, "lineno", 1)
        self.message = message


def value_of(node: ast.expr) -> Any:
    """Return the value that is written there; Unreadable when it is not written out."""
    if isinstance(node, ast.Constant):
        return _plain(node, node.value)
    if isinstance(node, ast.UnaryOp):
        return _signed(node)
    if isinstance(node, ast.List | ast.Tuple):
        return [value_of(one) for one in node.elts]
    if isinstance(node, ast.Dict):
        return _object(node)
    raise Unreadable(node, f"{_KINDS.get(type(node), 'this')} is no value: {_WRITTEN_OUT}")


def lines_in(node: ast.expr, path: str) -> Iterator[tuple[str, int]]:
    """Go through the lines of a value's parts, each with the way to it."""
    if isinstance(node, ast.Dict):
        for key, inner in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                way = f"{path}.{key.value!s}" if path else str(key.value)
                yield way, key.lineno
                yield from lines_in(inner, way)
    elif isinstance(node, ast.List | ast.Tuple):
        for place, inner in enumerate(node.elts):
            yield f"{path}[{place}]", inner.lineno
            yield from lines_in(inner, f"{path}[{place}]")


def _plain(node: ast.expr, value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise Unreadable(node, "this number is larger than JSON can say")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    kind = "bytes" if isinstance(value, bytes) else type(value).__name__
    raise Unreadable(node, f"{kind} cannot stand in a document: texts, numbers, lists and objects")


def _signed(node: ast.UnaryOp) -> Any:
    found = node.operand.value if isinstance(node.operand, ast.Constant) else None
    if isinstance(node.op, ast.USub | ast.UAdd) and type(found) in (int, float):
        number = _plain(node, found)
        return -number if isinstance(node.op, ast.USub) else number
    raise Unreadable(node, f"a computation is no value: {_WRITTEN_OUT}")


def _object(node: ast.Dict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, inner in zip(node.keys, node.values, strict=True):
        if key is None:
            raise Unreadable(inner, f"something unpacked is no value: {_WRITTEN_OUT}")
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise Unreadable(key, "a key is a text")
        if key.value in found:
            raise Unreadable(key, f'the key "{shortened(key.value, 60)}" stands twice')
        found[key.value] = value_of(inner)
    return found
