"""The tasks that steps are made from: found by name, kept as templates that a document can name."""

from __future__ import annotations

from pipelines.errors import RequestRefused
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional, Union

    from pipelines.automation.node import Node
    from pipelines.http import Api

_USABLE = ("draft", "queued", "running", "completed", "aborted")


def find_base_task(
    server: Callable[[], Api],
    task_id: Optional[str],
    project: Optional[str],
    name: Optional[str],
) -> dict[str, Any]:
    """Give what there is to know of a base task: the one of this id, or the newest of that name.

    Raises ValueError when nothing is said, or nothing is found.
    """
    if task_id:
        return dict(server().get(f"tasks/{in_path(str(task_id))}/"))
    if not (project and name):
        raise ValueError("Either base_task_id or base_task_project/base_task_name must be provided")
    # A plain task before a template of that name, which may be what was kept of it.
    for is_template in ("false", "true"):
        rows = _of_name(server(), project, name, is_template)
        if rows:
            return dict(rows[0])
    raise ValueError(f"Could not find base_task_project={project} base_task_name={name}")


def _of_name(api: Api, project: str, name: str, is_template: str) -> list[dict[str, Any]]:
    from urllib.parse import urlencode

    asked = {
        "project": project,
        "name": name,
        "status": ",".join(_USABLE),
        "template": is_template,
        "order": "-updated",
        "limit": 1,
    }
    try:
        found = api.get(f"tasks/?{urlencode(asked)}")
    except RequestRefused as error:
        if error.status != 404:
            raise
        return []
    return list(found if isinstance(found, list) else found["results"])


class BaseTask:
    """A task that a step's own is made from."""

    def __init__(
        self, task_id: str, configurations: Optional[Mapping[str, Union[str, Any]]] = None
    ) -> None:
        self._task_id = task_id
        self._configurations = dict(configurations or {})

    def keep(self, api: Api, project: str, slug: str, declare: Sequence[str]) -> dict[str, Any]:
        """Keep it as a template; what the step sets is declared by it. Names the version."""
        if not self._configurations:
            return kept(api, self._task_id, declare)
        return kept(api, self._with_configurations(api, slug), declare, slug=slug)

    def _with_configurations(self, api: Api, slug: str) -> str:
        """Make a clone with other configuration objects, to be kept in the place of the task."""
        import json

        texts = {
            name: value if isinstance(value, str) else json.dumps(value, indent=2)
            for name, value in self._configurations.items()
        }
        body = {"name": slug, "key": f"base task of {slug}"}
        clone = api.send("POST", f"tasks/{in_path(self._task_id)}/clone/", body)
        api.send("PATCH", f"tasks/{in_path(clone['id'])}/", {"configuration": texts})
        return str(clone["id"])


class MadeTask:
    """A task that a function of the script makes, when the pipeline is registered."""

    def __init__(self, make: Callable[[Node], Any], node: Node) -> None:
        self._make = make
        self._node = node

    def keep(self, api: Api, project: str, slug: str, declare: Sequence[str]) -> dict[str, Any]:
        """Keep what the function makes as the template of that slug."""
        made = self._make(self._node)
        task_id = getattr(made, "id", None) or str(made or "")
        if not task_id:
            raise ValueError(f"base_task_factory of step {self._node.name!r} gave no task")
        return kept(api, str(task_id), declare, slug=slug)


def kept(api: Api, task_id: str, declare: Sequence[str], slug: str = "") -> dict[str, Any]:
    """Ask for the template that executes what a task does; give its name and version."""
    body: dict[str, Any] = {"declare": list(declare)}
    if slug:
        body["slug"] = slug
    answer: Mapping[str, Any] = api.send("POST", f"tasks/{in_path(task_id)}/keep/", body)
    return {"template": answer["template"], "version": answer["version"]}
