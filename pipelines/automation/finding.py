"""Pipelines that are on the server: found, copied, started; made from a script not run here.

What is found is a dictionary: ``pipeline`` (project/slug), ``project``, ``name``, ``version``,
``label``, ``tags``, and ``run``, the newest run of that version, if there is one.
"""

from __future__ import annotations

from pipelines.automation import registering, server, unsupported
from pipelines.automation.document import SCHEMA
from pipelines.automation.versions import check_version, highest
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.queues import SERVICES_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional, Union

    from pipelines.http import Api

    JSON = dict[str, Any]

_FINAL = ("completed", "failed", "aborted")


def find(
    pipeline_id: Optional[str],
    project: Optional[str],
    name: Optional[str],
    label: Optional[str],
    tags: Optional[Sequence[str]],
) -> JSON:
    """Find a pipeline by the id of a run, or by names; raises ValueError when there is none."""
    api = server.api()
    if pipeline_id:
        if project or name:
            raise ValueError("give either pipeline_id or pipeline_project and pipeline_name")
        return _by_id(api, str(pipeline_id))
    if not (project and name):
        raise ValueError("give pipeline_id, or pipeline_project and pipeline_name")
    from pipelines.template_commands import slug_of

    path = f"pipelines/{in_path(slug_of(project))}/{in_path(slug_of(name))}/"
    said = f"pipeline_project={project}, pipeline_name={name}"
    said += f", pipeline_version={label}" if label else ""
    try:
        about = api.get(path)
    except RequestRefused as error:
        if error.status != 404:
            raise
        raise ValueError(f"Could not find pipeline with {said}") from None
    version = _version(_rows(api.get(f"{path}versions/")), label)
    if version is None or not set(tags or ()) <= set(_tags(api, path, version)):
        said += f", pipeline_tags={list(tags)}" if tags else ""
        raise ValueError(f"Could not find pipeline with {said}")
    return _found(api, path, about, version)


def _by_id(api: Api, pipeline_id: str) -> JSON:
    try:
        run = dict(api.get(f"runs/{in_path(pipeline_id)}/"))
    except RequestRefused as error:
        if error.status != 404:
            raise
        raise ValueError(f"Could not find pipeline with pipeline_id={pipeline_id}") from None
    return _of_run(api, run)


def _of_run(api: Api, run: JSON) -> JSON:
    path = f"pipelines/{in_path(run['project'])}/{in_path(run['pipeline'])}/"
    about = api.get(path)
    version: JSON = {"number": run.get("version"), "label": None}
    if run.get("version") is not None:
        version = dict(api.get(f"{path}versions/{run['version']}/"))
    return {**_names(about), "version": version["number"], "label": version.get("label"),
            "tags": (version.get("document") or {}).get("tags") or [], "run": run}  # fmt: skip


def _found(api: Api, path: str, about: JSON, version: JSON) -> JSON:
    names = _names(about)
    runs = _rows(api.get(f"{path}runs/?version={version['number']}&limit=1"))
    return {
        **names,
        "version": version["number"],
        "label": version.get("label"),
        "tags": _tags(api, path, version),
        "run": runs[0] if runs else None,
    }


def _names(about: JSON) -> JSON:
    return {
        "pipeline": f"{about['project']}/{about['slug']}",
        "project": about["project"],
        "name": about["name"],
    }


def _version(rows: Sequence[JSON], label: Optional[str]) -> Optional[JSON]:
    """Pick the version of a label, else that of the highest label, else the newest."""
    newest_first = sorted(rows, key=lambda row: -int(row["number"]))
    if label is None:
        label = highest(row["label"] for row in rows if row.get("label"))
        if label is None:
            return newest_first[0] if newest_first else None
    return next((row for row in newest_first if row.get("label") == str(label)), None)


def _tags(api: Api, path: str, version: JSON) -> list[str]:
    whole = version if "document" in version else api.get(f"{path}versions/{version['number']}/")
    return list((whole.get("document") or {}).get("tags") or [])


def _rows(answer: Any) -> list[JSON]:
    return list(answer if isinstance(answer, list) else answer["results"])


def clone(
    found: JSON,
    *,
    name: Optional[str],
    comment: Optional[str],
    project: Optional[str],
    version: Optional[str],
) -> JSON:
    """Make a draft run like the newest one, or a first one of the version."""
    api = server.api()
    if project and project not in (found["project"], found["pipeline"]):
        raise ValueError(f"a run stays in its pipeline's project, {found['project']}")
    if version is not None:
        check_version(version)
        found = find(None, found["project"], found["pipeline"].partition("/")[2], version, None)
    if found.get("run"):
        run = api.send("POST", f"runs/{found['run']['id']}/clone/", {}, once=True)
    else:
        run = _new_run(api, found, {"draft": True})
    changes = {key: value for key, value in (("name", name), ("comment", comment)) if value}
    if changes:
        api.send("PATCH", f"tasks/{run['id']}/", changes)
        run = api.get(f"runs/{run['id']}/")
    return {**found, "run": dict(run)}


def enqueue(found: JSON, queue: Optional[str], *, force: bool) -> JSON:
    """Let a draft run start; a version without one gets a run; one that has ended runs again."""
    api = server.api()
    if queue and queue != SERVICES_QUEUE:
        unsupported.tell("queue_name")
    run = found.get("run")
    if run is None:
        return {**found, "run": _new_run(api, found, {})}
    status = api.get(f"runs/{run['id']}/")["status"]
    if status == "draft":
        api.send("POST", f"runs/{run['id']}/enqueue/?wait=30", {})
    elif force and status in _FINAL:
        run = _new_run(api, found, {"like": run["id"]})
    else:
        again = "; force=True runs it again" if status in _FINAL else ""
        raise PipelinesError(f"run {run['number']} of {found['pipeline']} is {status}{again}")
    return {**found, "run": dict(api.get(f"runs/{run['id']}/"))}


def _new_run(api: Api, found: JSON, more: JSON) -> JSON:
    project, _, slug = str(found["pipeline"]).partition("/")
    path = f"pipelines/{in_path(project)}/{in_path(slug)}/runs/"
    body: JSON = {"parameters": {}, **more}
    if "like" not in more and found.get("version") is not None:
        body["version"] = found["version"]
    return dict(api.send("POST", path, body, once=True))


def create(
    project: str,
    name: str,
    *,
    script: Optional[str],
    packages: Union[bool, Sequence[str], None],
    requirements_file: Optional[str],
    version: Optional[str],
) -> JSON:
    """Register a pipeline whose steps its script will declare, once an agent executes it."""
    from pipelines import script_source

    if not script:
        raise ValueError("script is needed: the file that declares the pipeline")
    text = script_source.text_of(script)
    body: JSON = {
        "project": project,
        "name": name,
        "document": {"schema": SCHEMA, "steps": []},
        "driver": registering.DRIVER,
        "script": registering.script(text, script, requirements_file or packages),
        "queue": SERVICES_QUEUE,
    }
    if version is not None:
        body["label"] = check_version(version)
    api = server.api()
    made = dict(api.send("POST", "pipelines/register/", body))
    slugs = str(made["pipeline"]).partition("/")
    path = f"pipelines/{in_path(slugs[0])}/{in_path(slugs[2])}/"
    about, row = api.get(path), {"number": made["version"], "label": made.get("label")}
    return {**_found(api, path, about, row), "run": None}
