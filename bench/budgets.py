"""What each row must keep and what it aims at, and what a measured figure looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One row: a figure may be at most *must* and would like to be at most *aim*."""

    key: str
    what: str
    unit: str
    must: float
    aim: float


BUDGETS = {
    budget.key: budget
    for budget in (
        Budget(key="chain", what="chain of 200 no-op functions", unit="× chain", must=4, aim=2.5),
        Budget(key="long", what="chain of 2,000 per step", unit="× of 50", must=1.3, aim=1.1),
        Budget(key="spawn", what="chain, fresh Python each", unit="× spawn", must=2.5, aim=1.7),
        Budget(key="fan200", what="fan-out 200 and join", unit="× chord", must=3, aim=1.5),
        Budget(key="fan1000", what="fan-out 1,000 and join", unit="× chord", must=3, aim=1.5),
        Budget(key="created", what="run of 1,000 steps created", unit="ms", must=150, aim=60),
        Budget(key="first50", what="REST trigger to first line, p50", unit="ms", must=30, aim=15),
        Budget(key="first95", what="REST trigger to first line, p95", unit="ms", must=80, aim=40),
        Budget(key="diamonds", what="100 five-step diamonds at once", unit="× raw", must=4, aim=2),
        Budget(key="cpu", what="CPU of the whole tree per no-op step", unit="ms", must=12, aim=6),
        Budget(key="snapshot", what="snapshot of 1,000 steps by REST", unit="ms", must=40, aim=20),
        Budget(key="validate", what="document of 2,000 checked", unit="ms", must=150, aim=100),
        Budget(key="ready", what="whole stack ready", unit="s", must=4, aim=2.5),
        Budget(key="pss", what="whole stack idle, memory (PSS)", unit="MiB", must=300, aim=220),
        Budget(key="idle", what="whole stack idle, of a core", unit="%", must=2, aim=1),
        Budget(key="scripts-memory", what="controller, one of 50", unit="× python", must=4, aim=2),
        Budget(key="scripts-begun", what="50 controllers, each", unit="× spawn", must=30, aim=10),
        Budget(key="beside", what="chain beside 50 controllers", unit="× alone", must=1.5, aim=1.1),
        Budget(key="calls", what="chain of 200 calls", unit="× drawn", must=4, aim=2),
        Budget(key="added", what="step that a script adds", unit="× REST", must=1.3, aim=1.1),
        Budget(key="added-late", what="the last of 1,000 added", unit="× first", must=3, aim=1.5),
        Budget(key="import", what="import pipelines", unit="ms", must=20, aim=10),
        Budget(key="in-step", what="a step finds its task", unit="ms", must=20, aim=10),
        Budget(key="javascript", what="run page, gzipped script", unit="KB", must=80, aim=60),
        Budget(key="painted", what="committed to painted, p95", unit="ms", must=200, aim=100),
        Budget(key="paint500", what="first paint, 500 steps", unit="ms", must=300, aim=150),
        Budget(key="paint10000", what="first paint, 10,000 steps", unit="ms", must=800, aim=400),
        Budget(key="frame2000", what="main thread a frame, 2,000 steps", unit="ms", must=8, aim=4),
        Budget(key="pan1312", what="panning montage, 1,312 steps", unit="ms", must=8, aim=4),
        Budget(key="pan10000", what="panning 10,000 steps", unit="ms", must=8, aim=4),
        Budget(key="editor-pan", what="panning the editor, 300 steps", unit="ms", must=8, aim=4),
        Budget(key="editor-drag", what="dragging a step, 300 steps", unit="ms", must=8, aim=4),
        Budget(key="log300", what="log of the found last step opens", unit="ms", must=300, aim=150),
    )
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a row has measured; without a budget it is told beside the others."""

    key: str
    value: float
    beside: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    stack: str = ""
    what: str = ""
    unit: str = ""

    @property
    def budget(self) -> Budget | None:
        return BUDGETS.get(self.key)

    @property
    def verdict(self) -> str:
        """Whether it keeps its budget, in a word or two."""
        if self.budget is None:
            return ""
        if self.value <= self.budget.aim:
            return "aim met"
        return "must met" if self.value <= self.budget.must else "NOT MET"

    def as_dict(self) -> dict[str, Any]:
        budget = asdict(self.budget) if self.budget else {"what": self.what, "unit": self.unit}
        return {**budget, **asdict(self), "what": budget["what"], "unit": budget["unit"]} | {
            "verdict": self.verdict
        }
