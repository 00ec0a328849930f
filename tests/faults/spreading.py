"""A door before several servers: a TCP proxy of the test's own that gives each connection to the
next server, and knows nothing of which of them lives.

It can keep back an answer: then the server has done what was asked for and nobody hears of it.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle

from pipelines_ui.local import ports

SECONDS = 60


class Door:
    """Where clients knock; each connection goes to the next of the servers."""

    def __init__(self, servers: Sequence[int]) -> None:
        self._socket = socket.create_server((ports.HOST, 0), backlog=256)
        self.url = f"http://{ports.HOST}:{self._socket.getsockname()[1]}"
        self._next = cycle(servers)
        self._watched = self._left = 0
        self._when_answered: Callable[[], None] | None = None
        self._lock = threading.Lock()

    def keep_back(self, server: int, then: Callable[[], None], *, after: int) -> None:
        """Keep back an answer of that server, after it has given so many, and do this instead."""
        self._watched, self._when_answered, self._left = server, then, after

    def serve(self) -> None:
        """Take connections until the door is shut."""
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._pass_on, args=(client, next(self._next))).start()

    def shut(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _pass_on(self, client: socket.socket, port: int) -> None:
        with client, suppress(OSError):
            client.settimeout(SECONDS)
            with socket.create_connection((ports.HOST, port), timeout=SECONDS) as server:
                back = threading.Thread(target=self._answer, args=(server, client, port))
                back.start()
                _copy(client, server)
                back.join(SECONDS)

    def _answer(self, server: socket.socket, client: socket.socket, port: int) -> None:
        with suppress(OSError):
            first = server.recv(65536)
            if first and (then := self._taken(port)):
                then()
            else:
                client.sendall(first)
                _copy(server, client)
        # Whoever asked must see that nothing more comes.
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _taken(self, port: int) -> Callable[[], None] | None:
        with self._lock:
            if port != self._watched:
                return None
            self._left -= 1
            if self._left >= 0:
                return None
            then, self._when_answered = self._when_answered, None
            return then


def _copy(source: socket.socket, target: socket.socket) -> None:
    while piece := source.recv(65536):
        target.sendall(piece)


@contextmanager
def door_before(*servers: int) -> Iterator[Door]:
    """A door before the servers with these ports, for as long as the block lasts."""
    door = Door(servers)
    serving = threading.Thread(target=door.serve)
    serving.start()
    try:
        yield door
    finally:
        door.shut()
        serving.join(SECONDS)
