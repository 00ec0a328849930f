"""Three rounds of chaos with every kind of fault, the last one of scripts; `make chaos` plays any
of them again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest

from tests.chaos.nemesis import KINDS
from tests.chaos.rounds import SCRIPTS, play
from tests.chaos.script_rounds import agents
from tests.faults.workload import Stack

ROUNDS = 3


@pytest.fixture
def with_agents(stack: Stack) -> Iterator[Stack]:
    with agents(stack):
        yield stack


def test_whatever_is_broken_meanwhile_the_runs_end_as_they_must(
    with_agents: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = SystemRandom()
    kinds = chance.sample(sorted(KINDS), len(KINDS))
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        more = [SCRIPTS] if number == ROUNDS - 1 else []
        kind = "+".join([*more, *kinds[number::ROUNDS]])
        report = play(with_agents, folder, kind=kind, seed=chance.randrange(10**6))
        with capsys.disabled():
            print(f"\n{report.line()}")  # noqa: T201 - the seed, whatever came of it
        assert not report.problems, report.line()
