"""The bundled Redis: loopback only, nothing before the password, no message lost to the dead."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from pipelines_ui.local import ports
from pipelines_ui.local.bundled_redis import Door, ProtocolError, join_command, split_command
from tests.services import RedisServer, wait_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    started = RedisServer(bundled=True)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def client(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(server.url) as connected:
        connected.flushall()
        yield connected


def raw(server: RedisServer) -> socket.socket:
    address = urlsplit(server.url)
    assert address.hostname
    assert address.port
    return socket.create_connection((address.hostname, address.port), timeout=5)


def password_of(server: RedisServer) -> bytes:
    return (urlsplit(server.url).password or "").encode()


@pytest.mark.parametrize(
    "command",
    [
        [b"PING"],
        [b"GET", b"a"],
        [b"FLUSHALL"],
        [b"SUBSCRIBE", b"pokes"],
        [b"HELLO", b"3"],
        [b"EVAL", b"return 1", b"0"],
        [b"QUIT"],
    ],
)
def test_no_command_is_obeyed_before_the_password(
    server: RedisServer, command: list[bytes]
) -> None:
    with raw(server) as peer:
        peer.sendall(join_command(command))
        assert peer.recv(100).startswith(b"-NOAUTH")


def test_what_follows_a_wrong_password_is_refused(server: RedisServer, client: redis.Redis) -> None:
    client.set("kept", "1")
    with raw(server) as peer:
        peer.sendall(join_command([b"AUTH", b"wrong"]) + join_command([b"FLUSHALL"]))
        answers = b""
        while answers.count(b"\r\n") < 2:
            answers += peer.recv(200)
    assert answers.startswith(b"-WRONGPASS")
    assert b"-NOAUTH" in answers
    assert client.get("kept") == b"1"


def test_the_right_password_opens_for_what_came_with_it(server: RedisServer) -> None:
    with raw(server) as peer:
        peer.sendall(join_command([b"AUTH", password_of(server)]) + join_command([b"PING"]))
        answers = b""
        while answers.count(b"\r\n") < 2:
            answers += peer.recv(200)
    assert answers == b"+OK\r\n+PONG\r\n"


@pytest.mark.parametrize("protocol", [2, 3])
def test_clients_of_both_protocols_get_in(server: RedisServer, protocol: int) -> None:
    with redis.Redis.from_url(server.url, protocol=protocol) as connected:
        assert connected.ping() is True


def test_it_listens_on_loopback_only(server: RedisServer) -> None:
    port = urlsplit(server.url).port
    listening = []
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        address, state = line.split()[1], line.split()[3]
        if state == "0A" and int(address.split(":")[1], 16) == port:
            listening.append(address.split(":")[0])
    assert listening == ["0100007F"]


def test_a_message_does_not_go_to_a_consumer_who_has_gone(
    server: RedisServer, client: redis.Redis
) -> None:
    """A killed worker's blocked BRPOP must not take a message along."""
    with raw(server) as peer:
        peer.sendall(join_command([b"AUTH", password_of(server)]))
        assert peer.recv(100) == b"+OK\r\n"
        peer.sendall(join_command([b"BRPOP", b"queue", b"60"]))
        wait_for(lambda: len(client.client_list()) == 2, what="the consumer to be known")
    # It has gone without a word, long before its sixty seconds are over.
    wait_for(lambda: len(client.client_list()) == 1, what="the consumer to be forgotten")
    client.lpush("queue", "precious")
    assert client.rpop("queue") == b"precious"


def test_a_blocked_consumer_is_woken(server: RedisServer, client: redis.Redis) -> None:
    got: list[object] = []

    def consume() -> None:
        with redis.Redis.from_url(server.url) as consumer:
            got.append(consumer.brpop(["queue"], 20))

    waiting = threading.Thread(target=consume)
    waiting.start()
    client.lpush("queue", "hello")
    waiting.join(10)
    assert got == [(b"queue", b"hello")]


def test_a_subscriber_hears_every_message_in_order(client: redis.Redis) -> None:
    with client.pubsub(ignore_subscribe_messages=True) as subscriber:
        subscriber.subscribe("pokes")
        subscriber.get_message(timeout=5)
        for number in range(500):
            client.publish("pokes", f"run:{number}")
        heard: list[str] = []
        while len(heard) < 500:
            message = subscriber.get_message(timeout=5)
            assert message is not None, f"heard only {len(heard)}"
            heard.append(message["data"].decode())
    assert heard == [f"run:{number}" for number in range(500)]


def test_large_values_and_pipelines_pass_whole(client: redis.Redis) -> None:
    value = bytes(range(256)) * 4096
    with client.pipeline(transaction=False) as pipeline:
        for number in range(20):
            pipeline.set(f"key{number}", value)
        for number in range(20):
            pipeline.get(f"key{number}")
        answers = pipeline.execute()
    assert answers == [True] * 20 + [value] * 20


def test_it_refuses_production(tmp_path: Path) -> None:
    password_file = tmp_path / "password"
    password_file.write_text("secret", encoding="utf-8")
    command = [sys.executable, "-m", "pipelines_ui.local.bundled_redis"]
    done = subprocess.run(
        [*command, "--port", str(ports.free_port()), "--password-file", str(password_file)],
        cwd=ROOT,
        env={"PATH": "/usr/bin", "PIPELINES_PRODUCTION": "yes"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert "not for production" in done.stderr


def test_it_refuses_an_empty_password(tmp_path: Path) -> None:
    password_file = tmp_path / "password"
    password_file.write_text("\n", encoding="utf-8")
    command = [sys.executable, "-m", "pipelines_ui.local.bundled_redis"]
    done = subprocess.run(
        [*command, "--port", str(ports.free_port()), "--password-file", str(password_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert "no password" in done.stderr


def test_a_command_that_comes_in_pieces_is_put_together() -> None:
    command = join_command([b"AUTH", b"secret"])
    for cut in range(1, len(command)):
        door = Door(b"secret")
        assert door.admit(command[:cut]) == (b"", b"")
        assert door.admit(command[cut:]) == (b"+OK\r\n", b"")
        assert door.is_open


@pytest.mark.parametrize("data", [b"GET a\r\n", b"*x\r\n", b"*1\r\n+a\r\n", b"*1\r\n$-1\r\n"])
def test_what_is_not_the_protocol_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        split_command(data)


def test_an_endless_command_before_the_password_is_refused() -> None:
    door = Door(b"secret")
    with pytest.raises(ProtocolError):
        door.admit(b"*2\r\n$4\r\nAUTH\r\n$99999999\r\n" + b"x" * 10_000)
