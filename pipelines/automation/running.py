"""In a step: calls the function that the step was made of, and keeps what it returns."""

from __future__ import annotations

import os
import sys

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Callable

    from pipelines.context import StepContext

_EXAMPLES: dict[str, object] = {
    "int": 0,
    "float": 0.0,
    "bool": False,
    "str": "",
    "list": [],
    "dict": {},
    "tuple": (),
}
_LONGEST_OUTPUT = 1000


def carry(modules: Mapping[str, str]) -> None:
    """Let modules be imported that lay beside the function: sources by their paths."""
    import tempfile

    folder = tempfile.mkdtemp(prefix="carried-")
    for place, text in modules.items():
        path = os.path.join(folder, *place.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    sys.path.insert(0, folder)


def run_function(
    function: Callable[..., Any],
    *,
    returns: Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    positional: Sequence[str] = (),
    serialize: Callable[[Any], bytes] | None = None,
    deserialize: Callable[[bytes], Any] | None = None,
) -> None:
    """Call the function with this step's arguments; keep its results as artifacts by name."""
    from pipelines.automation.values import keep_value
    from pipelines.context import StepContext

    context = StepContext.from_environment()
    if context is None:
        raise PipelinesError("this script is a step: it is started by an agent")
    given = _arguments(context, types or {}, deserialize)
    args = [given.pop(name) for name in positional if name in given]
    answer = function(*args, **given)
    if hasattr(answer, "__await__"):
        import asyncio

        answer = asyncio.run(answer)
    outputs = context.read_json("outputs.json")
    for name, value in _named(function, returns, answer):
        keep_value(context, name, value, serialize)
        if type(value) in (bool, int, float, str) and _is_short(value):
            outputs[name] = value
    if outputs:
        context.write_json("outputs.json", outputs)


def _arguments(
    context: StepContext, types: Mapping[str, str], deserialize: Callable[[bytes], Any] | None
) -> dict[str, Any]:
    from pipelines.automation.values import ARGUMENTS, ARTIFACTS, fetched

    given: dict[str, Any] = {}
    for full_name, value in context.read_json("parameters.json").items():
        section, _, name = full_name.partition("/")
        if value is None or section not in (ARGUMENTS, ARTIFACTS):
            continue
        if section == ARTIFACTS:
            given[name] = fetched(context, value, name, deserialize)
        elif name not in given:
            given[name] = cast(full_name, value, types.get(name, ""))
    return given


def cast(name: str, value: Any, word: str) -> Any:
    """Read a value as the type that the function expects: what a form gives is a text.

    What is no text and of another kind is left alone, as Python does.
    """
    from pipelines.parameters import cast_like

    example = _EXAMPLES.get(word)
    if example is None or type(value) is type(example):
        return value
    if isinstance(value, str):
        return cast_like(name, value, example)
    if word == "float" and type(value) is int:
        return float(value)
    if word == "tuple" and isinstance(value, list):
        return tuple(value)
    return value


def _named(
    function: Callable[..., Any], returns: Sequence[str], answer: Any
) -> list[tuple[str, Any]]:
    """Tell which result has which name; raises ValueError when there are too few or too many."""
    if len(returns) < 2:
        return [(name, answer) for name in returns]
    name = getattr(function, "__name__", "the function")
    wanted = f"{len(returns)} results ({', '.join(returns)})"
    if not isinstance(answer, (tuple, list)):
        raise ValueError(f"{name} returned a {type(answer).__name__}, not {wanted}")
    if len(answer) != len(returns):
        raise ValueError(f"{name} returned {len(answer)} results, not {wanted}")
    return list(zip(returns, answer))


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_OUTPUT and "\0" not in value and value.isprintable()
    return not isinstance(value, float) or value - value == 0
