"""Templates from a terminal: `pipelines template add`, `pipelines template list`."""

from __future__ import annotations

import re
import sys
import unicodedata

from pipelines.commands import add_command, add_group, write_json, write_table
from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.template_reader import TemplateFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from pipelines.client import Client
    from pipelines.commands import Things
    from pipelines.http import Api

LONGEST_SLUG = 100


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    verbs = add_group(things, "template", list_templates, help="task templates: add, list")
    add = add_command(
        verbs,
        "add",
        add_template,
        help="make a template, or its next version, from a Python script",
        about="The script is read, not run: what it gives to connect(), adds to an argparse "
        "parser\nor annotates on main() becomes the template's parameters.",
        examples=['template add train.py --project sample --name Train --note "Twice as deep"'],
    )
    add.add_argument("file", metavar="FILE.py")
    add.add_argument("--project", required=True, help="where it is kept")
    add.add_argument("--name", required=True, help="the same name again makes the next version")
    add.add_argument("--queue", default="default", help="where its tasks wait; else default")
    add.add_argument("--note", default="", help="what is new in this version")
    listing = add_command(
        verbs,
        "list",
        list_templates,
        help="the templates that you may see",
        examples=["template list --project sample"],
    )
    listing.add_argument("--project", default="", help="only of this project")


def add_template(client: Client, given: Namespace) -> None:
    """Make a template from a script, or the next version of the one of that name."""
    api = client.api
    read = _read(given.file)
    for note in read.notes:
        sys.stderr.write(f"note: {note}\n")
    slug = slug_of(given.name)
    body: dict[str, Any] = {
        "project": given.project,
        "name": given.name,
        "slug": slug,
        "template": True,
        **read.execution,
        "parameters": read.specs,
        "requirements": read.requirements,
        "queue": given.queue,
        "note": given.note,
    }
    address = f"tasks/{in_path(given.project)}/{in_path(slug)}/"
    if _exists(api, address):
        saved = api.send("PUT", address, body)
    else:
        # The server makes the project that a script names; of a name typed here it may be a slip.
        api.get(f"projects/{in_path(given.project)}/")
        saved = api.send("POST", "tasks/", body)
    if given.json:
        return write_json(saved)
    names = ", ".join(spec["name"] for spec in read.specs) or "none"
    sys.stdout.write(f"{given.project}/{slug}, version {_version(saved)}; parameters: {names}\n")


def list_templates(client: Client, given: Namespace) -> None:
    """Show the templates, one a line."""
    from urllib.parse import urlencode

    asked = {"template": 1, **({"project": given.project} if given.project else {})}
    rows = client.api.pages(f"tasks/?{urlencode(asked)}")
    if given.json:
        return write_json(rows)
    write_table(
        ("template", "version", "queue", "name"),
        [
            (f"{row['project']}/{row['slug']}", f"v{_version(row)}", row["queue"], row["name"])
            for row in rows
        ],
    )


def slug_of(name: str) -> str:
    """Make of a name what can stand in an address, as the server does."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:LONGEST_SLUG].rstrip("-_")
    if not slug:
        raise PipelinesError(f"{name!r} has no letter or digit that an address could be made of")
    return slug


def _read(path: str) -> TemplateFile:
    try:
        with open(path, encoding="utf-8") as file:
            return TemplateFile(file.read(), path)
    except UnicodeDecodeError as error:
        raise PipelinesError(f"{path} is not a text in UTF-8: {error}") from error


def _exists(api: Api, address: str) -> bool:
    try:
        api.get(address)
    except RequestRefused as error:
        if error.status == 404:
            return False
        raise
    return True


def _version(row: dict[str, Any]) -> object:
    return row.get("version")
