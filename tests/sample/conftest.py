"""The whole sample, run once with few rounds of training, and again as a test asks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.stub_server import StubServer
from tests.client.workshop import Workshop
from tests.sample.sample_run import SampleRun

QUICK = {"epochs": 5, "trees": 12}


@pytest.fixture(scope="session")
def sample_workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with StubServer() as server:
        yield Workshop(tmp_path_factory.mktemp("sample"), server)


@pytest.fixture(scope="session")
def run_sample(sample_workshop: Workshop) -> Callable[..., SampleRun]:
    def run(**parameters: Any) -> SampleRun:
        return SampleRun(sample_workshop, **{**QUICK, **parameters})

    return run


@pytest.fixture(scope="session")
def whole_run(run_sample: Callable[..., SampleRun]) -> SampleRun:
    return run_sample()


@pytest.fixture(scope="session")
def half_run(run_sample: Callable[..., SampleRun]) -> SampleRun:
    return run_sample(rows_fraction=0.5)


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer() as stub:
        yield stub


@pytest.fixture
def workshop(tmp_path: Path, server: StubServer) -> Workshop:
    return Workshop(tmp_path, server)
