"""A live stack prepared for workloads, and folders in which these write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.workload import Stack
    from tests.live_stack import LiveStack


@pytest.fixture(scope="session")
def _prepared() -> dict[str, Stack]:
    return {}


@pytest.fixture
def stack(live_stack: LiveStack, _prepared: dict[str, Stack]) -> Stack:
    """The live stack, all of it running, with what workloads need."""
    from tests.faults.workload import Stack

    if live_stack.base_url not in _prepared:
        _prepared[live_stack.base_url] = Stack(live_stack)
    return _prepared[live_stack.base_url]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the executions of a workload write."""
    made = tmp_path / "executions"
    made.mkdir()
    return made
