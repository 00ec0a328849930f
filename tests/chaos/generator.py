"""What a round runs and asks for, made from a seed.

Steps fail, are tried again, may fail, follow other trigger rules, are passed over by a condition,
are deaf, are done for each of a list, run a pipeline or ask a person; people abort, rerun, pause,
end by hand, and answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.workload import COMMAND, PROJECT

Step = dict[str, Any]

REACH = 8
ALWAYS = 99
GRACE_SECONDS = 0.5
INSIDE = "inside"
NEVER = "${pipeline.limit} > 5"
"""A condition that does not hold: the parameter's default is 3."""

STEP_VERBS = {
    "abort": 24,
    "rerun": 16,
    "rerun from": 14,
    "skip": 5,
    "complete": 5,
    "fail": 5,
}
RUN_VERBS = {"rerun failed": 16, "pause": 10, "abort": 5}


@dataclass(frozen=True)
class Ask:
    """Something that a person asks of a run, so many seconds after the round began.

    An answer is to whatever step asks for one by then.
    """

    at: float
    run: int
    verb: str
    step: str = ""


@dataclass(frozen=True)
class Plan:
    """The runs of a round, as documents, and what is asked of them."""

    runs: tuple[tuple[Step, ...], ...]
    asks: tuple[Ask, ...]


def make_plan(chance: Random, *, seconds: float, runs: int = 3, size: int = 30) -> Plan:
    """Some runs, and asks at moments within so many seconds."""
    documents = tuple(tuple(_steps(chance, size)) for _ in range(runs))
    asks = [_ask(chance, documents, seconds) for _ in range(chance.randint(3, 6))]
    answers = [chance.choice(("approve", "approve", "reject")) for _ in range(2 * runs)]
    asks += [Ask(chance.uniform(1, seconds), n % runs, verb) for n, verb in enumerate(answers)]
    asks += [Ask(ask.at + 1.5, ask.run, "resume") for ask in asks if ask.verb == "pause"]
    return Plan(documents, tuple(sorted(asks, key=lambda ask: ask.at)))


def inside(chance: Random) -> list[Step]:
    """The steps of the pipeline that other pipelines run as a step."""
    names = ("i0", "i1", "i2", "i3")
    steps = [
        _witness(chance, name, list(names[max(index - 1, 0) : index]))
        for index, name in enumerate(names)
    ]
    for step in steps:
        step["parameters"]["General/fails"] = chance.choice((0, 0, 0, 1))
    return steps


def _steps(chance: Random, size: int) -> list[Step]:
    steps: list[Step] = []
    for index in range(size):
        before = [step["name"] for step in steps[-REACH:]]
        parents = chance.sample(before, min(len(before), chance.choice((0, 1, 1, 2, 2, 3))))
        steps.append(_step(chance, f"s{index:02}", parents))
    many = {f"${{{step['name']}.status}}" for step in steps if "for_each" in step}
    for step in steps:
        # What a fan-out gives are lists, and no single status.
        if step.get("parameters", {}).get("General/after") in many:
            del step["parameters"]["General/after"]
    return steps


def _step(chance: Random, name: str, parents: list[str]) -> Step:
    make = chance.choices((_witness, _fan_out, _nested, _approval), (88, 4, 4, 4))[0]
    step = make(chance, name, parents)
    if "approval" not in step and chance.random() < 0.4:
        retries = {"number": chance.randint(1, 3), "delay": chance.choice((0, 0.1, 0.5))}
        step["retries"] = retries if chance.random() < 0.8 else {**retries, "on": ["failed"]}
    if chance.random() < 0.25:
        step["may_fail"] = True
    if chance.random() < 0.1:
        step["when"] = NEVER if chance.random() < 0.3 else "${pipeline.limit} == 3"
    if parents and "General/after" not in step.get("parameters", {}) and chance.random() < 0.3:
        words = ("none_failed", "all_done", "any_failed", "any_succeeded")
        step["trigger"] = chance.choice(words)
    return step


def _witness(chance: Random, name: str, parents: list[str]) -> Step:
    given = {
        "General/folder": "${pipeline.folder}",
        "General/step": name,
        "General/seconds": round(chance.uniform(0, 0.7), 2),
        "General/fails": chance.choices((0, 1, 2, ALWAYS), (88, 7, 4, 1))[0],
        "General/lines": chance.choice((0, 1, 50, 500)),
        "General/temper": chance.choices(("", "deaf", "daemon"), (94, 4, 2))[0],
    }
    if parents and chance.random() < 0.3:
        # A value of a parent: what takes it becomes stale when the parent is rerun.
        given["General/after"] = f"${{{parents[0]}.status}}"
    step = {"name": name, "template": COMMAND, "parents": parents, "parameters": given}
    return {**step, "grace": GRACE_SECONDS}


def _fan_out(chance: Random, name: str, parents: list[str]) -> Step:
    """One item for each number, so that each knows its name."""
    step = _witness(chance, name, parents)
    step["parameters"] |= {"General/step": f"{name}[${{item}}]", "General/seconds": 0.1}
    wanted: dict[str, Any] = {"list": list(range(chance.randint(0, 5)))}
    if chance.random() < 0.5:
        wanted["max_parallel"] = chance.randint(1, 2)
    return {**step, "for_each": wanted}


def _nested(chance: Random, name: str, parents: list[str]) -> Step:
    step = {"name": name, "kind": "pipeline", "pipeline": f"{PROJECT}/{INSIDE}"}
    given = {"folder": f"${{pipeline.folder}}/{name}"}
    return {**step, "parents": parents, "parameters": given}


def _approval(chance: Random, name: str, parents: list[str]) -> Step:
    asked = {"deadline": 2, "on_deadline": chance.choice(("approve", "approve", "reject"))}
    return {"name": name, "kind": "approval", "parents": parents, "approval": asked}


def _ask(chance: Random, documents: tuple[tuple[Step, ...], ...], seconds: float) -> Ask:
    verbs = [*STEP_VERBS, *(f"{verb} run" for verb in RUN_VERBS)]
    verb = chance.choices(verbs, [*STEP_VERBS.values(), *RUN_VERBS.values()])[0]
    at, run = chance.uniform(0.5, seconds), chance.randrange(len(documents))
    if verb in STEP_VERBS:
        return Ask(at, run, verb, chance.choice(documents[run])["name"])
    return Ask(at, run, verb.removesuffix(" run"))
