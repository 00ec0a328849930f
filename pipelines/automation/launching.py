"""A pipeline started from a shell: registered, its run queued for an agent, and the shell left."""

from __future__ import annotations

import sys
from urllib.parse import urljoin

from pipelines.automation import registering, server
from pipelines.errors import PipelinesError
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from pipelines.automation.declaring import Declaring
    from pipelines.http import Api

    JSON = dict[str, Any]


def start_on_queue(declaring: Declaring, packages: Any = None) -> JSON:
    """Register the pipeline and start a run of it, whose script waits in the queue."""
    api = server.api()
    registered = _register(api, declaring, packages)
    run = _make_run(api, registered, {})
    label = f" {registered['label']}" if registered.get("label") else ""
    _say(
        f"run {run['project']}/{run['pipeline']}/{run['number']}{label} "
        f"waits in queue {declaring.queue}: {urljoin(api.url, run['url'])}"
    )
    return run


def make_draft(declaring: Declaring, packages: Any = None) -> JSON:
    """Register the pipeline and make a draft run of it; what there is to know of both."""
    api = server.api()
    registered = _register(api, declaring, packages)
    run = _make_run(api, registered, {"draft": True})
    _say(
        f"run {run['project']}/{run['pipeline']}/{run['number']} is a draft: "
        f"{urljoin(api.url, run['url'])}"
    )
    return {
        "pipeline": registered["pipeline"],
        "project": run["project"],
        "name": declaring.name,
        "version": registered["version"],
        "label": registered.get("label"),
        "tags": list(declaring.tags),
        "run": run,
    }


def leave() -> NoReturn:
    """End this process well: what follows in the script is for where it is driven."""
    task = server.current_task()
    if task is not None:
        # Started here by the script's own Task.init: the run has a task of its own.
        task.close()
    sys.stdout.flush()
    sys.exit(0)


def _register(api: Api, declaring: Declaring, packages: Any) -> JSON:
    script = registering.own_script(packages)
    if script is None:
        raise PipelinesError(
            "a pipeline that is started on a queue is a script in a file, which an agent can "
            "execute; in an interactive session use start_locally()"
        )
    return registering.register(api, declaring, script=script, queue=declaring.queue)


def _make_run(api: Api, registered: JSON, more: JSON) -> JSON:
    import uuid

    project, _, slug = str(registered["pipeline"]).partition("/")
    body = {"version": registered["version"], "parameters": {}, **more}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    path = f"pipelines/{in_path(project)}/{in_path(slug)}/runs/"
    return dict(api.send("POST", path, body, headers=headers))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
