"""Ctrl-C while a run is waited for: on a terminal it is asked for first, elsewhere it aborts."""

from __future__ import annotations

import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Optional


class Interrupts:
    """Counts each Ctrl-C while the block lasts, instead of raising it wherever the thread is.

    A Ctrl-C just after an answer, say, is one more question then, and not the end of the script.
    Elsewhere than in the main thread, or when the script hears the signal itself, nothing changes.
    """

    def __init__(self, patient_with: Optional[int] = None) -> None:
        """Count them all, or raise KeyboardInterrupt once there are more than *patient_with*."""
        self._patient_with = patient_with
        self._is_asking = False
        self._former: Any = None
        self.count = 0

    def __enter__(self) -> Interrupts:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._former = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *error: object) -> None:
        if self._former is not None:
            signal.signal(signal.SIGINT, self._former)

    def _hear(self, number: int, frame: Optional[FrameType]) -> None:
        self.count += 1
        is_too_often = self._patient_with is not None and self.count > self._patient_with
        if self._is_asking or is_too_often:
            raise KeyboardInterrupt

    def want_abort(self, run_name: str) -> bool:
        """Ask whether the run is to be aborted; a second Ctrl-C means yes."""
        if not _can_be_asked():
            return True
        try:
            self._is_asking = True
            sys.stderr.write(f"\nAbort run {run_name} and its steps? [y/N] ")
            sys.stderr.flush()
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            return True
        finally:
            self._is_asking = False
        if answer.strip().lower() in ("y", "yes"):
            return True
        sys.stderr.write("the run goes on\n")
        return False


def _can_be_asked() -> bool:
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False
