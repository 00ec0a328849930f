"""Workflows from a terminal: `pipelines import-workflow` makes a pipeline of sleeping steps."""

from __future__ import annotations

import argparse
import math
import os
import sys

from pipelines.commands import add_command, write_json
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.template_commands import slug_of
from pipelines.workflow_file import WorkflowFile, document_of, read_workflow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pipelines.client import Client
    from pipelines.commands import Things
    from pipelines.http import Api

PROJECT = "workflows"
SLEEP = """\
import time


def sleep(seconds: float = 0) -> None:
    if seconds > 0:
        time.sleep(seconds)
"""
TEMPLATE: dict[str, Any] = {
    "name": "Sleep",
    "template": True,
    "kind": "function",
    "source": SLEEP,
    "function": "sleep",
    "parameters": [{"name": "General/seconds", "type": "number", "default": 0, "minimum": 0}],
}
# A workflow of thousands of steps should not fill the terminal with its new names.
MOST_NAMES_TOLD = 10


def add_to(things: Things) -> None:
    """Add the command of this file."""
    workflow = add_command(
        things,
        "import-workflow",
        import_workflow,
        help="make a pipeline of sleeping steps from the graph of a measured workflow",
        about='The file is JSON: {"name": …, "steps": [{"id": …, "parents": […], "seconds": '
        "…}]}.\nEach step becomes one that sleeps as long as it ran, times the scale.",
        examples=["import-workflow montage.json --time-scale 0.1"],
    )
    workflow.add_argument("file", metavar="FILE.json")
    workflow.add_argument(
        "--time-scale", type=time_scale, default=1.0, metavar="X", help="0: no step sleeps"
    )
    workflow.add_argument(
        "--project", default=PROJECT, help=f"else {PROJECT}, which is made when it is not there"
    )
    workflow.add_argument("--name", default="", help="the pipeline's name; else the file's")
    workflow.add_argument("--template", default="sleep", help="the name of the sleeping template")


def import_workflow(client: Client, given: argparse.Namespace) -> None:
    """Publish a pipeline whose steps sleep as long as those of a measured workflow ran."""
    api = client.api
    workflow = read_workflow(given.file)
    name = given.name or workflow.name or os.path.splitext(os.path.basename(given.file))[0]
    slug, template = slug_of(name), slug_of(given.template)
    document = document_of(workflow, template=template, time_scale=given.time_scale)
    _tell_new_names(workflow)
    _make_project(api, given.project)
    _make_template(api, given.project, template)
    body = {"project": given.project, "slug": slug, "name": name, "document": document}
    api.send("POST", "pipelines/import/", body)
    address = f"pipelines/{in_path(given.project)}/{in_path(slug)}/"
    revision = api.get(f"{address}draft/")["revision"]
    seen = {"If-Match": f'"{revision}"'}
    version = api.send("POST", f"{address}publish/", {}, headers=seen)
    if given.json:
        return write_json({"pipeline": f"{given.project}/{slug}", "version": version["number"]})
    edges = sum(len(step.parents) for step in workflow.steps)
    sys.stdout.write(
        f"{given.project}/{slug}, version {version['number']}: "
        f"{len(workflow.steps):,} steps, {edges:,} edges, time scale {given.time_scale:g}\n"
    )


def time_scale(text: str) -> float:
    """Read what the measured run times are multiplied by."""
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not (math.isfinite(scale) and scale >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return scale


def _tell_new_names(workflow: WorkflowFile) -> None:
    told = list(workflow.renamed.items())
    for old, new in told[:MOST_NAMES_TOLD]:
        sys.stderr.write(f'note: "{old}" cannot be a step\'s name; the step is called "{new}"\n')
    if len(told) > MOST_NAMES_TOLD:
        more = len(told) - MOST_NAMES_TOLD
        sys.stderr.write(f"note: {more:,} more steps are called otherwise for the same reason\n")


def _make_project(api: Api, project: str) -> None:
    """Make the project that the command uses unless told otherwise; others must be there."""
    if project != PROJECT or _found(api, f"projects/{in_path(project)}/") is not None:
        return
    api.send("POST", "projects/", {"name": "Workflows", "slug": project})


def _make_template(api: Api, project: str, slug: str) -> None:
    known = _found(api, f"tasks/{in_path(project)}/{in_path(slug)}/")
    if known is None:
        api.send("POST", "tasks/", {"project": project, "slug": slug, **TEMPLATE})
    elif known.get("body", {}).get("source") != SLEEP:
        raise PipelinesError(
            f"the template {project}/{slug} is there and does something else; "
            "name another one with --template"
        )


def _found(api: Api, address: str) -> Any:
    try:
        return api.get(address)
    except RequestRefused as error:
        if error.status == 404:
            return None
        raise
