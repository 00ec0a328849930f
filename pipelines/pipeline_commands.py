"""Pipelines as files, from a terminal: `pipelines apply`, `pipelines export`.

What is in a file is for the server to read; YAML is never looked at here, and no script is run.
"""

from __future__ import annotations

import json
import os
import sys

from pipelines.commands import add_command, write_json, write_table
from pipelines.errors import PipelinesError
from pipelines.http import in_path
from pipelines.template_commands import slug_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from pipelines.client import Client
    from pipelines.commands import Things

MOST_PROBLEMS_TOLD = 50
FORMATS = ("yaml", "json", "python")
_FORMATS_BY_ENDING = {".json": "json", ".py": "python"}


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    listing = add_command(
        things,
        "list",
        list_pipelines,
        help="list pipelines",
        examples=["list", "list --project sample --search digits --json"],
    )
    listing.add_argument("--project", default="", help="only of this project")
    listing.add_argument("--search", default="", help="only with this in the name")
    listing.add_argument("--limit", type=int, default=100, help="at most so many; else 100")
    apply = add_command(
        things,
        "apply",
        apply_pipeline,
        help="make a pipeline of a file, or give the one that is there the file as its draft",
        about="The file is a document or an exported pipeline, as YAML, JSON or Python, which is "
        "read and not run.\nProblems are told a line each; with errors the draft is saved, nothing "
        "is published,\nand the command ends with 1.",
        examples=['apply flow.yaml --note "Twice as many rows"', "apply flow.py --publish"],
    )
    apply.add_argument("file", metavar="FILE", help="- reads what is piped in")
    apply.add_argument("--project", default="", help="else the one that the file names")
    apply.add_argument("--slug", default="", help="else the file's, else made of the file's name")
    apply.add_argument("--publish", action="store_true", help="make it a version")
    apply.add_argument("--note", default="", help="what is new in this version; implies --publish")
    export = add_command(
        things,
        "export",
        export_pipeline,
        help="write a pipeline as a file",
        about="As Python it is a script that runs the pipeline, and that apply takes back.",
        examples=["export sample/digits -o digits.yaml", "export sample/digits -o digits.py"],
    )
    export.add_argument("pipeline", metavar="PROJECT/SLUG")
    export.add_argument("--version", default="", help="a number or draft; else the latest")
    export.add_argument("--format", default="", choices=FORMATS, help="else by OUTPUT")
    export.add_argument("-o", "--output", default="", help="else it is written out")


def list_pipelines(client: Client, given: Namespace) -> None:
    """List pipelines."""
    rows = client.rows("pipelines/", limit=given.limit, project=given.project, search=given.search)
    if given.json:
        return write_json(rows)
    write_table(
        ("pipeline", "version", "runs", "name"),
        [
            (
                f"{row['project']}/{row['slug']}",
                f"v{row['latest_version']}" if row["latest_version"] else "draft",
                row["last_run_number"],
                row["name"],
            )
            for row in rows
        ],
    )


def apply_pipeline(client: Client, given: Namespace) -> None:
    """Make a pipeline of a file, or give the one that is there the file as its draft."""
    text = _read(given.file)
    body = {"text": text, "project": given.project, "slug": given.slug}
    if given.publish or given.note:
        body.update(publish=True, note=given.note)
    if not given.slug and not _says_slug(text):
        body["slug"] = slug_of(os.path.splitext(os.path.basename(given.file))[0])
    done = client.api.send("POST", "pipelines/apply/", body)
    errors = _tell_problems(done["problems"])
    if given.json:
        write_json(done)
    else:
        sys.stdout.write(f"{done['pipeline']}, {_outcome(done)}\n")
    if errors:
        unpublished = " and nothing is published" if body.get("publish") else ""
        raise PipelinesError(f"the draft has {errors:,} error(s){unpublished}")


def export_pipeline(client: Client, given: Namespace) -> None:
    """Write a pipeline as a file, whole: with layout and notes."""
    project, slash, slug = given.pipeline.partition("/")
    if not slash or not project or not slug:
        raise PipelinesError(f"{given.pipeline!r} is not PROJECT/SLUG")
    ending = os.path.splitext(given.output)[1]
    form = given.format or ("json" if given.json else _FORMATS_BY_ENDING.get(ending, "yaml"))
    version = f"&version={in_path(given.version)}" if given.version else ""
    address = f"pipelines/{in_path(project)}/{in_path(slug)}/export/?format={form}{version}"
    text = client.api.text(address)
    if form == "json":
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    if not given.output or given.output == "-":
        sys.stdout.write(text)
        return
    with open(given.output, "w", encoding="utf-8") as file:
        file.write(text)


def _read(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.read()
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise PipelinesError(f"{path} is not a text in UTF-8: {error}") from error


def _says_slug(text: str) -> bool:
    """Tell whether a file, as exported ones and scripts do, names its pipeline by itself."""
    if "PipelineController(" in text:
        return True
    try:
        found = json.loads(text)
    except ValueError:
        return any(line.startswith("slug:") for line in text.splitlines())
    return isinstance(found, dict) and bool(found.get("slug"))


def _tell_problems(problems: list[dict[str, Any]]) -> int:
    """Write what is wrong, a line each; give back how many of them are errors."""
    for one in problems[:MOST_PROBLEMS_TOLD]:
        where = f"step {one['step']!r}, {one['where']}" if one["step"] else one["where"]
        if "line" in one:
            where = f"line {one['line']}, {where}"
        sys.stderr.write(f"{one['severity']}: {where}: {one['message']}\n")
    if len(problems) > MOST_PROBLEMS_TOLD:
        sys.stderr.write(f"and {len(problems) - MOST_PROBLEMS_TOLD:,} more\n")
    return sum(one["severity"] == "error" for one in problems)


def _outcome(done: dict[str, Any]) -> str:
    if done["unchanged"]:
        return f"version {done['version']}: nothing has changed since"
    if done["version"] is not None:
        return f"version {done['version']}"
    made = "made, " if done["created"] else ""
    return f"{made}draft at revision {done['revision']}"
