"""What waits to be sent to one socket: bounded, so that a slow browser costs little memory.

Pure bookkeeping; the consumer sends.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from pipelines_ui.frames import resync_frame

MOST_BYTES = 256 * 1024
MOST_FRAMES = 64


class Outbox:
    """A queue of frames. When it overflows, changes are dropped and ``resync`` is sent instead."""

    def __init__(self, *, most_bytes: int = MOST_BYTES, most_frames: int = MOST_FRAMES) -> None:
        self._most_bytes = most_bytes
        self._most_frames = most_frames
        self._frames: deque[tuple[str, str]] = deque()
        self._bytes = 0
        self._behind: dict[str, None] = {}
        self._ready = asyncio.Event()

    def put(self, topic: str, text: str) -> None:
        """Add a frame; a topic that is behind gets none until its ``resync`` has been taken."""
        if topic in self._behind:
            return
        self._frames.append((topic, text))
        self._bytes += len(text)
        if self._bytes > self._most_bytes or len(self._frames) > self._most_frames:
            self._give_up()
        self._ready.set()

    @property
    def is_flooded(self) -> bool:
        """True when there are more answers than a page that reads them would ever let wait."""
        return self._bytes > self._most_bytes or len(self._frames) > self._most_frames

    def drop(self, topic: str) -> None:
        """Forget what waits for a topic that is not watched any more."""
        self._behind.pop(topic, None)
        self._keep(lambda of: of != topic)

    def clear(self) -> None:
        """Forget all that waits."""
        self._behind.clear()
        self._keep(lambda of: False)

    async def take(self) -> str:
        """Wait for the next frame."""
        while True:
            if self._frames:
                _, text = self._frames.popleft()
                self._bytes -= len(text)
                return text
            if self._behind:
                topic = next(iter(self._behind))
                del self._behind[topic]
                return resync_frame(topic)
            self._ready.clear()
            await self._ready.wait()

    def _give_up(self) -> None:
        for topic, _ in self._frames:
            if topic:
                self._behind[topic] = None
        # Answers to what the browser asked (without topic) are few and must not be lost.
        self._keep(lambda of: not of)

    def _keep(self, wanted: Callable[[str], bool]) -> None:
        self._frames = deque(frame for frame in self._frames if wanted(frame[0]))
        self._bytes = sum(len(text) for _, text in self._frames)
