"""One thread reads every pipe of this agent: the steps' output and their supervisors' words."""

from __future__ import annotations

import logging
import os
import selectors
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

logger = logging.getLogger(__name__)

Receive = Callable[[bytes], None]
_CHUNK = 64 * 1024


class Pipe:
    """A pipe that is being read; once it is closed, its number may be another's."""

    def __init__(self, descriptor: int, receive: Receive) -> None:
        self.descriptor = descriptor
        self.receive = receive
        self.is_open = True
        self.is_paused = False


class Reader:
    """Calls back with what comes through a pipe, and with nothing (``b""``) at its end.

    Callbacks run in the reader's thread and must be quick: no database, no network.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._pipes: set[Pipe] = set()
        self._changes: deque[Callable[[], None]] = deque()
        self._woken, self._waker = os.pipe()
        for descriptor in (self._woken, self._waker):
            os.set_blocking(descriptor, False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="agent-reader", daemon=True)
        self._thread.start()

    def watch(self, descriptor: int, receive: Receive) -> Pipe:
        """Read a pipe to its end; it is then closed here."""
        pipe = Pipe(descriptor, receive)
        self._change(lambda: self._open(pipe))
        return pipe

    def pause(self, pipe: Pipe, paused: bool) -> None:
        """Leave a pipe unread, so that its writer waits once it is full; or read on."""
        self._change(lambda: self._pause(pipe, paused))

    def drop(self, pipe: Pipe) -> None:
        """Close a pipe whose end does not come."""
        self._change(lambda: self._end(pipe))

    def stop(self) -> None:
        """End the thread; pipes still watched are closed."""
        self._change(lambda: setattr(self, "_stopped", True))
        self._thread.join(5)

    def _change(self, change: Callable[[], None]) -> None:
        if self._stopped:
            return  # The waker's number may be another's by now.
        self._changes.append(change)
        # A full pipe means that it is awake enough.
        with suppress(BlockingIOError):
            os.write(self._waker, b".")

    def _work(self) -> None:
        while not self._stopped:
            for key, _ in self._selector.select():
                if key.data is None:
                    os.read(self._woken, 4096)
                else:
                    self._read(key.data)
            while self._changes:
                self._changes.popleft()()
        for pipe in list(self._pipes):
            self._end(pipe)
        self._selector.close()
        os.close(self._woken)
        os.close(self._waker)

    def _read(self, pipe: Pipe) -> None:
        try:
            data = os.read(pipe.descriptor, _CHUNK)
        except OSError as error:
            logger.warning("a pipe could not be read: %s", error)
            data = b""
        if data:
            pipe.receive(data)
        else:
            self._end(pipe)

    def _open(self, pipe: Pipe) -> None:
        self._pipes.add(pipe)
        self._selector.register(pipe.descriptor, selectors.EVENT_READ, pipe)

    def _pause(self, pipe: Pipe, paused: bool) -> None:
        if not pipe.is_open or pipe.is_paused == paused:
            return
        pipe.is_paused = paused
        if paused:
            self._selector.unregister(pipe.descriptor)
        else:
            self._selector.register(pipe.descriptor, selectors.EVENT_READ, pipe)

    def _end(self, pipe: Pipe) -> None:
        if not pipe.is_open:
            return
        self._pause(pipe, True)
        pipe.is_open = False
        self._pipes.discard(pipe)
        os.close(pipe.descriptor)
        pipe.receive(b"")
