"""Steps that execute a task which their script has made: itself at first, then others like it."""

from __future__ import annotations

from typing import Any

from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.graph import Node
from orchestrator.domain.parameters import full_name
from orchestrator.domain.states import Status
from orchestrator.graphs import pins_of_run
from orchestrator.models import Attempt, Run, Task, TemplateVersion

_KEPT = ("configuration", "comment", "specs")


def as_template(run: Run, node: Node) -> TemplateVersion:
    """The task as if it were a template's version, which takes whatever it is given.

    It has no key of its own. Raises PipelinesError when the task is there no more.
    """
    rows = Task.objects.select_related("definition").select_for_update(of=("self",))
    task = rows.filter(pk=pins_of_run(run)[node.step]["task"]).first()
    if task is None or task.definition is None:
        raise PipelinesError("the task that its script made for it is not there any more")
    given = {full_name(name): None for name in node.parameters} | dict(task.parameters)
    specs = [{"name": name, "type": "json", "default": value} for name, value in given.items()]
    return TemplateVersion(
        template=task, number=0, definition=task.definition, specs=specs, queue=task.queue
    )


def take_over(task: Task, given: Task) -> None:
    """Let a task that is to be enqueued be the given one, if that is a draft, else like it."""
    for name in _KEPT:
        setattr(task, name, getattr(given, name))
    task.tags = list(dict.fromkeys([*given.tags, *task.tags]))
    task.template_version_id = given.template_version_id
    if given.status != Status.DRAFT or Attempt.objects.filter(task=given).exists():
        return
    kept: dict[str, Any] = {
        name: getattr(given, name)
        for name in ("id", "name", "maker_id", "maker_key", "parent_id", "actor", "created_at")
    }
    for name, value in kept.items():
        setattr(task, name, value)
    task.fence = given.fence + 1
    task._state.adding = False
