"""What must be true of every run, whatever its graph, its ends and their order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.domain.changes import empty_view
from orchestrator.domain.changes import fold as fold_changes
from orchestrator.domain.decisions import AbortRun, Rerun, TaskStands
from orchestrator.domain.graph import Graph, Node, Retries, Trigger
from orchestrator.domain.planner import RunView, Standing, fold, news, plan, standing
from orchestrator.domain.states import ACTIVE, FINAL, Status
from tests.domain.simulation import NOW, play, settle, statuses, view_of

ENDS = st.sampled_from([Status.COMPLETED] * 4 + [Status.FAILED, Status.CRASHED, Status.ABORTED])


# The others start at once on the first parent, so for them it matters who is first.
PATIENT = (Trigger.ALL_SUCCEEDED, Trigger.NONE_FAILED, Trigger.ALL_DONE)


@st.composite
def graphs(draw: st.DrawFn, triggers: tuple[Trigger, ...] = tuple(Trigger)) -> Graph:
    """Up to twelve steps with at most three parents each."""
    nodes = []
    for index in range(draw(st.integers(0, 12))):
        above = st.sets(st.integers(0, index - 1), max_size=3) if index else st.just(set())
        nodes.append(
            Node(
                index,
                f"n{index}",
                parents=tuple(sorted(draw(above))),
                trigger=draw(st.sampled_from(triggers)),
                may_fail=draw(st.booleans()),
                retries=Retries(
                    number=draw(st.integers(0, 2)), delay=draw(st.sampled_from([0, 5]))
                ),
            )
        )
    return Graph(tuple(nodes))


@st.composite
def scripts(draw: st.DrawFn) -> dict[tuple[int, int], Status]:
    """How each attempt of each step ends; what is not said completes."""
    keys = st.tuples(st.integers(0, 11), st.integers(1, 3))
    return draw(st.dictionaries(keys, ENDS, max_size=12))


def ends_of(script: dict[tuple[int, int], Status]):
    return lambda step, attempt: script.get((step, attempt), Status.COMPLETED)


def check_counts(view: RunView) -> None:
    graph = view.graph
    for index, step in view.steps.items():
        stands = [standing(view.steps[p], graph.nodes[p]) for p in graph.parents[index]]
        assert step.open == stands.count(Standing.OPEN)
        assert step.good == stands.count(Standing.GOOD)
        assert step.bad == stands.count(Standing.BAD)


@given(graphs(), scripts(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_every_run_ends_and_its_steps_count_their_parents_right(graph, script, random):
    view = play(view_of(graph), ends_of(script), lambda waiting: random.randrange(len(waiting)))
    assert view.status in FINAL
    assert all(step.status in FINAL for step in view.steps.values())
    check_counts(view)


@given(graphs(PATIENT), scripts(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_tasks_end_decides_nothing_where_all_wait_for_all(graph, script, random):
    first = play(view_of(graph), ends_of(script))
    other = play(view_of(graph), ends_of(script), lambda w: random.randrange(len(w)))
    assert statuses(first) == statuses(other)
    assert first.status is other.status


@given(graphs(), scripts())
@settings(max_examples=50, deadline=None)
def test_no_step_is_queued_before_its_parents_allow_it(graph, script):
    view = settle(view_of(graph))
    for _ in range(200):
        for index, seen in view.steps.items():
            node = graph.nodes[index]
            if seen.status in ACTIVE and node.trigger is Trigger.ALL_SUCCEEDED:
                assert all(
                    standing(view.steps[parent], graph.nodes[parent]) is Standing.GOOD
                    for parent in graph.parents[index]
                )
        active = [i for i, step in view.steps.items() if step.status in ACTIVE]
        if not active:
            break
        step, attempt = active[0], view.steps[active[0]].attempt
        end = script.get((step, attempt), Status.COMPLETED)
        view = settle(fold(view, [TaskStands(step, attempt, end)], NOW))


@given(graphs(), scripts(), st.integers(0, 8))
@settings(max_examples=50, deadline=None)
def test_an_abort_at_any_moment_ends_the_run(graph, script, moment):
    view = settle(view_of(graph))
    for _ in range(moment):
        active = [i for i, step in view.steps.items() if step.status in ACTIVE]
        if active:
            step, attempt = active[0], view.steps[active[0]].attempt
            end = script.get((step, attempt), Status.COMPLETED)
            view = settle(fold(view, [TaskStands(step, attempt, end)], NOW))
    view = settle(fold(view, [AbortRun(1)], NOW))
    view = play(view, lambda *_: Status.ABORTED)
    assert all(step.status in FINAL for step in view.steps.values())
    check_counts(view)


@given(graphs(), scripts(), st.data())
@settings(max_examples=50, deadline=None)
def test_after_any_rerun_the_run_ends_again_and_counts_right(graph, script, data):
    view = play(view_of(graph), ends_of(script))
    if not graph.nodes:
        return
    chosen = data.draw(st.sets(st.integers(0, len(graph) - 1), min_size=1))
    view = settle(fold(view, [Rerun(1, tuple(sorted(chosen)))], NOW))
    assert all(view.steps[index].attempt >= 1 for index in chosen)
    view = play(view, lambda *_: Status.COMPLETED)
    check_counts(view)


@given(graphs(), scripts())
@settings(max_examples=50, deadline=None)
def test_the_news_of_a_run_fold_into_its_view(graph, script):
    before = view_of(graph)
    after = play(before, ends_of(script))
    data = {"status": "running", "round": 1, "number": 1, "steps": len(graph)}
    told = [{"n": 1, "kind": "run_created", "data": data}]
    told += [{"n": 2, "kind": "steps_added", "data": {"first": 0, "count": len(graph)}}]
    told += [
        {"n": n, "kind": item.kind.value, "data": item.data}
        for n, item in enumerate(news(before, after), 3)
    ]
    view = fold_changes(empty_view(), told)
    assert view["run"]["status"] == after.status
    for index, step in after.steps.items():
        assert view["steps"][str(index)]["status"] == step.status
        assert view["steps"][str(index)]["attempt"] == step.attempt
    for (index, number), attempt in after.attempts.items():
        assert view["attempts"][f"{index}.{number}"]["status"] == attempt.status


@given(graphs())
@settings(max_examples=30, deadline=None)
def test_planning_is_repeatable_and_ends(graph):
    view = view_of(graph)
    assert plan(view, NOW) == plan(view, NOW)
    settled = settle(view)
    assert plan(settled, NOW) == () or settled.status in FINAL
