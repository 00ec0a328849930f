"""What a rerun is said to do before it is asked for: by rows, and held against what it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.decisions import Rerun, TaskStands
from orchestrator.domain.graph import Trigger
from orchestrator.domain.planner import fold
from orchestrator.domain.planner.preview import RUNS, Effect, expected_seconds, preview
from orchestrator.domain.states import Status
from tests.domain.simulation import NOW, changed, ended, graph, play, settle, view_of
from tests.domain.test_fan_outs import fan_out, group, played, spread
from tests.domain.test_planner_properties import ends_of, graphs, scripts

# a -> b -> d -> e,  a -> c -> d
KITE = graph((), (0,), (0,), (1, 2), (3,))
LETTERS = {
    Effect.WILL_RUN: "R",
    Effect.MAY_RUN: "m",
    Effect.ABORTED_FIRST: "A",
    Effect.STALE: "s",
    Effect.REUSED: "k",
    Effect.SKIPPED: "x",
    Effect.UNCHANGED: ".",
}


def letters(view, fact):
    return "".join(LETTERS[effect] for effect in preview(view, fact, NOW).effects.values())


FINISHED = [
    (Rerun(1, (1,)), "kRksk"),
    (Rerun(1, (1,), below=True), "kRkRR"),
    (Rerun(1, (1, 2)), "kRRsk"),
    (Rerun(1, everything=True), "RRRRR"),
]


@pytest.mark.parametrize(("fact", "expected"), FINISHED)
def test_of_a_finished_run(fact, expected):
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    assert letters(view, fact) == expected


def test_of_a_failed_run_what_was_skipped_in_vain_runs_too():
    view = play(view_of(KITE), lambda i, _: Status.FAILED if i == 1 else Status.COMPLETED)
    assert letters(view, Rerun(1, failed=True)) == "kRkRR"
    shown = preview(view, Rerun(1, failed=True), NOW)
    assert shown.counts == {"will run": 3, "reused": 2}
    assert shown.attempts == {1: 2, 3: 1, 4: 1}


def test_a_step_whose_parent_stays_bad_is_skipped_again():
    view = play(view_of(KITE), lambda i, _: Status.FAILED if i == 1 else Status.COMPLETED)
    assert letters(view, Rerun(1, (3,))) == "k.kxx"


def test_in_a_living_run_what_is_in_the_way_is_aborted_first():
    view = ended(settle(view_of(KITE)), 0, Status.COMPLETED)
    view = fold(view, [TaskStands(1, 1, Status.RUNNING, started_at=NOW)], NOW)
    view = ended(view, 2, Status.COMPLETED)
    assert letters(view, Rerun(1, (0,), below=True)) == "RARRR"
    assert letters(view, Rerun(1, (2,))) == "k.RRR"


def test_what_hangs_on_a_condition_may_run():
    choosy = changed(KITE, 1, when="${pipeline.ready}")
    view = play(view_of(choosy), lambda *_: Status.COMPLETED)
    assert letters(view, Rerun(1, everything=True)) == "RmRmm"
    tolerant = changed(choosy, 3, trigger=Trigger.ALL_DONE)
    view = play(view_of(tolerant), lambda *_: Status.COMPLETED)
    assert letters(view, Rerun(1, everything=True)) == "RmRRR"


def test_what_waits_for_a_failure_may_run():
    careful = changed(KITE, 4, trigger=Trigger.ANY_FAILED)
    view = play(view_of(careful), lambda *_: Status.COMPLETED)
    assert letters(view, Rerun(1, (3,), below=True)) == "kkkRm"


def told(view, fact):
    shown = preview(view, fact, NOW)
    return {view.graph.nodes[i].name: effect.value for i, effect in shown.effects.items()}, shown


def test_of_a_fan_out_that_failed_only_the_items_that_did_run_again():
    view = played(fan_out("a", "b", "c"), work_1=Status.FAILED)
    effects, shown = told(view, Rerun(1, failed=True))
    assert effects == {
        "load": "reused",
        "work": "will run",
        "join": "will run",
        "work[0]": "reused",
        "work[1]": "will run",
        "work[2]": "reused",
    }
    assert shown.counts == {Effect.WILL_RUN: 2, Effect.REUSED: 3}
    usual = dict.fromkeys(view.steps, 10.0)
    assert expected_seconds(view, shown, usual, NOW) == 20.0


def test_a_list_that_is_made_anew_brings_its_items_with_it():
    view = played(fan_out("a", "b", max_parallel=1))
    effects, shown = told(view, Rerun(1, (1,)))
    assert [effects[name] for name in ("work", "work[0]", "work[1]")] == ["will run"] * 3
    assert (effects["load"], effects["join"]) == ("reused", "becomes stale")
    assert shown.counts[Effect.WILL_RUN] == 2
    usual = dict.fromkeys(view.steps, 10.0)
    assert expected_seconds(view, shown, usual, NOW) == 20.0


def test_items_that_run_are_aborted_first():
    view = spread(fan_out("a", "b"))
    index = view.graph.index_by_name
    view = ended(view, index["work[0]"], Status.COMPLETED)
    effects, shown = told(view, Rerun(1, everything=True))
    assert effects["work[0]"] == "will run"
    assert effects["work[1]"] == effects["work"] == "aborted first"
    assert shown.attempts[index["work[1]"]] == 2


def test_of_a_group_the_whole_chain_of_each_item_runs():
    view = played(group("a", "b"))
    effects, shown = told(view, Rerun(1, everything=True))
    assert set(effects.values()) == {"will run"}
    assert shown.counts[Effect.WILL_RUN] == 7


def test_a_refused_rerun_says_why_and_does_nothing():
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    shown = preview(view, Rerun(1, failed=True), NOW)
    assert (shown.refused, shown.effects) == ("there is nothing to rerun", {})


def test_the_expected_time_is_that_of_the_longest_way_or_of_the_slots():
    view = play(view_of(KITE), lambda *_: Status.COMPLETED)
    shown = preview(view, Rerun(1, everything=True), NOW)
    usual = {0: 10.0, 1: 20.0, 2: 30.0, 3: 5.0, 4: 1.0}
    assert expected_seconds(view, shown, usual, NOW) == 46.0
    assert expected_seconds(view, shown, usual, NOW, slots=1) == 66.0
    assert expected_seconds(view, shown, {1: 20.0}, NOW) == 20.0
    assert expected_seconds(view, shown, {}, NOW) is None


def test_what_is_under_way_above_is_waited_for():
    view = ended(settle(view_of(KITE)), 0, Status.COMPLETED)
    started = NOW - timedelta(seconds=15)
    view = fold(view, [TaskStands(1, 1, Status.RUNNING, started_at=started)], NOW)
    view = ended(view, 2, Status.COMPLETED)
    shown = preview(view, Rerun(1, (2,)), NOW)
    usual = {1: 20.0, 2: 3.0, 3: 10.0}
    assert expected_seconds(view, shown, usual, NOW) == 15.0


@given(graphs(), scripts(), st.data())
def test_what_is_foreseen_is_what_happens_when_everything_ends_well(graph, script, data):
    view = play(view_of(graph), ends_of(script))
    if not graph.nodes:
        return
    chosen = data.draw(st.sets(st.sampled_from(range(len(graph))), min_size=1))
    fact = Rerun(1, tuple(sorted(chosen)), below=data.draw(st.booleans()))
    foreseen = preview(view, fact, NOW)
    after = play(settle(fold(replace(view), [fact], NOW)), lambda *_: Status.COMPLETED)
    ran = {key[0] for key, attempt in after.attempts.items() if attempt.round == 2 and attempt.task}
    certain = {i for i, effect in foreseen.effects.items() if effect is Effect.WILL_RUN}
    possible = {i for i, effect in foreseen.effects.items() if effect in RUNS}
    assert certain <= ran <= possible
    for index in ran:
        first = min(n for (i, n), a in after.attempts.items() if i == index and a.round == 2)
        assert foreseen.attempts[index] == first
