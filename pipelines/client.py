"""The server for programs: start runs, find them, see what there is.

from pipelines import Client

client = Client()
run = client.trigger("sample/digits", {"epochs": 10})
for change in run.follow():
    print(change["kind"], change["data"])
print(run.status, run.outputs)
"""

from __future__ import annotations

import uuid

from pipelines.access import api_for
from pipelines.errors import PipelinesError
from pipelines.http import in_path
from pipelines.runs import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Union


class Client:
    """One server, seen with one token; both may come from the environment or the last login.

    A server that is away is waited for, *patience* seconds long: its restart is no error.
    """

    def __init__(self, url: str = "", token: str = "", *, patience: float | None = None) -> None:
        self.api = api_for(url, token, patience=patience)

    def trigger(  # noqa: PLR0913 - a trigger has that many parts
        self,
        pipeline: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        version: Union[int, str] = "latest",
        name: str = "",
        key: str = "",
        cache: bool = True,
        until: Sequence[str] | None = None,
        only: Sequence[str] | None = None,
        wait: float | None = None,
    ) -> Run:
        """Start a run of a pipeline, named ``project/slug``; ``wait`` seconds for its end.

        However often the request has to be sent, one run is started; with a *key* of one's own
        that holds for a day, from wherever it is asked with it. A script that an agent executes
        has a key for each of its calls: taken up again, it gets the same run. Raises WaitTimeout
        when the run has not ended within *wait*.
        """
        path = f"pipelines/{path_of(pipeline)}/"
        headers = {"Idempotency-Key": key or _key_of_script() or str(uuid.uuid4())}
        if version == "draft":
            headers["If-Match"] = f'"{self.api.get(f"{path}draft/")["revision"]}"'
        body: dict[str, Any] = {
            "parameters": dict(parameters or {}),
            "version": version,
            "name": name,
        }
        parts = {"until": until, "only": only}
        body.update({part: list(steps) for part, steps in parts.items() if steps is not None})
        if not cache:
            body["cache"] = False
        run = Run(self.api, self.api.send("POST", f"{path}runs/", body, headers=headers))
        return run if wait is None else run.wait(wait)

    def run(self, reference: str) -> Run:
        """Give a run by its id or by ``project/pipeline/number``."""
        return Run(self.api, self.api.get(f"runs/{path_of(reference, parts=3)}/"))

    def runs(self, *, limit: int = 50, **filters: str) -> list[Run]:
        """The newest runs: by ``project``, ``pipeline``, ``status``, ``actor``, ``version``."""
        return [Run(self.api, row) for row in self.rows("runs/", limit=limit, **filters)]

    def rows(self, path: str, *, limit: int = 50, **filters: Any) -> list[dict[str, Any]]:
        """The first so many rows of any list, as the REST interface describes them."""
        from urllib.parse import urlencode

        given = {name: value for name, value in filters.items() if value not in (None, "")}
        following: str | None = f"{path}?{urlencode({**given, 'limit': min(limit, 500)})}"
        found: list[dict[str, Any]] = []
        while following and len(found) < limit:
            page = self.api.get(following)
            if isinstance(page, list):
                return (found + page)[:limit]
            found += page["results"]
            following = page["next"]
        return found[:limit]


def _key_of_script() -> str:
    from pipelines.context import StepContext

    context = StepContext.from_environment()
    if context is None:
        return ""
    from pipelines.call_sites import key_for

    return f"{key_for('trigger')} of {context.task_id}"


def path_of(reference: str, *, parts: int = 2) -> str:
    """Write what names a thing, an id or names with slashes, so that it can stand in an address."""
    names = str(reference).strip("/").split("/")
    if len(names) == parts and all(names):
        return "/".join(in_path(name) for name in names)
    try:
        return str(uuid.UUID(str(reference)))
    except ValueError:
        wanted = "PROJECT/PIPELINE/NUMBER" if parts == 3 else "PROJECT/NAME"
        raise PipelinesError(f"{reference!r} is neither {wanted} nor an id") from None
