"""A task's abort callback: what it still does when it is asked to end.

The signal is heard by a thread of its own: whatever the main thread is doing, be it minutes in
somebody's C, the callback begins at once. The process ends when the callback has returned.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_EXIT_CODE = 128 + signal.SIGTERM

_listener: _Listener | None = None


def register(function: Callable[[], object], seconds: float, last: Callable[[], object]) -> None:
    """Call a function when this process is asked to end, and *last* before it does."""
    if threading.current_thread() is not threading.main_thread():
        raise PipelinesError("an abort callback is registered in the main thread")
    forget()
    global _listener
    _listener = _Listener(function, seconds, last)


def forget() -> None:
    """Let the process end as if nothing had been registered."""
    global _listener
    if _listener is not None:
        _listener.stop()
    _listener = None


class _Listener:
    """Waits for the signal; then calls, for so many seconds, and ends the process."""

    def __init__(
        self, function: Callable[[], object], seconds: float, last: Callable[[], object]
    ) -> None:
        self._function = function
        self._seconds = seconds
        self._last = last
        self._is_asked = False
        self._hearing, self._said = os.pipe()
        os.set_blocking(self._said, False)
        self._thread = threading.Thread(target=self._wait, name="pipelines-abort", daemon=True)
        self._thread.start()
        self._former = signal.signal(signal.SIGTERM, self._hear)
        # Written to by the interpreter itself, also while the main thread cannot be interrupted.
        signal.set_wakeup_fd(self._said, warn_on_full_buffer=False)

    def stop(self) -> None:
        """Take the signal's old meaning up again."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, self._former or signal.SIG_DFL)
        os.close(self._said)

    def _hear(self, number: int, frame: Any) -> None:
        # Something else, asyncio for one, may have taken the wakeup descriptor meanwhile.
        with suppress(OSError):
            os.write(self._said, bytes([number]))
        if callable(self._former):
            self._former(number, frame)

    def _wait(self) -> None:
        heard = b"?"
        while heard and signal.SIGTERM not in heard:
            heard = os.read(self._hearing, 64)
        os.close(self._hearing)
        if heard:
            self._is_asked = True
            self._call_and_end()

    def _call_and_end(self) -> None:
        caller = threading.Thread(target=self._call, name="pipelines-abort-callback", daemon=True)
        caller.start()
        caller.join(self._seconds)
        if caller.is_alive():
            _say(f"the abort callback did not return within {self._seconds:g} s\n")
        with suppress(Exception):
            self._last()
        _say("")
        os._exit(_EXIT_CODE)

    def _call(self) -> None:
        try:
            self._function()
        except BaseException:
            _say(traceback.format_exc())

    def wait_for_the_end(self) -> None:
        """Do not let the interpreter leave while the callback is at work."""
        if self._is_asked:
            self._thread.join()


def _say(text: str) -> None:
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.write(text)
        sys.stderr.flush()


def _at_exit() -> None:
    if _listener is not None:
        _listener.wait_for_the_end()


# A forked child is ended as any process is: the callback is its parent's.
os.register_at_fork(after_in_child=forget)
atexit.register(_at_exit)
