"""Tasks and templates: made, changed, cloned, enqueued, ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import attempts, tasks
from orchestrator.actions.comments import comment_on_task
from orchestrator.actions.templates import save_template
from orchestrator.api.base import ApiView, created, path_of, reference, yes_or_no
from orchestrator.api.describe import describe
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.tasks import (
    CloneTask,
    EnqueueTask,
    NewTask,
    TaskChange,
    TaskDetail,
    TaskShape,
    TemplateBody,
    TemplateVersionShape,
)
from orchestrator.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from orchestrator.domain.parameters import full_name
from orchestrator.domain.states import Status
from orchestrator.models import Project, Task
from orchestrator.queries.projects import as_uuid, find_project
from orchestrator.queries.rights import Verb, require
from orchestrator.queries.tasks import find_task, find_task_for_attempt, tasks_for
from orchestrator.queries.templates import versions_of

TAG = "tasks and templates"


class TaskApiView(ApiView):
    """A view of one task, named by its id, or of a template, by ``project/slug``."""

    def task(self, verb: Verb = "view") -> Task:
        """Find the task of the address, if the asker may do this to it."""
        if self.attempt is not None and (self.script is None or self.asks_for_itself):
            return self._task_for_attempt(verb)
        found = find_task(self.actor, reference(self.kwargs))
        require(self.actor, verb, found.project)
        return found

    @property
    def asks_for_itself(self) -> bool:
        """True when the token is that of the very task which the address names."""
        return self.attempt is not None and reference(self.kwargs) == self.attempt.task_id

    def _task_for_attempt(self, verb: Verb) -> Task:
        assert self.attempt is not None
        found = find_task_for_attempt(self.attempt.task_id, reference(self.kwargs))
        if verb != "view" and found.pk != self.attempt.task_id:
            raise NotAllowed("a step may change nothing but its own task")
        return found


class Tasks(ApiView):
    @describe(
        TAG,
        answer=TaskShape,
        pages=True,
        query={
            "template": "true: only templates. false: only tasks that are none (the default).",
            "project": "Only those of a project.",
            "status": "Only those of a status.",
            "kind": "python, function or command.",
            "queue": "Only those of a queue.",
            "parent": "Only those made for this run or cloned from this task, by id.",
            "search": "In name and slug.",
        },
    )
    def get(self, request: Request) -> Response:
        """List tasks, or templates."""
        filters: dict[str, Any] = self.query_filters(
            "template", "project", "status", "kind", "queue", "parent", "search"
        )
        _check_filters(filters)
        template = yes_or_no(filters.get("template"), "template")
        project = find_project(self.actor, filters["project"]) if "project" in filters else None
        rows = tasks_for(self.actor, project=project, template=bool(template), filters=filters)
        return self.page(rows, TaskShape, ordering=("slug", "id") if template else "-id")

    @describe(TAG, body=NewTask, answer=TaskDetail, status=201)
    def post(self, request: Request) -> Response:
        """Make a draft task, or with ``template`` true a template or its next version."""
        wanted = self.body(NewTask)
        if "project" not in wanted:
            raise Invalid.at("project", "missing", "a task needs a project")
        project = find_project(self.actor, wanted["project"])
        require(self.actor, "edit", project)
        make = _save_template if wanted["template"] else _create_task
        return _made(make(self.actor.name, project, wanted))


class TaskView(TaskApiView):
    @describe(TAG, answer=TaskDetail)
    def get(self, request: Request, **_: Any) -> Response:
        """Show a task or template."""
        return Response(TaskDetail(self.task()).data)

    @describe(TAG, body=TaskChange, answer=TaskDetail)
    def patch(self, request: Request, **_: Any) -> Response:
        """Change a draft; a running step tells its progress here, with its own token."""
        task = self.task("edit")
        change = self.body(TaskChange)
        if self.attempt is not None and self.asks_for_itself:
            _tell_of_attempt(task, self.attempt.fence, change)
        else:
            _change(self.actor.name, task, change)
        return Response(TaskDetail(task_again(task)).data)

    @describe(TAG, body=TemplateBody, answer=TaskDetail, status=200)
    def put(self, request: Request, **_: Any) -> Response:
        """Save a template: changed code, parameters or queue make its next version."""
        if self.attempt is not None and self.script is None:
            raise NotAllowed("a step may not save templates")
        task = self.task("edit")
        if not task.is_template:
            raise Conflict("this task is no template; only templates are saved as a whole")
        wanted = self.body(TemplateBody)
        if wanted.get("slug") not in ("", task.slug) or not wanted["template"]:
            message = "a template keeps its slug, and remains a template"
            raise Invalid.at("slug", "bad_value", message)
        if "project" in wanted and find_project(self.actor, wanted["project"]) != task.project:
            raise Invalid.at("project", "bad_value", "a template remains in its project")
        wanted["slug"] = task.slug
        return Response(
            TaskDetail(task_again(_save_template(self.actor.name, task.project, wanted))).data
        )


class TaskClone(TaskApiView):
    @describe(TAG, body=CloneTask, answer=TaskDetail, status=201)
    def post(self, request: Request, **_: Any) -> Response:
        """Make a draft like this task or template, its parameters overridden."""
        task = self.task()
        wanted = self.body(CloneTask)
        if "project" in wanted:
            wanted["project"] = find_project(self.actor, wanted["project"])
        if "parameters" in wanted:
            wanted["parameters"] = _by_full_name(wanted["parameters"])
        require(self.actor, "edit", wanted.get("project", task.project))
        return _made(tasks.clone_task(actor=self.actor.name, task=task, **wanted))


class TaskEnqueue(TaskApiView):
    @describe(TAG, body=EnqueueTask, answer=TaskDetail)
    def post(self, request: Request, **_: Any) -> Response:
        """Put a draft into its queue, or another."""
        task = self.task("operate")
        queue = self.body(EnqueueTask)["queue"]
        tasks.enqueue_task(actor=self.actor.name, task=task, queue=queue)
        return Response(TaskDetail(task_again(task)).data)


class _Verb(TaskApiView):
    """A verb without a body of its own."""

    verb: Verb = "operate"
    act: Callable[..., Task]

    def answer(self) -> Response:
        task = self.task(self.verb)
        self.body(Nothing)
        type(self).act(actor=self.actor.name, task=task)
        return Response(TaskDetail(task_again(task)).data)


class TaskDequeue(_Verb):
    act = staticmethod(tasks.dequeue_task)

    @describe(TAG, body=Nothing, answer=TaskDetail)
    def post(self, request: Request, **_: Any) -> Response:
        """Take a task out of its queue: a draft again."""
        return self.answer()


class TaskAbort(_Verb):
    act = staticmethod(tasks.abort_task)

    @describe(TAG, body=Nothing, answer=TaskDetail)
    def post(self, request: Request, **_: Any) -> Response:
        """End a task; while its agent has not confirmed it, it is aborting."""
        return self.answer()


class TaskReset(_Verb):
    verb: Verb = "edit"
    act = staticmethod(tasks.reset_task)

    @describe(TAG, body=Nothing, answer=TaskDetail)
    def post(self, request: Request, **_: Any) -> Response:
        """Make an ended task a draft again."""
        return self.answer()


class TemplateVersions(TaskApiView):
    @describe(TAG, answer=TemplateVersionShape, pages=True)
    def get(self, request: Request, **_: Any) -> Response:
        """List a template's versions, newest first."""
        self.query_filters()
        task = self.task()
        if not task.is_template:
            raise NotFound("this task is no template; only templates have versions")
        return self.page(versions_of(task), TemplateVersionShape, ordering="-number")


def _made(task: Task) -> Response:
    return created(TaskDetail(task_again(task)).data, path_of(task))


def task_again(task: Task) -> Task:
    """Read a task anew, with all that its shape shows."""
    return Task.objects.select_related(
        "project", "definition", "agent", "template_version__template__project"
    ).get(pk=task.pk)


def _save_template(actor: str, project: Project, wanted: Mapping[str, Any]) -> Task:
    for name in ("declared", "type"):
        if wanted.get(name) not in (None, "training"):
            message = f'a template has no "{name}"; its parameters are its declarations'
            raise Invalid.at(name, "unknown_key", message)
    version = save_template(
        actor=actor,
        project=project,
        slug=wanted["slug"],
        name=wanted["name"],
        kind=wanted["kind"],
        body=_body_of(wanted),
        specs=_list(wanted, "parameters"),
        queue=wanted["queue"],
        note=wanted["note"],
        tags=wanted["tags"],
        comment=wanted.get("comment"),
    )
    return version.template


def _create_task(actor: str, project: Project, wanted: Mapping[str, Any]) -> Task:
    for name in ("slug", "note"):
        if wanted.get(name):
            raise Invalid.at(name, "unknown_key", f'only a template has a "{name}"')
    values = wanted.get("parameters", {})
    if not isinstance(values, dict):
        message = "a task's parameters are an object of values by name"
        raise Invalid.at("parameters", "wrong_type", message)
    return tasks.create_task(
        actor=actor,
        project=project,
        name=wanted["name"],
        kind=wanted["kind"],
        body=_body_of(wanted),
        parameters=values,
        specs=_list(wanted, "declared"),
        queue=wanted["queue"],
        tags=wanted["tags"],
        type=wanted["type"],
    )


def _body_of(wanted: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        name: wanted[name]
        for name in ("script", "source", "argv", "requirements")
        if name in wanted
    }
    # A task has a name too; the function's stands beside its source.
    return {**body, "name": wanted["function"]} if "function" in wanted else body


def _list(wanted: Mapping[str, Any], name: str) -> list[Any]:
    value = wanted.get(name) or []
    if not isinstance(value, list):
        message = f"{name} is a list of declarations"
        raise Invalid.at(name, "wrong_type", message)
    return value


def _tell_of_attempt(task: Task, fence: int, change: Mapping[str, Any]) -> None:
    if "comment" in change:
        comment_on_task(task=task, comment=change["comment"])
    if "parameters" in change:
        attempts.add_parameters(task=task, fence=fence, parameters=change["parameters"])
    if "progress" in change:
        attempts.set_progress(task=task, fence=fence, value=change["progress"])


def _change(actor: str, task: Task, change: Mapping[str, Any]) -> None:
    if "progress" in change:
        raise NotAllowed("only the running step itself tells its progress")
    if "parameters" in change:
        if task.is_template:
            raise Conflict("a template's parameters change by saving its next version (PUT)")
        values = _by_full_name(change["parameters"])
        tasks.set_parameters(actor=actor, task=task, parameters=values)
    if "comment" in change:
        comment_on_task(task=task, comment=change["comment"])


def _by_full_name(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give bare names their section, so that they replace what the task has under it."""
    full = {full_name(name): value for name, value in values.items()}
    if len(full) < len(values):
        message = "a parameter is given twice: with its section and without"
        raise Invalid.at("parameters", "duplicate_name", message)
    return full


def _check_filters(filters: Mapping[str, Any]) -> None:
    status = filters.get("status")
    if status is not None and status not in {one.value for one in Status}:
        message = f"a status is one of {', '.join(Status)}"
        raise Invalid.at("status", "bad_value", message)
    if "parent" in filters and as_uuid(filters["parent"]) is None:
        raise Invalid.at("parent", "bad_value", "a parent is named by its id")
