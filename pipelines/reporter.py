"""Sends what must be seen while a step runs, metrics and progress, without holding it up.

One background thread gathers and sends. A server that is away delays nothing: what was reported is
kept until it is back. Only at the step's end does the waiting have a limit.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from contextlib import suppress

from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pipelines.context import StepContext

SAMPLES_EVERY_SECONDS = 0.25
PROGRESS_EVERY_SECONDS = 1.0
LARGEST_BATCH = 1_000
LARGEST_BACKLOG = 200_000
_PATIENCE_OF_A_TRY = 2.0


class Reporter:
    """The line of reports of one step."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        self._begin()
        # A forked child has neither its parent's thread nor the right to send its parent's reports.
        os.register_at_fork(after_in_child=self._begin)
        atexit.register(self._at_exit)

    def _begin(self) -> None:
        self._condition = threading.Condition()
        self._sending = threading.Lock()
        self._samples: list[dict[str, Any]] = []
        self._batch: list[dict[str, Any]] = []
        self._batch_key = ""
        self._progress: float | None = None
        self._progress_sent_at = float("-inf")
        self._refusal: RequestRefused | None = None
        self._thread: threading.Thread | None = None

    def add_sample(self, sample: dict[str, Any]) -> None:
        """Take a metric's value; raise what the server had against an earlier one."""
        with self._condition:
            if self._refusal is not None:
                raise self._refusal
            if len(self._samples) >= LARGEST_BACKLOG:
                raise PipelinesError(
                    f"{LARGEST_BACKLOG:,} reported values wait for the server; report fewer"
                )
            self._samples.append(sample)
            self._wake()

    def set_progress(self, fraction: float) -> None:
        """Take the progress; only the latest is sent, at most one a second."""
        with self._condition:
            self._progress = fraction
            self._wake()

    def flush(self, patience: float) -> None:
        """Send what waits, from this thread, and give up after so many seconds."""
        deadline = time.monotonic() + patience
        while self._has_samples():
            self._send_samples(max(deadline - time.monotonic(), 0.1))
        if self._refusal is not None:
            raise self._refusal
        self._send_progress()

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name="pipelines-reporter", daemon=True
            )
            self._thread.start()
        self._condition.notify()

    def _work(self) -> None:
        while True:
            with self._condition:
                while not self._samples and not self._batch and self._progress is None:
                    self._condition.wait()
            # Gather for a moment: a step may report hundreds of values a second.
            time.sleep(SAMPLES_EVERY_SECONDS)
            try:
                self._send_samples(_PATIENCE_OF_A_TRY)
            except ServerUnavailable:
                time.sleep(1)
            if time.monotonic() - self._progress_sent_at >= PROGRESS_EVERY_SECONDS:
                self._send_progress()

    def _has_samples(self) -> bool:
        with self._condition:
            return self._refusal is None and bool(self._samples or self._batch)

    def _send_samples(self, patience: float) -> None:
        """Send one batch. It keeps its key until the server has it: it is stored once."""
        with self._sending:
            with self._condition:
                if not self._batch:
                    self._batch = self._samples[:LARGEST_BATCH]
                    del self._samples[: len(self._batch)]
                    self._batch_key = os.urandom(16).hex()
            if not self._batch:
                return
            try:
                self._context.api.send(
                    "POST",
                    f"tasks/{self._context.task_id}/samples/",
                    self._batch,
                    patience=patience,
                    headers={"Idempotency-Key": self._batch_key},
                )
            except RequestRefused as error:
                with self._condition:
                    self._refusal = error
                    self._samples = []
            self._batch = []

    def _send_progress(self) -> None:
        with self._condition:
            fraction, self._progress = self._progress, None
        if fraction is None:
            return
        self._progress_sent_at = time.monotonic()
        # Progress is a courtesy: a step does not fail for it, and the next value says more.
        with suppress(PipelinesError):
            self._context.api.send(
                "PATCH", f"tasks/{self._context.task_id}/", {"progress": fraction}, patience=0
            )

    def _at_exit(self) -> None:
        from pipelines.http import PATIENCE_SECONDS

        try:
            self.flush(PATIENCE_SECONDS)
        except PipelinesError as error:
            # Too late to raise: the interpreter is leaving, and would leave with success.
            sys.stderr.write(f"the reported metrics could not be delivered: {error}\n")
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1)
