"""Version texts as Python packages have them (PEP 440): which are valid, which is higher."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Optional

FIRST = "1.0.0"

_NUMBER_SEPARATOR = r"[-_.]?"
_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    rf"(?P<pre>{_NUMBER_SEPARATOR}(?P<pre_word>alpha|a|beta|b|preview|pre|c|rc)"
    rf"{_NUMBER_SEPARATOR}(?P<pre_number>\d*))?"
    rf"(?P<post>-(?P<post_bare>\d+)|{_NUMBER_SEPARATOR}(?:post|rev|r){_NUMBER_SEPARATOR}"
    r"(?P<post_number>\d*))?"
    rf"(?P<dev>{_NUMBER_SEPARATOR}dev{_NUMBER_SEPARATOR}(?P<dev_number>\d*))?"
    r"(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?",
    re.IGNORECASE | re.ASCII,
)
_RANKS = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_IS_DEVELOPED, _IS_OUT = -1, 3


def check_version(version: str) -> str:
    """Return a version text; raises ValueError when it is none."""
    text = str(version).strip()
    if not _VERSION.fullmatch(text):
        raise ValueError(
            f"Setting non-semantic pipeline version {version!r}: "
            "a version is numbers with dots, as 1.0.2 or 2.1rc1"
        )
    return text


def rank(version: str) -> Optional[tuple[Any, ...]]:
    """Give what versions are compared by, or None when the text is no version."""
    found = _VERSION.fullmatch(str(version).strip())
    if not found:
        return None
    release = [int(part) for part in found["release"].split(".")]
    while len(release) > 1 and not release[-1]:
        release.pop()
    stage = _IS_OUT
    if found["pre"]:
        stage = _RANKS[found["pre_word"].lower()]
    elif found["dev"] and not found["post"]:
        stage = _IS_DEVELOPED
    post = -1
    if found["post"]:
        post = int(found["post_bare"] or found["post_number"] or 0)
    dev = int(found["dev_number"] or 0) if found["dev"] else float("inf")
    epoch, pre = int(found["epoch"] or 0), int(found["pre_number"] or 0)
    return (epoch, release, stage, pre, post, dev)


def highest(versions: Iterable[str]) -> Optional[str]:
    """Pick the highest version text; None when none of them is a version."""
    ranked = [(rank(version), version) for version in versions]
    known = [one for one in ranked if one[0] is not None]
    return max(known, key=lambda one: one[0] or ())[1] if known else None
