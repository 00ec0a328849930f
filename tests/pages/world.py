"""A small world for the pages: a project with a template, a pipeline, a run and a task."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client

from orchestrator.actions.tasks import clone_task
from orchestrator.actions.tokens import create_token
from orchestrator.models import ApiToken, Pipeline, Project, Run, Task, User
from tests.makers import make_member, make_pipeline, make_project, make_run, make_user

PASSWORD = "a long password"


@dataclass(frozen=True)
class World:
    """Ada owns the project, Ola operates in it, Vera views it, Sam is a stranger."""

    project: Project
    pipeline: Pipeline
    template: Task
    run: Run
    task: Task
    token: ApiToken

    def client(self, name: str) -> Client:
        """A browser in which somebody is signed in; nobody for an empty name."""
        client = Client()
        if name:
            client.force_login(User.objects.get(username=name))
        return client


def make_world() -> World:
    project = make_project("alpha", owner="ada")
    make_member(project, "ola", "operator")
    make_member(project, "vera", "viewer")
    make_user("sam")
    pipeline = make_pipeline(project, "chain")
    template = Task.objects.get(project=project, is_template=True)
    run = make_run(pipeline, rows=12)
    task = clone_task(actor="ada", task=template, name="by itself")
    token, _ = create_token(actor="ada", name="laptop", scopes=["runs:read"])
    return World(project, pipeline, template, run, task, token)
