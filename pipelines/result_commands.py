"""What a step has left behind, from a terminal."""

from __future__ import annotations

import os
import sys

from pipelines.client import Client
from pipelines.commands import add_command, write_json, write_table
from pipelines.errors import PipelinesError
from pipelines.run_commands import RUN, RUN_HELP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from pipelines.commands import Things


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    artifacts = add_command(
        things,
        "artifacts",
        show_artifacts,
        help="list what a step has left behind, or fetch one of it",
        about="Lists the artifacts of a step; with NAME that one is fetched into a file.",
        examples=[
            "artifacts sample/digits/3 train",
            "artifacts sample/digits/3 train model -o model.json",
        ],
    )
    artifacts.add_argument("run", metavar=RUN, help=RUN_HELP)
    artifacts.add_argument("step", metavar="STEP")
    artifacts.add_argument("name", metavar="NAME", nargs="?", default="")
    artifacts.add_argument("-o", "--output", default="", metavar="FILE", help="else as NAME here")
    metrics = add_command(
        things,
        "metrics",
        show_metrics,
        help="list what a step has reported, with the last values",
        examples=["metrics sample/digits/3 train", "metrics sample/digits/3 train --json"],
    )
    metrics.add_argument("run", metavar=RUN, help=RUN_HELP)
    metrics.add_argument("step", metavar="STEP")
    for parser in (artifacts, metrics):
        parser.add_argument(
            "--attempt", type=int, default=None, metavar="N", help="else the current one"
        )


def show_artifacts(client: Client, given: Namespace) -> None:
    """List a step's artifacts, or fetch one."""
    step = client.run(given.run).step(given.step)
    rows = step.artifact_rows(given.attempt)
    if not given.name:
        if given.json:
            return write_json(rows)
        return write_table(
            ("artifact", "bytes", "kind", "type"),
            [(row["name"], f"{row['size']:,}", row["kind"], row["media_type"]) for row in rows],
        )
    if given.name not in [row["name"] for row in rows]:
        names = ", ".join(row["name"] for row in rows) or "none"
        raise PipelinesError(f"there is no artifact {given.name!r}; there are: {names}")
    target = given.output or os.path.basename(given.name)
    digest = step.fetch_artifact(given.name, target, given.attempt)
    if given.json:
        return write_json({"file": target, "sha256": digest})
    sys.stdout.write(f"{target}\n")
    return None


def show_metrics(client: Client, given: Namespace) -> None:
    """List a step's series."""
    rows = client.run(given.run).step(given.step).metrics(given.attempt)
    if given.json:
        return write_json(rows)
    write_table(
        ("title", "series", "last", "values"),
        [(row["title"], row["series"], row["last"], row["count"]) for row in rows],
    )
