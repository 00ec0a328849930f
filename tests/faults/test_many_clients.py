"""Fifty clients trigger one pipeline at once, and one of two web processes is killed over it.

It dies with an answer on its lips: a run that it has made and that nobody was told of.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.spreading import door_before
from tests.faults.workload import PROJECT, ROOT, Stack
from tests.services import wait_for

CLIENTS = 50
# The killed process has answered so many connections before.
ANSWERED_BEFORE = 5
CLIENT = """
import sys, time
from pathlib import Path
from pipelines import Client

folder, number, url, token, pipeline, key = sys.argv[1:]
client = Client(url, token, patience=120)
Path(folder, f"{number}.ready").touch()
while not Path(folder, "go").exists():
    time.sleep(0.005)
run = client.trigger(pipeline, {"folder": folder}, key=key)
Path(folder, f"{number}.part").write_text(run.id)
Path(folder, f"{number}.part").rename(Path(folder, f"{number}.run"))
"""


@pytest.fixture
def pipeline(stack: Stack) -> str:
    slug = f"asked-at-once-{os.urandom(4).hex()}"
    given = {"General/folder": "${pipeline.folder}", "General/step": "only"}
    stack.publish(slug, [{"name": "only", "template": "witness", "parameters": given}])
    return f"{PROJECT}/{slug}"


@pytest.mark.parametrize(("key", "wanted"), [("nightly", 1), ("", CLIENTS)], ids=["key", "no key"])
def test_each_run_is_made_once_although_a_web_process_is_killed(
    stack: Stack, pipeline: str, folder: Path, key: str, wanted: int
) -> None:
    live = stack.live
    key = key and f"{key}-{pipeline}"
    killed = []

    def kill() -> None:
        answered = _answered(folder)
        live.kill("second web")
        killed.append(answered)

    with live.another_web("second web") as second, door_before(live.port, second) as door:
        door.keep_back(second, kill, after=ANSWERED_BEFORE)
        with clients(folder, door.url, stack.token, pipeline, key) as started:
            wait_for(lambda: killed, seconds=120, what="the second web process to be killed")
            live.start("second web")
            failed = [words for one in started if (words := one.communicate(timeout=180)[1])]
    assert failed == [], live.logs()
    assert killed[0] < CLIENTS, "all had been answered before"
    heard = {path.read_text() for path in folder.glob("*.run")}
    assert _answered(folder) == CLIENTS
    assert len(heard) == wanted
    assert {run["id"] for run in _runs(stack, pipeline)} == heard

    def going() -> list[Any]:
        return [run["status"] for run in _runs(stack, pipeline) if run["status"] != "completed"]

    wait_for(lambda: not going(), seconds=180, what="all runs to complete")
    assert {run["number"] for run in _runs(stack, pipeline)} == set(range(1, wanted + 1))


@contextmanager
def clients(folder: Path, *words: str) -> Iterator[list[subprocess.Popen[str]]]:
    """So many processes, each a client, that ask all at once."""
    started = [
        subprocess.Popen(
            [sys.executable, "-S", "-c", CLIENT, str(folder), str(number), *words],
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(CLIENTS)
    ]
    try:
        wait_for(lambda: len(list(folder.glob("*.ready"))) == CLIENTS, seconds=120)
        (folder / "go").touch()
        yield started
    finally:
        for one in started:
            one.kill()
            one.communicate()


def _answered(folder: Path) -> int:
    return len(list(folder.glob("*.run")))


def _runs(stack: Stack, pipeline: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.api.pages(f"runs/?pipeline={pipeline}&limit=200")
    return found
