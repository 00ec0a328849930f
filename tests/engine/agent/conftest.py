"""An agent in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from orchestrator.agent.serving import ServingAgent


@pytest.fixture
def agent(transactional_db: None) -> Iterator[ServingAgent]:
    """An agent that serves nothing by itself: tests hand it tasks."""
    from orchestrator.agent.serving import serving

    with serving(queues=["default"], slots=2, name="tested") as serving_agent:
        yield serving_agent
