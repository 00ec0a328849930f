"""Hooks: that each says whom to call, that its code can be read and its address be called."""

import ast
from typing import Any, Final
from urllib.parse import urlsplit

from orchestrator.domain.document import fixes
from orchestrator.domain.document.checking import CheckedStep, Checking
from orchestrator.domain.errors import shortened
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import FUNCTION, PYTHON, WEBHOOK, CallKind

_OWN: Final = {PYTHON: "code", WEBHOOK: "url"}
_KEYS: Final = ("code", "url")
_ARGUMENT: Final = "event"


def check_hooks(checking: Checking, *, driven: bool) -> None:
    """Check the hooks of the pipeline and of all its steps; *driven* by a script that answers."""
    _check(checking, None, checking.document.get("hooks"), driven)
    for step in checking.steps.values():
        _check(checking, step, step.said.get("hooks"), driven)


def _check(checking: Checking, step: CheckedStep | None, said: Any, driven: bool) -> None:
    if not isinstance(said, dict):
        return
    for event, hooks in said.items():
        if not isinstance(hooks, list):
            continue
        for place, hook in enumerate(hooks):
            kind = hook.get("kind") if isinstance(hook, dict) else None
            if kind in [*_OWN, SCRIPT]:
                _check_one(checking, step, f"hooks.{event}[{place}]", hook)
            if kind == SCRIPT:
                _check_script(checking, step, event, place, driven)


def _check_script(
    checking: Checking, step: CheckedStep | None, event: str, place: int, driven: bool
) -> None:
    """A script answers only while it drives the run, and only once for each event."""
    where = f"hooks.{event}[{place}]"
    hooks = (step.said if step else checking.document)["hooks"][event]
    fix = fixes.without_script(step, event, hooks)
    if event == CallKind.ENDED:
        message = "a script is not called when its run has ended: it has ended before"
        checking.tell(step, where, "not_supported", message, fix=fix)
    elif not driven:
        message = (
            f"the {event} callback lives in the Python script that registered it; "
            "what is published here runs without that script: remove the callback, "
            "or run the script to register a version"
        )
        checking.tell(step, where, "needs_script", message, fix=fix)
    elif any(isinstance(one, dict) and one.get("kind") == SCRIPT for one in hooks[:place]):
        checking.tell(step, where, "bad_value", "the script is called once for each event")


def _check_one(
    checking: Checking, step: CheckedStep | None, where: str, hook: dict[str, Any]
) -> None:
    own = _OWN.get(hook["kind"])
    for other in _KEYS:
        if other != own and hook.get(other) is not None:
            message = f'"{other}" is not for a hook of kind "{hook["kind"]}"'
            checking.tell(step, f"{where}.{other}", "not_for_kind", message)
    if own is None:
        return
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
