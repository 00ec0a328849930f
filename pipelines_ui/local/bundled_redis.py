"""A Redis server in Python, for one machine without one: fakeredis behind our own door.

The door listens on loopback only, refuses every command before the password, and has no polling:
each connection has a thread that reads commands and one that writes what the server has to say.
It keeps nothing on disk; losing it costs seconds, because the database is the truth.
"""

import argparse
import hmac
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from pipelines_ui.local.ports import HOST

_AUTH_LIMIT = 4096
_CLOSED = object()


class ProtocolError(Exception):
    """The peer does not speak the protocol."""


def split_command(data: bytes) -> tuple[list[bytes], bytes] | None:
    """The first whole command in `data` and what follows it, or None while it is incomplete."""
    head, found, rest = data.partition(b"\r\n")
    if not found:
        return None
    if not head.startswith(b"*") or not head[1:].isdigit():
        raise ProtocolError("expected an array of bulk strings")
    words = []
    for _ in range(int(head[1:])):
        size, found, rest = rest.partition(b"\r\n")
        if not found:
            return None
        if not size.startswith(b"$") or not size[1:].isdigit():
            raise ProtocolError("expected a bulk string")
        length = int(size[1:])
        if len(rest) < length + 2:
            return None
        words.append(rest[:length])
        rest = rest[length + 2 :]
    return words, rest


def join_command(words: list[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


class Door:
    """Lets nothing through before the password; remembers an unfinished command."""

    def __init__(self, password: bytes) -> None:
        self._password = password
        self._waiting = b""
        self.is_open = False

    def admit(self, data: bytes) -> tuple[bytes, bytes]:
        """What to answer, and what to hand on to the server."""
        if self.is_open:
            return b"", data
        self._waiting += data
        answers = b""
        while not self.is_open:
            command = split_command(self._waiting)
            if command is None:
                if len(self._waiting) > _AUTH_LIMIT:
                    raise ProtocolError("too long a command before the password")
                return answers, b""
            words, self._waiting = command
            answer, passed_on = self._judge(words)
            answers += answer
            self._waiting = passed_on + self._waiting
        return answers, self._waiting

    def _judge(self, words: list[bytes]) -> tuple[bytes, bytes]:
        name = words[0].upper() if words else b""
        if name == b"AUTH" and len(words) in (2, 3):
            return (b"+OK\r\n" if self._open(words[1:]) else _WRONG), b""
        if name == b"HELLO" and len(words) >= 5 and words[2].upper() == b"AUTH":
            if self._open(words[3:5]):
                return b"", join_command(words[:2] + words[5:])
            return _WRONG, b""
        return b"-NOAUTH Authentication required.\r\n", b""

    def _open(self, given: list[bytes]) -> bool:
        user_is_right = len(given) == 1 or given[0] == b"default"
        password_is_right = hmac.compare_digest(given[-1], self._password)
        self.is_open = user_is_right and password_is_right
        return self.is_open


_WRONG = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"


class Connection:
    """One client: two threads, one fakeredis socket, one door."""

    def __init__(self, peer: socket.socket, fake: Any, password: bytes) -> None:
        self._peer = peer
        self._fake = fake
        # The fake socket forgets its queue when it closes; the writer needs it to the end.
        self._replies: SimpleQueue[Any] = SimpleQueue()
        fake.responses = self._replies
        self._door = Door(password)

    def serve(self) -> None:
        writer = threading.Thread(target=self._write, daemon=True)
        writer.start()
        try:
            self._read()
        except (OSError, ProtocolError, ConnectionError):
            pass
        finally:
            self._fake.close()
            self._replies.put(_CLOSED)
            writer.join(1)
            self._peer.close()

    def hang_up(self) -> None:
        """Wake a command that blocks for a peer who has gone, before it takes a message along."""
        fake_db = self._fake._db
        if fake_db is None:
            return
        self._fake._unblock_reason = b"timeout"
        with fake_db.condition:
            fake_db.condition.notify_all()

    def _read(self) -> None:
        while data := self._peer.recv(65536):
            answer, admitted = self._door.admit(data)
            if answer:
                self._peer.sendall(answer)
            if admitted:
                self._fake.sendall(admitted)

    def _write(self) -> None:
        from fakeredis._clients._tcp_server import encode_reply

        while (reply := self._replies.get()) is not _CLOSED:
            protocol = self._fake._client_info.protocol_version
            pieces = [encode_reply(reply, protocol)]
            # One packet for all that is ready, as a pipeline expects.
            try:
                while (reply := self._replies.get_nowait()) is not _CLOSED:
                    pieces.append(encode_reply(reply, protocol))
            except Empty:
                pass
            try:
                self._peer.sendall(b"".join(pieces))
            except OSError:
                return
            if reply is _CLOSED:
                return


class BundledRedis:
    """Accepts connections on loopback until it is stopped."""

    def __init__(self, port: int, password: str) -> None:
        from fakeredis import FakeServer

        self._password = password.encode()
        self._fake_server = FakeServer(server_type="redis", version=(7, 0))
        self._listener = socket.create_server((HOST, port), reuse_port=False)
        self._connections: dict[int, Connection] = {}
        # Without epoll a blocked command notices its peer's end when its own time is over.
        self._hang_ups = select.epoll() if sys.platform == "linux" else None

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def serve_forever(self) -> None:
        if self._hang_ups is not None:
            threading.Thread(target=self._watch_hang_ups, daemon=True).start()
        while True:
            peer, address = self._listener.accept()
            # Otherwise Nagle's algorithm and delayed acknowledgement cost 80 ms a message.
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(peer, address), daemon=True).start()

    def _serve(self, peer: socket.socket, address: tuple[str, int]) -> None:
        from fakeredis import FakeRedisConnection

        described = {"addr": f"{address[0]}:{address[1]}", "fd": peer.fileno()}
        inner = FakeRedisConnection(server=self._fake_server, client_info=described, protocol=2)
        connection = Connection(peer, inner.get_socket(), self._password)
        number = peer.fileno()
        self._connections[number] = connection
        if self._hang_ups is not None:
            self._hang_ups.register(number, select.EPOLLRDHUP | select.EPOLLONESHOT)
        try:
            connection.serve()
        finally:
            # Only our own entry: the number may have been given to the next connection.
            if self._connections.get(number) is connection:
                del self._connections[number]

    def _watch_hang_ups(self) -> None:
        assert self._hang_ups is not None
        gone: set[Connection] = set()
        while True:
            # Again and again until it is over: the last command may be about to block only now.
            for number, _ in self._hang_ups.poll(0.05 if gone else None):
                gone.update(filter(None, [self._connections.get(number)]))
            gone &= {*list(self._connections.values())}
            for connection in gone:
                connection.hang_up()


def main() -> None:
    parser = argparse.ArgumentParser(description="The bundled Redis server, for one machine.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--password-file", type=Path, required=True)
    given = parser.parse_args()
    if os.environ.get("PIPELINES_PRODUCTION", "").lower() in {"1", "yes", "true", "on"}:
        sys.exit("The bundled Redis is not for production: set PIPELINES_REDIS_URL to a server.")
    password = given.password_file.read_text(encoding="utf-8").strip()
    if not password:
        sys.exit(f"{given.password_file} holds no password.")

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    BundledRedis(given.port, password).serve_forever()


if __name__ == "__main__":
    main()
