"""The tasks that steps are made from: found by name, kept as templates that a document can name."""

from __future__ import annotations

from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional

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
    from urllib.parse import urlencode

    asked = {
        "project": project,
        "name": name,
        "status": ",".join(_USABLE),
        "template": "any",
        "order": "-updated",
        "limit": 1,
    }
    found = server().get(f"tasks/?{urlencode(asked)}")
    rows = found if isinstance(found, list) else found["results"]
    if not rows:
        raise ValueError(f"Could not find base_task_project={project} base_task_name={name}")
    return dict(rows[0])


class BaseTask:
    """A task that a step's own is made from."""

    def __init__(self, task_id: str) -> None:
        self._task_id = task_id

    def keep(self, api: Api, slug: str, declare: Sequence[str]) -> dict[str, Any]:
        """Keep it as a template; what the step sets is declared by it. Names the version."""
        return kept(api, self._task_id, declare)


class MadeTask:
    """A task that a function of the script makes, when the pipeline is registered."""

    def __init__(self, make: Callable[[Node], Any], node: Node) -> None:
        self._make = make
        self._node = node

    def keep(self, api: Api, slug: str, declare: Sequence[str]) -> dict[str, Any]:
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
