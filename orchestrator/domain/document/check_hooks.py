"""Hooks: that each says whom to call, that its code can be read and its address be called."""

import ast
from typing import Any, Final
from urllib.parse import urlsplit

from orchestrator.domain.document.checking import CheckedStep, Checking
from orchestrator.domain.errors import shortened
from orchestrator.domain.hooks import FUNCTION

_OTHER: Final = {"python": "url", "webhook": "code"}
_OWN: Final = {"python": "code", "webhook": "url"}
_ARGUMENT: Final = "event"


def check_hooks(checking: Checking) -> None:
    """Check the hooks of the pipeline and of all its steps."""
    _check(checking, None, checking.document.get("hooks"))
    for step in checking.steps.values():
        _check(checking, step, step.said.get("hooks"))


def _check(checking: Checking, step: CheckedStep | None, said: Any) -> None:
    if not isinstance(said, dict):
        return
    for event, hooks in said.items():
        for place, hook in enumerate(hooks if isinstance(hooks, list) else ()):
            if isinstance(hook, dict) and hook.get("kind") in [*_OWN]:
                _check_one(checking, step, f"hooks.{event}[{place}]", hook)


def _check_one(
    checking: Checking, step: CheckedStep | None, where: str, hook: dict[str, Any]
) -> None:
    own, other = _OWN[hook["kind"]], _OTHER[hook["kind"]]
    if hook.get(other) is not None:
        message = f'"{other}" is not for a hook of kind "{hook["kind"]}"'
        checking.tell(step, f"{where}.{other}", "not_for_kind", message)
    value = hook.get(own)
    if value in (None, ""):
        message = f'a hook of kind "{hook["kind"]}" needs "{own}"'
        checking.tell(step, f"{where}.{own}", "missing", message)
    elif isinstance(value, str):
        fault = _code_fault(value) if own == "code" else _url_fault(value)
        if fault:
            checking.tell(step, f"{where}.{own}", "bad_value", fault)


def _code_fault(code: str) -> str:
    """What is wrong with a hook's code; it is read, never run."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        return f"line {error.lineno or 1}: {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        return "this cannot be read as Python"
    function = next(
        (one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == FUNCTION),
        None,
    )
    if function is None:
        return f'it must define a function "{FUNCTION}({_ARGUMENT})"'
    taken = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    needed = taken[: len(taken) - len(function.args.defaults)]
    needed += [
        one.arg
        for one, usual in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        if usual is None
    ]
    if function.args.posonlyargs or set(needed) - {_ARGUMENT}:
        return f'"{FUNCTION}" is called with one argument by name, "{_ARGUMENT}"'
    return ""


def _url_fault(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or any(c.isspace() for c in url):
        return f'"{shortened(url)}" is no address that begins with http:// or https://'
    if parts.username is not None or parts.password is not None:
        return "an address must not hold a password: whoever reads the document would read it"
    return ""
