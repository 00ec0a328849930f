"""What a round runs and asks for, made from a seed: pipelines whose steps fail, are tried again,
may fail, follow other trigger rules, stay deaf, and people who abort and rerun meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.workload import COMMAND

Step = dict[str, Any]

REACH = 8
ALWAYS = 99
GRACE_SECONDS = 0.5


@dataclass(frozen=True)
class Ask:
    """Something that a person asks of a run, so many seconds after the round began."""

    at: float
    run: int
    verb: str
    step: str = ""


@dataclass(frozen=True)
class Plan:
    """The runs of a round, as documents, and what is asked of them."""

    runs: tuple[tuple[Step, ...], ...]
    asks: tuple[Ask, ...]


def make_plan(chance: Random, *, seconds: float, runs: int = 3, size: int = 32) -> Plan:
    """Some runs, and asks at moments within so many seconds."""
    documents = tuple(tuple(_steps(chance, size)) for _ in range(runs))
    asks = [_ask(chance, documents, seconds) for _ in range(chance.randint(2, 5))]
    return Plan(documents, tuple(sorted(asks, key=lambda ask: ask.at)))


def _steps(chance: Random, size: int) -> list[Step]:
    steps: list[Step] = []
    for index in range(size):
        before = [step["name"] for step in steps[-REACH:]]
        parents = chance.sample(before, min(len(before), chance.choice((0, 1, 1, 2, 2, 3))))
        steps.append(_step(chance, f"s{index:02}", parents))
    return steps


def _step(chance: Random, name: str, parents: list[str]) -> Step:
    temper = chance.choices(("", "deaf", "daemon"), (94, 4, 2))[0]
    given = {
        "General/folder": "${pipeline.folder}",
        "General/step": name,
        "General/seconds": round(chance.uniform(0, 0.7), 2),
        "General/fails": chance.choices((0, 1, 2, ALWAYS), (88, 6, 4, 2))[0],
        "General/lines": chance.choice((0, 1, 50, 500)),
        "General/temper": temper,
    }
    if parents and chance.random() < 0.3:
        # A value of a parent: what takes it becomes stale when the parent is rerun.
        given["General/after"] = f"${{{parents[0]}.status}}"
    step: Step = {"name": name, "template": COMMAND, "parents": parents, "parameters": given}
    step["grace"] = GRACE_SECONDS
    if chance.random() < 0.4:
        retries = {"number": chance.randint(1, 3), "delay": chance.choice((0, 0.1, 0.5))}
        step["retries"] = retries if chance.random() < 0.8 else {**retries, "on": ["failed"]}
    if chance.random() < 0.2:
        step["may_fail"] = True
    if parents and not given.get("General/after") and chance.random() < 0.3:
        words = ("none_failed", "all_done", "any_failed", "any_succeeded")
        step["trigger"] = chance.choice(words)
    return step


def _ask(chance: Random, documents: tuple[tuple[Step, ...], ...], seconds: float) -> Ask:
    verbs = ("abort step", "rerun step", "rerun from", "rerun failed", "abort")
    run = chance.randrange(len(documents))
    verb = chance.choices(verbs, (40, 20, 15, 20, 5))[0]
    step = chance.choice(documents[run])["name"] if verb in verbs[:3] else ""
    return Ask(chance.uniform(0.5, seconds), run, verb, step)
