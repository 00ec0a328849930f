"""A run's changes as they come, taken up again wherever the line was cut."""

from __future__ import annotations

import json
import time

from pipelines.errors import ServerUnavailable, WaitTimeout
from pipelines.http import ANSWER_TIMEOUT_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Optional

    from pipelines.http import Api

    Change = dict[str, Any]

FINAL = frozenset({"completed", "cached", "skipped", "failed", "crashed", "aborted"})
_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 2.0


def follow(api: Api, run_id: str, since: int = 0, timeout: float | None = None) -> Iterator[Change]:
    """Give each change after *since* once, in order, until the run has ended.

    A server that is away is waited for as long as the Api is patient. Raises WaitTimeout when
    the run has not ended after *timeout* seconds.
    """
    deadline = Deadline(timeout)
    path = f"runs/{run_id}/changes/?stream=1&since="
    away_since: Optional[float] = None
    pause = _PAUSE_SECONDS
    while True:
        try:
            for line in api.lines(f"{path}{since}", min(ANSWER_TIMEOUT_SECONDS, deadline.left())):
                away_since, pause = None, _PAUSE_SECONDS
                for change in _changes_in(line):
                    if change["n"] > since:
                        since = change["n"]
                        yield change
                deadline.check(f"run {run_id} has not ended")
            # The stream ends with the run; a server that is stopped ends it, too.
            run = api.get(f"runs/{run_id}/")
            if run["status"] in FINAL and run["last_change"] <= since:
                return
        except OSError as error:
            deadline.check(f"run {run_id} has not ended")
            away_since = time.monotonic() if away_since is None else away_since
            if time.monotonic() - away_since > api.patience:
                raise ServerUnavailable(f"the server at {api.url} is away: {error}") from error
            time.sleep(min(pause, deadline.left()))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _changes_in(line: bytes) -> list[Change]:
    """Read a line of the stream. An empty one only shows that the other side is there."""
    if not line.strip():
        return []
    try:
        frame = json.loads(line)
    except ValueError as error:
        raise ConnectionError("the line broke off in its middle") from error
    changes: list[Change] = frame["changes"]
    return changes


class Deadline:
    """When patience is over; without seconds never."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._at = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, and at least a moment."""
        return ANSWER_TIMEOUT_SECONDS if self._at is None else max(self._left(), 0.01)

    def is_over(self) -> bool:
        """Whether no time is left."""
        return self._at is not None and self._left() <= 0

    def check(self, what: str) -> None:
        """Raise WaitTimeout when no time is left."""
        if self.is_over():
            raise WaitTimeout(f"{what} within {self._seconds:g} seconds")

    def _left(self) -> float:
        assert self._at is not None
        return self._at - time.monotonic()
