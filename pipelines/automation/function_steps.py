"""Steps that are functions of the script: captured, kept as templates, given their arguments."""

from __future__ import annotations

import re
from urllib.parse import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Optional

    from pipelines.automation.declaring import Declared
    from pipelines.automation.functions import CapturedFunction
    from pipelines.http import Api
    from pipelines.task import Task

_WHOLE = re.compile(r"\$\{([^${}.]+)\.([^{}.]+)\}")


class FunctionStep:
    """What a function step is made from; its captured code becomes a template of the pipeline."""

    def __init__(
        self,
        captured: CapturedFunction,
        kwargs: Mapping[str, Any],
        *,
        step: str,
        name: str,
        task_type: Optional[str],
        serialization: Optional[Callable[[Any], bytes]],
    ) -> None:
        self._captured = captured
        self._kwargs = dict(kwargs)
        self._step = step
        self._name = name
        self._type = task_type
        self._serialization = serialization
        self._objects: dict[str, Any] = {}

    def parameters(self, returns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The step's parameters; results of other function steps are known by *returns*."""
        from pipelines.automation.values import Reference, arguments

        given = {
            name: Reference(written) if (written := _result(value, returns)) else value
            for name, value in self._kwargs.items()
        }
        self._kwargs = given
        return dict(arguments(given, self._store))

    def _store(self, name: str, value: Any) -> str:
        """Note an object that a text cannot say; the document names it by the run that holds it."""
        artifact = first = f"{self._step}.{name}"
        count = 0
        while artifact in self._objects:
            count += 1
            artifact = f"{first}_{count}"
        self._objects[artifact] = value
        return f"artifact://${{pipeline.run.id}}/{quote(artifact)}"

    def upload_objects(self, task: Task) -> None:
        """Keep the noted objects with the controller's task."""
        from pipelines.automation.values import keep_value
        from pipelines.storing import upload_artifact

        for name, value in self._objects.items():
            keep_value(task._context, name, value, self._serialization)
            upload_artifact(task._context, name)

    def keep(self, api: Api, project: str, slug: str, declare: Sequence[str]) -> dict[str, Any]:
        """Keep the captured function as a template; name its version."""
        from pipelines.automation.templates import keep_template

        return keep_template(
            api,
            project=project,
            slug=slug,
            name=self._name,
            captured=self._captured,
            given=self._kwargs,
            type=self._type or "",
        )


def _result(value: Any, returns: Mapping[str, Sequence[str]]) -> Optional[str]:
    """Write ``${step.result}`` as the artifact that the step's result is; None if it is none."""
    if not isinstance(value, str):
        return None
    found = _WHOLE.fullmatch(value.strip())
    if not found or found[2] not in returns.get(found[1].strip("`"), ()):
        return None
    return f"${{{found[1]}.artifacts.{found[2]}}}"


def upload_objects(steps: Mapping[str, Declared], task: Task) -> None:
    """Keep the objects that function steps were given with the controller's task."""
    for declared in steps.values():
        if isinstance(declared.source, FunctionStep):
            declared.source.upload_objects(task)
