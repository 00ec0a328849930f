"""A stub server and a workshop for each test."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines import RequestRefused
from tests.client.shell import MAKE_TOKEN, Shell
from tests.client.stub_server import StubServer
from tests.client.workshop import Workshop
from tests.live_stack import LiveStack


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture
def workshop(tmp_path: Path, server: StubServer) -> Workshop:
    return Workshop(tmp_path, server)


@pytest.fixture(scope="session")
def shell_token(_whole_stack: LiveStack) -> str:
    return _whole_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]


@pytest.fixture
def shell(live_stack: LiveStack, shell_token: str, tmp_path: Path) -> Shell:
    made = Shell(live_stack, tmp_path, shell_token)
    with suppress(RequestRefused):
        made.post("projects/", {"name": "shell", "slug": "shell"})
    return made
