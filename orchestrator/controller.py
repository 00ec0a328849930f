"""One turn of one run, and one turn of one queue's line. Both may be taken by any worker.

They are safe to take at any time, twice at once, and to be killed at any line: everything is
decided under a lock and written in one transaction, and what leaves, leaves after it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from django.db import transaction

from orchestrator import dispatch, growing, scripted
from orchestrator.domain.changes import Kind, News
from orchestrator.domain.decisions import (
    Cancel,
    Decision,
    Dismiss,
    EndScript,
    Finish,
    Gather,
    Halt,
    HoldBack,
    Launch,
    PauseBefore,
    Skip,
    Withdraw,
)
from orchestrator.domain.graph import Kind as NodeKind
from orchestrator.domain.planner import (
    AttemptView,
    RunView,
    calls_of_moves,
    carry,
    deadline_from,
    fails_with_script,
    fold,
    in_order,
    missing_causes,
    missing_children,
    news,
    plan,
    spread,
)
from orchestrator.domain.states import FINAL, Status, StopReason
from orchestrator.graphs import document_of
from orchestrator.models import Attempt, Step, Task
from orchestrator.store import (
    admission,
    calls,
    fan_outs,
    launch,
    lines,
    monitoring,
    nesting,
    records,
    signals,
    turns,
    values,
)
from orchestrator.store.launches import Launches
from orchestrator.turn import Turn

TURNS_AT_ONCE = 1000
"""How often one call goes round before it leaves the rest to the tick."""


def advance(run_id: uuid.UUID) -> int:
    """Take turns of the run until its mailbox is empty; answers how many.

    After the lock has been given back the mailbox is looked at once more: whoever put something
    in while the lock was held found it taken, and went away.
    """
    for taken in range(TURNS_AT_ONCE):
        answer = _take_turn(run_id)
        if answer is _Answer.TAKEN_BY_OTHERS:
            return taken
        if not signals.are_waiting(run_id):
            return taken + (answer is _Answer.DONE)
    dispatch.ask_for_turn(run_id)
    return TURNS_AT_ONCE


class _Answer(Enum):
    """What came of trying to take a turn."""

    DONE = auto()
    NOTHING_TO_DO = auto()
    TAKEN_BY_OTHERS = auto()


def _take_turn(run_id: uuid.UUID) -> _Answer:
    """One turn, if there is something to do and nobody else is at it.

    1. Lock the run and read its mailbox. 2. Insert step rows that are still missing. 3. Load
    what the signals speak of and fold it. 4. Plan, carry out, tell the children, until nothing
    follows or the turn is long enough. 5. Write rows and numbered changes, delete the signals,
    commit. 6. Publish, poke.
    """
    with transaction.atomic():
        mail = turns.open_mail(run_id)
        if mail is None:
            return _Answer.TAKEN_BY_OTHERS
        turn = Turn(mail, mail.now, room=turns.DECISIONS_A_TURN)
        if not _has_work(turn):
            return _Answer.NOTHING_TO_DO
        growing.grow(turn)
        if _must_add_steps(mail):
            _add_steps(turn)
        else:
            _advance_view(turn)
        turn.topics.add(f"run:{run_id}")
        for other in sorted(turn.other_runs):
            dispatch.ask_for_turn(other)
        dispatch.publish(turn.places, topics=turn.topics, lost=lambda: lines.take_back(turn.places))
    for queue in sorted(turn.queues):
        serve_line(queue)
    for line in sorted(turn.lines):
        serve_runs(line)
    return _Answer.DONE


def _has_work(turn: Turn) -> bool:
    run = turn.mail.run
    return bool(turn.mail.signals) or (run.due_at is not None and run.due_at <= turn.now)


def _must_add_steps(mail: turns.Mail) -> bool:
    run = mail.run
    if scripted.says_steps_later(run):
        return False
    starts = run.status in (Status.DRAFT, Status.QUEUED) and "start" in mail.kinds
    lives = run.status not in (Status.DRAFT, Status.QUEUED) and run.status not in FINAL
    return run.steps_made < run.steps_total and (starts or lives)


def _add_steps(turn: Turn) -> None:
    """Insert step rows; the signals stay in the mailbox until all of them are there."""
    first, count = turns.add_steps(turn.mail)
    revision = turn.mail.run.graph_revision
    data = {"first": first, "count": count, "revision": revision}
    told = (*turn.told, News(Kind.STEPS_ADDED, data), *growing.settle(turn, first, count))
    records.write_changes(turn.mail, told, turn.now)
    records.write_last_change(turn.mail)


def _advance_view(turn: Turn) -> None:
    mail = turn.mail
    old_fence = mail.run.task.fence
    scripted.look_at_script(turn)
    closed = calls.close(mail, turn.now)
    turn.told += closed.told
    turn.queues |= closed.queues
    before = turns.load_view(mail, turn.now)
    view = _begun(turn, before)
    view = fold(view, [*closed.facts, *turns.facts(mail, view)], turn.now)
    view = scripted.begin_again(turn, view)
    records.raise_fence(mail, before, view)
    if view.graph.has_monitors and mail.run.task.fence != old_fence:
        monitoring.keep_in_new_round(mail.run, view.graph, old_fence)
    _note_given(turn, view)
    view = _carry_out(turn, _told_children(turn, view))
    _hold_or_let_go(turn, before, view)
    _tell_artifacts(turn, view)
    _tell_of_tasks(turn, view)
    if view.graph.has_monitors:
        monitoring.copy_watched(mail, view)
    records.write_steps(mail, view)
    records.write_attempts(mail, view, turn.launched, turn.now)
    if view.status in FINAL and (before.status not in FINAL or view.round > before.round):
        view = _summed_up(turn, view)
        turn.lines |= set(admission.lines_of(mail.run))
    if view.graph.has_hooks:
        _call(turn, before, view)
    told = news(before, view, *turn.told)
    records.write_changes(mail, told, turn.now)
    has_moved = records.write_run(mail, view)
    _tell_other_runs(turn, before, view, has_moved=has_moved)
    records.delete_signals(mail)
    turn.left += [*turn.fanned_out, *fan_outs.left_waiting(view, mail.held)]
    has_more = mail.more or _must_add_steps(mail) or _has_more(turn, before, view)
    if turn.left or view.unspread or has_more:
        turns.leave_over(mail, view, turn.left, turn.put_off)
    asks = Status.AWAITING
    if before.status is not view.status or before.tally_now()[asks] != view.tally_now()[asks]:
        turn.topics |= {f"pipeline:{mail.run.pipeline_id}", f"project:{mail.run.project_id}"}


def _begun(turn: Turn, view: RunView) -> RunView:
    """The view of a run that starts with this turn, or waits for a place, if it was asked to.

    A draft was asked by somebody who may wait for the answer; another run begins by its making.
    """
    mail = turn.mail
    asked = [signal for signal in mail.signals if signal.kind == "start"]
    if asked and view.status in (Status.DRAFT, Status.QUEUED) and mail.run.line_id is None:
        first = asked.pop(0)
        if view.status is Status.DRAFT:
            scripted.enqueue_draft(turn)
            data = {"signal": first.pk, "verb": "enqueue", "detail": {}}
            turn.told.append(News(Kind.ASKED, data, first.actor))
        view = _admitted(turn, view)
    elif view.status is Status.QUEUED and (given := turns.place_given(mail)):
        view = _admitted(turn, view, after=given)
    for late in asked:
        data = {"signal": late.pk, "verb": "enqueue", "reason": "the run has started already"}
        turn.told.append(News(Kind.REFUSED, data, late.actor))
    return view


def _admitted(turn: Turn, view: RunView, *, after: str = "") -> RunView:
    """The view of a run that starts, unless there is a line in which it must stand before."""
    line = admission.next_line(turn.mail.run, view.graph.options, after=after)
    if line is None and scripted.let_go(turn):
        return replace(view, status=Status.QUEUED)
    if line is None:
        deadline = deadline_from(turn.now, view.timeout)
        return replace(view, status=Status.RUNNING, started_at=turn.now, deadline_at=deadline)
    turn.lines.add(line.pk)
    if admission.is_full(line):
        data = {"line": line.kind, "name": line.description, "limit": line.limit}
        turn.told.append(News(Kind.LIMIT_REACHED, data))
    return replace(view, status=Status.QUEUED)


def _note_given(turn: Turn, view: RunView) -> None:
    """Let what follows in this turn see values that a person gave, as they are not written yet."""
    for (index, number), attempt in view.attempts.items():
        if attempt.outputs is not None:
            name = view.graph.nodes[index].name
            step = Step(index=index, path=name)
            turn.fresh[name] = Attempt(
                step=step, number=number, status=attempt.status, outputs=dict(attempt.outputs)
            )


def _hold_or_let_go(turn: Turn, before: RunView, view: RunView) -> None:
    """Keep a paused run's tasks from getting places, and give them back when it goes on; nested
    runs do the same.
    """
    run = turn.mail.run
    if view.status is Status.PAUSED:
        lines.hold(run)
    elif before.status is Status.PAUSED:
        turn.queues |= lines.let_go(run)
    kinds = {Status.PAUSED: "pause", Status.RUNNING: "resume"}
    is_between = before.status in kinds and view.status in kinds
    if is_between and before.status is not view.status:
        turn.other_runs |= set(nesting.tell_nested(run, kinds[view.status], ""))


def _has_more(turn: Turn, before: RunView, view: RunView) -> bool:
    """True when steps that were not loaded have something to do now."""
    if view.status is Status.ABORTING:
        return before.status is not Status.ABORTING
    limit = view.graph.options.max_parallel
    if limit is None or not turn.mail.waits_for_place or view.status is not Status.RUNNING:
        return False
    has_moved = any(step != view.loaded[index] for index, step in view.steps.items())
    return has_moved and view.active_now() < limit


def _told_children(turn: Turn, view: RunView) -> RunView:
    """Spread how steps stand, as far as this turn may still load rows.

    What it may load does not count what it began with, so that every turn gets somewhere.
    """
    while view.unspread:
        missing = missing_children(view)
        if missing and turn.loaded >= turns.STEPS_A_TURN:
            break
        turn.loaded += len(missing)
        view = spread(turns.load_more(turn.mail, view, missing) if missing else view)
    causes = missing_causes(view)
    return turns.load_more(turn.mail, view, causes) if causes else view


def _carry_out(turn: Turn, view: RunView) -> RunView:
    """The view after everything that follows, or as much of it as there is room for.

    What was decided together is carried out together: where the turn is cut, what follows from
    the first part is put off until the rest is done. So the cut changes nothing but the time.
    """
    turn.put_off = turns.put_off(turn.mail)
    while (decisions := plan(view, turn.now)) or turn.put_off:
        view = _withdraw(turn, _cancel(turn, view, decisions), decisions)
        if EndScript() in decisions:
            view = scripted.end_script(turn, view)
        view = _gather(turn, view, decisions)
        moves = [one for one in decisions if isinstance(one, Launch | Skip | HoldBack | Halt)]
        turn.left = [decision.step for decision in moves[turn.room :]]
        moves = moves[: turn.room]
        turn.room -= len(moves)
        # The end of a run comes alone and always finds room, or the turn would not end either.
        ends = [
            decision
            for decision in decisions
            if isinstance(decision, Dismiss | PauseBefore | Finish)
        ]
        for decision in (*ends, *moves):
            if not isinstance(decision, Launch):
                view = carry(view, decision, turn.now)
        view = _launch(turn, view, moves)
        if not turn.left:
            view = turns.load_more(turn.mail, view, turn.put_off)
            turn.put_off = set()
        view = _told_children(turn, view)
        if turn.left:
            follows = plan(view, turn.now)
            turn.left += [one.step for one in follows if isinstance(one, Gather)]
            turn.put_off |= _hard_to_find(view, follows) - set(turn.left)
            break
    return view


def _hard_to_find(view: RunView, decisions: Sequence[Decision]) -> set[int]:
    """The steps which the next turn does not come upon unless it is told of them.

    It finds those whose parents have all ended, if the run goes on, and in one that is aborted
    whatever is to be stopped.
    """
    if view.status is Status.ABORTING:
        return set()
    moves = [one.step for one in decisions if isinstance(one, Launch | Skip | HoldBack | Halt)]
    return {step for step in moves if view.steps[step].open or view.status is Status.PAUSED}


def _launch(turn: Turn, view: RunView, decisions: Sequence[Decision]) -> RunView:
    indexes = [decision.step for decision in decisions if isinstance(decision, Launch)]
    if not indexes:
        return view
    done = Launches(calls=view.calls, hooks=view.graph.hooks)
    launch.launch(
        turn.mail.run,
        [view.graph.nodes[index] for index in indexes],
        {index: view.current(index) for index in indexes},
        turn.now,
        turn.fresh,
        done,
    )
    view = fold(view, done.facts, turn.now)
    turn.asks += calls.numbered(done.asks, view)
    if done.lists:
        view = _spread_out(turn, view, done.lists)
    for skip in done.skips:
        view = carry(view, skip, turn.now)
    for index, row in done.rows.items():
        number = view.steps[index].attempt
        turn.launched[index, number] = row
        data = {"step": index, "number": number, "parameters": row["resolved"]}
        turn.told.append(News(Kind.PARAMETERS_RESOLVED, data))
    for index, task in done.taken.items():
        _note_result(turn, view, index, task)
    turn.queues |= done.queues
    turn.places += done.places
    turn.nested += done.runs
    return view


def _note_result(turn: Turn, view: RunView, index: int, task: Task) -> None:
    """Let what follows in this turn see a result that is not in the rows yet."""
    number = view.steps[index].attempt
    turn.mail.tasks[index, number] = task
    turn.mail.with_artifacts.add((index, number))
    name = view.graph.nodes[index].name
    step = Step(index=index, path=name)
    turn.fresh[name] = Attempt(step=step, number=number, task=task, outputs=task.outputs)


def _spread_out(turn: Turn, view: RunView, lists: dict[int, list[Any]]) -> RunView:
    """Add the items of fan-outs to the run's graph; the next turns insert their rows."""
    mail = turn.mail
    view = turns.load_more(mail, view, fan_outs.needs_rows(view.graph, lists) - view.steps.keys())
    facts = fan_outs.add_items(mail.run, view.graph, lists, mail.step_ids)
    turn.fanned_out |= set(lists)
    return fold(view, facts, turn.now)


def _gather(turn: Turn, view: RunView, decisions: Sequence[Decision]) -> RunView:
    ended = [decision.step for decision in decisions if isinstance(decision, Gather)]
    if not ended:
        return view
    facts = [fan_outs.gathered(turn.mail.run, view, fan_out) for fan_out in ended]
    return fold(view, facts, turn.now)


def _cancel(turn: Turn, view: RunView, decisions: Sequence[Decision]) -> RunView:
    steps = [decision.step for decision in decisions if isinstance(decision, Cancel)]
    if not steps:
        return view
    keys = [(step, view.steps[step].attempt) for step in steps]
    tasks = turns.cancel(turn.mail, keys, turn.now)
    turn.topics |= {f"task:{task.pk}" for task in tasks.values()}
    for (step, _), task in tasks.items():
        if view.graph.nodes[step].kind is NodeKind.PIPELINE:
            turn.other_runs.add(task.pk)
            continue
        turn.queues.add(task.queue)
        if task.status == Status.ABORTING and task.agent_id:
            dispatch.poke_agent(task.agent_id, task.pk)
    return fold(view, [turns.stands(*key, task) for key, task in tasks.items()], turn.now)


def _tell_other_runs(turn: Turn, before: RunView, view: RunView, *, has_moved: bool) -> None:
    """Tell the run above how this one stands now, and those below which attempts they are."""
    nesting.tie(turn.nested)
    turn.other_runs |= set(turn.nested)
    if has_moved:
        reopened = before.status in FINAL and view.round > before.round
        if parent := nesting.tell_parent(turn.mail.run, reopened=reopened):
            turn.other_runs.add(parent)


def _withdraw(turn: Turn, view: RunView, decisions: Sequence[Decision]) -> RunView:
    """End what nobody has claimed yet; what has just been claimed goes on."""
    reasons = {
        (decision.step, view.steps[decision.step].attempt): decision.reason
        for decision in decisions
        if isinstance(decision, Withdraw)
    }
    if not reasons:
        return view
    tasks = turns.withdraw(turn.mail, reasons)
    turn.queues |= {task.queue for task in tasks.values()}
    return fold(view, [turns.stands(*key, task) for key, task in tasks.items()], turn.now)


def _summed_up(turn: Turn, view: RunView) -> RunView:
    """What an ended run has to show for itself: its outputs, or the first thing that failed."""
    run = turn.mail.run
    run.outputs = {}
    if view.stop_reason is StopReason.DEADLINE:
        return view
    if view.status is Status.FAILED and not fails_with_script(view):
        return replace(view, reason=records.first_failure(run))
    if view.status is Status.COMPLETED and run.version is not None:
        document = document_of(run.version.pk, run.version.content_hash)
        run.outputs, missing = values.pipeline_outputs(run, document.get("outputs") or {})
        turn.told += [News(Kind.NOTE, {"text": sentence}) for sentence in missing]
        if view.script is not None:
            run.outputs = {**run.task.outputs, **run.outputs}
    return view


def _call(turn: Turn, before: RunView, view: RunView) -> None:
    """Make the calls that this turn asks for, end those that nobody waits for any more."""
    dropped = calls.drop(turn.mail, view, turn.now)
    for task in dropped.tasks:
        turn.topics.add(f"task:{task.pk}")
        if task.status == Status.ABORTING and task.agent_id:
            dispatch.poke_agent(task.agent_id, task.pk)
    asks = in_order([*turn.asks, *view.asks], calls_of_moves(before, view))
    told = calls.ask(turn.mail, view, asks, turn.launched, turn.now)
    turn.told += [*dropped.told, *told]
    if told:
        turn.queues.add(calls.QUEUE)


def _tell_artifacts(turn: Turn, view: RunView) -> None:
    """Tell of the artifacts of attempts that ended in this turn."""
    ended: dict[tuple[uuid.UUID, int], list[tuple[int, int]]] = defaultdict(list)
    for key, attempt in view.attempts.items():
        has_some = attempt.status in FINAL and key in turn.mail.with_artifacts
        if has_some and not _had_ended(view.loaded_attempts.get(key)):
            task = turn.mail.tasks[key]
            # One result may have been taken for several steps.
            ended[task.pk, task.fence].append(key)
    for artifact in records.artifacts_of({task_id for task_id, _ in ended}):
        for step, number in ended.get((artifact.task_id, artifact.fence), ()):
            data = {
                "step": step,
                "number": number,
                "name": artifact.name,
                "size": artifact.size,
                "media_type": artifact.media_type,
                "sha256": artifact.sha256,
            }
            turn.told.append(News(Kind.ARTIFACT_ADDED, data))


def _had_ended(attempt: AttemptView | None) -> bool:
    return attempt is not None and attempt.status in FINAL


def _tell_of_tasks(turn: Turn, view: RunView) -> None:
    """Poke those who watch the tasks that this turn found moved, or the queues they stand in."""
    before = view.loaded_attempts
    moved = [now for key, now in view.attempts.items() if now.task and now != before.get(key)]
    if moved:
        turn.topics |= {"lines", *(f"task:{attempt.task}" for attempt in moved)}


def go_on_after(queue: str, run_id: uuid.UUID | None) -> None:
    """Take the turns that the end of a task asks for: its run's, and that of its queue."""
    if run_id is not None:
        advance(run_id)
    if queue and lines.somebody_waits(queue):
        serve_line(queue)


def serve_line(queue: str) -> int:
    """Give places in a queue and tell its agents; answers to how many tasks."""
    with transaction.atomic():
        places = lines.give_places(queue)
        dispatch.publish(places, topics=["lines"], lost=lambda: lines.take_back(places))
    return len(places)


def serve_runs(line: int) -> int:
    """Give the places of a pipeline or a concurrency key; answers to how many runs it spoke."""
    with transaction.atomic():
        told = admission.give_places(line)
        for run_id in sorted(told):
            dispatch.ask_for_turn(run_id)
    return len(told)
