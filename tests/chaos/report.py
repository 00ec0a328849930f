"""What a round did and what it found, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """What a round did and what it found."""

    kind: str
    seed: int
    faults: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    executions: int = 0
    taken_up: int = 0
    recovery: float = 0.0
    took: float = 0.0
    problems: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The round in one line, and what is wrong in further ones."""
        faults = "; ".join(self.faults)
        word = "ok" if not self.problems else f"{len(self.problems)} PROBLEMS"
        told = (
            f"{self.kind}, seed {self.seed}: {word} in {self.took:.0f} s, "
            f"{self.recovery:.1f} s after the last fault\n"
            f"  faults: {faults}\n"
            f"  asks: {'; '.join(self.asks)}\n"
            f"  runs: {_counts(self.runs)}; attempts: {_counts(self.attempts)}; "
            f"{self.executions} executions; {self.taken_up} scripts taken up"
        )
        return "\n".join([told, *(f"  ! {problem}" for problem in self.problems[:40])])


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{n} {word}" for word, n in sorted(counter.items()))
