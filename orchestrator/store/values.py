"""What references give within one run, and what the run itself gives in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q

from orchestrator.domain.errors import PipelinesError, UnresolvedReference
from orchestrator.domain.graph import Node
from orchestrator.domain.names import CAPS
from orchestrator.domain.planner import AttemptView
from orchestrator.domain.references import (
    Reference,
    Source,
    What,
    references_in,
    resolve,
    steps_referenced,
)
from orchestrator.domain.states import Status
from orchestrator.models import Attempt, Run
from orchestrator.store.given import GivenValues

NO_ATTEMPTS: Mapping[str, Attempt] = {}
# Without a task are those that a person ended, and those that only wait.
_HAS_RUN = Q(task__isnull=False) | Q(status__in=(Status.COMPLETED, Status.FAILED))


class RunValues(GivenValues):
    """What references give within one run: read for all steps of a turn at once.

    *fresh* are attempts that got their results in this turn, by the names of their steps: they
    are not in the rows yet, or not as they are now.
    """

    def __init__(
        self,
        run: Run,
        nodes: Sequence[Node],
        attempts: Mapping[int, AttemptView | None],
        fresh: Mapping[str, Attempt] = NO_ATTEMPTS,
    ) -> None:
        self.run = run
        sources: list[Any] = [(node.parameters, node.queue, node.when) for node in nodes]
        sources += [attempt.overrides for attempt in attempts.values() if attempt]
        names = steps_referenced(sources)
        rows = (
            Attempt.objects.filter(
                _HAS_RUN, run=run, step__path__in=names, number=F("step__attempt")
            ).select_related("step", "task")
            if names
            else ()
        )
        known = {row.step.path: row for row in rows}
        known.update((name, fresh[name]) for name in names if name in fresh)
        super().__init__(known, references_in(sources))

    def taken(self, used: Iterable[tuple[Reference, Any]]) -> list[dict[str, Any]]:
        """What an attempt took from which attempts: its inputs."""
        return [
            {
                "step": reference.step,
                "attempt": attempt.number,
                "name": str(reference)[2:-1],
                "value": value,
            }
            for reference, value in used
            if (attempt := self.attempts.get(reference.step or ""))
        ]

    def indexes(self, taken: Iterable[Mapping[str, Any]]) -> frozenset[int]:
        """The indexes of the steps that something was taken from."""
        return frozenset(self.attempts[entry["step"]].step.index for entry in taken)

    def look_up(self, reference: Reference) -> Any:
        """The value of one reference; raises UnresolvedReference naming what is missing."""
        if reference.source is not Source.PIPELINE:
            return super().look_up(reference)
        if reference.what is What.RUN:
            return str(self.run.pk)
        name = reference.path[0]
        if name not in self.run.parameters:
            raise UnresolvedReference(str(reference), f'the run has no parameter "{name}"')
        return self.run.parameters[name]


def pipeline_outputs(run: Run, outputs: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of the pipeline's outputs, and in words which of them have none."""
    if not outputs:
        return {}, []
    source = Node(0, "outputs", parameters=outputs)
    values = RunValues(run, (source,), {})
    given: dict[str, Any] = {}
    missing = []
    for name, value in outputs.items():
        try:
            given[name] = resolve(value, values.look_up).value
        except PipelinesError as error:
            missing.append(f'output "{name}": {error.message}')
    size = len(str(given))
    if size > CAPS.output_bytes:
        return {}, [f"the outputs have {size:,} bytes; the cap is {CAPS.output_bytes:,}"]
    return given, missing
