"""Keeps a task alive that a process runs by itself, tells what it prints, and says how it ended."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
from contextlib import suppress

from pipelines.ending import Endings
from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable
from pipelines.output_capture import OutputCapture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    from pipelines.context import StepContext

_GATHER_SECONDS = 0.2
_LOOK_SECONDS = 0.25
_AGAIN_SECONDS = 0.5
_PATIENCE_AT_END_SECONDS = 60.0
_GRACE_SECONDS = 10.0
_LEAVING_SECONDS = 60.0
_INTERRUPTED = 130


class Session:
    """One task of this process, from its beginning here to its end.

    Its thread renews the lease, sends output, and hears that the task is to be aborted: then the
    abort callback is called, and the main thread gets a KeyboardInterrupt.
    """

    def __init__(
        self, context: StepContext, renew_every: float, forget: Callable[[str], object]
    ) -> None:
        self.context = context
        self.abort_asked = False
        self._is_asked = False
        self._leaves_by_itself = False
        self._renew_every = renew_every
        self._forget = forget
        self._pid = os.getpid()
        self._output = OutputCapture()
        self._endings = Endings(self._terminated)
        self._ending = threading.Lock()
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._unsent: list[dict[str, str]] = []
        self._unsent_key = ""
        self._abort_reason = ""
        self._grace = _GRACE_SECONDS
        self._callback: Optional[Callable[[], object]] = None
        self._callback_seconds = 0.0
        self._at_work: Optional[threading.Thread] = None

    def capture(self) -> None:
        """From now on hear what the process prints, and see how it ends."""
        self._output.begin(self._wake.set)
        self._endings.watch()

    def start(self) -> None:
        """Begin to keep the task alive, until this process or somebody ends it."""
        threading.Thread(target=self._work, name="pipelines-session", daemon=True).start()
        atexit.register(self._at_exit)

    def on_abort(self, function: Optional[Callable[[], object]], seconds: float) -> None:
        """Call a function when the task is asked to end, for so many seconds at most."""
        self._callback, self._callback_seconds = function, seconds

    def ask_to_end(self) -> None:
        """Be told that the task is to be aborted before the next renewal would tell it."""
        self._is_asked = True
        self._wake.set()

    def leaves_by_itself(self) -> None:
        """Be told that the script is ending, when its steps have: it is not interrupted then."""
        self._leaves_by_itself = True

    @property
    def is_to_interrupt(self) -> bool:
        """Whether the main thread is about to be interrupted."""
        is_asked = self._is_asked or self.abort_asked
        endings = self._endings
        is_left = self._leaves_by_itself or endings.has_interrupted or endings.is_leaving
        return is_asked and not is_left and not self._ended.is_set()

    def say(self, text: str) -> None:
        """Tell the person in front of this process, and not the task's log."""
        self._output.say(text)

    def send_all(self, patience: float = _PATIENCE_AT_END_SECONDS) -> None:
        """Bring to the server what was reported, stored and printed."""
        from pipelines.storing import COLLECTED, stored_names, upload_artifact

        if self.context.has_reporter:
            self.context.reporter.flush(patience)
        for name in stored_names(self.context, COLLECTED):
            upload_artifact(self.context, name, patience=patience)
        self._send_output(patience)

    def end(
        self,
        status: str,
        *,
        reason: str = "",
        traceback: str = "",
        exit_code: Optional[int] = None,
        queue: Optional[str] = None,
    ) -> None:
        """Say how the task ended; only the first time counts."""
        with self._ending:
            if self._ended.is_set() or os.getpid() != self._pid:
                return
            try:
                self._finish(status, reason, traceback, exit_code, queue)
            except RequestRefused:
                if status in ("draft", "queued"):
                    raise
                self._stop()
                raise
            except BaseException:
                self._stop()
                raise
            self._stop()

    def _finish(
        self,
        status: str,
        reason: str,
        traceback: str,
        exit_code: Optional[int],
        queue: Optional[str],
    ) -> None:
        try:
            self.send_all()
        except RequestRefused as error:
            if status == "completed":
                status, reason = "failed", f"what it reported could not be delivered: {error}"
        body: dict[str, Any] = {"status": status}
        if status in ("draft", "queued"):
            body.update({} if queue is None else {"queue": queue})
        else:
            more = {"reason": reason, "traceback": traceback, "exit_code": exit_code}
            body.update({key: value for key, value in more.items() if value not in ("", None)})
            body["outputs"] = self.context.read_json("outputs.json")
        path = f"tasks/{self.context.task_id}/finish/"
        self.context.api.send("POST", path, body, patience=_PATIENCE_AT_END_SECONDS)

    def _stop(self) -> None:
        self._ended.set()
        self.context.is_over = True
        self._wake.set()
        self._output.end()
        self._endings.unwatch()
        self._forget(self.context.task_id)
        from pipelines.task import Task

        Task._left(self.context.task_id)

    def _work(self) -> None:
        """Renew and send until the end; whatever is printed gathers for a moment."""
        renew_at = time.monotonic() + self._renew_every
        while not self._ended.is_set():
            if self._wake.wait(_LOOK_SECONDS):
                self._wake.clear()
                self._ended.wait(_GATHER_SECONDS)
            if self._ended.is_set():
                return
            if self._is_asked and not self._abort_reason:
                self._hear_abort()
            if self._abort_reason and not self._at_work:
                self._abort()
                return
            with suppress(PipelinesError):
                self._send_output(0)
            if time.monotonic() >= renew_at:
                renewed = self._renew()
                renew_at = time.monotonic() + (self._renew_every if renewed else _AGAIN_SECONDS)

    def _renew(self) -> bool:
        """Renew the lease, and hear whether the task is to end; False when nobody answered."""
        path = f"tasks/{self.context.task_id}/renew/"
        try:
            answer = self.context.api.send("POST", path, {}, patience=0)
        except ServerUnavailable:
            # Away, for a restart perhaps; the lease may still hold when it is back.
            return False
        except RequestRefused as error:
            # Refused because this process is just telling the end: nobody else has ended it.
            if self._ended.is_set() or self._ending.locked():
                return True
            # Once: whoever is ending is not told the same at each renewal.
            if not self.abort_asked:
                self.say(f"the task has been ended elsewhere: {error}")
            answer = {"abort": True}
        if answer["abort"]:
            self.abort_asked = True
            self._grace = float(answer.get("grace") or _GRACE_SECONDS)
            self._abort_reason = self._abort_reason or "aborted"
        return True

    def _hear_abort(self) -> None:
        """Ask the server how long the script has, which also tells it that this was heard."""
        self._renew()
        self.abort_asked = True
        self._abort_reason = self._abort_reason or "aborted"

    def _terminated(self) -> bool:
        """Hear SIGTERM in the main thread; True when it may simply end."""
        self.abort_asked = True
        self._abort_reason = self._abort_reason or "ended by SIGTERM"
        # The thread looks by itself: waking it takes a lock, which this one may just be holding.
        return self._callback is None

    def _abort(self) -> None:
        """Call what is to be called, interrupt the main thread, and not wait for it for ever."""
        left = _LEAVING_SECONDS if self._leaves_by_itself else 0.0
        until = time.monotonic() + self._grace + left
        self._at_work = threading.current_thread()
        if self._callback is not None:
            self._call(self._callback, min(self._callback_seconds, self._grace))
        if not self._leaves_by_itself:
            self._endings.interrupt()
        if not self._ends_by(max(until, time.monotonic() + 0.5)):
            self.say("the script did not end when it was asked to; it is ended now")
            with suppress(PipelinesError):
                self.end("aborted", reason=self._abort_reason)
            os._exit(_INTERRUPTED)

    def _ends_by(self, until: float) -> bool:
        """Keep the task alive until its script ends; False when it takes too long."""
        while (left := until - time.monotonic()) > 0:
            if self._ended.wait(min(left, self._renew_every)):
                return True
            with suppress(PipelinesError):
                self._send_output(0)
            self._renew()
        return self._ended.is_set()

    def _call(self, function: Callable[[], object], seconds: float) -> None:
        import traceback

        def call() -> None:
            try:
                function()
            except BaseException:
                sys.stderr.write(traceback.format_exc())

        caller = threading.Thread(target=call, name="pipelines-abort-callback", daemon=True)
        caller.start()
        caller.join(seconds)
        if caller.is_alive():
            self.say(f"the abort callback did not return within {seconds:g} s")
        self._callback = None

    def _send_output(self, patience: float) -> None:
        """Send what was printed; a batch keeps its key until the server has it."""
        with self._output.sending:
            while True:
                if not self._unsent:
                    self._unsent = self._output.take()
                    self._unsent_key = os.urandom(16).hex()
                if not self._unsent:
                    return
                path = f"tasks/{self.context.task_id}/output/"
                headers = {"Idempotency-Key": self._unsent_key}
                body = {"pieces": self._unsent}
                try:
                    self.context.api.send("POST", path, body, patience=patience, headers=headers)
                except RequestRefused:
                    self._output.end()
                self._unsent = []

    def _at_exit(self) -> None:
        if os.getpid() != self._pid:
            return
        self._endings.is_leaving = True
        try:
            if not self._ended.is_set():
                # What was asked to end ends so, also when the script came to its end by itself.
                while self._callback is not None and self._at_work is not None:
                    time.sleep(0.01)
                how = self._endings.how(self._abort_reason)
                self.end(how.status, reason=how.reason, traceback=how.traceback, exit_code=how.code)
        except PipelinesError as error:
            self.say(f"how task {self.context.task_id} ended could not be told: {error}")
        finally:
            from pipelines.storing import remove

            with suppress(OSError):
                remove(self.context.directory)
