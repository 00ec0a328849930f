"""A document as a script: as much as possible in arguments of the calls that say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from orchestrator.document_python.forms import (
    arguments_of_parameter,
    arguments_of_step,
    only_number,
)
from orchestrator.document_python.literals import WIDTH, Said, call, width
from orchestrator.document_python.reading import StepLines
from orchestrator.document_python.words import RUN, WHOLE
from orchestrator.domain.document import VERSION, in_reading_order
from orchestrator.domain.errors import Invalid
from orchestrator.domain.names import slugify

_NAME: Final = "pipe"
_WIDEST: Final = WIDTH - len('""""""')


class Written(NamedTuple):
    """A script, and which of its lines belong to which step."""

    text: str
    steps: list[StepLines]


def written_script(file: Mapping[str, Any]) -> Written:
    """Write an exported pipeline; Invalid for what is no document."""
    document = in_reading_order(file["document"])
    if type(document.get("schema")) is not int or document["schema"] != VERSION:
        raise Invalid.at("document", "bad_value", "only a document of schema 1 can be Python")
    if not isinstance(document.get("steps"), list):
        message = "a document whose steps are no list cannot be Python"
        raise Invalid.at("document", "bad_value", message)
    return _Writer(file, document).written()


def about_script(file: Mapping[str, Any]) -> dict[str, Any]:
    """Say of which pipeline a script is, as it says it; nothing where it says nothing."""
    slug, name = file.get("slug") or "", file.get("name") or ""
    description = file.get("description") or ""
    return {
        # Whoever runs the script finds the pipeline by the slug of its name.
        "name": name if name and slugify(name) == slug else slug or name,
        "project": file.get("project") or "",
        "version": file.get("label") or "",
        "description": description if _docstring(description) else "",
        "tags": file.get("tags") or [],
    }


class _Writer:
    """Takes from the document what the calls say; the rest is said by the last one."""

    def __init__(self, file: Mapping[str, Any], document: dict[str, Any]) -> None:
        self._file = file
        self._rest = {key: value for key, value in document.items() if key != "schema"}
        self._lines: list[str] = []
        self._steps: list[StepLines] = []

    def written(self) -> Written:
        about = about_script(self._file)
        self._add(_docstring(about["description"]))
        self._add(["from pipelines import PipelineController", ""])
        # What they take does not stand in the rest, so they are made first.
        named = self._of_run()
        queue = self._default_queue()
        parameters = self._listed("parameters")
        steps = self._listed("steps")
        self._add(call(f"{_NAME} = PipelineController", [*_about(about), *named]))
        self._add(queue)
        if about["tags"]:
            self._add(call(f"{_NAME}.add_tags", [Said("", about["tags"])]))
        if parameters:
            self._add([""])
        for entry in parameters:
            self._add(call(f"{_NAME}.add_parameter", _named(arguments_of_parameter(entry))))
        for step in steps:
            self._add([""])
            first = len(self._lines) + 1
            self._add(call(f"{_NAME}.add_step", _named(arguments_of_step(step))))
            self._steps.append(StepLines(step["name"], first, len(self._lines)))
        self._add_rest()
        self._add(["", f"{_NAME}.start()"])
        return Written("\n".join([*self._lines, ""]), self._steps)

    def _add(self, lines: Iterable[str]) -> None:
        # A long key or text is several lines in one.
        for line in lines:
            self._lines += line.split("\n")

    def _of_run(self) -> list[Said]:
        """Take what the controller's arguments say: of the run, of defaults, hooks, tags."""
        said = []
        run = self._rest.get("run")
        if isinstance(run, dict) and run:
            said = [Said(f"{word}=", run[key]) for word, key in RUN.items() if key in run]
            self._keep("run", {key: one for key, one in run.items() if key not in RUN.values()})
        defaults = self._rest.get("defaults")
        if isinstance(defaults, dict):
            left = {key: value for key, value in defaults.items() if key != "queue"}
            if (number := only_number(left.get("retries"))) is not None:
                said.append(Said("retry_on_failure=", number))
                del left["retries"]
            if left or not defaults:
                said.append(Said("defaults=", left))
        said += [Said(f"{word}=", self._rest.pop(word)) for word in WHOLE if word in self._rest]
        return said

    def _default_queue(self) -> list[str]:
        defaults = self._rest.get("defaults")
        if not isinstance(defaults, dict):
            return []
        del self._rest["defaults"]
        if "queue" not in defaults:
            return []
        return call(f"{_NAME}.set_default_execution_queue", [Said("", defaults["queue"])])

    def _listed(self, key: str) -> list[dict[str, Any]]:
        """Take a list of things with names; one that has something else in it stays as it is."""
        found = self._rest.get(key)
        if not isinstance(found, list) or (not found and key != "steps"):
            return []
        if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in found):
            return []
        del self._rest[key]
        return found

    def _keep(self, key: str, left: dict[str, Any]) -> None:
        if left:
            self._rest[key] = left
        else:
            del self._rest[key]

    def _add_rest(self) -> None:
        if self._rest:
            self._add(["", *call(f"{_NAME}.set_document", [Said("", self._rest)])])


def _about(about: Mapping[str, Any]) -> list[Said]:
    version = {"version": about["version"]} if about["version"] else {}
    return _named({"name": about["name"], "project": about["project"], **version})


def _named(values: Mapping[str, Any]) -> list[Said]:
    return [Said(f"{word}=", value) for word, value in values.items()]


def _docstring(description: str) -> list[str]:
    """Write the description as the script's own; one that would not come back is left out."""
    rows = description.split("\n")
    is_plain = all(
        row.isprintable() and row == row.strip() and width(row) <= _WIDEST for row in rows
    )
    if not is_plain or not rows[0] or not rows[-1] or '"' in description or "\\" in description:
        return []
    end = ['"""'] if len(rows) > 1 else []
    return [f'"""{rows[0]}', *rows[1:], *end, ""] if end else [f'"""{rows[0]}"""', ""]
