"""Makers: plain functions that put things into the database, in a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from orchestrator.actions.pipelines import create_pipeline, publish
from orchestrator.actions.projects import create_project
from orchestrator.actions.templates import save_template
from orchestrator.actions.tokens import create_token
from orchestrator.domain.states import Status
from orchestrator.models import (
    Agent,
    ApiToken,
    Membership,
    Pipeline,
    PipelineVersion,
    Project,
    Run,
    Task,
    TemplateVersion,
    User,
)
from orchestrator.queries.rights import Actor, actor_for
from orchestrator.store.definitions import definition_row

SCRIPT = "print('working')\n"
ROWS: Mapping[str, Any] = {"name": "General/rows", "type": "integer", "default": 100}


def make_user(name: str = "ada", *, superuser: bool = False) -> User:
    """Make somebody who can sign in with the password "a long password"."""
    return User.objects.create_user(
        username=name, password="a long password", is_superuser=superuser
    )


def make_project(slug: str = "alpha", *, owner: User | str = "ada") -> Project:
    """Make a project with its first admin, who is made too if need be."""
    name = owner if isinstance(owner, str) else owner.username
    if not User.objects.filter(username=name).exists():
        make_user(name)
    return create_project(actor=name, slug=slug, name=slug.title())


def make_member(project: Project, name: str, role: str = "viewer") -> User:
    """Make somebody with a role in a project."""
    user = User.objects.filter(username=name).first() or make_user(name)
    Membership.objects.update_or_create(project=project, user=user, defaults={"role": role})
    return user


def make_actor(user: User) -> Actor:
    """Say what a user may do."""
    return actor_for(user)


def make_token(user: User, *scopes: str, project: Project | None = None) -> str:
    """Make a token; without scopes it may do what its user may."""
    _, text = create_token(
        actor=user.username, name="test", scopes=scopes or ("admin",), project=project
    )
    return text


def token_row(text: str) -> ApiToken:
    """Find the row of a token's text."""
    return ApiToken.objects.get(prefix=text.rpartition("_")[0][:11])


def make_template(
    project: Project,
    slug: str = "load",
    *,
    script: str = SCRIPT,
    parameters: Sequence[Mapping[str, Any]] = (ROWS,),
    actor: str = "ada",
) -> TemplateVersion:
    """Make a template of a Python script."""
    return save_template(
        actor=actor,
        project=project,
        slug=slug,
        name=slug,
        kind="python",
        body={"script": script},
        specs=parameters,
    )


def chain_document(*names: str, template: str = "load") -> dict[str, Any]:
    """Write a document whose steps follow one another."""
    steps: list[dict[str, Any]] = []
    for name in names or ("first", "second"):
        parents = [steps[-1]["name"]] if steps else []
        steps.append({"name": name, "template": template, "parents": parents})
    steps[0]["parameters"] = {"General/rows": "${pipeline.rows}"}
    rows = {"name": "rows", "type": "integer", "default": 10, "minimum": 1}
    return {"schema": 1, "parameters": [rows], "steps": steps}


def make_pipeline(
    project: Project,
    slug: str = "chain",
    *,
    document: Mapping[str, Any] | None = None,
    actor: str = "ada",
    published: bool = True,
) -> Pipeline:
    """Make a pipeline, with the template that its usual document names, and publish it."""
    if document is None:
        if not Task.objects.filter(project=project, is_template=True, slug="load").exists():
            make_template(project, actor=actor)
        document = chain_document()
    pipeline = create_pipeline(actor=actor, project=project, slug=slug, document=document)
    if published:
        publish_pipeline(pipeline, actor=actor)
    return pipeline


def publish_pipeline(pipeline: Pipeline, *, actor: str = "ada") -> PipelineVersion:
    """Publish a pipeline's draft as it is."""
    return publish(actor=actor, pipeline=pipeline)


def drive(
    pipeline: Pipeline, driver: str = "script", *, queue: str = "services", script: str = SCRIPT
) -> Pipeline:
    """Let the latest version of a pipeline be driven by a script, as if Python registered it."""
    definition = definition_row("python", {"script": script})
    latest = pipeline.versions.order_by("-number")[:1]
    values = {"driver": driver, "script": definition, "script_queue": queue}
    PipelineVersion.objects.filter(pk__in=latest.values("pk")).update(**values)
    return pipeline


def make_run(pipeline: Pipeline, *, actor: str = "ada", **parameters: Any) -> Run:
    """Start a run of the latest version; no worker takes it up by itself."""
    from orchestrator.actions.runs import start_run

    return start_run(actor=actor, pipeline=pipeline, parameters=parameters)


def make_agent(
    name: str = "ant",
    *,
    queues: Sequence[str] = ("default",),
    seconds_left: float = 60,
    **more: Any,
) -> Agent:
    """Make the row of an agent; nothing is executed by it."""
    values = {"host": f"host-of-{name}", "pid": 1, "slots": 2, **more}
    lease_until = timezone.now() + timedelta(seconds=seconds_left)
    return Agent.objects.create(name=name, queues=list(queues), lease_until=lease_until, **values)


def make_waiting(
    project: Project, name: str, *, priority: int = 0, age: float = 0, **more: Any
) -> Task:
    """Make a task of no run that has waited in its queue for so many seconds."""
    queued_at = timezone.now() - timedelta(seconds=age)
    values = {"kind": "command", "status": Status.QUEUED, "fence": 1, **more}
    return Task.objects.create(
        project=project, name=name, priority=priority, queued_at=queued_at, **values
    )
