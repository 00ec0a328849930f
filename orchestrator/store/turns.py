"""The rows of one turn: locked, and read into the view that the rules look at."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from orchestrator.domain.decisions import (
    Fact,
    Progressed,
    Reopened,
    ScriptStands,
    SkippedBy,
    TaskStands,
)
from orchestrator.domain.graph import Graph, Kind, Node
from orchestrator.domain.hooks import CallView
from orchestrator.domain.planner import (
    CALL,
    HELD,
    AttemptView,
    RunView,
    Standing,
    StepView,
    Verdict,
    fold,
    judge,
    standing,
    takes_place,
)
from orchestrator.domain.states import ACTIVE, FINAL, Driver, Status, StopReason, TaskEvent, move
from orchestrator.graphs import graph_of_run
from orchestrator.models import (
    Agent,
    Artifact,
    Attempt,
    Line,
    PipelineVersion,
    Run,
    Signal,
    Step,
    Task,
)
from orchestrator.store import fan_outs, scripts, signals, wishes
from orchestrator.store.call_views import views_of
from orchestrator.store.rows import Columns, fetch, key_of, marks

SIGNALS_A_TURN = 1000
STEPS_A_TURN = 1000
DECISIONS_A_TURN = 500
LOADED_A_TURN = 500

_RUNS = Columns(
    Run,
    "task",
    "project",
    "pipeline",
    "version",
    "status",
    "reason",
    "stop_reason",
    "round",
    "last_change",
    "steps_total",
    "steps_made",
    "tally",
    "uncounted",
    "parameters",
    "outputs",
    "due_at",
    "deadline_at",
    "graph_revision",
    "options",
    "parent_attempt",
    "line",
    "key",
    "actor",
    "driver",
    "graph_open",
    "taken_up",
    "started_at",
    "ended_at",
)
_STEPS_MADE = Columns(Run, "steps_made", "tally", "uncounted")
_CONTROLLER_TASKS = Columns(Task, "id", "status", "fence", "queued_at", "priority", "scopes")
_VERSIONS = Columns(PipelineVersion, "id", "content_hash")
_SIGNALS = Columns(Signal, "id", "run", "kind", "data", "actor")
STEP_COLUMNS = (
    "status",
    "reason",
    "skipped_by",
    "cause",
    "open_parents",
    "good_parents",
    "bad_parents",
    "stale",
    "progress",
    "due_at",
    "due_why",
    "attempt",
    "retried",
    "crashed",
    "again",
    "let_pass",
    "items",
    "items_open",
    "items_good",
    "items_bad",
    "started_at",
    "ended_at",
)
"""What a turn may change of a step, in the order in which `records` writes it."""

_STEPS = Columns(Step, "id", "index", *STEP_COLUMNS)
_NEW_STEPS = Columns(
    Step,
    *("run", "index", "node", "path", "item_index", "item_value", "status", "reason"),
    *("cause", "skipped_by", "counts", "open_parents", "good_parents", "bad_parents"),
    *("stale", "progress", "due_at", "due_why", "attempt", "retried", "crashed", "again"),
    *("let_pass", "items", "items_open", "items_good", "items_bad", "started_at", "ended_at"),
)
_ATTEMPTS = Columns(
    Attempt,
    "id",
    "number",
    "status",
    "origin",
    "round",
    "task",
    "reason",
    "exit_code",
    "agent",
    "queued_at",
    "started_at",
    "ended_at",
    "inputs",
    "overrides",
    "actor",
)
_TASKS = Columns(
    Task,
    "id",
    "status",
    "fence",
    "outcome",
    "outputs",
    "queue",
    "agent",
    "queued_at",
    "started_at",
    "ended_at",
)

_RUN = (
    f"SELECT {_RUNS.select}, {_CONTROLLER_TASKS.select}, {_VERSIONS.select} FROM {_RUNS.table} "
    f"JOIN {_CONTROLLER_TASKS.table} "
    f"ON {_CONTROLLER_TASKS.table}.id = {_RUNS.table}.task_id "
    f"LEFT JOIN {_VERSIONS.table} ON {_VERSIONS.table}.id = {_RUNS.table}.version_id "
    f"WHERE {_RUNS.table}.task_id = %s"
)
# Inserting a signal locks the key of its run. "No key" leaves that to others: a full lock would
# make them wait for the turn, and a signal being put would look like a turn being taken.
_LOCK = (
    f"SELECT CLOCK_TIMESTAMP() FROM {_RUNS.table} WHERE task_id = %s FOR NO KEY UPDATE SKIP LOCKED"
)
_MAILBOX = (
    f"SELECT {_SIGNALS.select} FROM {_SIGNALS.table} WHERE run_id = %s "
    "AND (id <= %s OR kind = %s) AND id > %s ORDER BY id LIMIT %s"
)
_STEPS_OF = f"SELECT {_STEPS.select} FROM {_STEPS.table} WHERE run_id = %s"
# The last two attempts: a step that waits to be retried may have to end as its last one did.
_TRIED = (
    f'SELECT {_STEPS.table}."index", {_ATTEMPTS.select}, {_TASKS.select}, agent.name, '
    f'EXISTS (SELECT 1 FROM "{Artifact._meta.db_table}" a WHERE a.task_id = {_TASKS.table}.id) '
    f"FROM {_ATTEMPTS.table} "
    f"JOIN {_STEPS.table} ON {_STEPS.table}.id = {_ATTEMPTS.table}.step_id "
    f"LEFT JOIN {_TASKS.table} ON {_TASKS.table}.id = {_ATTEMPTS.table}.task_id "
    f'LEFT JOIN "{Agent._meta.db_table}" agent ON agent.id = {_TASKS.table}.agent_id '
    f"WHERE {_ATTEMPTS.table}.number >= {_STEPS.table}.attempt - 1 "
    f"AND {_ATTEMPTS.table}.step_id IN "
)

_STARTABLE = (
    f'SELECT "index", open_parents, good_parents, bad_parents FROM {_STEPS.table} '
    "WHERE run_id = %s AND status = %s AND due_at IS NULL "
    f"AND due_why <> %s AND due_why <> '{HELD}'"
)
_LAST_ID = 2**63 - 1
_PLAIN = frozenset({"task", "script", "progress", "go_on"})
_TO_BE_STOPPED = (Status.PENDING, Status.AWAITING, Status.QUEUED, Status.RUNNING)


@dataclass(slots=True)
class Mail:
    """What one turn works on: the run's row, its signals, and the tasks of its steps."""

    run: Run
    signals: list[Signal]
    now: datetime
    tasks: dict[tuple[int, int], Task] = field(default_factory=dict)
    step_ids: dict[int, int] = field(default_factory=dict)
    attempt_ids: dict[tuple[int, int], int] = field(default_factory=dict)
    with_artifacts: set[tuple[int, int]] = field(default_factory=set)
    called: set[int] = field(default_factory=set)
    held: fan_outs.Held = field(default_factory=fan_outs.Held)
    script: ScriptStands | None = None
    more: bool = False
    waits_for_place: bool = False
    _graph: Graph | None = None

    @property
    def graph(self) -> Graph:
        """The run's graph; one that nobody asks for is not read."""
        if self._graph is None:
            self._graph = graph_of_run(self.run)
        return self._graph

    @graph.setter
    def graph(self, graph: Graph) -> None:
        self._graph = graph

    @property
    def pause_at(self) -> frozenset[str]:
        """Before which steps the run pauses: as it was asked to, else as its document says."""
        asked = self.run.options.get("pause_at")
        return self.graph.options.pause_at if asked is None else frozenset(asked)

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(signal.kind for signal in self.signals)


def database_now() -> datetime:
    """The database's clock: the only one that leases and deadlines are measured by."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def open_mail(run_id: uuid.UUID) -> Mail | None:
    """Lock the run and read its mailbox; None: somebody else is taking a turn, or there is none."""
    key = key_of(Run, run_id)
    now = _lock(key)
    if now is None:
        return None
    found = fetch(_RUN, [key])
    if not found:
        return None
    run = _run_of(found[0])
    return Mail(run, _read_mailbox(key), now)


def look_at(run_id: uuid.UUID) -> tuple[Mail, RunView]:
    """A run with all its steps as they stand now: nothing is locked, and nothing may be written."""
    now = database_now()
    run = _run_of(fetch(_RUN, [key_of(Run, run_id)])[0])
    mail = Mail(run, [], now, script=scripts.standing_of(run))
    view = with_steps(mail, bare_view(mail), _steps(mail))
    return mail, fold(view, facts(mail, view), now)


def place_given(mail: Mail) -> str:
    """The kind of the line that has given the run a place; nothing when none has.

    A signal of a line in which the run does not stand any more means nothing.
    """
    lines = {signal.data["line"] for signal in mail.signals if signal.kind == "admit"}
    found = Line.objects.filter(pk__in=lines & {mail.run.line_id}) if lines else Line.objects.none()
    return found.values_list("kind", flat=True).first() or ""


def _lock(key: Any) -> datetime | None:
    """Lock the run's row, before anything is read: a join shows other rows as they were.

    The answer is when, by the database's clock. On SQLite the transaction itself is the lock, as
    it begins by taking the right to write.
    """
    if not connection.features.has_select_for_update:
        return timezone.now()
    locked = fetch(_LOCK, [key])
    return locked[0][0] if locked else None


def _run_of(row: Sequence[Any]) -> Run:
    of_run, of_task = len(_RUNS), len(_RUNS) + len(_CONTROLLER_TASKS)
    run = _RUNS.read(row[:of_run])
    run.task = _CONTROLLER_TASKS.read(row[of_run:of_task])
    if run.version_id is not None:
        run.version = _VERSIONS.read(row[of_task:])
    return run


def _read_mailbox(key: Any) -> list[Signal]:
    rows = fetch(_MAILBOX, [key, _LAST_ID, "", 0, SIGNALS_A_TURN])
    if len(rows) == SIGNALS_A_TURN:
        # Until it is told on, what an earlier turn left over makes the counts of parents wrong.
        rows += fetch(_MAILBOX, [key, 0, "go_on", rows[-1][0], _LAST_ID])
    return [_SIGNALS.read(row) for row in rows]


def add_steps(mail: Mail) -> tuple[int, int]:
    """Insert the next step rows; answers the first index and how many."""
    run, first = mail.run, mail.run.steps_made
    nodes = mail.graph.nodes[first : first + STEPS_A_TURN]
    items = fan_outs.values_of(run, mail.graph, nodes)
    held = {node.index for node in nodes if fan_outs.is_held(mail.graph, node.index)}
    counted = _counted(mail, [node for node in nodes if node.added])
    _NEW_STEPS.insert(
        Step(
            run_id=run.pk,
            index=node.index,
            node=node.index,
            path=node.name,
            item_index=node.item,
            item_value=items.get(node.index),
            counts=node.counts,
            due_why=HELD if node.index in held else "",
            **{
                "open_parents": len(mail.graph.parents[node.index]) + (node.index in held),
                **counted.get(node.index, {}),
            },
        )
        for node in nodes
    )
    run.steps_made = first + len(nodes)
    uncounted = sum(not node.counts for node in nodes)
    pending = Status.PENDING.value
    run.tally = {**run.tally, pending: run.tally.get(pending, 0) + len(nodes)}
    run.uncounted = {**run.uncounted, pending: run.uncounted.get(pending, 0) + uncounted}
    _STEPS_MADE.update({run.pk: (run.steps_made, run.tally, run.uncounted)})
    return first, len(nodes)


def _counted(mail: Mail, nodes: Sequence[Node]) -> dict[int, dict[str, Any]]:
    """How many parents of steps that come later are open, good and bad.

    A parent counts as its other children count it: those whose children an earlier turn did not
    come to tell count as before, and the new ones are told with the rest.
    """
    above = {one for node in nodes for one in mail.graph.parents[node.index]}
    made = sorted(one for one in above if one < mail.run.steps_made)
    if not made:
        return {}
    told = _unspread(mail)
    rows = load_more(mail, bare_view(mail), made).steps
    stands = {
        index: told.get(index) or standing(step, mail.graph.nodes[index])
        for index, step in rows.items()
    }
    found = {}
    for node in nodes:
        parents = mail.graph.parents[node.index]
        how = Counter(stands.get(one, Standing.OPEN) for one in parents)
        hopeless = [one for one in parents if stands.get(one) in (Standing.BAD, Standing.PASSED)]
        first = rows[hopeless[0]] if hopeless else None
        found[node.index] = {
            "open_parents": how[Standing.OPEN],
            "good_parents": how[Standing.GOOD],
            "bad_parents": how[Standing.BAD],
            "cause": (first.index if first.cause is None else first.cause) if first else None,
        }
    return found


def load_view(mail: Mail, now: datetime) -> RunView:
    """The view of the run with the steps that this turn is about."""
    view = _with_loaded(mail, _with_unspread(mail, bare_view(mail)), now)
    everywhere = bool(mail.kinds - _PLAIN) or mail.graph.options.max_parallel is not None
    mail.held = fan_outs.held(mail.run, view, everywhere=everywhere)
    view = load_more(mail, view, mail.held.steps)
    return replace(view, at_work=mail.held.at_work, fan_outs=mail.held.fan_outs)


def _with_loaded(mail: Mail, view: RunView, now: datetime) -> RunView:
    run = mail.run
    if wishes.WHOLE_RUN & mail.kinds or _is_over_time(run, now):
        return with_steps(mail, view, _steps(mail))
    named = mail.called | {index for signal in mail.signals for index in _steps_of(signal)}
    named |= {
        item
        for signal in mail.signals
        if signal.kind == "abort_steps"
        for index in signal.data["steps"]
        for item in mail.graph.all_items(index)
    }
    view = load_more(mail, view, named)
    for worth_a_look, values in _ready(run, now):
        found = _steps(mail, f'{worth_a_look} ORDER BY "index" LIMIT %s', [*values, LOADED_A_TURN])
        mail.more = mail.more or len(found) == LOADED_A_TURN
        view = with_steps(mail, view, found)
    if run.status not in (Status.PAUSED, Status.ABORTING):
        view = _with_startable(mail, view)
    return view


def _is_over_time(run: Run, now: datetime) -> bool:
    is_alive = run.status in (Status.RUNNING, Status.PAUSED)
    return is_alive and run.deadline_at is not None and run.deadline_at <= now


def _with_startable(mail: Mail, view: RunView) -> RunView:
    """Add steps that may start now: of a run that lets only so many run at a time not more than
    these, as the others would be looked at in vain by every turn.
    """
    limit = mail.graph.options.max_parallel
    if limit is None:
        # One that waits for the answer to a call is spoken of by a signal.
        where = (
            "status = %s AND open_parents = 0 AND due_at IS NULL AND due_why <> %s "
            'ORDER BY "index" LIMIT %s'
        )
        found = _steps(mail, where, [Status.PENDING.value, CALL, LOADED_A_TURN])
        mail.more = mail.more or len(found) == LOADED_A_TURN
        return with_steps(mail, view, found)
    rows = fetch(_STARTABLE, [key_of(Run, mail.run.pk), Status.PENDING.value, CALL])
    nodes = [mail.graph.nodes[row[0]] for row in rows if _may_start(mail.graph, row)]
    limited = sorted(filter(takes_place, nodes), key=lambda node: (-node.priority, node.index))
    free = [node.index for node in nodes if not takes_place(node)]
    mail.waits_for_place = len(limited) > limit
    return load_more(mail, view, {*free, *(node.index for node in limited[:limit])} - {*view.steps})


def _may_start(graph: Graph, row: Sequence[int]) -> bool:
    index, still_open, good, bad = row
    step = StepView(index, open=still_open, good=good, bad=bad)
    return judge(step, graph.nodes[index]) is Verdict.START


def bare_view(mail: Mail) -> RunView:
    """The view of the run without any of its steps."""
    run = mail.run
    return RunView(
        graph=mail.graph,
        status=Status(run.status),
        reason=run.reason,
        stop_reason=StopReason(run.stop_reason),
        round=run.round,
        started_at=run.started_at,
        ended_at=run.ended_at,
        deadline_at=run.deadline_at,
        timeout=_timeout(mail),
        pause_at=mail.pause_at,
        complete=run.steps_made == run.steps_total,
        tally=_tally(run.tally),
        uncounted=_tally(run.uncounted),
        driver=Driver(run.driver),
        graph_open=run.graph_open,
        script=mail.script,
        taken_up=run.taken_up,
    )


def _timeout(mail: Mail) -> float | None:
    """How long the run may take: by its document, and by the step that it is, if it is nested."""
    said = (mail.graph.options.timeout, mail.run.options.get("timeout"))
    return min((each for each in said if each is not None), default=None)


def _ready(run: Run, now: datetime) -> Iterable[tuple[str, list[Any]]]:
    """The steps that may have something to do although no signal speaks of them.

    Each of them must be another one after the turn, or turns would be taken for ever.
    """
    if run.status == Status.ABORTING:
        yield f"status IN {marks(len(_TO_BE_STOPPED))}", [each.value for each in _TO_BE_STOPPED]
        return
    # Asked apart, as it looks at all open steps: those that some parents let start early, too.
    if run.due_at is not None and run.due_at <= now:
        at = Step._meta.get_field("due_at").get_db_prep_value(now, connection)
        yield "due_at <= %s", [at]


def _steps(mail: Mail, which: str = "", values: Sequence[Any] = ()) -> list[Step]:
    """The steps of the run, or some of them."""
    statement = f"{_STEPS_OF} AND {which}" if which else _STEPS_OF
    key = key_of(Run, mail.run.pk)
    return [_STEPS.read(row) for row in fetch(statement, [key, *values])]


def _steps_of(signal: Signal) -> Iterable[int]:
    match signal.kind:
        case "task" | "progress" | "reopened" | "skip" | "answer":
            return (signal.data["step"],)
        case "call":
            step = signal.data["step"]
            return () if step is None else (step,)
        case "abort_steps" | "go_on":
            steps: list[int] = signal.data["steps"]
            return steps
        case _:
            return ()


def _with_unspread(mail: Mail, view: RunView) -> RunView:
    """Take up what an earlier turn was too long to tell the children of these steps."""
    return replace(view, unspread=_unspread(mail))


def _unspread(mail: Mail) -> dict[int, Standing]:
    return {
        int(index): Standing[was]
        for signal in mail.signals
        if signal.kind == "go_on"
        for index, was in signal.data["unspread"].items()
    }


def leave_over(mail: Mail, view: RunView, steps: Iterable[int], put_off: Iterable[int]) -> None:
    """Tell the next turn what this one was too long for, and what is to be looked at after that."""
    unspread = {index: was.name for index, was in view.unspread.items()}
    data = {
        "steps": sorted({*steps, *unspread}),
        "unspread": unspread,
        "put_off": sorted(put_off),
    }
    signals.put(mail.run.pk, "go_on", data)


def put_off(mail: Mail) -> set[int]:
    """The steps that are to be looked at once what an earlier turn left over is done."""
    waiting = [signal for signal in mail.signals if signal.kind == "go_on"]
    return {index for signal in waiting for index in signal.data.get("put_off", ())}


def load_more(mail: Mail, view: RunView, indexes: Iterable[int]) -> RunView:
    """The view with these steps added."""
    for chunk in _chunks(sorted(indexes), STEPS_A_TURN):
        view = with_steps(mail, view, _steps(mail, f'"index" IN {marks(len(chunk))}', chunk))
    return view


def with_steps(mail: Mail, view: RunView, rows: Iterable[Step]) -> RunView:
    """Add step rows, their current attempts and how the tasks of these stand."""
    fresh = [row for row in rows if row.index not in view.steps]
    steps = {row.index: _step_view(row) for row in fresh}
    mail.step_ids.update({row.index: row.pk for row in fresh})
    attempts = {}
    for chunk in _chunks([row.pk for row in fresh if row.attempt], STEPS_A_TURN):
        for row in fetch(_TRIED + marks(len(chunk)), chunk):
            attempt = _ATTEMPTS.read(row[1 : 1 + len(_ATTEMPTS)])
            key = (row[0], attempt.number)
            attempts[key] = _attempt_view(mail.graph, attempt)
            mail.attempt_ids[key] = attempt.pk
            if attempt.task_id is not None:
                *of_task, has_artifacts = row[1 + len(_ATTEMPTS) :]
                mail.tasks[key] = _task_of(of_task)
                if has_artifacts:
                    mail.with_artifacts.add(key)
    if nested := [mail.tasks[key] for key in attempts if _is_run(mail, key)]:
        scripts.show_as_runs(nested)
    return replace(
        view,
        steps={**view.steps, **steps},
        loaded={**view.loaded, **steps},
        attempts={**view.attempts, **attempts},
        loaded_attempts={**view.loaded_attempts, **attempts},
        calls={**view.calls, **_calls(mail, fresh)} if mail.graph.has_hooks else view.calls,
    )


def _is_run(mail: Mail, key: tuple[int, int]) -> bool:
    return mail.graph.nodes[key[0]].kind is Kind.PIPELINE and key in mail.tasks


def _calls(mail: Mail, rows: Iterable[Step]) -> dict[tuple[int, int], tuple[CallView, ...]]:
    return views_of(mail.run.pk, [(row.index, row.attempt) for row in rows if row.attempt])


def _task_of(row: Sequence[Any]) -> Task:
    task = _TASKS.read(row[:-1])
    if task.agent_id is not None:
        task.agent = Agent(id=task.agent_id, name=row[-1])
    return task


def _step_view(row: Step) -> StepView:
    return StepView(
        index=row.index,
        status=Status(row.status),
        reason=row.reason,
        skipped_by=SkippedBy(row.skipped_by),
        cause=row.cause,
        # To the database it counts as a parent: so no turn comes upon those who are held back.
        open=row.open_parents - (row.due_why == HELD),
        good=row.good_parents,
        bad=row.bad_parents,
        stale=row.stale,
        progress=row.progress,
        due_at=row.due_at,
        due_why=row.due_why,
        attempt=row.attempt,
        retried=row.retried,
        crashed=row.crashed,
        again=row.again,
        let_pass=row.let_pass,
        items=row.items,
        items_open=row.items_open,
        items_good=row.items_good,
        items_bad=row.items_bad,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _attempt_view(graph: Graph, row: Attempt) -> AttemptView:
    return AttemptView(
        number=row.number,
        status=Status(row.status),
        origin=row.origin,
        round=row.round,
        task=str(row.task_id) if row.task_id else None,
        reason=row.reason,
        exit_code=row.exit_code,
        agent=row.agent,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        inputs=frozenset(graph.index_by_name[taken["step"]] for taken in row.inputs),
        overrides=row.overrides,
        actor=row.actor,
    )


def facts(mail: Mail, view: RunView) -> list[Fact]:
    """What the signals, and the tasks of all loaded steps, have to say."""
    found: list[Fact] = [mail.script] if mail.script else []
    found += [
        stands(index, step.attempt, mail.tasks[index, step.attempt])
        for index, step in view.steps.items()
        if step.status in ACTIVE and (index, step.attempt) in mail.tasks
    ]
    for signal in mail.signals:
        match signal.kind:
            case "progress":
                found.append(
                    Progressed(signal.data["step"], signal.data["attempt"], signal.data["value"])
                )
            case "reopened":
                found.append(Reopened(signal.data["step"], signal.data["attempt"]))
            case _:
                wish = wishes.wish_of(signal)
                found += [wish] if wish else []
    return found


def stands(step: int, attempt: int, task: Task) -> TaskStands:
    """How the task of an attempt stands, as a fact; a nested run that pauses runs for its step."""
    status = Status(task.status)
    return TaskStands(
        step=step,
        attempt=attempt,
        status=Status.RUNNING if status is Status.PAUSED else status,
        reason=task.outcome.get("reason") or "",
        exit_code=task.outcome.get("exit_code"),
        agent=task.agent.name if task.agent else "",
        queued_at=task.queued_at,
        started_at=task.started_at,
        ended_at=task.ended_at,
    )


def cancel(
    mail: Mail, keys: Sequence[tuple[int, int]], now: datetime
) -> dict[tuple[int, int], Task]:
    """End the tasks that nobody has claimed, ask the agents of the others to end them.

    Answers the tasks as they are then. One that moves between the two statements, because its
    agent gives it back, is found *queued* and is asked for again. A nested run is asked by a
    signal: only its own turn moves it, until then it counts as *aborting*.
    """
    nested = [
        key
        for key in keys
        if mail.graph.nodes[key[0]].kind is Kind.PIPELINE and mail.tasks[key].status not in FINAL
    ]
    actor = next((signal.actor for signal in mail.signals if "abort" in signal.kind), "")
    for key in nested:
        signals.put(mail.tasks[key].pk, "abort", {}, actor)
        mail.tasks[key].status = Status.ABORTING
    wanted = {mail.tasks[key].pk: key for key in keys if key not in nested}
    mail.tasks.update({wanted[task.pk]: task for task in end_tasks(list(wanted), now)})
    return {key: mail.tasks[key] for key in keys}


def end_tasks(ids: Sequence[uuid.UUID], now: datetime) -> list[Task]:
    """End the tasks that nobody has claimed, ask for the end of the others; how they stand then."""
    found: list[Task] = []
    for chunk in _chunks(ids, STEPS_A_TURN):
        rows = Task.objects.filter(pk__in=chunk)
        rows.filter(status=Status.QUEUED).update(
            status=move(Status.QUEUED, TaskEvent.ABORT),
            abort_requested_at=now,
            ended_at=now,
            outcome={"reason": "aborted before it started", "confirmed": True},
        )
        rows.filter(status=Status.RUNNING).update(
            status=move(Status.RUNNING, TaskEvent.ABORT), abort_requested_at=now
        )
        found += rows.select_related("agent")
    return found


def withdraw(mail: Mail, keys: Mapping[tuple[int, int], str]) -> dict[tuple[int, int], Task]:
    """End the tasks that nobody has claimed, each with its reason, and leave the others alone.

    Answers the tasks as they are then.
    """
    for key, reason in keys.items():
        rows = Task.objects.filter(pk=mail.tasks[key].pk)
        rows.filter(status=Status.QUEUED).update(
            status=move(Status.QUEUED, TaskEvent.ABORT),
            ended_at=mail.now,
            outcome={"reason": reason, "confirmed": True},
        )
        mail.tasks[key] = rows.select_related("agent").get()
    return {key: mail.tasks[key] for key in keys}


def _tally(stored: Mapping[str, int]) -> dict[Status, int]:
    return {Status(word): count for word, count in stored.items() if count}


def _chunks(values: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (values[start : start + size] for start in range(0, len(values), size))
