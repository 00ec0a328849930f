"""Any run as a step: what it ran, with its parameters, becomes a step of another draft."""

from __future__ import annotations

from django.db import transaction

from orchestrator.actions.pipelines import locked_draft, save_draft
from orchestrator.domain.document import steps_by_name
from orchestrator.domain.errors import Conflict
from orchestrator.domain.names import STEP_NAME_LENGTH
from orchestrator.models import Draft, Pipeline, Run
from orchestrator.pins import path_of


@transaction.atomic
def add_as_step(*, actor: str, run: Run, pipeline: Pipeline) -> tuple[Draft, str]:
    """Add a step to a draft that runs what this run ran; the answer is the draft and its name.

    The step asks for the run's own version and gives each parameter as the run had it, so that
    it does the same again; what it is given instead is for the editor.
    """
    if run.version is None or run.version.number is None:
        raise Conflict("it ran a draft or a part of a pipeline, which has no version to ask for")
    draft = locked_draft(pipeline)
    steps = draft.document.get("steps")
    if not isinstance(steps, list):
        raise Conflict(f'the draft of "{pipeline.slug}" has no list of steps')
    name = _free_name(run.pipeline.slug, set(steps_by_name(draft.document)))
    own = run.pipeline.project_id == pipeline.project_id
    step = {
        "name": name,
        "kind": "pipeline",
        "pipeline": run.pipeline.slug if own else path_of(run.pipeline),
        "version": run.version.number,
        "parameters": dict(run.parameters),
    }
    document = {**draft.document, "steps": [*steps, step]}
    saved = save_draft(actor=actor, pipeline=pipeline, document=document, revision=draft.revision)
    return saved, name


def _free_name(wanted: str, taken: set[str]) -> str:
    names = (wanted, *(f"{wanted[: STEP_NAME_LENGTH - 8]} {number}" for number in range(2, 10**6)))
    return next(name for name in names if name not in taken)
