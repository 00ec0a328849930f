"""A controller's steps and settings as a pipeline's document. Pure: values in, a document out."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.automation.node import Node

    JSON = dict[str, Any]

SCHEMA = 1
GOOD = ("completed", "cached")

_TYPES = {
    "str": "string",
    "string": "string",
    "text": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "choice": "choice",
    "json": "json",
    "dict": "json",
    "list": "json",
    "tuple": "json",
}
_REFERRED = re.compile(r"(?<!\$)\$\{(?:`((?:[^`]|``)+)`|((?:[\w\-]|\\\.)+))")
_PLAIN = re.compile(r"[\w\-]+")
_NOT_STEPS = ("pipeline", "item")
_FLAGS = (
    "continue_on_fail",
    "continue_on_abort",
    "skip_children_on_fail",
    "skip_children_on_abort",
)


def without_nothing(said: Mapping[str, Any]) -> JSON:
    """Leave out what is None: it means that nothing is said."""
    return {key: value for key, value in said.items() if value is not None}


def parameter(
    name: str,
    default: Any = None,
    description: Optional[str] = None,
    param_type: Any = None,
    **more: Any,
) -> JSON:
    """Declare a parameter of the pipeline; its type is the default's unless it is said."""
    said = without_nothing({"name": name, "default": default, "help": description, **more})
    kind = type_of(param_type) or (None if default is None else _type_of_value(default))
    if said.get("choices") and not type_of(param_type):
        kind = "choice"
    if kind and kind != "string":
        said["type"] = kind
    return said


def type_of(said: Any) -> Optional[str]:
    """Give our word for a type, which is said as a Python type or a word; None if it is none."""
    word = said if isinstance(said, str) else getattr(said, "__name__", "")
    return _TYPES.get(word.lower())


def _type_of_value(value: Any) -> str:
    # True is an int to Python.
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return _TYPES[kind.__name__]
    return "json"


def retries(number: Any) -> Optional[JSON]:
    """Say how often a failed step is tried again; a function is asked instead, elsewhere."""
    return None if number is None or callable(number) else {"number": int(number)}


def continue_flags(
    continue_on_fail: bool = False, continue_behaviour: Optional[Mapping[str, Any]] = None
) -> dict[str, bool]:
    """Tell whether a step that ends badly counts, and whether its children still run."""
    if continue_behaviour is None:
        return dict(zip(_FLAGS, (bool(continue_on_fail), bool(continue_on_fail), True, True)))
    unknown = set(continue_behaviour) - set(_FLAGS)
    if unknown:
        raise ValueError(
            f"continue_behaviour has no {sorted(unknown)[0]!r}; it has {', '.join(_FLAGS)}"
        )
    return {name: bool(continue_behaviour.get(name, True)) for name in _FLAGS}


def tolerate(steps: Iterable[JSON], nodes: Mapping[str, Node]) -> None:
    """Let steps run, or not, after parents that have ended badly, as these parents' flags say.

    A step that may fail is to the engine as good as completed, and any other bad one stops its
    children; what else the flags can say becomes the condition of the children.
    """
    for step in steps:
        node = nodes.get(step["name"])
        if node is not None and node.continue_on_fail:
            step["may_fail"] = True
        parents = [nodes[name] for name in parents_of(step) if name in nodes]
        if "trigger" in step or not any(_is_special(parent) for parent in parents):
            continue
        step["trigger"] = "all_done"
        conditions = [_condition(parent) for parent in parents]
        if step.get("when"):
            conditions.append(f"({step['when']})")
        step["when"] = " and ".join(conditions)


def _is_special(parent: Node) -> bool:
    """Whether a parent's flags are other than those of a step that simply may fail, or not."""
    return parent.continue_on_fail or not (
        parent.skip_children_on_fail and parent.skip_children_on_abort
    )


def _condition(parent: Node) -> str:
    allowed = list(GOOD)
    if not parent.skip_children_on_fail:
        allowed += ["failed", "crashed"]
    if not parent.skip_children_on_abort:
        allowed.append("aborted")
    words = ", ".join(f'"{status}"' for status in allowed)
    return f"${{{written(parent.name)}.status}} in [{words}]"


def parents_of(step: Mapping[str, Any]) -> list[str]:
    """Name the steps that come before: those that are said, then those that are referred to."""
    said = [step.get("parameters"), step.get("queue"), step.get("when"), step.get("for_each")]
    names = [*step.get("parents", ()), *steps_referred_to(said)]
    return [name for name in dict.fromkeys(names) if name != step["name"]]


def steps_referred_to(value: Any) -> list[str]:
    """Name the steps that a value's texts refer to, at any depth, in order."""
    found: dict[str, None] = {}
    for text in _texts(value):
        for quoted, plain in _REFERRED.findall(text):
            name = quoted.replace("``", "`") if quoted else plain.replace("\\.", ".")
            if name not in _NOT_STEPS:
                found[name] = None
    return list(found)


def quoted(value: Any, names: Iterable[str]) -> Any:
    """Write references to steps whose names need it with back-quotes."""
    odd = sorted((name for name in names if not _PLAIN.fullmatch(name)), key=len, reverse=True)
    return _quoted(value, odd) if odd else value


def _quoted(value: Any, odd: Sequence[str]) -> Any:
    if isinstance(value, str):
        for name in odd:
            value = value.replace(f"${{{name}.", f"${{{written(name)}.")
        return value
    if isinstance(value, dict):
        return {key: _quoted(item, odd) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_quoted(item, odd) for item in value]
    return value


def written(name: str) -> str:
    """Write a step's name so that a reference can begin with it."""
    return name if _PLAIN.fullmatch(name) else "`" + name.replace("`", "``") + "`"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def monitors(
    metrics: Union[Sequence[Any], None],
    artifacts: Union[Sequence[Any], None],
    models: Union[Sequence[Any], None],
) -> JSON:
    """Say what of a step is copied to its run; what nothing is said of is None."""
    return {
        "monitor": [_metric(one) for one in metrics or ()] or None,
        "monitor_artifacts": [_named("artifact", one) for one in artifacts or ()] or None,
        "monitor_models": [_named("model", one) for one in models or ()] or None,
    }


def _metric(metric: Any) -> JSON:
    """("title", "series") or "title"; or a pair of such: in the step, and in the run."""
    source, target = metric, (None, None)
    if not isinstance(metric, str) and not isinstance(metric[0], str):
        source, target = metric
    title, series = _two(source)
    as_title, as_series = _two(target)
    said = {"title": title, "series": series, "as_title": as_title, "as_series": as_series}
    return without_nothing(said)


def _named(word: str, one: Any) -> JSON:
    name, target = _two(one)
    return without_nothing({word: name, "as": target})


def _two(said: Any) -> tuple[Any, Any]:
    """A word and what belongs to it, if that is said."""
    words = (said,) if isinstance(said, str) else tuple(said)
    if not 0 < len(words) <= 2:
        raise ValueError(f"{said!r} is neither a name nor a pair of names")
    return (*words, None)[:2]


def merged(document: JSON, more: Mapping[str, Any]) -> JSON:
    """Put the rest over a document: key by key, and inside what has keys of its own."""
    result = dict(document)
    for key, value in more.items():
        former = result.get(key)
        if isinstance(former, dict) and isinstance(value, dict) and key in ("run", "defaults"):
            result[key] = {**former, **value}
        elif value is not None:
            result[key] = value
    return result
