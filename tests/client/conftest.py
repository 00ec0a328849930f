"""A stub server and a workshop for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.stub_server import StubServer
from tests.client.workshop import Workshop


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture
def workshop(tmp_path: Path, server: StubServer) -> Workshop:
    return Workshop(tmp_path, server)
