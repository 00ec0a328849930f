"""Small questions about a script's syntax tree: calls, literals, comments."""

from __future__ import annotations

import ast
import io
import tokenize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# What `literal` answers for an expression that has no value before it is run.
UNKNOWN = object()


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Give the calls of a function or method of this name, in the order of the script."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and name == (getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
    ]
    return iter(sorted(found, key=lambda call: (call.lineno, call.col_offset)))


def named_literals(tree: ast.AST) -> dict[str, ast.expr]:
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


def first_list(text: str) -> list[Any] | None:
    """Read the list that a text begins with: TOML writes a list of texts as Python does."""
    for end in (place + 1 for place, sign in enumerate(text) if sign == "]"):
        try:
            found = ast.literal_eval(text[:end])
        except (SyntaxError, ValueError):
            continue
        return list(found)
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Give what is passed under this keyword."""
    return next((given.value for given in call.keywords if given.arg == name), None)


def literal(node: ast.expr | None) -> Any:
    """Give a literal's value, or the mark that there is none."""
    if node is None:
        return UNKNOWN
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN
    return list(value) if isinstance(value, tuple) else value


def last_name(node: ast.AST) -> str:
    """Give `Literal` for both `Literal` and `typing.Literal`."""
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))


def comments_by_line(script: str) -> dict[int, str]:
    """Give the comments that stand behind code."""
    tokens = tokenize.generate_tokens(io.StringIO(script).readline)
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in tokens
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip()
    }


def is_guarded(tree: ast.AST, call: ast.Call) -> bool:
    """Tell whether a call happens only where the file is run as the program itself."""
    guards = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "__name__" in {last_name(n) for n in ast.walk(node.test)}
    )
    return any(call in ast.walk(guard) for guard in guards)
