"""What an execution has left, sorted for a page: reports, models, and the other artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.urls import reverse

from orchestrator.queries.projects import as_uuid
from orchestrator.queries.reports import Entry, Report, reports
from orchestrator.queries.steps import artifact_address, artifact_dict
from pipelines_ui.previews import preview

MODELS: Final = "Models/"
"""The section of the parameters that name the models which a task was given."""


@dataclass(frozen=True, slots=True)
class Results:
    """What is shown of an execution."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=list)
    given_models: list[dict[str, str]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)


def results(
    task_id: Any, fence: int, artifacts: Iterable[Mapping[str, Any]], parameters: Mapping[str, Any]
) -> Results:
    """Sort what the artifacts of an execution are, each with how it can be shown."""
    told = reports(task_id, fence)
    reported = {entry.artifact.name for report in told for entry in report.entries}
    sorted_out = Results(
        reports=[_report(one) for one in told], given_models=list(_given(parameters))
    )
    for artifact in artifacts:
        metadata = artifact.get("metadata") or {}
        if artifact["name"] in reported or metadata.get("report"):
            continue
        if artifact["kind"] == "model" or metadata.get("model"):
            sorted_out.models.append({**artifact, "source": _source(metadata)})
        else:
            sorted_out.artifacts.append({**artifact, "shown": preview(artifact)})
    return sorted_out


def _report(report: Report) -> dict[str, Any]:
    newest, *earlier = [_shown(report, entry) for entry in report.entries]
    return {
        "title": report.title,
        "series": report.series,
        "kind": report.kind,
        "newest": newest,
        "earlier": earlier,
    }


def _shown(report: Report, entry: Entry) -> dict[str, Any]:
    """One entry as artifacts are shown, with words for who does not see it."""
    about = artifact_dict(entry.artifact, artifact_address(entry.artifact))
    words = report.kind.capitalize()
    titles = dict.fromkeys(word for word in (report.title, report.series) if word)
    step = "" if entry.step is None else f", step {entry.step}"
    return {
        **about,
        "shown": preview(about),
        "words": f"{words}: {', '.join(titles)}{step}",
        "at_step": entry.step,
    }


def _source(metadata: Mapping[str, Any]) -> str:
    """What a model was made of, as its maker wrote it down."""
    said = [str(metadata[word]) for word in ("base_model", "file", "comment") if metadata.get(word)]
    if metadata.get("iteration") is not None:
        said.append(f"step {metadata['iteration']}")
    return " · ".join(dict.fromkeys(said))


def _given(parameters: Mapping[str, Any]) -> Iterable[dict[str, str]]:
    """The models that a task was given: of which task each is."""
    for name, value in sorted(parameters.items()):
        if not name.startswith(MODELS) or not isinstance(value, str):
            continue
        parts: Sequence[str] = value.removeprefix("artifact://").split("/", 1)
        task = as_uuid(parts[0]) if len(parts) == 2 else None
        yield {
            "name": name.removeprefix(MODELS),
            "value": parts[1] if task else value,
            "task": str(task) if task else "",
            "url": reverse("task", args=[task]) if task else "",
        }
