"""Other tasks: found, made, copied, put into queues and taken out again."""

from __future__ import annotations

import os

from pipelines.context import StepContext
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.task_types import our_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.http import Api
    from pipelines.task import Task

    Named = Union[str, Task]

_ORDERS = {
    "last_update": "updated",
    "last_change": "updated",
    "started": "updated",
    "completed": "updated",
}
_PAGE = 100

_visitor: Optional[StepContext] = None


def context_of_others(task_id: str = "") -> StepContext:
    """Say how this process reaches other tasks: as its step under an agent, else as its user."""
    global _visitor
    from pipelines.task import Task

    current = Task.current_task()
    if current is not None and (current._context.has_agent or current.id == task_id):
        return current._context
    if _visitor is None:
        _visitor = StepContext.of_a_visitor()
    return _visitor


def get_task(
    cls: type[Task],
    task_id: Optional[str],
    project_name: Optional[str],
    task_name: Optional[str],
    tags: Optional[Sequence[str]],
    task_filter: Optional[Mapping[str, Any]],
) -> Optional[Task]:
    """Give one task, by its id, or the one of a name that was changed last; else None."""
    if task_id:
        current = cls.current_task()
        if current is not None and task_id == current.id:
            return current
        context = context_of_others(task_id)
        about = context.api.get(f"tasks/{in_path(str(task_id))}/")
        return cls(str(about["id"]), context, about)
    if project_name is None and not task_name and not tags and not task_filter:
        raise ValueError("which task? give its id, or its project and name")
    asked: dict[str, Any] = {"name": task_name} if task_name else {}
    found = rows(project_name, tags, task_filter, asked, limit=2)
    if not found:
        return None
    if len(found) > 1:
        import warnings

        warnings.warn(
            f"several tasks are called {task_name!r}; the one that was changed last is taken",
            stacklevel=3,
        )
    return cls(str(found[0]["id"]), context_of_others(str(found[0]["id"])), {})


def get_tasks(
    cls: type[Task],
    task_ids: Optional[Sequence[str]] = None,
    project_name: Union[str, Sequence[str], None] = None,
    task_name: Optional[str] = None,
    tags: Optional[Sequence[str]] = None,
    task_filter: Optional[Mapping[str, Any]] = None,
) -> list[Task]:
    """Give all tasks of these ids, or whose names hold the text, the last changed first."""
    if isinstance(project_name, (list, tuple)):
        return [
            task
            for one in project_name
            for task in get_tasks(cls, task_ids, one, task_name, tags, task_filter)
        ]
    asked: dict[str, Any] = {}
    if task_ids:
        asked["id"] = ",".join([task_ids] if isinstance(task_ids, str) else map(str, task_ids))
    if task_name:
        asked["name_contains"] = task_name
    name = project_name if isinstance(project_name, str) else None
    found = [str(row["id"]) for row in rows(name, tags, task_filter, asked)]
    current = cls.current_task()
    return [
        current
        if current is not None and current.id == one
        else cls(one, context_of_others(one), {})
        for one in found
    ]


def rows(
    project: Optional[str],
    tags: Optional[Sequence[str]],
    task_filter: Optional[Mapping[str, Any]],
    asked: Mapping[str, Any],
    *,
    limit: int = 0,
) -> list[dict[str, Any]]:
    """Ask the server for tasks, templates among them; raises ValueError for an unknown project."""
    from urllib.parse import urlencode

    wanted: list[tuple[str, Any]] = list({"template": "any", **asked}.items())
    if project:
        wanted.append(("project", project))
    wanted += [("tag", tag) for tag in ([tags] if isinstance(tags, str) else tags or [])]
    more = _filters(task_filter or {})
    if not any(name == "order" for name, _ in more):
        more.append(("order", "-updated"))
    wanted += [*more, ("limit", limit or _PAGE)]
    path = f"tasks/?{urlencode(wanted)}"
    api = context_of_others().api
    try:
        return list(api.get(path)["results"][:limit] if limit else api.pages(path))
    except RequestRefused as error:
        if error.status == 404 and project:
            raise ValueError(f"No projects found when searching for {project}") from error
        raise


def _filters(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Translate what ClearML's task_filter says; raises ValueError for what has no equal here."""
    found: list[tuple[str, Any]] = []
    for name, value in given.items():
        many = list(value) if isinstance(value, (list, tuple, set)) else [value]
        if name == "status":
            words = dict.fromkeys(word for one in many for word in our_words(str(one)))
            found.append(("status", ",".join(word for word in words if word in _STATUSES)))
        elif name in ("type", "parent", "id", "search", "kind", "queue"):
            found.append((name, ",".join(str(one) for one in many)))
        elif name == "tags":
            found += [("tag", tag) for tag in many]
        elif name == "order_by":
            for one in many[:1]:
                field = one.lstrip("-")
                order = _ORDERS.get(field, field)
                found.append(("order", f"-{order}" if one.startswith("-") else order))
        elif name not in ("page", "page_size", "only_fields", "system_tags", "allow_public"):
            raise ValueError(f"tasks cannot be filtered by {name!r} here")
    return found


_STATUSES = frozenset(
    {
        "draft",
        "queued",
        "running",
        "aborting",
        "completed",
        "failed",
        "crashed",
        "aborted",
    }
)


def create(cls: type[Task], body: Mapping[str, Any]) -> Task:
    """Make a draft."""
    from pipelines.call_sites import key_for

    return _taken(cls, *_as_script("POST", "tasks/", body, key_for("create")))


def clone(
    cls: type[Task],
    source: Named,
    name: Optional[str],
    comment: Optional[str],
    parent: Optional[Named],
    project: Optional[str],
) -> Task:
    """Make a draft like another task."""
    from pipelines.call_sites import key_for

    given = {"name": name, "comment": comment, "project": project}
    body: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if parent is not None:
        body["parent"] = id_of(parent)
    path = f"tasks/{in_path(id_of(source))}/clone/"
    return _taken(cls, *_as_script("POST", path, body, key_for("clone")))


def enqueue(task: Named, queue: Optional[str], *, force: bool = False) -> dict[str, Any]:
    """Put a draft into a queue; give what is known of it then, as ClearML does.

    What a script puts into a queue is a step of the script's run, which it is from then on.
    """
    from pipelines.call_sites import key_for

    body = {} if queue is None else {"queue": queue}
    path = f"tasks/{in_path(id_of(task))}/"
    key = key_for("enqueue")
    try:
        about, _ = _as_script("POST", f"{path}enqueue/", body, key)
    except RequestRefused as error:
        if queue is not None and _names_queue(error):
            raise ValueError(f'Could not find queue named "{queue}"') from error
        if not force or error.status != 409:
            raise
        context_of_others().api.send("POST", f"{path}reset/", {})
        about, _ = _as_script("POST", f"{path}enqueue/", body, key)
    if not isinstance(about, dict):
        about = {}
    fields = {"status": about.get("status"), "execution.queue": about.get("queue")}
    return {"queued": 1, "updated": 1, "fields": fields}


def dequeue(task: Named) -> dict[str, Any]:
    """Take a task out of its queue: a draft again."""
    path = f"tasks/{in_path(id_of(task))}/dequeue/"
    about = context_of_others().api.send("POST", path, {})
    return {"dequeued": 1, "updated": 1, "fields": {"status": about["status"]}}


def about_queue(queue: str) -> dict[str, Any]:
    """Give what the server says of a queue; raises ValueError for an unknown one."""
    try:
        return dict(context_of_others().api.get(f"queues/{in_path(queue)}/"))
    except RequestRefused as error:
        if error.status == 404:
            raise ValueError(f'Could not find queue named "{queue}"') from error
        raise


def id_of(task: Named) -> str:
    """Give a task's id, whether it or its id is given."""
    return task if isinstance(task, str) else task.id


def source_for(script: str, folder: str) -> str:
    """Read a script that is named to be a task's."""
    from pipelines.script_source import text_of

    path = os.path.join(folder, script) if folder else script
    if not os.path.isfile(path):
        raise PipelinesError(f"there is no script {path!r}")
    return text_of(path)


def _as_script(method: str, path: str, body: Mapping[str, Any], key: str) -> tuple[Any, Api]:
    """Ask as the running script, under a key, so that it gets the same again if it runs again.

    What lies outside of its own rights a process of somebody's shell asks as that person.
    """
    from pipelines.task import Task

    current = Task.current_task()
    if current is None:
        api = context_of_others().api
        return api.send(method, path, dict(body), once=True), api
    api = current._context.api
    try:
        return api.send(method, path, {**body, "key": key}), api
    except RequestRefused as error:
        if current._context.has_agent or error.status not in (403, 404):
            raise
    api = context_of_others().api
    return api.send(method, path, dict(body), once=True), api


def _taken(cls: type[Task], about: Any, api: Api) -> Task:
    task_id = str(about["id"])
    return cls(task_id, context_of_others(task_id), about)


def _names_queue(error: RequestRefused) -> bool:
    return any(one.get("code") == "unknown_queue" for one in error.problems)
