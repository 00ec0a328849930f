"""A controller says which version its run executes; from then on the graph goes by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestrator.domain.errors import Conflict
from orchestrator.domain.states import FINAL, Status
from orchestrator.graphs import graph_of_run
from orchestrator.models import PipelineVersion, Run
from orchestrator.pins import pins_for_run
from orchestrator.store.turns import Mail


class AlreadyRegistered(Conflict):
    """The run has steps of another version already."""

    code = "already_registered"


def register(mail: Mail, said: Mapping[str, Any]) -> dict[str, Any]:
    """Let the run be of this version, whose steps are inserted next; the same again is no news.

    Raises AlreadyRegistered when there are steps of another one.
    """
    run = mail.run
    version = PipelineVersion.objects.defer("document").get(pk=said["version"])
    detail: dict[str, Any] = {"version": version.number, "steps": [], "count": 0}
    if not run.graph_open and run.version_id == version.pk:
        return detail
    refuse_other_version(run, version)
    if run.status in FINAL or run.status == Status.ABORTING:
        raise Conflict(f"the run is {run.status}")
    # What cannot be had is refused before the run is another one.
    pins = pins_for_run(version)
    if run.version_id != version.pk:
        run.graph_revision += 1
    run.version, run.graph_open = version, False
    mail.graph = graph_of_run(run)
    run.steps_total = len(mail.graph)
    run.parameters = said["parameters"]
    Run.objects.filter(pk=run.pk).update(
        version=version,
        graph_open=False,
        graph_revision=run.graph_revision,
        steps_total=run.steps_total,
        parameters=run.parameters,
        pins=pins,
    )
    return {**detail, "count": run.steps_total}


def refuse_other_version(run: Run, version: PipelineVersion) -> None:
    """Raise when the run has the steps of another version already."""
    if run.version_id != version.pk and (not run.graph_open or run.steps_made):
        raise AlreadyRegistered
