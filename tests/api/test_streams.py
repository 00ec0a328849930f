"""Changes as they come: one frame a line, until the run has ended."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction
from django.test import AsyncClient
from django.utils import timezone

from orchestrator.models import Change, Run, Signal
from tests.makers import make_pipeline, make_project, make_run, make_token, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Run:
    return make_run(make_pipeline(make_project("alpha", owner="ada")))


def add_change(run: Run, number: int, status: str = "running") -> None:
    """Record a change of the run's status."""
    with transaction.atomic():
        Signal.objects.filter(run=run).delete()
        Change.objects.create(
            run=run,
            number=number,
            kind="run_status",
            data={"status": status},
            actor="",
            at=timezone.now(),
        )
        Run.objects.filter(pk=run.pk).update(last_change=number, status=status)


async def lines_of(path: str, token: str, **headers: str) -> tuple[Any, list[Any]]:
    """Read a stream to its end."""
    headers["Authorization"] = f"Bearer {token}"
    answer: Any = await AsyncClient().get(path, headers=headers)
    if not answer.streaming:
        # The view's thread has a connection of its own, which would keep the database in use.
        await sync_to_async(connections.close_all)()
        return answer, []
    content = b"".join([piece async for piece in answer.streaming_content])
    return answer, [json.loads(line) for line in content.splitlines() if line]


def followed(path: str, token: str, **headers: str) -> tuple[Any, list[Any]]:
    """Read a stream to its end, with a deadline."""
    return asyncio.run(asyncio.wait_for(lines_of(path, token, **headers), 30))


def numbers(frames: list[Any]) -> list[int]:
    return [change["n"] for frame in frames for change in frame["changes"]]


def test_a_finished_run_is_told_from_its_beginning(run: Run) -> None:
    add_change(run, 2)
    add_change(run, 3, "completed")
    token = make_token(run.project.memberships.get().user)
    answer, frames = followed(f"/api/v1/runs/{run.pk}/changes/?stream=1", token)
    assert answer["Content-Type"] == "application/x-ndjson"
    assert numbers(frames) == [1, 2, 3]
    assert all(frame["from"] == frame["to"] for frame in frames)
    _, rest = followed(f"/api/v1/runs/{run.pk}/changes/?stream=1&since=2", token)
    assert numbers(rest) == [3]
    _, by_header = followed(
        "/api/v1/runs/alpha/chain/1/changes/", token, Accept="application/x-ndjson"
    )
    assert numbers(by_header) == [1, 2, 3]


def test_changes_are_sent_as_they_come_until_the_run_ends(run: Run) -> None:
    token = make_token(run.project.memberships.get().user)
    seen = threading.Event()

    def write() -> None:
        seen.wait(20)
        add_change(run, 2)
        add_change(run, 3, "completed")
        connection.close()

    async def follow() -> list[int]:
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/api/v1/runs/{run.pk}/changes/?stream=1"
        answer: Any = await AsyncClient().get(path, headers=headers)
        found: list[int] = []
        async for piece in answer.streaming_content:
            found += numbers([json.loads(line) for line in piece.splitlines() if line])
            # The writer starts only when the first line has arrived.
            seen.set()
        return found

    writer = threading.Thread(target=write)
    writer.start()
    assert asyncio.run(asyncio.wait_for(follow(), 30)) == [1, 2, 3]
    writer.join(10)


def test_rights_and_errors_are_those_of_every_view(run: Run) -> None:
    stranger = make_token(make_user("eve"))
    path = f"/api/v1/runs/{run.pk}/changes/"
    cases: list[tuple[str, str, int]] = [
        (f"{path}?stream=1", stranger, 404),
        (f"{path}?stream=1", "nonsense", 401),
        (f"{path}?stream=maybe", make_token(run.project.memberships.get().user), 400),
    ]
    for address, token, status in cases:
        answer, _ = followed(address, token, Accept="application/x-ndjson")
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert json.loads(answer.content)["status"] == status


def test_two_equal_triggers_at_once_make_one_run() -> None:
    pipeline = make_pipeline(make_project("alpha", owner="ada"))
    token = make_token(pipeline.project.memberships.get().user)
    answers = _at_once(
        lambda: _trigger(token, {"parameters": {"rows": 5}}, "key"),
        lambda: _trigger(token, {"parameters": {"rows": 5}}, "key"),
    )
    assert [status for status, _ in answers] == [201, 201], answers
    assert len({body["id"] for _, body in answers}) == 1
    assert Run.objects.count() == 1


def test_two_different_triggers_at_once_get_two_numbers() -> None:
    pipeline = make_pipeline(make_project("alpha", owner="ada"))
    token = make_token(pipeline.project.memberships.get().user)
    answers = _at_once(lambda: _trigger(token, {}, "one"), lambda: _trigger(token, {}, "two"))
    assert sorted(body["number"] for _, body in answers) == [1, 2], answers


def _trigger(token: str, body: dict[str, Any], key: str) -> tuple[int, Any]:
    from tests.api.asking import Asker

    answer = Asker(token).post("pipelines/alpha/chain/runs/", body, Idempotency_Key=key)
    return answer.status_code, json.loads(answer.content)


def _at_once(*asks: Callable[[], tuple[int, Any]]) -> list[tuple[int, Any]]:
    """Ask from as many threads, all let go together."""
    gate = threading.Barrier(len(asks))
    answers: list[tuple[int, Any]] = []

    def work(ask: Callable[[], tuple[int, Any]]) -> None:
        gate.wait(10)
        answers.append(ask())
        connection.close()

    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 40
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0.1))
    return answers
