"""Runs as rows, made by hand: what the queries and the socket are asked about."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from orchestrator.domain.document import graph_of
from orchestrator.domain.states import Status
from orchestrator.models import (
    Agent,
    Attempt,
    Change,
    Membership,
    Pipeline,
    PipelineVersion,
    Project,
    Run,
    Step,
    Task,
    TemplateVersion,
    User,
)

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)

# load ─ clean ─┬─ train a ─┬─ compare
#               └─ train b ─┘
DIAMOND: dict[str, Any] = {
    "schema": 1,
    "parameters": [{"name": "rows", "type": "integer", "default": 2000}],
    "steps": [
        {"name": "load", "template": "load", "parameters": {"rows": "${pipeline.rows}"}},
        {"name": "clean", "template": "load", "parents": ["load"], "parameters": {"depth": 3}},
        {"name": "train a", "template": "load", "parents": ["clean"]},
        {"name": "train b", "template": "load", "parents": ["clean"]},
        {"name": "compare", "template": "load", "parents": ["train a", "train b"]},
    ],
}


def make_user(name: str, project: Project | None = None, role: str = "operator") -> User:
    user = User.objects.create_user(username=name, password="twelve letters")
    if project is not None:
        Membership.objects.create(project=project, user=user, role=role)
    return user


def make_project(slug: str = "sample") -> Project:
    return Project.objects.create(slug=slug, name=slug.title())


def make_run(
    project: Project,
    statuses: str | Mapping[str, str] = "",
    *,
    document: Mapping[str, Any] = DIAMOND,
    status: Status = Status.RUNNING,
    slug: str = "digits",
) -> Run:
    """A run whose steps are in these statuses by name; the others are pending."""
    template, _ = Task.objects.get_or_create(
        project=project, slug="load", is_template=True, defaults={"name": "Load", "kind": "python"}
    )
    template_version, _ = TemplateVersion.objects.get_or_create(
        template=template,
        number=1,
        defaults={
            "definition": _definition(),
            "specs": [
                {"name": "General/rows", "type": "integer", "default": 100},
                {"name": "General/depth", "type": "integer", "default": 2},
            ],
            "content_hash": "0",
            "author": "ada",
        },
    )
    pin = {"template": f"{project.slug}/load", "version": 1, "id": template_version.pk}
    pipeline, _ = Pipeline.objects.get_or_create(project=project, slug=slug, name=slug.title())
    graph = graph_of(document)
    version = PipelineVersion.objects.create(
        pipeline=pipeline,
        number=pipeline.versions.count() + 1,
        document=dict(document),
        pins={node.name: pin for node in graph.nodes},
        content_hash=uuid.uuid4().hex,
        author="ada",
    )
    known = dict(statuses) if not isinstance(statuses, str) else {}
    words = [Status(known.get(node.name, "pending")) for node in graph.nodes]
    task = Task.objects.create(
        project=project, name=slug, kind=Task.CONTROLLER, type=Task.CONTROLLER, status=status
    )
    run = Run.objects.create(
        task=task,
        project=project,
        pipeline=pipeline,
        version=version,
        number=pipeline.runs.count() + 1,
        status=status,
        actor="ada",
        origin="page",
        parameters={"rows": 2000},
        steps_total=len(graph),
        steps_made=len(graph),
        tally=dict(Counter(word.value for word in words)),
        started_at=NOON,
    )
    for node, word in zip(graph.nodes, words, strict=True):
        make_step(run, node.index, node.name, word)
    return run


def make_step(run: Run, index: int, name: str, status: Status) -> Step:
    """A step with the attempt and task that its status needs."""
    tried = status not in (Status.PENDING, Status.SKIPPED)
    step = Step.objects.create(
        run=run,
        index=index,
        node=index,
        path=name,
        status=status,
        reason="parent failed" if status == Status.SKIPPED else "",
        attempt=1 if tried else 0,
        started_at=NOON if tried and status != Status.QUEUED else None,
    )
    if tried:
        task = Task.objects.create(
            project=run.project, name=name, kind="python", status=status, fence=1, queued_at=NOON
        )
        Attempt.objects.create(run=run, step=step, number=1, task=task, status=status)
    return step


def make_agent(queues: list[str], *, alive: bool = True) -> Agent:
    lease = timedelta(minutes=5 if alive else -5)
    return Agent.objects.create(
        name="ant", host="here", pid=1, queues=queues, slots=2,
        lease_until=datetime.now(UTC) + lease,
    )  # fmt: skip


@transaction.atomic
def add_changes(run: Run, *changes: tuple[str, dict[str, Any]]) -> int:
    """Store changes with the next numbers, as a turn does."""
    number = Run.objects.values_list("last_change", flat=True).get(pk=run.pk)
    for kind, data in changes:
        number += 1
        Change.objects.create(run=run, number=number, kind=kind, data=data, at=NOON)
    Run.objects.filter(pk=run.pk).update(last_change=number)
    return number


def _definition() -> Any:
    from orchestrator.models import Definition

    made, _ = Definition.objects.get_or_create(
        hash="0" * 64, defaults={"kind": "python", "body": {"script": "", "requirements": []}}
    )
    return made
