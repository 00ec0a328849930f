"""The rules of a turn: facts are folded into a view of the run, then it is said what to do next.

A view holds only what the turn needs: the run, its graph, the steps that facts speak of, and
their children. Each step counts its parents by how they stand, so nothing here ever looks at
the whole run. All functions are pure: time and rows come in as values.

One turn, as ``orchestrator.controller`` goes through it::

    view = fold(view, facts, now)      what has happened
    view = spread(view)                tell the children (load them, repeat while there are any)
    decisions = plan(view, now)        what should happen now
    view = carry(view, decision)       what did happen; repeat until there are no decisions
    news(before, view)                 the numbered changes
"""

from orchestrator.domain.planner.calling import CALL, calls_of_moves, in_order, waiting_for
from orchestrator.domain.planner.fanning import HELD, gathered_of
from orchestrator.domain.planner.folding import CRASH_RETRIES, fold
from orchestrator.domain.planner.planning import Verdict, carry, judge, plan, takes_place
from orchestrator.domain.planner.scripting import (
    MOST_TAKE_UPS,
    fails_with_script,
    is_to_be_taken_up,
    needs_script,
)
from orchestrator.domain.planner.spreading import missing_causes, missing_children, spread
from orchestrator.domain.planner.telling import news
from orchestrator.domain.planner.views import (
    AttemptView,
    RunView,
    Standing,
    StepView,
    standing,
)
from orchestrator.domain.planner.waiting import deadline_from, in_words

__all__ = [
    "CALL",
    "CRASH_RETRIES",
    "HELD",
    "MOST_TAKE_UPS",
    "AttemptView",
    "RunView",
    "Standing",
    "StepView",
    "Verdict",
    "calls_of_moves",
    "carry",
    "deadline_from",
    "fails_with_script",
    "fold",
    "gathered_of",
    "in_order",
    "in_words",
    "is_to_be_taken_up",
    "judge",
    "missing_causes",
    "missing_children",
    "needs_script",
    "news",
    "plan",
    "spread",
    "standing",
    "takes_place",
    "waiting_for",
]
