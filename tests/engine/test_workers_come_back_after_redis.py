"""When Redis is killed and starts again, empty or not, every worker consumes again."""

import uuid
from collections.abc import Iterator

import pytest
import redis
from celery import Celery

from tests.live_stack import LiveStack
from tests.services import wait_for


@pytest.fixture
def sender(live_stack: LiveStack) -> Iterator[Celery]:
    app = Celery("sender", broker=live_stack.environment["PIPELINES_REDIS_URL"])
    yield app
    app.close()


@pytest.fixture
def server(live_stack: LiveStack) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(live_stack.environment["PIPELINES_REDIS_URL"]) as client:
        yield client


def assert_every_queue_is_consumed(
    sender: Celery, server: redis.Redis, live_stack: LiveStack
) -> None:
    sender.send_task("orchestrator.tick", queue="ctl")
    for queue in ("q.default", "q.services"):
        # A task that nobody knows: the agent finds no row to claim and lets it be.
        sender.send_task("orchestrator.execute", args=(str(uuid.uuid4()), 1), queue=queue)
    wait_for(
        lambda: not any(server.llen(queue) for queue in ("ctl", "q.default", "q.services")),
        what=f"every queue to be consumed\n{live_stack.logs()}",
    )


def test_workers_consume_after_redis_was_killed(
    live_stack: LiveStack, sender: Celery, server: redis.Redis
) -> None:
    assert_every_queue_is_consumed(sender, server, live_stack)
    for _ in range(3):
        live_stack.kill("redis")
        live_stack.start("redis")
        assert_every_queue_is_consumed(sender, server, live_stack)


def test_workers_consume_after_redis_was_emptied(
    live_stack: LiveStack, sender: Celery, server: redis.Redis
) -> None:
    server.flushall()
    assert_every_queue_is_consumed(sender, server, live_stack)
