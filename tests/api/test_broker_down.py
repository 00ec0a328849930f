"""A trigger is kept even when nothing can be sent: rows are the truth."""

from __future__ import annotations

from typing import Any

from orchestrator.models import Pipeline, Signal
from tests.api.asking import Asker


def test_a_run_is_made_while_the_broker_is_away(
    ada: Asker, pipeline: Pipeline, services: Any, django_capture_on_commit_callbacks: Any
) -> None:
    if services.redis.is_running:
        services.redis.kill()
    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post("pipelines/alpha/chain/runs/")
    assert answer.status_code == 201
    assert Signal.objects.filter(run=answer.json()["id"], kind="start").exists()
