"""Tasks and templates: made, changed, cloned, enqueued, ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import made, tasks
from orchestrator.actions.adopting import enqueue_as_step
from orchestrator.actions.changing_tasks import change_own_task, change_task
from orchestrator.actions.deleting import delete_task
from orchestrator.actions.keeping import keep_task
from orchestrator.actions.made import Maker
from orchestrator.actions.projects import project_for
from orchestrator.actions.templates import save_template
from orchestrator.api.base import ApiView, created, path_of, reference
from orchestrator.api.describe import describe
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.tasks import (
    CloneTask,
    EnqueueTask,
    KeepTask,
    KeptShape,
    NewTask,
    TaskChange,
    TaskDetail,
    TaskShape,
    TemplateBody,
    TemplateVersionShape,
)
from orchestrator.api.views.task_filters import (
    LIST_QUERY,
    ordering_from,
    read_filters,
    template_filter,
)
from orchestrator.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from orchestrator.domain.parameters import full_name
from orchestrator.models import Project, Task
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, Verb, may_make, require
from orchestrator.queries.scripts import lent_by
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

    def other_task(self, wanted: UUID) -> Task:
        """Find another task that the asker sees."""
        if self.attempt is not None and self.script is None:
            return find_task_for_attempt(self.attempt.task_id, wanted)
        return find_task(self.actor, wanted)

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
        query=LIST_QUERY,
    )
    def get(self, request: Request) -> Response:
        """List tasks, or templates; those that drive a run are tasks too."""
        given = self.query_filters(*LIST_QUERY)
        template = template_filter(given.get("template"))
        project = find_project(self.actor, given["project"]) if "project" in given else None
        filters = read_filters(given, request.query_params.getlist("tag"))
        rows = tasks_for(
            self.actor, project=project, template=template, filters=filters, scripts=True
        )
        ordering = ordering_from(given.get("order"), "slug" if template else "-id")
        return self.page(rows, TaskShape, ordering=ordering)

    @describe(TAG, body=NewTask, answer=TaskDetail, status=201)
    def post(self, request: Request) -> Response:
        """Make a draft task, or with ``template`` true a template or its next version."""
        wanted = self.body(NewTask)
        if "project" not in wanted:
            raise Invalid.at("project", "missing", "a task needs a project")
        project = project_for(self.actor, wanted["project"])
        require(self.actor, "edit", project)
        if wanted["template"]:
            return _made(_save_template(self.actor.name, project, wanted))
        maker = maker_of(self, wanted["key"])
        is_made = made.is_made(maker)
        return _made(_create_task(self.actor.name, project, wanted, maker), is_new=not is_made)


class TaskView(TaskApiView):
    @describe(TAG, answer=TaskDetail)
    def get(self, request: Request, **_: Any) -> Response:
        """Show a task or template."""
        return Response(TaskDetail(self.task()).data)

    @describe(TAG, body=TaskChange, answer=TaskDetail)
    def patch(self, request: Request, **_: Any) -> Response:
        """Change a draft, or the words of any task; a running one changes with its own token."""
        task = self.task("edit")
        change = self.body(TaskChange)
        for name in ("parameters", "replace_parameters"):
            if name in change:
                change[name] = _by_full_name(change[name], name)
        if change.get("parent"):
            change["parent"] = self.other_task(change["parent"])
        if self.attempt is not None and self.asks_for_itself:
            change_own_task(task=task, fence=self.attempt.fence, change=change)
        else:
            change_task(actor=self.actor.name, task=task, change=change)
        return Response(TaskDetail(task_again(task)).data)

    @describe(TAG, body=TemplateBody, answer=TaskDetail, status=200)
    def put(self, request: Request, **_: Any) -> Response:
        """Save a template: changed code, parameters or queue make its next version.

        That takes an editor only if it changes something.
        """
        if self.attempt is not None and self.script is None:
            raise NotAllowed("a step may not save templates")
        task = self.task()
        makes = may_make(self.actor, task.project)
        if not task.is_template:
            raise Conflict("this task is no template; only templates are saved as a whole")
        wanted = self.body(TemplateBody)
        if wanted.get("slug") not in ("", task.slug) or not wanted["template"]:
            message = "a template keeps its slug, and remains a template"
            raise Invalid.at("slug", "bad_value", message)
        if "project" in wanted and find_project(self.actor, wanted["project"]) != task.project:
            raise Invalid.at("project", "bad_value", "a template remains in its project")
        wanted["slug"] = task.slug
        with transaction.atomic():
            saved = task_again(_save_template(self.actor.name, task.project, wanted))
            if not makes:
                if _said_of(saved) != _said_of(task):
                    require(self.actor, "edit", task.project)
                transaction.set_rollback(True)
        return Response(TaskDetail(saved).data)

    @describe(TAG, status=204, errors=(409,))
    def delete(self, request: Request, **_: Any) -> Response:
        """Delete a task by itself that has ended, or a draft, with all that it left.

        What a run has done stays, and so do templates.
        """
        task = self.task("edit")
        delete_task(actor=self.actor.name, task=task)
        return Response(status=204)


class TaskClone(TaskApiView):
    @describe(TAG, body=CloneTask, answer=TaskDetail, status=201)
    def post(self, request: Request, **_: Any) -> Response:
        """Make a draft like this task or template, its parameters overridden."""
        task = self.task()
        wanted = self.body(CloneTask)
        if "project" in wanted:
            wanted["project"] = project_for(self.actor, wanted["project"])
        if "parameters" in wanted:
            wanted["parameters"] = _by_full_name(wanted["parameters"])
        if "parent" in wanted:
            wanted["parent"] = self.other_task(wanted["parent"])
        require(self.actor, "edit", wanted.get("project", task.project))
        maker = maker_of(self, wanted.pop("key"))
        is_made = made.is_made(maker)
        clone = tasks.clone_task(actor=self.actor.name, task=task, maker=maker, **wanted)
        return _made(clone, is_new=not is_made)


class TaskEnqueue(TaskApiView):
    @describe(TAG, body=EnqueueTask, answer=TaskDetail)
    def post(self, request: Request, **_: Any) -> Response:
        """Put a draft into its queue, or another.

        What a script enqueues with its token is a step of the run that it drives from then on;
        the same task under the same key is one step.
        """
        task = self.task("operate")
        wanted = self.body(EnqueueTask)
        if self.attempt is not None and self.script is not None:
            script = self.attempt.task_id
            enqueue_as_step(**who_asks(self.actor), script=script, task=task, **wanted)
        else:
            tasks.enqueue_task(**who_asks(self.actor), task=task, queue=wanted["queue"])
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


class TaskKeep(TaskApiView):
    @describe(TAG, body=KeepTask, answer=KeptShape)
    def post(self, request: Request, **_: Any) -> Response:
        """Keep a task as a template, for steps to be made of it; a template gives itself.

        The same task again gives the same version, as long as it executes the same; that takes an
        editor only if there is something new.
        """
        wanted = self.body(KeepTask)
        task = self.task()
        makes = may_make(self.actor, task.project)
        with transaction.atomic():
            kept = keep_task(actor=self.actor.name, task=task, **wanted)
            if kept.is_new and not makes:
                require(self.actor, "edit", task.project)
        template = kept.version.template
        return Response(
            {
                "template": f"{template.project.slug}/{template.slug}",
                "version": kept.version.number,
                "created": kept.is_new,
            }
        )


class TemplateVersions(TaskApiView):
    @describe(TAG, answer=TemplateVersionShape, pages=True)
    def get(self, request: Request, **_: Any) -> Response:
        """List a template's versions, newest first."""
        self.query_filters()
        task = self.task()
        if not task.is_template:
            raise NotFound("this task is no template; only templates have versions")
        return self.page(versions_of(task), TemplateVersionShape, ordering="-number")


def who_asks(actor: Actor) -> dict[str, Any]:
    """For whom what they start acts, and how far."""
    return {"actor": actor.name, "scopes": lent_by(actor)}


def maker_of(view: ApiView, key: str = "") -> Maker | None:
    """The script that asks, if it is one."""
    access = view.attempt
    return None if access is None else Maker(access.task_id, access.fence, key)


def _made(task: Task, *, is_new: bool = True) -> Response:
    body = TaskDetail(task_again(task)).data
    return created(body, path_of(task)) if is_new else Response(body)


def task_again(task: Task) -> Task:
    """Read a task anew, with all that its shape shows."""
    return Task.objects.select_related(
        "project", "definition", "agent", "template_version__template__project"
    ).get(pk=task.pk)


def _said_of(template: Task) -> tuple[Any, ...]:
    """What saving a template changes of it."""
    words = (template.name, template.type, template.comment, template.tags)
    return (template.template_version_id, *words)


def _save_template(actor: str, project: Project, wanted: Mapping[str, Any]) -> Task:
    for name in ("declared", "configuration", "key"):
        if wanted.get(name):
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
        type=wanted.get("type"),
    )
    return version.template


def _create_task(
    actor: str, project: Project, wanted: Mapping[str, Any], maker: Maker | None
) -> Task:
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
        comment=wanted.get("comment", ""),
        configuration=wanted.get("configuration"),
        maker=maker,
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


def _by_full_name(values: Mapping[str, Any], where: str = "parameters") -> dict[str, Any]:
    """Give bare names their section, so that they replace what the task has under it."""
    full = {full_name(name): value for name, value in values.items()}
    if len(full) < len(values):
        message = "a parameter is given twice: with its section and without"
        raise Invalid.at(where, "duplicate_name", message)
    return full
