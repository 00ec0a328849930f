"""The server keeps to its document whoever asks, and for whatever."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.asking_at_random import OFFLINE, WHO, World, failures_of
from tests.contract.document import fetch_document
from tests.live_stack import SHORT, LiveStack

SEED = 20261129
# Requests for each operation; who may do more is asked more.
RUNNING = ("script", "step")
EXAMPLES = {"admin": 3, "editor": 2, "script": 2, "step": 2}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    live = LiveStack(tmp_path / "stack", times={**SHORT, **OFFLINE})
    try:
        live.start_all()
        yield World(live)
    finally:
        live.stop_all()


def test_nobody_gets_an_answer_that_the_document_does_not_know(
    world: World, tmp_path: Path
) -> None:
    document = fetch_document(world.live.base_url, world.tokens["admin"], tmp_path)

    def ask(who: str) -> str:
        done = world.ask(
            who,
            document,
            seed=SEED,
            examples=EXAMPLES.get(who, 1),
            phases="examples,fuzzing",
            seconds=300,
        )
        if done.returncode == 0:
            return ""
        return f"as {who}:\n{failures_of(done.stdout)}{done.stderr}"

    with ThreadPoolExecutor(2) as pool:
        failed = [*pool.map(ask, RUNNING)]
        assert all(world.counts(who) for who in RUNNING), "what they asked for ended them"
        failed += pool.map(ask, [who for who in WHO if who not in RUNNING])
    failed = [words for words in failed if words]
    assert not failed, "\n".join([*failed, world.live.children["web"].last_lines(60)])
