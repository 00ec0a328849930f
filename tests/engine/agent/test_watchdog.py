"""An agent that is deaf to its broker ends, so that whoever started it starts it again."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from orchestrator import dispatch
from orchestrator.agent import worker
from orchestrator.agent.held import Held
from orchestrator.agent.serving import ServingAgent
from tests.engine.agent.by_hand import an_id_of_a_task, wait_for


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What this process was told to end by; the watch is a thousand times as fast."""
    monkeypatch.setattr(worker, "WATCH_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "DEAF_AFTER_SECONDS", 0.1)
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    yield heard
    signal.signal(signal.SIGTERM, before)


def waiting(monkeypatch: pytest.MonkeyPatch, count: int | None) -> list[str]:
    """Have the broker hold so many messages; gives the queues that were asked about."""
    asked: list[str] = []

    def answer(queue: str) -> int | None:
        asked.append(queue)
        return count

    monkeypatch.setattr(dispatch, "waiting_in_broker", answer)
    return asked


def test_messages_that_nobody_hears_end_the_agent(
    agent: ServingAgent, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(monkeypatch, 3)
    watchdog = worker._Watchdog(agent)
    wait_for(lambda: ended, "the signal to end")
    watchdog.stop()
    assert watchdog.has_given_up


@pytest.mark.parametrize("count", [0, None])
def test_an_empty_or_absent_broker_is_no_reason(
    count: int | None, agent: ServingAgent, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = waiting(monkeypatch, count)
    watchdog = worker._Watchdog(agent)
    wait_for(lambda: len(asked) > 30, "thirty looks")
    watchdog.stop()
    assert not ended


def test_an_agent_that_hears_goes_on(
    agent: ServingAgent, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def one_comes_through(queue: str) -> int:
        asked.append(queue)
        agent.messages += 1
        return 3

    monkeypatch.setattr(dispatch, "waiting_in_broker", one_comes_through)
    watchdog = worker._Watchdog(agent)
    wait_for(lambda: len(asked) > 30, "thirty looks")
    watchdog.stop()
    assert not ended


def test_a_full_agent_does_not_expect_to_hear(
    agent: ServingAgent, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = waiting(monkeypatch, 3)
    held = [
        Held((task_id, 1), agent.writer.open(task_id, 1), grace=1, lease=60)
        for task_id in (an_id_of_a_task(), an_id_of_a_task())
    ]
    for attempt in held:
        agent.holdings.add(attempt)
    watchdog = worker._Watchdog(agent)
    watchdog._thread.join(0.5)
    watchdog.stop()
    for attempt in held:
        agent.holdings.remove(attempt)
    assert asked == []
    assert not ended


def test_a_drained_agent_is_not_deaf(
    agent: ServingAgent, ended: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.draining = True
    waiting(monkeypatch, 3)
    watchdog = worker._Watchdog(agent)
    wait_for(lambda: not watchdog._should_hear(), "a look")
    watchdog.stop()
    assert not watchdog.has_given_up
