"""What a step is watched for, as a call says it, and back.

A metric is ("title", "series"), or "title" for all of its series; under another name in the run it
is (("title", "series"), ("title", "series")), with None where nothing is said. An artifact or a
model is its name, or ("name", "name in the run").
"""

from __future__ import annotations

from typing import Any, Final

KEYS: Final = {
    "monitor": "monitor_metrics",
    "monitor_artifacts": "monitor_artifacts",
    "monitor_models": "monitor_models",
}
"""The argument of each key of a step."""

WORDS: Final = {
    "monitor_metrics": (
        'monitor_metrics is a list of ("title", "series"), or "title" for all of its series; '
        'or of ((…), ("title", "series")) with those of the run'
    ),
    "monitor_artifacts": 'monitor_artifacts is a list of "name" or ("name", "name in the run")',
    "monitor_models": 'monitor_models is a list of "name" or ("name", "name in the run")',
}
"""What each argument takes, in words."""

_NAMES: Final = {"monitor_artifacts": ("artifact", "as"), "monitor_models": ("model", "as")}
_SOURCE: Final = ("title", "series")
_TARGET: Final = ("as_title", "as_series")


def said(key: str, items: Any) -> list[Any] | None:
    """Say the items of a document in the form of an argument; None: it cannot hold them."""
    if not isinstance(items, list):
        return None
    found = [_metric(one) if key == "monitor" else _named(one, _NAMES[key]) for one in items]
    return None if None in found else found


def items_of(word: str, values: Any) -> list[dict[str, Any]] | None:
    """Make the document's items of an argument; None: it holds something else than it takes."""
    if not isinstance(values, list):
        return None
    items = []
    for value in values:
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or len(words) not in (1, 2):
            return None
        if word != "monitor_metrics":
            item = _with_words(_NAMES[word], words)
        elif isinstance(words[0], list):
            sides = [*zip((_SOURCE, _TARGET), words, strict=False)]
            item = {}
            for names, side in sides:
                item.update(_with_words(names, side) or {"": None})
        else:
            item = _with_words(_SOURCE, words)
        if not item or "" in item or next(iter(item)) not in ("title", "artifact", "model"):
            return None
        items.append(item)
    return items


def _metric(one: Any) -> Any:
    if not _are_texts(one, {*_SOURCE, *_TARGET}) or "title" not in one:
        return None
    source = tuple(one.get(name) for name in _SOURCE)
    if one.keys() & set(_TARGET):
        return (source, tuple(one.get(name) for name in _TARGET))
    return source if "series" in one else one["title"]


def _named(one: Any, names: tuple[str, str]) -> Any:
    if not _are_texts(one, set(names)) or names[0] not in one:
        return None
    return (one[names[0]], one[names[1]]) if names[1] in one else one[names[0]]


def _are_texts(one: Any, keys: set[str]) -> bool:
    return (
        isinstance(one, dict)
        and one.keys() <= keys
        and all(isinstance(word, str) for word in one.values())
    )


def _with_words(names: tuple[str, str], words: Any) -> dict[str, Any]:
    """The words by their names, without what is not said; nothing when they are no such words."""
    words = [words] if isinstance(words, str) else words
    if not isinstance(words, list) or not 0 < len(words) <= len(names):
        return {}
    if not all(word is None or isinstance(word, str) for word in words):
        return {}
    return {name: word for name, word in zip(names, words, strict=False) if word is not None}
