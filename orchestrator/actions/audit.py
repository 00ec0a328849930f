"""Keeping book of who did what."""

from __future__ import annotations

from typing import Any

from orchestrator.models import AuditEvent, Project


def record(actor: str, action: str, thing: object, project: Project | None, **detail: Any) -> None:
    """Note that somebody did something; call it in the transaction that does it."""
    AuditEvent.objects.create(
        actor=actor, action=action, thing=str(thing)[:200], project=project, detail=detail
    )
