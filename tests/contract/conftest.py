"""A live stack with the sample in it, and tokens to speak to it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contract.sample_stack import SampleStack
    from tests.live_stack import LiveStack


@pytest.fixture(scope="session")
def _seeded() -> dict[str, SampleStack]:
    return {}


@pytest.fixture
def stack(live_stack: LiveStack, _seeded: dict[str, SampleStack]) -> SampleStack:
    """The live stack, all of it running, seeded once."""
    from tests.contract.sample_stack import SampleStack

    if live_stack.base_url not in _seeded:
        _seeded[live_stack.base_url] = SampleStack(live_stack)
    return _seeded[live_stack.base_url]
