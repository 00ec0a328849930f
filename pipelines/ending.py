"""Sees how a process ends: by itself, by an exception, by an exit code, by a signal."""

from __future__ import annotations

import signal
import sys
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any, Callable, Optional

_LONGEST_TRACEBACK = 60_000
_LONGEST_REASON = 2_000


class How:
    """How a process ended, in the words of a task's status."""

    def __init__(
        self, status: str, reason: str = "", traceback: str = "", code: Optional[int] = None
    ) -> None:
        self.status = status
        self.reason = reason
        self.traceback = traceback
        self.code = code


class Endings:
    """Watches the ways out of this process."""

    def __init__(self, terminated: Callable[[], bool]) -> None:
        self._terminated = terminated
        self.has_interrupted = False
        self.is_leaving = False
        self._is_interrupting = False
        self._exception: Optional[BaseException] = None
        self._code: Optional[int] = None
        self._former_hook: Any = None
        self._former_exit: Any = None
        self._former_signal: Any = None
        self._hook: Any = None
        self._exit: Any = None
        self._handles_signal = False

    def watch(self) -> None:
        """Look at every way out from now on; none of them is changed."""
        self._former_hook, self._former_exit = sys.excepthook, sys.exit

        def hook(
            kind: type[BaseException], error: BaseException, trace: Optional[TracebackType]
        ) -> None:
            self._exception = error
            if self._is_interrupting and isinstance(error, KeyboardInterrupt):
                # Where the script just was is nobody's mistake.
                sys.stderr.write("ended: an abort was asked for\n")
                return
            self._former_hook(kind, error, trace)

        def leave(status: Any = None) -> Any:
            _Exit.left = self._left
            raise _Exit(*(() if status is None else (status,)))

        self._hook, self._exit = hook, leave
        sys.excepthook, sys.exit = hook, leave
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            self._former_signal = signal.signal(signal.SIGTERM, self._hear)
            self._handles_signal = True

    def unwatch(self) -> None:
        """Look no longer."""
        # An interrupt that is on its way out is still told in a line.
        if sys.excepthook is self._hook and not self._is_interrupting:
            sys.excepthook = self._former_hook
        if self._exit is not None and sys.exit is self._exit:
            sys.exit = self._former_exit
        is_main = threading.current_thread() is threading.main_thread()
        if self._handles_signal and is_main and signal.getsignal(signal.SIGTERM) == self._hear:
            signal.signal(signal.SIGTERM, self._former_signal)

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the main thread, also while it waits for something.

        One that is on its way out is left alone: it cleans up, or is just telling the end.
        """
        if self.is_leaving:
            return
        self._is_interrupting = True
        main = threading.main_thread().ident
        # A background job of a shell ignores SIGINT; with our own SIGTERM it is heard all the same.
        number = signal.SIGTERM if self._handles_signal else signal.SIGINT
        if main is not None:
            signal.pthread_kill(main, number)
        self.has_interrupted = True

    def how(self, abort_reason: str) -> How:
        """Tell how the process ends that has come to its end."""
        if abort_reason:
            return How("aborted", abort_reason)
        error = self._exception
        if isinstance(error, KeyboardInterrupt):
            return How("aborted", "interrupted with Ctrl-C")
        if error is not None:
            import traceback

            lines = traceback.format_exception(type(error), error, error.__traceback__)
            reason = "".join(traceback.format_exception_only(type(error), error)).strip()
            text = "".join(lines)
            return How("failed", reason[:_LONGEST_REASON], text[-_LONGEST_TRACEBACK:], 1)
        if self._code:
            return How("failed", f"it ended with exit code {self._code}", code=self._code)
        return How("completed", code=0)

    def _left(self, status: Any) -> None:
        self._code = _code_of(status)

    def _hear(self, number: int, frame: Optional[FrameType]) -> None:
        if self._is_interrupting:
            # Sent just before the main thread began to leave.
            if self.is_leaving:
                return
            raise KeyboardInterrupt
        if self._terminated():
            self.is_leaving = True
            raise SystemExit(128 + number)


class _Exit(SystemExit):
    """What sys.exit raises. It counts when nobody catches it: then it goes when no code is left."""

    left: Callable[[Any], None]

    def __del__(self) -> None:
        try:
            sys._getframe(1)
        except ValueError:
            type(self).left(self.code)


def _code_of(status: Any) -> int:
    if status is None:
        return 0
    return status & 0xFF if isinstance(status, int) else 1
