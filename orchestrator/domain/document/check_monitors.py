"""What is wrong with what a step is watched for: the names that it gets in the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.domain import artifacts
from orchestrator.domain.document.checking import CheckedStep, Checking


def check_monitors(checking: Checking, step: CheckedStep) -> None:
    for place, one in _items(step, "monitor"):
        if one.get("as_series") and not one.get("series"):
            message = '"as_series" names one series: say which one in "series"'
            checking.tell(step, f"monitor[{place}].series", "missing", message)
    for key in ("monitor_artifacts", "monitor_models"):
        for place, one in _items(step, key):
            target = one.get("as")
            if isinstance(target, str) and target and (fault := artifacts.name_fault(target)):
                checking.tell(step, f"{key}[{place}].as", "bad_name", fault)


def _items(step: CheckedStep, key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    items = step.said.get(key)
    for place, one in enumerate(items if isinstance(items, list) else ()):
        if isinstance(one, dict):
            yield place, one
