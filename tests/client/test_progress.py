"""A run that is waited for on a terminal is one line that is painted over."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from pipelines import Client
from pipelines.progress import watch
from tests.client.run_server import RunServer
from tests.client.stub_server import TOKEN


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def server() -> Iterator[RunServer]:
    with RunServer() as stub:
        stub.tell("run_status", status="running", started_at="2026-01-01T00:00:00.000000Z")
        stub.tell("step_status", step=0, status="running", reason="")
        stub.tell("step_status", step=0, status="completed", reason="")
        stub.tell("step_status", step=1, status="failed", reason="no")
        yield stub


def painted(server: RunServer, monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    """What stood in the line, each time that it was painted."""
    monkeypatch.setattr("pipelines.progress._EVERY_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", str(columns))
    terminal = Terminal()
    run = Client(server.url, TOKEN).run("demo/flow/1")
    watch(run, lines=False, out=terminal)
    assert "\n" not in terminal.getvalue()
    return terminal.getvalue().split("\r\x1b[K")


def test_the_line_says_how_far_the_run_is_and_is_gone_in_the_end(
    server: RunServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = painted(server, monkeypatch, 120)
    assert lines[0] == lines[-1] == ""
    assert lines[2].startswith(f"demo/flow/1  {'░' * 24}  0/2  ")
    assert lines[2].endswith("  load")
    assert "  1/2  " in lines[3]
    assert f"{'█' * 24}  2/2  1 bad  " in lines[4]


def test_the_line_is_never_longer_than_the_terminal_is_wide(
    server: RunServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(len(line) for line in painted(server, monkeypatch, 40)) == 39


def test_where_nobody_looks_nothing_is_painted(server: RunServer) -> None:
    out = io.StringIO()
    run = Client(server.url, TOKEN).run("demo/flow/1")
    assert watch(run, lines=False, out=out).has_ended
    assert out.getvalue() == ""
