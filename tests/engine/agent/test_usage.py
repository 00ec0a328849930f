"""What a step uses is sampled while it runs, and a short one is not looked at."""

from __future__ import annotations

import pytest

from orchestrator.agent import usage
from orchestrator.agent.serving import ServingAgent
from orchestrator.models import Sample, Task
from tests.engine.agent.by_hand import InBackground, python, wait_for

pytestmark = pytest.mark.usefixtures("agent")

BUSY = """
import os, time
kept = bytearray(b"x" * (64 * 1024 * 1024))
if os.fork() == 0:
    end = time.monotonic() + {seconds}
    while time.monotonic() < end:
        pass
    os._exit(0)
os.wait()
"""


def samples(task: Task, series: str) -> list[Sample]:
    found = Sample.objects.filter(task=task, fence=1, title=":resources", series=series)
    return list(found.order_by("n"))


def test_processor_and_memory_of_all_processes_are_sampled() -> None:
    task = InBackground(python(BUSY.format(seconds=4.5))).join()
    cpu, memory = samples(task, "cpu"), samples(task, "memory")
    assert len(cpu) == len(memory) >= 2
    assert [sample.n for sample in cpu] == list(range(len(cpu)))
    steps = [sample.step or 0 for sample in cpu]
    assert steps == sorted(set(steps))
    assert steps[0] in (1, 2)
    # How much of a core it gets is not ours to say; what its parent holds is shared, not doubled.
    assert all((sample.value or 0) > 0 for sample in cpu)
    assert all(60 < (sample.value or 0) < 120 for sample in memory)
    [peak] = samples(task, "memory peak")
    assert (peak.value or 0) >= max(sample.value or 0 for sample in memory)


def test_a_step_is_not_looked_at_before_it_is_a_second_old(agent: ServingAgent) -> None:
    step = InBackground(python("import time; time.sleep(1)"))
    held = wait_for(lambda: [h for h in agent.holdings.all() if h.supervisor_pid], "its start")[0]
    assert not agent.usage._is_due(held, held.begun_at + 0.9)
    assert agent.usage._is_due(held, held.begun_at + 1.1)
    step.join()


def test_what_has_ended_is_forgotten(agent: ServingAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "FIRST_AFTER_SECONDS", 0.1)
    step = InBackground(python("import time; time.sleep(2)"))
    wait_for(lambda: samples(step.task, "cpu"), "its first sample")
    step.join()
    wait_for(lambda: not agent.usage._seen, "nothing to be remembered of it")
