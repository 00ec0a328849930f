"""The output of all steps of this agent, on its way from the pipes into the database.

The reader's thread puts it into each attempt's transcript; one writer's thread stores what came,
of all attempts in one statement, every quarter of a second. While the database is away a step's
pipe is left unread once a few megabytes wait: the step waits, nothing is lost.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid

from django.db import Error, connection

from orchestrator import announce
from orchestrator.agent.reader import Pipe, Reader
from orchestrator.domain.names import CAPS
from orchestrator.domain.output_text import AGENT_STREAM, Piece, StreamText, Transcript
from orchestrator.store import logs

logger = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 0.25
_MOST_WAITING_BYTES = 4 * 1024 * 1024
_TRACEBACK_BYTES = 64 * 1024


class Output:
    """The output of one attempt."""

    def __init__(self, task_id: uuid.UUID, fence: int, writer: Writer) -> None:
        self.task_id = task_id
        self.fence = fence
        self.unstored: list[Piece] = []
        self.is_stored = threading.Event()
        self.is_stored.set()
        self.since_fold = logs.Backlog()
        self._writer = writer
        self._lock = threading.Lock()
        self._transcript = Transcript(CAPS.log_bytes)
        self._pipes: dict[str, Pipe] = {}
        self._texts: dict[str, StreamText] = {}
        self._ended = {name: threading.Event() for name in ("stdout", "stderr")}
        self._errors = ""

    def read(self, stream: str, descriptor: int, reader: Reader) -> None:
        """Take in everything that comes through a pipe."""
        self._texts[stream] = StreamText(CAPS.log_line_bytes)
        self._pipes[stream] = reader.watch(descriptor, lambda data: self._receive(stream, data))

    def say(self, sentence: str) -> None:
        """Add a line of the agent's own."""
        self._add(AGENT_STREAM, f"{sentence}\n")

    def wait_for_end(self, reader: Reader, seconds: float) -> None:
        """Wait until both streams have ended; somebody out of reach may hold one open for ever."""
        for stream, pipe in self._pipes.items():
            while not self._ended[stream].wait(seconds):
                if not pipe.is_paused:
                    self.say(f"[the end of {stream} did not come; it was cut off]")
                    reader.drop(pipe)

    def close(self) -> None:
        """Nothing more comes: what is held back for the end of a long log follows."""
        with self._lock:
            self._transcript.close()
            self._wake()

    def errors(self) -> str:
        """The end of what came through standard error."""
        return self._errors

    def take(self) -> list[Piece]:
        """What is to be stored now; kept until :meth:`stored` says that it is."""
        with self._lock:
            self.unstored += self._transcript.take()
            return self.unstored

    def stored(self) -> None:
        """What :meth:`take` gave is safe."""
        with self._lock:
            self.unstored = []
            if not self._transcript.has_waiting:
                self.is_stored.set()
        for pipe in self._pipes.values():
            if pipe.is_paused:
                self._writer.reader.pause(pipe, False)

    def _receive(self, stream: str, data: bytes) -> None:
        text = self._texts[stream].feed(data, last=not data)
        if stream == "stderr":
            self._errors = (self._errors + text)[-_TRACEBACK_BYTES:]
        if text:
            self._add(stream, text)
        if not data:
            self._ended[stream].set()

    def _add(self, stream: str, text: str) -> None:
        with self._lock:
            self._transcript.add(stream, text)
            self._wake()
            too_much = self._transcript.waiting_bytes > _MOST_WAITING_BYTES
        if too_much and stream in self._pipes:
            self._writer.reader.pause(self._pipes[stream], True)

    def _wake(self) -> None:
        if self._transcript.has_waiting:
            self.is_stored.clear()
            self._writer.wake.set()


class Writer:
    """The thread that stores the output of all attempts."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.wake = threading.Event()
        self._outputs: set[Output] = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._flush_now = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="agent-writer", daemon=True)
        self._thread.start()

    def open(self, task_id: uuid.UUID, fence: int) -> Output:
        """Begin the log of an attempt."""
        output = Output(task_id, fence, self)
        with self._lock:
            self._outputs.add(output)
        return output

    def finish(self, output: Output, patience: float) -> bool:
        """Store the rest of a closed log now; false when that was not possible in time."""
        # A step without output wakes nobody.
        if not output.is_stored.is_set():
            self._flush_now.set()
            self.wake.set()
        is_stored = output.is_stored.wait(patience)
        with self._lock:
            self._outputs.discard(output)
        return is_stored

    def stop(self) -> None:
        """End the thread after a last round."""
        self._stopped.set()
        self._flush_now.set()
        self.wake.set()
        self._thread.join(5)

    def _work(self) -> None:
        while not self._stopped.is_set():
            self.wake.wait()
            self.wake.clear()
            began = time.monotonic()
            self._store_all()
            # The first output after silence goes at once, what follows is gathered.
            self._flush_now.wait(WRITE_EVERY_SECONDS - (time.monotonic() - began))
            self._flush_now.clear()
        self._store_all()
        connection.close()

    def _store_all(self) -> None:
        with self._lock:
            outputs = [(output, pieces) for output in self._outputs if (pieces := output.take())]
        if not outputs:
            return
        try:
            logs.append([(o.task_id, o.fence, piece) for o, pieces in outputs for piece in pieces])
        except Error as error:
            self._put_off(error)
            return
        self._failing = False
        for output, pieces in outputs:
            output.since_fold.add(pieces)
            output.stored()
            announce.poke(f"log:{output.task_id}:{output.fence}")
            logs.fold_if_large(output.task_id, output.fence, output.since_fold)

    def _put_off(self, error: Error) -> None:
        if not self._failing:
            logger.warning("output cannot be stored now and is kept: %s", error)
        self._failing = True
        connection.close()
        self._stopped.wait(WRITE_EVERY_SECONDS)
        self.wake.set()
