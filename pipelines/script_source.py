"""The script that this process executes, and what it requires: what an agent would need."""

from __future__ import annotations

import os
import sys

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

_added: dict[str, str] = {}


def add_requirement(name: str, version: Optional[str] = None) -> None:
    """Note a package, or a file that lists some, that this script requires."""
    if os.path.isfile(name):
        for line in packages_in(name):
            _added.setdefault(line, line)
        return
    wanted = (version or "").strip()
    if wanted and wanted[0].isdigit():
        wanted = f"=={wanted}"
    _added[name] = f"{name}{wanted}"


def main_script() -> str:
    """Give the path of the script that was started, or nothing in an interactive session."""
    path = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    return os.path.abspath(path) if path and os.path.isfile(path) else ""


def text_of(path: str) -> str:
    """Read a script as Python would."""
    import tokenize

    try:
        with tokenize.open(path) as file:
            return file.read()
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise PipelinesError(f"the script {path} cannot be read: {error}") from error


def requirements_for(script: str, path: str, *, module_level: bool = False) -> list[str]:
    """Tell what a script requires: what was added, else its own block, else what it imports.

    With *module_level* its imports inside of functions do not count.
    """
    if _added:
        return sorted(_added.values())
    from pipelines.requirements import requirements_of
    from pipelines.template_reader import TemplateFile

    try:
        named = TemplateFile(script, path or "the script").requirements
        folder = os.path.dirname(path)
        return named or requirements_of([script], beside=folder, module_level=module_level)
    except (PipelinesError, SyntaxError):
        # What is no plain script, a notebook's cell for one, is executed by nobody else.
        return []


def modules_beside(script: str, path: str) -> list[str]:
    """Name the modules that a script imports from its own folder: they do not travel with it."""
    from pipelines.requirements import local_modules

    try:
        return sorted(local_modules(script, os.path.dirname(path))) if path else []
    except SyntaxError:
        return []


def packages_in(path: str) -> list[str]:
    """Read a list of packages, one a line."""
    with open(path, encoding="utf-8") as file:
        lines = (line.partition("#")[0].strip() for line in file)
        return [line for line in lines if line and not line.startswith("-")]
