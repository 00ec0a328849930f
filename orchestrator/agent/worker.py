"""The agent's process: a Celery worker whose slots are threads, and its orderly end.

Asked to end (TERM, or Ctrl-C), it takes nothing new and lets what runs come to its end for a
while; what is left then goes back into its queue for another agent.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from celery import current_app
from celery.signals import worker_shutting_down
from django.conf import settings

from orchestrator.agent.serving import ServingAgent, serving
from orchestrator.agent.verdict import RELEASE

logger = logging.getLogger(__name__)

_HURRY_SECONDS = 2.0


def run_agent(*, queues: Sequence[str], slots: int, name: str | None = None) -> int:
    """Execute tasks of these queues until told to end; the answer is the exit code."""
    with serving(queues=queues, slots=slots, name=name) as agent:
        ending = _Ending(agent)
        worker_shutting_down.connect(ending.begin)
        worker = current_app.Worker(
            hostname=f"agent-{agent.id}@{agent.name}",
            queues=[f"q.{queue}" for queue in agent.queues],
            pool="threads",
            concurrency=slots,
            loglevel=settings.PIPELINES_LOG_LEVEL,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        worker_shutting_down.disconnect(ending.begin)
        ending.wait()
    return worker.exitcode or 0


class _Ending:
    """The end of an agent, in a thread of its own: the worker itself waits for its slots."""

    def __init__(self, agent: ServingAgent) -> None:
        self._agent = agent
        self._thread: threading.Thread | None = None

    def begin(self, sig: str = "", **details: Any) -> None:
        """Start to end; called from a signal handler."""
        if self._thread is None:
            patience = settings.PIPELINES_DRAIN_SECONDS
            if sig == "SIGINT":
                patience = min(patience, _HURRY_SECONDS)
            self._thread = threading.Thread(target=self._drain, args=(patience,), daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join()

    def _drain(self, patience: float) -> None:
        holdings = self._agent.holdings
        self._agent.drain()
        if not holdings.wait_until_empty(patience):
            for held in holdings.all():
                logger.info("task %s goes back into its queue", held.key[0])
                held.stop(RELEASE)
            holdings.wait_until_empty(settings.PIPELINES_LEASE_SECONDS)
