"""Which version of its template or pipeline a step's next attempt takes, and the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orchestrator.domain.errors import Invalid
from orchestrator.domain.parameters import ParameterSpec, read_specs
from orchestrator.graphs import graph_of_run
from orchestrator.models import Attempt, PipelineVersion, Run, TemplateVersion
from orchestrator.queries.graphs import pin_of

TEMPLATE: Final = "template_version"
PIPELINE: Final = "pipeline_version"
"""What an attempt's overrides call the id of another version that was asked for."""


@dataclass(frozen=True, slots=True)
class StepVersion:
    """One version, its row as ``id`` under the ``key`` of overrides, and the numbers there are,
    newest first."""

    key: str
    id: int
    number: int
    specs: tuple[ParameterSpec, ...]
    numbers: tuple[int, ...]

    @property
    def newest(self) -> int:
        return self.numbers[0]


def version_for(
    run: Run, step: str, *, number: int | str | None = None, reset: bool = False
) -> StepVersion | None:
    """The version that the step's next attempt takes: the one asked for (a number, or "latest"),
    else that of an earlier rerun, else the one that the run has pinned. None: it has none.
    """
    last = Attempt.objects.filter(run_id=run.pk, step__path=step).order_by("number").last()
    earlier = {} if reset or last is None else last.overrides
    graph = graph_of_run(run)
    index = graph.index_by_name.get(step)
    # An item takes what its document's step takes.
    pin = {} if index is None else pin_of(run, graph.nodes[index].step)
    if PIPELINE in pin:
        return _of_pipeline(earlier.get(PIPELINE) or pin[PIPELINE], step, number)
    if "id" in pin:
        return _of_template(earlier.get(TEMPLATE) or pin["id"], step, number)
    return None


def _of_template(now: int, step: str, number: int | str | None) -> StepVersion:
    row = TemplateVersion.objects.get(pk=now)
    others = TemplateVersion.objects.filter(template=row.template_id).order_by("-number")
    numbers = tuple(others.values_list("number", flat=True))
    if number is not None:
        row = others.get(number=_chosen(number, numbers, step))
    return StepVersion(TEMPLATE, row.pk, row.number, read_specs(row.specs)[0], numbers)


def _of_pipeline(now: int, step: str, number: int | str | None) -> StepVersion:
    row = PipelineVersion.objects.get(pk=now)
    others = PipelineVersion.objects.filter(pipeline=row.pipeline_id, number__isnull=False)
    numbers = tuple(n for n in others.order_by("-number").values_list("number", flat=True) if n)
    if number is not None:
        row = others.get(number=_chosen(number, numbers, step))
    specs, _ = read_specs(row.document.get("parameters"))
    return StepVersion(PIPELINE, row.pk, row.number or 0, specs, numbers)


def _chosen(wanted: int | str, numbers: tuple[int, ...], step: str) -> int:
    if wanted == "latest":
        return numbers[0]
    if isinstance(wanted, int) and not isinstance(wanted, bool) and wanted in numbers:
        return wanted
    known = ", ".join(map(str, reversed(numbers)))
    message = f'there are the versions {known}, not {wanted!r:.60}; or say "latest"'
    raise Invalid.at(f"version.{step}", "bad_value", message)
