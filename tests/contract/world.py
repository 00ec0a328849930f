"""Puts rows into a live stack's database and prints their ids and tokens as JSON:
`python -m tests.contract.world`.

A program of its own, because that database is not the test process's. Nothing is executed by it:
what runs is held by an agent that has no process.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import django

PROJECT = "fuzz"
PEOPLE = {"viewer": "viewer", "operator": "operator", "editor": "editor"}
STEPS: list[dict[str, Any]] = [
    {"name": "load", "template": "load"},
    {"name": "train", "template": "load", "parents": ["load"]},
    {"name": "ask", "kind": "approval", "parents": ["load"]},
]


def make_world() -> dict[str, Any]:
    """Make people, templates, a pipeline of two versions, and runs and tasks in every state."""
    from orchestrator.models import User
    from tests import makers

    admin = makers.make_user("admin", superuser=True)
    project = makers.make_project(PROJECT, owner=admin)
    tokens = {"admin": makers.make_token(admin), "nobody": ""}
    for name, role in PEOPLE.items():
        tokens[name] = makers.make_token(makers.make_member(project, name, role))
    ids = _make_things(project, User.objects.get(username="editor"))
    tokens.update(ids.pop("tokens"))
    return {"tokens": tokens, "ids": ids}


def _make_things(project: Any, editor: Any) -> dict[str, Any]:
    from orchestrator.actions.queues import create_queue
    from orchestrator.models import Task
    from orchestrator.store.execution import attempt_token
    from tests import makers
    from tests.engine.playing import claim, make_agent, play, queued_tasks, settle

    create_queue(actor=editor.username, name="spare")
    makers.make_template(project, actor="editor")
    document = {"schema": 1, "steps": STEPS}
    pipeline = makers.make_pipeline(project, "flow", document=document, actor="editor")
    makers.publish_pipeline(pipeline, actor="editor")
    agent = make_agent("without a process")
    ended, running, queued = (makers.make_run(pipeline, actor="editor") for _ in range(3))
    play(ended, agent)
    settle()
    held = queued_tasks(running)[0]
    alone = makers.make_waiting(project, "alone", actor="editor")
    waits = makers.make_waiting(project, "waits", actor="editor")
    draft = makers.make_waiting(project, "draft", actor="editor", status="draft")
    for task in (held, alone):
        claim(task, agent)
        task.refresh_from_db()
    templates = Task.objects.filter(project=project, is_template=True)
    return {
        "tokens": {
            "step": attempt_token(held.pk, held.fence),
            "script": attempt_token(alone.pk, alone.fence),
        },
        "agents": [str(agent.pk)],
        "pipelines": [str(pipeline.pk)],
        "projects": [PROJECT],
        "queues": ["default", "spare"],
        "runs": [str(run.pk) for run in (running, ended, queued)],
        "steps": [step["name"] for step in STEPS],
        "tasks": [str(task.pk) for task in (held, alone, waits, draft, *templates)],
        "users": list(PEOPLE),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
    django.setup()
    sys.stdout.write(json.dumps(make_world()))
