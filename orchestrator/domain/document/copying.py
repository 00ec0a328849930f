"""A document that is taken along into another pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.document.canonical import Document


def copied(
    document: Mapping[str, Any],
    *,
    project: str,
    into: str,
    values: Mapping[str, Any] | None = None,
) -> Document:
    """Return the document as a pipeline of the project ``into`` must write it.

    Short names of templates and pipelines mean those of the own project, so they get the name of
    the project that they came from. ``values`` become the defaults of the parameters.
    """
    taken = dict(document)
    if project != into and isinstance(document.get("steps"), list):
        taken["steps"] = [_with_whole_names(step, project) for step in document["steps"]]
    if values and isinstance(document.get("parameters"), list):
        taken["parameters"] = [_with_default(one, values) for one in document["parameters"]]
    return taken


def _with_whole_names(step: Any, project: str) -> Any:
    if not isinstance(step, Mapping):
        return step
    return {
        key: f"{project}/{value}"
        if key in ("template", "pipeline") and isinstance(value, str) and "/" not in value
        else value
        for key, value in step.items()
    }


def _with_default(parameter: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(parameter, Mapping) or parameter.get("name") not in values:
        return parameter
    return {**parameter, "default": values[parameter["name"]]}
