"""Hears what a process prints, while it is printed as before."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

STREAMS = ("stdout", "stderr")
LARGEST_BACKLOG = 8_000_000
_LARGEST_BATCH = 200_000


class OutputCapture:
    """What was printed and not yet taken.

    The streams themselves remain: what holds on to one, a handler of logging for one, is heard,
    and a terminal is still a terminal. What other processes write to it is not heard.
    """

    def __init__(self) -> None:
        self.sending = threading.Lock()
        self._pid = os.getpid()
        # A handler of a signal may print while its thread is just printing.
        self._lock = threading.RLock()
        self._pieces: list[tuple[str, str]] = []
        self._length = 0
        self._hooked: list[tuple[Any, Any]] = []
        self._told: Callable[[], None] = bool  # type: ignore[assignment]

    def begin(self, told: Callable[[], None]) -> None:
        """Hear from now on, and tell each time that there is something."""
        self._told = told
        for name in STREAMS:
            stream = getattr(sys, name, None)
            if stream is not None:
                self._hook(stream, name)

    def end(self) -> None:
        """Hear nothing more."""
        for stream, hook in self._hooked:
            # Somebody else may have put theirs over ours meanwhile.
            if stream.__dict__.get("write") is hook:
                with suppress(AttributeError):
                    del stream.write
        self._hooked.clear()

    def take(self) -> list[dict[str, str]]:
        """Give what was printed since, in order, so much at once as can well be sent."""
        taken: list[dict[str, str]] = []
        size = 0
        with self._lock:
            while self._pieces and size < _LARGEST_BATCH:
                name, text = self._pieces.pop(0)
                if len(text) > _LARGEST_BATCH:
                    self._pieces.insert(0, (name, text[_LARGEST_BATCH:]))
                    text = text[:_LARGEST_BATCH]
                size += len(text)
                self._length -= len(text)
                if taken and taken[-1]["stream"] == name:
                    taken[-1]["text"] += text
                else:
                    taken.append({"stream": name, "text": text})
        return taken

    def say(self, text: str) -> None:
        """Write to the person, unheard."""
        write = next((h.original for s, h in self._hooked if s is sys.stderr), sys.stderr.write)
        with suppress(OSError, ValueError):
            write(f"pipelines: {text}\n")
            sys.stderr.flush()

    def _hook(self, stream: Any, name: str) -> None:
        original = stream.write

        def write(text: Any) -> Any:
            answer = original(text)
            if isinstance(text, str) and text:
                self._hear(name, text)
            return answer

        write.original = original  # type: ignore[attr-defined]
        with suppress(AttributeError, TypeError):
            stream.write = write
            self._hooked.append((stream, write))

    def _hear(self, name: str, text: str) -> None:
        # A forked child has no thread that sends; it may even have a lock that nobody opens.
        if os.getpid() != self._pid:
            return
        text = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        with self._lock:
            if self._length > LARGEST_BACKLOG:
                return
            self._length += len(text)
            if self._length > LARGEST_BACKLOG:
                text = "\n[more was printed than could be sent]\n"
            self._pieces.append((name, text))
        self._told()
