"""Tasks of processes that no agent started: made on the server, begun here, ended with the process.

The process is its task's agent: a thread renews the lease and sends what is printed; whatever way
the script ends, the task ends that way.
"""

from __future__ import annotations

import os
import sys

from pipelines.context import StepContext
from pipelines.errors import ServerUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional

    from pipelines.http import Api
    from pipelines.session import Session
    from pipelines.task_core import TaskCore

FIRST_ANSWER_SECONDS = 3.0

_sessions: dict[str, Session] = {}


class ShellContext(StepContext):
    """A folder of a process's own, in the place of the one that an agent gives."""

    has_agent = False
    user_api: Api

    @property
    def api(self) -> Api:
        """The server by the token of the execution; once that is over, by the person's."""
        return self.user_api if self.is_over else super().api


def begin(
    *,
    project: Optional[str],
    name: Optional[str],
    type: str,
    tags: Sequence[str],
    again: Optional[str] = None,
    captures: bool = True,
) -> tuple[ShellContext, dict[str, Any]]:
    """Make a task of this script, or a draft again of one that there is, and begin it here."""
    from pipelines.script_source import main_script

    path = main_script()
    api = _reached()
    if again:
        about = _again(api, again)
    else:
        about = _made(api, path, project=project, name=name, type=type, tags=tags)
    return _begun(api, about, captures=captures), about


def start_other(task: TaskCore) -> ShellContext:
    """Begin a draft in this process beside the process's own task."""
    return _begun(task._api, task._details(), captures=False)


def session_of(context: StepContext) -> Session:
    """Give what keeps a task alive that was begun here."""
    return _sessions[context.task_id]


def _reached() -> Api:
    """Find the server, and be told at once when it is away."""
    from pipelines.access import AccessUnknown, api_for

    try:
        api = api_for()
    except AccessUnknown as error:
        raise AccessUnknown(
            "no server is known: run `pipelines login ADDRESS` once, or set PIPELINES_URL and "
            "PIPELINES_TOKEN; `pipelines up` starts one on this machine"
        ) from error
    try:
        api.send("GET", "tasks/?limit=1", patience=FIRST_ANSWER_SECONDS)
    except ServerUnavailable as error:
        raise ServerUnavailable(
            f"the server at {api.site} does not answer; is it running? "
            "`pipelines doctor` tells what is wrong"
        ) from error
    return api


def _made(
    api: Api,
    path: str,
    *,
    project: Optional[str],
    name: Optional[str],
    type: str,
    tags: Sequence[str],
) -> dict[str, Any]:
    from pipelines.script_source import requirements_for, text_of

    script = text_of(path) if path else ""
    _warn_of_modules(script, path)
    body: dict[str, Any] = {
        "project": project or "default",
        "name": name or os.path.splitext(os.path.basename(path))[0] or "untitled",
        "kind": "python",
        # Without a script, in an interactive session, it can be executed nowhere else.
        "script": script,
        "type": type,
        "tags": list(tags),
    }
    is_pipeline = type in ("controller", "optimizer", "service")
    requirements = requirements_for(script, path, module_level=is_pipeline)
    if requirements:
        body["requirements"] = requirements
    return dict(api.send("POST", "tasks/", body))


def _again(api: Api, task_id: str) -> dict[str, Any]:
    from pipelines.http import in_path

    path = f"tasks/{in_path(task_id)}/"
    about = api.get(path)
    return dict(about if about["status"] == "draft" else api.send("POST", f"{path}reset/", {}))


def _begun(api: Api, about: Any, *, captures: bool) -> ShellContext:
    import json
    import socket
    import tempfile

    from pipelines.session import Session

    task_id = str(about["id"])
    begun = api.send("POST", f"tasks/{task_id}/start/", {"host": socket.gethostname()[:200]})
    context = ShellContext(
        directory=tempfile.mkdtemp(prefix="pipelines-"),
        task_id=task_id,
        api_url=api.url,
        token=str(begun["token"]),
    )
    context.user_api = api
    with open(context.path("parameters.json"), "w", encoding="utf-8") as file:
        json.dump(about.get("parameters") or {}, file)
    session = Session(context, float(begun["renew_every"]), _sessions.pop)
    _sessions[task_id] = session
    if captures:
        session.capture()
    session.start()
    return context


def _warn_of_modules(script: str, path: str) -> None:
    from pipelines.script_source import modules_beside

    names = modules_beside(script, path)
    if names:
        sys.stderr.write(
            f"pipelines: an agent gets this script alone, without {', '.join(names)} beside it\n"
        )
