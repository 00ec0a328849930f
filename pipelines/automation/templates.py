"""Captured functions as templates of their pipeline's project: a step is made of one, as any is."""

from __future__ import annotations

from pipelines.errors import RequestRefused
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pipelines.automation.functions import CapturedFunction
    from pipelines.http import Api

TAG = "function step"


def keep_template(  # noqa: PLR0913 - a template has that many parts
    api: Api,
    *,
    project: str,
    slug: str,
    name: str,
    captured: CapturedFunction,
    given: Mapping[str, Any] | None = None,
    queue: str = "default",
    type: str = "",
    tags: Sequence[str] = (),
) -> dict[str, Any]:
    """Keep a function as a template, or as its next version; what is unchanged stays as it is.

    Gives what a step says of it: ``template`` and ``version``.
    """
    body = {
        "project": project,
        "slug": slug,
        "name": name,
        "template": True,
        "queue": queue,
        "tags": [TAG, *(tag for tag in tags if tag != TAG)],
        **captured.task_body(given),
    }
    try:
        saved = api.send("PUT", f"tasks/{in_path(project)}/{in_path(slug)}/", body)
    except RequestRefused as error:
        if error.status != 404:
            raise
        saved = api.send("POST", "tasks/", {**body, **({"type": type} if type else {})})
    return {"template": f"{project}/{slug}", "version": saved["version"]}
