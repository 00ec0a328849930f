"""Templates from a terminal: `pipelines template add`, `pipelines template list`."""

from __future__ import annotations

import re
import sys
import unicodedata

from pipelines.errors import PipelinesError, RequestRefused
from pipelines.http import in_path
from pipelines.template_reader import TemplateFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any

    from pipelines.http import Api

LONGEST_SLUG = 100


def add_template(api: Api, given: Namespace) -> None:
    """Make a template from a script, or the next version of the one of that name."""
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
        saved = api.send("POST", "tasks/", body)
    names = ", ".join(spec["name"] for spec in read.specs) or "none"
    sys.stdout.write(f"{given.project}/{slug}, version {_version(saved)}; parameters: {names}\n")


def list_templates(api: Api, given: Namespace) -> None:
    """Show the templates, one a line."""
    from urllib.parse import urlencode

    asked = {"template": 1, **({"project": given.project} if given.project else {})}
    rows = [
        (f"{row['project']}/{row['slug']}", f"v{_version(row)}", row["queue"], row["name"])
        for row in api.pages(f"tasks/?{urlencode(asked)}")
    ]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    for row in rows:
        columns = [row[i].ljust(width) for i, width in enumerate(widths)]
        sys.stdout.write("  ".join([*columns, row[3]]) + "\n")


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
