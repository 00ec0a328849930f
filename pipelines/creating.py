"""New draft tasks, of a script or like another task."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional, Union

    from pipelines.task import Task


def create(  # noqa: PLR0913 - a task has that many parts
    cls: type[Task],
    *,
    project: Optional[str],
    name: Optional[str],
    type: str,
    script: Optional[str],
    folder: str,
    packages: Union[bool, str, Sequence[str], None],
    requirements_file: Optional[str],
    arguments: Sequence[tuple[str, str]],
    base: Optional[str],
) -> Task:
    """Make a draft; its project and name are those of this process's task if none are given."""
    from pipelines import finding

    current = cls.current_task()
    given = {f"Args/{key.lstrip('-')}": value for key, value in arguments}
    if base:
        made = finding.clone(cls, base, name, None, None, project)
        if given:
            made.update_parameters(given)
        return made
    text = finding.source_for(script, folder) if script else ""
    body: dict[str, Any] = {
        "project": project or (current.project if current else "default"),
        "name": name or (current.name if current else "untitled"),
        "kind": "python",
        "script": text,
        "type": type,
        "parameters": given,
    }
    requirements = _requirements(text, script, packages, requirements_file)
    if requirements:
        body["requirements"] = requirements
    return finding.create(cls, body)


def _requirements(
    text: str,
    script: Optional[str],
    packages: Union[bool, str, Sequence[str], None],
    listed: Optional[str],
) -> list[str]:
    from pipelines.script_source import packages_in, requirements_for

    if packages is False:
        return []
    if isinstance(packages, str):
        return [packages]
    if isinstance(packages, (list, tuple)):
        return list(packages)
    return packages_in(listed) if listed else requirements_for(text, script or "")
