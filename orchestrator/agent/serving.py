"""The agent of this process: its row, its threads, and the attempts that it holds."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import Error, connection

from orchestrator import announce
from orchestrator.agent import orphans
from orchestrator.agent.held import Held, Holdings
from orchestrator.agent.output import Writer
from orchestrator.agent.pokes import Pokes
from orchestrator.agent.reader import Reader
from orchestrator.agent.servers import ForkServers
from orchestrator.agent.usage import Usage
from orchestrator.agent.verdict import ABORT, FENCED
from orchestrator.store import agents, execution

logger = logging.getLogger(__name__)

_FENCE_MARGIN = 1 / 3


class ServingAgent:
    """An agent that has registered itself and renews its leases until it is stopped."""

    def __init__(self, *, queues: Sequence[str], slots: int, name: str | None = None) -> None:
        self.queues = tuple(queues)
        self.slots = slots
        self.name = name or f"{socket.gethostname()}-{os.getpid()}"
        self.lease: float = settings.PIPELINES_LEASE_SECONDS
        self.holdings = Holdings()
        self.messages = 0
        self.draining = False
        self._has_left = False
        self.on_draining: Callable[[bool], bool] = _nobody_listens
        self.id: uuid.UUID = agents.register(
            name=self.name,
            host=socket.gethostname(),
            pid=os.getpid(),
            queues=self.queues,
            slots=slots,
            lease=self.lease,
        )
        announce.poke("lines")
        self.servers = ForkServers()
        self.reader = Reader()
        self.writer = Writer(self.reader)
        self.usage = Usage(self.holdings)
        # What a step has left lying is taken away while the next one goes on already.
        self.tidier = ThreadPoolExecutor(1, thread_name_prefix="agent-tidier")
        self._look = threading.Event()
        self._ending = False
        self._stopped = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="agent-heartbeat", daemon=True)
        self._heart.start()
        self._pokes = Pokes(self.id, self.look)
        orphans.clear_up(self.id)

    @property
    def working_lease(self) -> float:
        """How long a step may go on without news: it must be gone before the lease is over."""
        return self.lease * (1 - _FENCE_MARGIN)

    @property
    def lost_grace(self) -> float:
        """How long a step has between TERM and KILL when its lease cannot be renewed."""
        return self.lease * _FENCE_MARGIN / 2

    def look(self) -> None:
        """Ask the database at once what is to be aborted."""
        self._look.set()

    def drain(self) -> None:
        """Say that nothing new is taken, because the end has begun."""
        self._ending = True
        agents.drain(self.id)
        announce.poke("lines")

    def stop(self) -> None:
        """End the threads and give up the agent's place; nothing may be held any more."""
        self._stopped.set()
        self._look.set()
        self._heart.join(5)
        self._pokes.stop()
        self.usage.stop()
        self.tidier.shutdown()
        self.writer.stop()
        self.reader.stop()
        self.servers.stop()
        agents.retire(self.id)
        announce.poke("lines")

    def _beat(self) -> None:
        took = 0.0
        while not self._stopped.is_set():
            # A renewal that was slow is followed by the next one the sooner.
            self._look.wait(max(settings.PIPELINES_RENEW_SECONDS - took, 0.05))
            self._look.clear()
            began = time.monotonic()
            if not self._stopped.is_set():
                self.renew()
            took = time.monotonic() - began
        connection.close()

    def renew(self) -> None:
        """Prolong all leases; hear what is to be aborted and what is no longer ours."""
        held = {attempt.key: attempt for attempt in self.holdings.all()}
        asked_at = time.monotonic()
        try:
            renewal = execution.renew(self.id, held.keys(), self.lease)
            draining = agents.is_draining(self.id)
        except Error as error:
            logger.warning("agent %s could not renew its leases: %s", self.id, error)
            connection.close()
            return
        for key, attempt in held.items():
            if key in renewal.lost:
                # Ended meanwhile, or taken from us; either way nothing of it may go on here.
                attempt.stop(FENCED, 0)
                continue
            attempt.renewed(asked_at + self.working_lease)
            if key in renewal.to_abort:
                attempt.stop(ABORT)
        self._tell_delivered([held[key] for key in renewal.to_abort if key in held])
        self._hear_draining(draining)

    def _tell_delivered(self, stopped: Sequence[Held]) -> None:
        """Say that those who are to be aborted know of it by now, and how long they have."""
        untold = {attempt.key: attempt for attempt in stopped if not attempt.is_told}
        if not untold:
            return
        try:
            graces = {key: attempt.grace for key, attempt in untold.items()}
            told = execution.tell_delivered(self.id, graces)
        except Error as error:
            logger.warning("agent %s could not say what it aborts: %s", self.id, error)
            connection.close()
            return
        for attempt in untold.values():
            attempt.is_told = True
        if told:
            announce.poke(*(f"task:{task_id}" for task_id in told))

    def _hear_draining(self, draining: bool) -> None:
        self.draining = draining
        # Asked again with each renewal until there is a worker that can do it.
        if draining == self._has_left or self._ending or not self.on_draining(draining):
            return
        self._has_left = draining
        logger.info("agent %s %s", self.id, "is drained" if draining else "takes tasks again")


def _nobody_listens(draining: bool) -> bool:
    """No worker hears the queues for this agent yet."""
    return False


_current: ServingAgent | None = None


def current() -> ServingAgent:
    """The agent of this process."""
    if _current is None:
        raise RuntimeError("no agent is serving in this process")
    return _current


@contextlib.contextmanager
def serving(
    *, queues: Sequence[str], slots: int, name: str | None = None
) -> Iterator[ServingAgent]:
    """Be an agent for as long as the block lasts."""
    global _current
    if _current is not None:
        raise RuntimeError("an agent is serving in this process already")
    agent = _current = ServingAgent(queues=queues, slots=slots, name=name)
    try:
        yield agent
    finally:
        _current = None
        agent.stop()
