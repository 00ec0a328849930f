"""Runs of a part of a pipeline: up to some steps, or some steps alone with values of earlier runs.

A part is a version of its own without a number, so that everything else treats its run as any.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.actions.pipelines import checked_pins, locked_draft, unnumbered_version
from orchestrator.domain.document import alone, steps_needed, up_to
from orchestrator.domain.errors import Invalid, Problem, UnresolvedReference
from orchestrator.domain.references import Reference
from orchestrator.models import Pipeline, PipelineVersion
from orchestrator.queries.references import last_attempts_of
from orchestrator.store.given import GivenValues
from orchestrator.store.scripts import show_as_runs


@dataclass(frozen=True, slots=True)
class Part:
    """Which steps are to run; of the two ways one."""

    until: tuple[str, ...] | None = None
    only: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if (self.until is None) == (self.only is None):
            raise Invalid.at("until", "bad_value", 'say either "until" or "only"')


def version_for_part(
    pipeline: Pipeline, part: Part, *, version: PipelineVersion | None, revision: int | None
) -> tuple[PipelineVersion, dict[str, Any]]:
    """Make the version that a run of a part belongs to, and what the run keeps of the part.

    Of the draft when no version is given; what is wrong with its other steps does not matter.
    Call it in a transaction.
    """
    draft = locked_draft(pipeline, revision) if version is None else None
    whole = version.document if version else draft.document if draft else {}
    document, said = _cut(pipeline, whole, part)
    if version is not None:
        pins = {step["name"]: version.pins[step["name"]] for step in document["steps"]}
    else:
        assert draft is not None
        try:
            pins = checked_pins(pipeline, document, draft.actor)
        except Invalid as error:
            raise Invalid(_placed(error.problems, whole)) from None
    author = version.author if version else draft.actor if draft else ""
    return unnumbered_version(pipeline, document, pins, author), said


def _cut(
    pipeline: Pipeline, document: Mapping[str, Any], part: Part
) -> tuple[dict[str, Any], dict[str, Any]]:
    if part.until is not None:
        return up_to(document, part.until), {"until": list(part.until)}
    only = part.only or ()
    needed = steps_needed(document, only)
    attempts = last_attempts_of(pipeline, {one.step or "" for one in needed})
    show_as_runs(one.task for one in attempts.values() if one.task is not None)
    values = _Earlier(attempts, needed)
    cut = alone(document, only, values.look_up)
    given = {
        name: {"run": attempt.run.number, "task": str(attempt.task_id)}
        for name, attempt in attempts.items()
    }
    return cut, {"only": list(only), "given": given}


class _Earlier(GivenValues):
    """The values of the last good attempts, in words for who asks for a step alone."""

    def look_up(self, reference: Reference) -> Any:
        if reference.step not in self.attempts:
            reason = f'step "{reference.step}" has not come to a good end in any of the last runs'
            raise UnresolvedReference(str(reference), reason)
        return super().look_up(reference)


def _placed(problems: Iterable[Problem], whole: Mapping[str, Any]) -> list[Problem]:
    """The problems of a part where they stand in the whole document, without the part's fixes."""
    raw = whole["steps"] if isinstance(whole.get("steps"), list) else []
    names = [step.get("name") if isinstance(step, dict) else None for step in raw]
    return [
        replace(
            one,
            where=f"steps[{names.index(one.step)}]{one.where.partition(']')[2]}"
            if one.step in names and one.where.startswith("steps[")
            else one.where,
            fix=None,
        )
        for one in problems
    ]
