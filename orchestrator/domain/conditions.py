"""Conditions of steps: an expression over references, and in words why it does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from orchestrator.domain import expressions, references
from orchestrator.domain.errors import shortened
from orchestrator.domain.references import Lookup

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class StepCondition:
    """The condition of a step, read."""

    read: expressions.Condition

    def holds(self, lookup: Lookup) -> bool:
        """Compute it; raises BadExpression, or what *lookup* raises for a missing value."""
        return expressions.holds(self.read, lookup)

    def why_not(self, lookup: Lookup) -> str:
        """Say that it does not hold, with the values that it was computed from."""
        values = {str(one): lookup(one) for one in self.read.operands}
        told = ", ".join(f"{name[2:-1]} is {_shown(value)}" for name, value in values.items())
        sentence = f"its condition does not hold: {self.read.text}"
        return f"{sentence} ({told})" if told else sentence


@lru_cache(maxsize=256)
def condition_of(text: str) -> StepCondition:
    """Read a condition; raises BadReference or BadExpression naming what is wrong."""
    return StepCondition(expressions.read(references.parse(text)))


def _shown(value: Any) -> str:
    return shortened(references.as_text(value), _SHOWN)
