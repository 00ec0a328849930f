"""When a step may start, given its parents: every way in which up to three of them can stand."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from orchestrator.domain.graph import Trigger
from orchestrator.domain.planner import Standing, StepView, Verdict, judge
from tests.domain.simulation import changed, graph

# How the parents stand: o open, g good, b bad, p passed over; then what each trigger says:
# it may start, it waits, it never starts because of what is bad, or only of what was passed over.
#       all_succeeded none_failed all_done any_failed any_succeeded
TABLE = """
o       waits         waits       waits    waits      waits
g       starts        starts      starts   passed     starts
b       bad           bad         starts   starts     bad
p       passed        passed      starts   passed     passed

oo      waits         waits       waits    waits      waits
og      waits         waits       waits    waits      starts
ob      bad           bad         waits    starts     waits
op      passed        waits       waits    waits      waits
gg      starts        starts      starts   passed     starts
bg      bad           bad         starts   starts     starts
gp      passed        starts      starts   passed     starts
bb      bad           bad         starts   starts     bad
bp      bad           bad         starts   starts     bad
pp      passed        passed      starts   passed     passed

ooo     waits         waits       waits    waits      waits
oog     waits         waits       waits    waits      starts
oob     bad           bad         waits    starts     waits
oop     passed        waits       waits    waits      waits
ogg     waits         waits       waits    waits      starts
obg     bad           bad         waits    starts     starts
ogp     passed        waits       waits    waits      starts
obb     bad           bad         waits    starts     waits
obp     bad           bad         waits    starts     waits
opp     passed        waits       waits    waits      waits
ggg     starts        starts      starts   passed     starts
bgg     bad           bad         starts   starts     starts
ggp     passed        starts      starts   passed     starts
bbg     bad           bad         starts   starts     starts
bgp     bad           bad         starts   starts     starts
gpp     passed        starts      starts   passed     starts
bbb     bad           bad         starts   starts     bad
bbp     bad           bad         starts   starts     bad
bpp     bad           bad         starts   starts     bad
ppp     passed        passed      starts   passed     passed
"""

ROWS = [row.split() for row in TABLE.strip().splitlines() if row]
WORDS = {
    Verdict.START: "starts",
    Verdict.WAIT: "waits",
    Verdict.SKIP_BAD: "bad",
    Verdict.SKIP_PASSED: "passed",
}


def test_the_table_has_every_way_in_which_one_to_three_parents_can_stand():
    written = [tuple(sorted(row[0])) for row in ROWS]
    letters = sorted(standing.name[0].lower() for standing in Standing)
    for number in (1, 2, 3):
        ways = set(combinations_with_replacement(letters, number))
        assert ways == {way for way in written if len(way) == number}
    assert len(written) == len(set(written))


@pytest.mark.parametrize(("parents", "verdicts"), [(row[0], row[1:]) for row in ROWS])
def test_parents_allow_what_the_trigger_says(parents, verdicts):
    order = [rule.value for rule in Trigger]
    assert order == ["all_succeeded", "none_failed", "all_done", "any_failed", "any_succeeded"]
    number = len(parents)
    counts = {name: parents.count(name[0]) for name in ("open", "good", "bad")}
    below = graph(*[()] * number, tuple(range(number)))
    found = [
        WORDS[judge(StepView(number, **counts), changed(below, number, trigger=rule).nodes[number])]
        for rule in Trigger
    ]
    assert found == verdicts


@pytest.mark.parametrize("rule", Trigger)
def test_a_step_without_parents_starts_whatever_its_trigger(rule):
    assert judge(StepView(0), changed(graph(()), 0, trigger=rule).nodes[0]) is Verdict.START
