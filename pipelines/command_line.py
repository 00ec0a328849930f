"""The words of the command line, and how each ends: 0 done, 1 refused, 2 not understood."""

from __future__ import annotations

import argparse
import os
import sys

from pipelines.errors import PipelinesError
from pipelines.http import Api
from pipelines.pipeline_commands import apply_pipeline, export_pipeline
from pipelines.template_commands import add_template, list_templates
from pipelines.workflow_commands import PROJECT, import_workflow, time_scale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Things = argparse._SubParsersAction[argparse.ArgumentParser]

PATIENCE_SECONDS = 5.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; give back the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    url = given.url or os.environ.get("PIPELINES_URL", "")
    token = given.token or os.environ.get("PIPELINES_TOKEN", "")
    if not url:
        parser.error("which server? give --url, or set PIPELINES_URL")
    if not token:
        parser.error("who are you? give --token, or set PIPELINES_TOKEN")
    try:
        given.do(Api(url, token, patience=PATIENCE_SECONDS), given)
    except (PipelinesError, OSError) as error:
        sys.stderr.write(f"pipelines: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pipelines", description="Pipelines, from a terminal.")
    things = parser.add_subparsers(title="things", metavar="THING", required=True)
    for verb in (*_template_verbs(things), *_file_verbs(things), _workflow_verb(things)):
        verb.add_argument("--url", default="", help="the server (or set PIPELINES_URL)")
        verb.add_argument("--token", default="", help="your token (or set PIPELINES_TOKEN)")
    return parser


def _template_verbs(things: Things) -> tuple[argparse.ArgumentParser, ...]:
    template = things.add_parser("template", help="task templates")
    verbs = template.add_subparsers(title="verbs", metavar="VERB", required=True)

    add = verbs.add_parser(
        "add",
        help="make a template, or its next version, from a Python script",
        description="The script is read, not run: what it gives to connect(), adds to an argparse "
        "parser or annotates on main() becomes the template's parameters.",
    )
    add.add_argument("file", metavar="FILE.py")
    add.add_argument("--project", required=True)
    add.add_argument("--name", required=True, help="the same name again makes the next version")
    add.add_argument("--queue", default="default")
    add.add_argument("--note", default="", help="what is new in this version")
    add.set_defaults(do=add_template)

    listing = verbs.add_parser("list", help="the templates that you may see")
    listing.add_argument("--project", default="")
    listing.set_defaults(do=list_templates)
    return add, listing


def _file_verbs(things: Things) -> tuple[argparse.ArgumentParser, ...]:
    apply = things.add_parser(
        "apply",
        help="make a pipeline of a file, or give the one that is there the file as its draft",
        description="The file is a document or an exported pipeline, as YAML or JSON. Problems are "
        "told a line each; with errors the draft is saved, nothing is published, and the command "
        "ends with 1.",
    )
    apply.add_argument("file", metavar="FILE", help="- reads what is piped in")
    apply.add_argument("--project", default="", help="else the one that the file names")
    apply.add_argument("--slug", default="", help="else the file's, else made of the file's name")
    apply.add_argument("--publish", action="store_true", help="make it a version")
    apply.add_argument("--note", default="", help="what is new in this version; implies --publish")
    apply.set_defaults(do=apply_pipeline)

    export = things.add_parser("export", help="write a pipeline as a file")
    export.add_argument("pipeline", metavar="PROJECT/SLUG")
    export.add_argument("--version", default="", help="a number or draft; else the latest")
    export.add_argument("--format", default="", choices=("yaml", "json"), help="else by OUTPUT")
    export.add_argument("-o", "--output", default="", help="else it is written out")
    export.set_defaults(do=export_pipeline)
    return apply, export


def _workflow_verb(things: Things) -> argparse.ArgumentParser:
    workflow = things.add_parser(
        "import-workflow",
        help="make a pipeline of sleeping steps from the graph of a measured workflow",
        description='The file is JSON: {"name": …, "steps": [{"id": …, "parents": […], '
        '"seconds": …}]}. Each step becomes one that sleeps as long as it ran, times the scale.',
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
    workflow.set_defaults(do=import_workflow)
    return workflow
