"""The attempts that this agent holds now: what its other threads need in order to stop them."""

from __future__ import annotations

import threading
import time
import uuid

from orchestrator.agent.child import Child
from orchestrator.agent.output import Output

Key = tuple[uuid.UUID, int]


class Held:
    """One attempt that this agent has claimed and not ended yet."""

    def __init__(self, key: Key, output: Output, *, grace: float, lease: float) -> None:
        self.key = key
        self.output = output
        self.grace = grace
        self._leased_until = time.monotonic() + lease
        self.stopped = ""
        self.is_told = False
        self._grace = grace
        self.begun_at = 0.0
        self._child: Child | None = None
        self._lock = threading.Lock()

    def begin(self, child: Child) -> None:
        """From now on there are processes; what was asked before holds for them, too."""
        with self._lock:
            self._child = child
            self.begun_at = time.monotonic()
            if self.stopped:
                child.end(self.stopped, self._grace)

    @property
    def is_begun(self) -> bool:
        """True once there are processes, or will be at once."""
        return self._child is not None

    @property
    def supervisor_pid(self) -> int:
        """The process above all of the attempt's, or 0."""
        return self._child.supervisor_pid if self._child is not None else 0

    def stop(self, cause: str, grace: float | None = None) -> None:
        """End its processes, by default within its own grace; the first cause counts."""
        grace = self.grace if grace is None else grace
        with self._lock:
            self.stopped = self.stopped or cause
            self._grace = grace
            if self._child is not None:
                self._child.end(self.stopped, grace)

    def renewed(self, leased_until: float) -> None:
        """Its lease goes on; without this its supervisor ends it in time."""
        with self._lock:
            self._leased_until = leased_until
            if self._child is not None:
                self._child.renew(self._lease_left())

    def lease_left(self) -> float:
        """How long it may go on without news."""
        with self._lock:
            return self._lease_left()

    def _lease_left(self) -> float:
        return max(self._leased_until - time.monotonic(), 0.0)


class Holdings:
    """All attempts of this agent, safe for every thread."""

    def __init__(self) -> None:
        self._held: dict[Key, Held] = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)

    def __len__(self) -> int:
        with self._lock:
            return len(self._held)

    def add(self, held: Held) -> None:
        """Take one in."""
        with self._lock:
            self._held[held.key] = held

    def remove(self, held: Held) -> None:
        """It has ended."""
        with self._changed:
            self._held.pop(held.key, None)
            self._changed.notify_all()

    def all(self) -> list[Held]:
        """Those held now."""
        with self._lock:
            return list(self._held.values())

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until nothing is held any more."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._held, seconds)
