"""Three rounds of chaos with every kind of fault; `make chaos` plays any of them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.nemesis import KINDS
from tests.chaos.rounds import play
from tests.faults.workload import Stack

ROUNDS = 3


@pytest.fixture
def two_agents(stack: Stack) -> Iterator[Stack]:
    with stack.live.another_agent("second"):
        yield stack


def test_whatever_is_broken_meanwhile_the_runs_end_as_they_must(
    two_agents: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = SystemRandom()
    kinds = chance.sample(sorted(KINDS), len(KINDS))
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        kind = "+".join(kinds[number::ROUNDS])
        report = play(two_agents, folder, kind=kind, seed=chance.randrange(10**6))
        with capsys.disabled():
            print(f"\n{report.line()}")  # noqa: T201 - the seed, whatever came of it
        assert not report.problems, report.line()
