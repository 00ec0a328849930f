"""Sends what must be seen while a task runs, metrics for one, without holding it up.

One background thread gathers and sends. A server that is away delays nothing: what was reported is
kept until it is back. Only at the step's end does the waiting have a limit.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from _thread import allocate_lock
from contextlib import suppress

from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
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
        self._pid = os.getpid()
        self._begin()
        # A forked child has neither its parent's thread nor the right to send its parent's reports.
        os.register_at_fork(after_in_child=self._begin_in_child)
        # Where there is no agent the end of the task sends them, too.
        if context.has_agent:
            atexit.register(self._at_exit)

    def _begin_in_child(self) -> None:
        self._begin()
        # It may have been held, by a thread that there is only in the parent.
        self._context.storing = allocate_lock()

    def _begin(self) -> None:
        self._condition = threading.Condition()
        self._sending = threading.Lock()
        self._samples: list[dict[str, Any]] = []
        self._batch: list[dict[str, Any]] = []
        self._batch_key = ""
        self._parameters: dict[str, Any] = {}
        self._uploads: list[str] = []
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

    def add_upload(self, name: str) -> None:
        """Take a stored artifact that is to be sent while the task runs."""
        with self._condition:
            if self._refusal is not None:
                raise self._refusal
            self._uploads.append(name)
            self._wake()

    def add_report(self, sample: dict[str, Any], kind: str, thing: Any, media_type: str) -> None:
        """Take what a metric cannot hold: a thing that is kept, and a sample that refers to it."""
        from pipelines.storing import Wish, report_name, store_artifact

        place = (sample["title"], sample["series"], sample["step"])
        name = report_name(*place)
        about = {"report": True, "title": place[0], "series": place[1], "step": place[2]}
        store_artifact(self._context, name, thing, about, Wish(media_type=media_type))
        self.add_upload(name)
        self.add_sample({**sample, "reference": {"kind": kind, "artifact": name}})

    def tell_parameters(self, values: Mapping[str, Any]) -> None:
        """Take parameters that the script has decided on."""
        with self._condition:
            if self._refusal is not None:
                raise self._refusal
            self._parameters.update(values)
            self._wake()

    def set_progress(self, fraction: float) -> None:
        """Take the progress; only the latest is sent, at most one a second."""
        with self._condition:
            self._progress = fraction
            self._wake()

    def flush(self, patience: float) -> None:
        """Send what waits, from this thread, and give up after so many seconds."""
        deadline = time.monotonic() + patience
        while self._must_send():
            self._send_all(max(deadline - time.monotonic(), 0.1))
        if self._refusal is not None:
            raise self._refusal
        self._send_progress()

    def _wake(self) -> None:
        if self._thread is None:
            self._see_to_the_end()
            self._thread = threading.Thread(
                target=self._work, name="pipelines-reporter", daemon=True
            )
            self._thread.start()
        self._condition.notify()

    def _see_to_the_end(self) -> None:
        """Have the reports of a child process sent when it ends, which few of them do as usual."""
        processes = sys.modules.get("multiprocessing.process")
        if processes is not None and processes.parent_process() is not None:
            from multiprocessing.util import Finalize

            Finalize(self, self._at_exit, exitpriority=0)
        elif os.getpid() != self._pid and not self._context.has_agent:
            atexit.register(self._at_exit)

    def _work(self) -> None:
        while True:
            with self._condition:
                while not self._has_more() and self._progress is None:
                    self._condition.wait()
            # Gather for a moment: a step may report hundreds of values a second.
            time.sleep(SAMPLES_EVERY_SECONDS)
            try:
                self._send_all(_PATIENCE_OF_A_TRY)
            except ServerUnavailable:
                time.sleep(1)
            if time.monotonic() - self._progress_sent_at >= PROGRESS_EVERY_SECONDS:
                self._send_progress()

    def _has_more(self) -> bool:
        return bool(self._samples or self._batch or self._parameters or self._uploads)

    def _must_send(self) -> bool:
        with self._condition:
            return self._refusal is None and self._has_more()

    def _send_all(self, patience: float) -> None:
        """Send what waits: artifacts before the values that refer to them."""
        with self._sending:
            try:
                self._send_parameters(patience)
                self._send_uploads(patience)
                self._send_samples(patience)
            except RequestRefused as error:
                with self._condition:
                    self._refusal = error
                    self._samples, self._batch = [], []
                    self._parameters, self._uploads = {}, []

    def _send_parameters(self, patience: float) -> None:
        with self._condition:
            values = dict(self._parameters)
        if not values:
            return
        path = f"tasks/{self._context.task_id}/"
        self._context.api.send("PATCH", path, {"parameters": values}, patience=patience)
        with self._condition:
            for name, value in values.items():
                if name in self._parameters and self._parameters[name] is value:
                    del self._parameters[name]

    def _send_uploads(self, patience: float) -> None:
        from pipelines.storing import upload_artifact

        while self._uploads:
            upload_artifact(self._context, self._uploads[0], patience=patience)
            with self._condition:
                del self._uploads[0]

    def _send_samples(self, patience: float) -> None:
        """Send one batch. It keeps its key until the server has it: it is stored once."""
        with self._condition:
            if not self._batch:
                self._batch = self._samples[:LARGEST_BATCH]
                del self._samples[: len(self._batch)]
                self._batch_key = os.urandom(16).hex()
        if not self._batch:
            return
        self._context.api.send(
            "POST",
            f"tasks/{self._context.task_id}/samples/",
            self._batch,
            patience=patience,
            headers={"Idempotency-Key": self._batch_key},
        )
        self._batch = []

    def _send_progress(self) -> None:
        # Whoever wants it sent must wait for a try that goes on, too: the value is in there.
        with self._sending:
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
