"""The agent's process: a Celery worker whose slots are threads, and its orderly end.

Asked to end (TERM, or Ctrl-C), it takes nothing new and lets what runs come to its end for a
while; what is left then goes back into its queue for another agent. It ends itself so, to be
started again, when messages wait and its slots are free but none comes through.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from celery import current_app
from celery.signals import worker_shutting_down
from django.conf import settings

from orchestrator import dispatch
from orchestrator.agent.listening import Listening
from orchestrator.agent.serving import ServingAgent, serving
from orchestrator.agent.verdict import RELEASE

logger = logging.getLogger(__name__)

DEAF_EXIT_CODE = 75
WATCH_EVERY_SECONDS = 10.0
DEAF_AFTER_SECONDS = 90.0
_HURRY_SECONDS = 2.0
_SWITCH_SECONDS = 0.0005


def run_agent(*, queues: Sequence[str], slots: int, name: str | None = None) -> int:
    """Execute tasks of these queues until told to end; the answer is the exit code."""
    # A slot that has an answer from the broker must not wait for the loop that has one, too.
    sys.setswitchinterval(_SWITCH_SECONDS)
    with serving(queues=queues, slots=slots, name=name) as agent:
        ending = _Ending(agent)
        worker_shutting_down.connect(ending.begin)
        worker_queues = [f"q.{queue}" for queue in agent.queues]
        worker = current_app.Worker(
            hostname=f"agent-{agent.id}@{agent.name}",
            queues=worker_queues,
            pool="threads",
            concurrency=slots,
            loglevel=settings.PIPELINES_LOG_LEVEL,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        agent.on_draining = Listening(worker, worker_queues).set_draining
        watchdog = _Watchdog(agent)
        worker.start()
        watchdog.stop()
        worker_shutting_down.disconnect(ending.begin)
        ending.wait()
    return DEAF_EXIT_CODE if watchdog.has_given_up else worker.exitcode or 0


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


class _Watchdog:
    """Notices a worker that does not hear its broker any more although everybody else does."""

    def __init__(self, agent: ServingAgent) -> None:
        self.has_given_up = False
        self._agent = agent
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="agent-watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()
        self._thread.join(5)

    def _watch(self) -> None:
        deaf_for, heard = 0.0, self._agent.messages
        while not self._stopped.wait(WATCH_EVERY_SECONDS):
            if self._agent.messages != heard or not self._should_hear():
                deaf_for, heard = 0.0, self._agent.messages
                continue
            deaf_for += WATCH_EVERY_SECONDS
            if deaf_for >= DEAF_AFTER_SECONDS:
                logger.error("messages wait and none comes through: ending, to be started again")
                self.has_given_up = True
                self._end_process()
                return

    def _end_process(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # Its steps have ended or gone back by then; the worker itself may be stuck for good.
        patience = settings.PIPELINES_DRAIN_SECONDS + settings.PIPELINES_LEASE_SECONDS * 2
        if not self._stopped.wait(patience):
            os._exit(DEAF_EXIT_CODE)

    def _should_hear(self) -> bool:
        if self._agent.draining:
            return False
        has_room = len(self._agent.holdings) < self._agent.slots
        return has_room and any(dispatch.waiting_in_broker(name) for name in self._agent.queues)
