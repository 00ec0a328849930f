"""Celery entry points: an id becomes one call."""

from __future__ import annotations

import uuid

from celery import shared_task

from orchestrator import agent, clock, controller


@shared_task(name="orchestrator.turn")
def turn(run_id: str) -> None:
    """Take the run's turn."""
    controller.advance(uuid.UUID(run_id))


@shared_task(name="orchestrator.line")
def line(queue: str) -> None:
    """Give places in a queue."""
    controller.serve_line(queue)


@shared_task(name="orchestrator.runs_line")
def runs_line(line: int) -> None:
    """Give the places of a pipeline or a concurrency key."""
    controller.serve_runs(line)


@shared_task(name="orchestrator.execute")
def execute(task_id: str, fence: int) -> None:
    """Execute one task, then take the turn that its end asks for."""
    queue, run_id = agent.execute(uuid.UUID(task_id), fence)
    controller.go_on_after(queue, run_id)


@shared_task(name="orchestrator.tick")
def tick() -> None:
    """Ask again for whatever was lost."""
    clock.tick()
