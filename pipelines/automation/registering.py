"""A declared pipeline made known to the server: its templates, its document, its script."""

from __future__ import annotations

from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.automation.declaring import Declaring
    from pipelines.http import Api

    JSON = dict[str, Any]

DRIVER = "controller"


def register(
    api: Api,
    declaring: Declaring,
    *,
    script: Optional[JSON],
    queue: str,
    label: Optional[str] = None,
) -> JSON:
    """Register the pipeline: ``pipeline``, ``id``, ``version``, ``label``.

    The same script with the same declarations gives the same version, however often it is asked.
    """
    from pipelines.template_commands import slug_of

    slug = slug_of(declaring.name)
    versions: dict[str, JSON] = {}
    for name, declared in declaring.steps.items():
        if declared.source is not None:
            names = list(declared.said.get("parameters") or {})
            own_slug = f"{slug}-{slug_of(name)}"
            versions[name] = declared.source.keep(api, declaring.project, own_slug, names)
    body: JSON = {
        "project": declaring.project,
        "name": declaring.name,
        "document": declaring.document(versions),
        "driver": DRIVER,
        "script": script,
        "queue": queue,
    }
    wanted = declaring.version or label
    if wanted:
        body["label"] = wanted
    return dict(api.send("POST", "pipelines/register/", body))


def label_of_run(api: Api, run: JSON) -> Optional[str]:
    """Give the label of the version that a run is of."""
    if run.get("version") is None:
        return None
    path = f"pipelines/{in_path(run['project'])}/{in_path(run['pipeline'])}"
    found = api.get(f"{path}/versions/{run['version']}/")
    return found.get("label") or None


def own_script(packages: Any = None) -> Optional[JSON]:
    """Give the script that this process executes, with what it requires; None without one."""
    from pipelines import script_source

    path = script_source.main_script()
    return script(script_source.text_of(path), path, packages) if path else None


def script(text: str, path: str, packages: Any = None) -> JSON:
    """Give a script with what it requires: what is said, else what it says or imports itself."""
    from pipelines import script_source

    if packages is None or packages is True:
        requirements = script_source.requirements_for(text, path, module_level=True)
    elif isinstance(packages, str):
        requirements = script_source.packages_in(packages)
    else:
        requirements = list(packages or [])
    return {"script": text, "requirements": requirements}


def script_of_task(about: JSON) -> Optional[JSON]:
    """Give the script that a task executes, as it was registered."""
    body = about.get("body") or {}
    if "script" not in body:
        return None
    return {"script": body["script"], "requirements": list(body.get("requirements") or [])}
