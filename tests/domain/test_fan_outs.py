"""Fan-outs in memory: what runs when, how they end, what a rerun, an abort and a limit do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.domain.decisions import (
    AbortRun,
    AbortSteps,
    ByHand,
    Rerun,
    TaskStands,
    Verb,
)
from orchestrator.domain.errors import PipelinesError
from orchestrator.domain.fan_outs import Part, checked_list, from_item, seen_from, with_parts
from orchestrator.domain.graph import ForEach, Graph, Node
from orchestrator.domain.names import Caps
from orchestrator.domain.planner import fold
from orchestrator.domain.references import references_in
from orchestrator.domain.states import ACTIVE, FINAL, Status
from tests.domain.simulation import NOW, ended, play, settle, view_of


def fan_out(*items, max_parallel=None, **of_it):
    """load → work for each item → join."""
    work = Node(1, "work", parents=(0,), for_each=ForEach(list(items), max_parallel), **of_it)
    return Graph((Node(0, "load"), work, Node(2, "join", parents=(1,))))


def group(*items, max_parallel=None):
    """load → for each item: clean → train → report; the group's own node comes last."""
    return Graph(
        (
            Node(0, "load"),
            Node(1, "clean", parents=(4,), within=4),
            Node(2, "train", parents=(1,), within=4),
            Node(3, "report", parents=(2,)),
            Node(4, "fold", parents=(0,), for_each=ForEach(list(items), max_parallel)),
        )
    )


def by_name(view):
    return {view.graph.nodes[i].name: step.status.value for i, step in view.steps.items()}


def spread(graph):
    """The run just after its first step."""
    return ended(settle(view_of(graph)), 0, Status.COMPLETED)


def ends(**by_step):
    """Who ends how, by name; the others complete."""

    def of(view):
        return lambda index, attempt: by_step.get(
            view.graph.nodes[index].name.replace("[", "_").replace("]", "").replace(".", "_"),
            Status.COMPLETED,
        )

    return of


def played(graph, **by_step):
    view = spread(graph)
    return play(view, ends(**by_step)(view))


def test_a_list_becomes_steps_when_what_it_waits_for_has_ended():
    view = spread(fan_out("a", "b"))
    assert by_name(view) == {
        "load": "completed",
        "work": "running",
        "join": "pending",
        "work[0]": "queued",
        "work[1]": "queued",
    }
    assert (view.steps[1].items, view.steps[1].items_open, view.steps[1].attempt) == (2, 2, 0)


def test_an_empty_list_completes_and_what_follows_runs():
    view = spread(fan_out())
    assert by_name(view) == {"load": "completed", "work": "completed", "join": "queued"}


ENDINGS = [
    ({}, "completed", "", "completed", "completed"),
    ({"work_1": Status.FAILED}, "failed", '"work[1]" failed', "skipped", "failed"),
    ({"work_1": Status.ABORTED}, "aborted", '"work[1]" aborted', "skipped", "aborted"),
    (
        {"work_0": Status.ABORTED, "work_2": Status.FAILED},
        "failed",
        '2 of 3 items ended badly, first "work[2]" failed',
        "skipped",
        "failed",
    ),
]


@pytest.mark.parametrize(("bad", "status", "reason", "join", "run"), ENDINGS)
def test_a_fan_out_ends_as_its_items_did(bad, status, reason, join, run):
    view = played(fan_out("a", "b", "c"), **bad)
    fan = view.steps[1]
    assert (fan.status, fan.reason, by_name(view)["join"]) == (status, reason, join)
    assert view.status.value == run
    assert (fan.items_good, fan.items_bad) == (3 - len(bad), len(bad))


def test_a_fan_out_that_may_fail_fails_neither_what_follows_nor_the_run():
    view = played(fan_out("a", "b", may_fail=True), work_0=Status.FAILED)
    assert (by_name(view)["work"], by_name(view)["join"]) == ("failed", "completed")
    assert view.status is Status.COMPLETED


def rerun(view, **what):
    return settle(fold(view, [Rerun(1, **what)], NOW))


def test_what_failed_is_rerun_by_items_and_the_others_stay():
    view = rerun(played(fan_out("a", "b", "c"), work_1=Status.FAILED), failed=True)
    assert by_name(view)["work[1]"] == "queued"
    assert (by_name(view)["work"], by_name(view)["join"]) == ("running", "pending")
    view = play(view, lambda step, attempt: Status.COMPLETED)
    assert view.status is Status.COMPLETED
    assert [view.steps[i].attempt for i in (0, 1, 2, 3, 4, 5)] == [1, 0, 1, 1, 2, 1]


def relisted(view, *items):
    """The same run, whose fan-out finds another list the next time."""
    nodes = list(view.graph.nodes)
    nodes[1] = replace(nodes[1], for_each=ForEach(list(items)))
    return replace(view, graph=Graph(tuple(nodes)))


def test_a_list_that_has_grown_reruns_the_old_items_and_appends_the_new():
    view = rerun(relisted(played(fan_out("a", "b")), "a", "b", "c"), steps=(1,))
    assert by_name(view)["work[2]"] == "queued"
    view = play(view, lambda step, attempt: Status.COMPLETED)
    names = by_name(view)
    assert [names[f"work[{i}]"] for i in range(3)] == ["completed"] * 3
    assert [view.steps[i].attempt for i in (3, 4, 5)] == [2, 2, 1]


def test_items_beyond_a_shorter_list_leave_the_counts_and_come_back_with_a_longer_one():
    view = rerun(relisted(played(fan_out("a", "b", "c"), work_2=Status.FAILED), "a"), steps=(1,))
    view = play(view, lambda step, attempt: Status.COMPLETED)
    last = view.steps[5]
    assert (last.status, last.reason) == (Status.SKIPPED, "no longer in the list")
    assert (view.status, view.steps[1].items) == (Status.COMPLETED, 1)
    view = rerun(relisted(view, "a", "b", "c"), steps=(1,))
    view = play(view, lambda step, attempt: Status.COMPLETED)
    assert [view.steps[i].attempt for i in (3, 4, 5)] == [3, 2, 2]
    assert view.steps[1].items_open == 0
    assert view.status is Status.COMPLETED


def test_from_an_item_on_its_fan_outs_children_are_meant_but_not_its_siblings():
    graph = with_parts(fan_out("a", "b"), [Part(1, 3, 0, 2)])
    assert graph.descendants(3) == (2,)
    assert graph.descendants(0) == (1, 2)


def test_an_abort_of_the_fan_out_ends_what_runs_and_starts_nothing_more():
    view = spread(fan_out("a", "b", "c", max_parallel=1))
    assert by_name(view)["work[1]"] == "pending"
    view = settle(fold(view, [AbortSteps(1, (1,))], NOW))
    assert [by_name(view)[f"work[{i}]"] for i in range(3)] == ["aborted", "skipped", "skipped"]
    assert (by_name(view)["work"], view.status) == ("aborted", Status.ABORTED)


def test_an_aborted_run_takes_its_fan_outs_with_it():
    view = spread(fan_out("a", "b"))
    view = fold(view, [TaskStands(3, 1, Status.RUNNING, started_at=NOW)], NOW)
    view = settle(fold(view, [AbortRun(1)], NOW))
    assert by_name(view)["work"] == "aborting"
    view = ended(view, 3, Status.ABORTED)
    assert (by_name(view)["work"], view.status) == ("aborted", Status.ABORTED)


def test_never_more_are_at_work_than_the_limit_says_and_all_get_their_turn():
    view = spread(fan_out(*range(7), max_parallel=2))
    started = []
    while view.status not in FINAL:
        living = [i for i, step in view.steps.items() if step.status in ACTIVE and i > 2]
        assert len(living) <= 2
        started += [i for i in living if i not in started]
        at_work = [i for i, step in view.steps.items() if step.status in ACTIVE and i != 1]
        view = ended(view, at_work[0], Status.COMPLETED)
    assert started == [3, 4, 5, 6, 7, 8, 9]
    assert view.status is Status.COMPLETED


def test_a_group_is_a_chain_for_each_item():
    view = spread(group("a", "b"))
    names = by_name(view)
    assert (names["fold"], names["clean"], names["train"]) == ("completed", "running", "running")
    assert (names["fold[1].clean"], names["fold[1].train"]) == ("queued", "pending")
    view = play(view, lambda step, attempt: Status.COMPLETED)
    assert set(by_name(view).values()) == {"completed"}


def test_an_item_of_a_group_that_fails_stops_its_own_chain_only():
    view = played(group("a", "b"), fold_0_clean=Status.FAILED)
    names = by_name(view)
    assert (names["fold[0].train"], names["fold[1].train"]) == ("skipped", "completed")
    assert (names["clean"], names["train"], names["report"]) == ("failed", "failed", "skipped")
    view = play(rerun(view, failed=True), lambda step, attempt: Status.COMPLETED)
    assert set(by_name(view).values()) == {"completed"}


def test_a_step_of_a_group_alone_is_rerun_as_all_of_its_items():
    view = rerun(played(group("a", "b")), steps=(2,))
    names = by_name(view)
    assert (names["fold[0].train"], names["fold[0].clean"]) == ("queued", "completed")
    assert names["train"] == "running"


def test_the_list_of_a_group_is_made_anew_for_all_of_its_steps():
    view = rerun(played(group("a", "b")), steps=(4,))
    names = by_name(view)
    assert (names["fold[0].clean"], names["fold[0].train"]) == ("queued", "pending")
    view = play(view, lambda step, attempt: Status.COMPLETED)
    assert view.status is Status.COMPLETED
    assert view.steps[view.graph.index_by_name["fold[1].train"]].attempt == 2


def test_a_step_of_a_group_may_have_a_list_of_its_own():
    nodes = list(group("a", "b").nodes)
    nodes[2] = replace(nodes[2], for_each=ForEach(["x", "y"]))
    view = play(spread(Graph(tuple(nodes))), lambda step, attempt: Status.COMPLETED)
    names = by_name(view)
    assert names["fold[1].train[0]"] == "completed"
    assert (names["fold[1].train"], names["train"], view.status) == (
        "completed",
        "completed",
        Status.COMPLETED,
    )


def test_a_name_means_the_same_items_step_in_a_chain_and_the_documents_elsewhere():
    graph = with_parts(group("a", "b"), [Part(4, 5, 0, 2)])
    assert seen_from(graph, graph.node("fold[1].train"), "clean") == "fold[1].clean"
    assert seen_from(graph, graph.node("fold[1].train"), "load") == "load"
    assert seen_from(graph, graph.node("report"), "train") == "train"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "a fan-out needs a list, and got nothing: null"),
        ("a,b", "a fan-out needs a list, and got a text: a,b"),
        ({"a": 1}, 'a fan-out needs a list, and got an object: {"a": 1}'),
        (7, "a fan-out needs a list, and got a number: 7"),
        ([1, 2, 3, 4], "steps of a fan-out: 4 is more than the cap of 3"),
    ],
)
def test_what_is_no_list_or_too_long_is_named(value, told):
    with pytest.raises(PipelinesError) as raised:
        checked_list(value, caps=Caps(fan_out=3))
    assert raised.value.message == told


def test_a_key_of_an_item_is_looked_up():
    (item,) = references_in("${item}")
    (key,) = references_in("${item.file.name}")
    (missing,) = references_in("${item.no}")
    value = {"file": {"name": "a.csv"}}
    assert from_item(item, value) is value
    assert from_item(key, value) == "a.csv"
    with pytest.raises(PipelinesError, match=r'the item has no "no" \(it has: file\)'):
        from_item(missing, value)
    with pytest.raises(PipelinesError, match="the item is a text, not an object"):
        from_item(key, "a")


@pytest.mark.parametrize(
    ("verb", "is_done"), [("skip", True), ("complete", False), ("fail", False)]
)
def test_a_fan_out_is_skipped_by_hand_but_ends_only_as_its_items_do(verb, is_done):
    before = settle(view_of(fan_out(1, 2)))
    view = settle(fold(before, [ByHand(7, 1, Verb(verb), "enough", {}, "ada")], NOW))
    if is_done:
        assert by_name(view)["work"] == "skipped"
    else:
        assert view.steps == before.steps
        assert view.remarks[-1].data["reason"].endswith("of a list; end its items instead")
