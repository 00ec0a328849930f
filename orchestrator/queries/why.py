"""Why a step is not running, in one sentence of truth; computed when read, never stored.

What holds it back first is what is said: the run, a person, the clock, its parents, a limit, its
queue. ``standing`` looks at the queues for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone

from orchestrator.domain.decisions import SkippedBy
from orchestrator.domain.graph import Graph, Kind, Node, Trigger
from orchestrator.domain.names import LOCAL_QUEUE
from orchestrator.domain.states import ACTIVE, FINAL, Status
from orchestrator.models import Attempt, Run, Step, Task
from orchestrator.queries.places import why_run_waits
from orchestrator.queries.standing import Holder, Lines, Queue

NAMED: Final = 3
"""How many parents or holders a sentence names; the others are counted."""

CALL: Final = "call"
QUEUE_TIMEOUT: Final = "queue_timeout"
HELD: Final = "limit"
"""Words of ``due_why``."""


def why_not_running(
    run: Run,
    graph: Graph,
    step: Step,
    attempt: Attempt | None,
    lines: Lines,
    statuses: Mapping[int, str],
) -> str:
    """Say why a step is not running; nothing for one that runs or that ended well."""
    status = Status(step.status)
    if step.due_why == CALL and status not in FINAL:
        return step.reason
    if attempt and attempt.task_id and status in ACTIVE and attempt.task_id in lines.nested:
        return lines.nested[attempt.task_id]
    if status is Status.PENDING:
        return _why_pending(run, graph, step, statuses)
    if status is Status.QUEUED:
        return _why_queued(run, step, attempt.task if attempt else None, lines)
    if status is Status.ABORTING and step.items is not None:
        return f"asked to end; {step.items_open} of its {step.items} items have not ended yet"
    if status is Status.ABORTING:
        again = "" if step.again is None else "; it is tried again when that has ended"
        return _why_aborting(attempt) + again
    if status is Status.AWAITING:
        return _why_awaiting(graph.nodes[step.node], step)
    if status in (Status.COMPLETED, Status.CACHED, Status.RUNNING):
        return ""
    if step.skipped_by == SkippedBy.PERSON:
        return f"skipped {step.reason}"
    return step.reason or status.value


def _why_pending(run: Run, graph: Graph, step: Step, statuses: Mapping[int, str]) -> str:
    if run.status == Status.ABORTING:
        return "the run is being aborted"
    if run.status == Status.DRAFT:
        return "the run is a draft: it has not been enqueued"
    node = graph.nodes[step.node] if step.node < len(graph) else None
    paused = _paused(run, node) if run.status == Status.PAUSED else ""
    if step.due_at is not None:
        again = f"is tried again at {clock_time(step.due_at)}"
        return _joined(_joined(again, step.reason), paused)
    if waits := _why_parents(graph, step, statuses):
        return _joined(waits, paused)
    if run.status == Status.QUEUED:
        return f"the run has not started yet: {why_run_waits(run)}"
    return paused or _why_limited(run, graph, step) or step.reason or "about to be queued"


def _paused(run: Run, node: Node | None) -> str:
    """Whose wish it is; at a breakpoint the step itself need not be named to itself."""
    if node is not None and run.reason == f'paused before "{node.name}"':
        return "the run is paused before this step"
    return f"the run is {run.reason or 'paused'}"


def _why_parents(graph: Graph, step: Step, statuses: Mapping[int, str]) -> str:
    if step.node >= len(graph):
        return ""
    node, parents = graph.nodes[step.node], graph.parents[step.node]
    waiting = [i for i in parents if Status(statuses.get(i, Status.PENDING)) not in FINAL]
    if not waiting:
        return ""
    names = named([graph.nodes[i].name for i in waiting])
    if node.trigger in (Trigger.ANY_FAILED, Trigger.ANY_SUCCEEDED):
        what = "failed" if node.trigger is Trigger.ANY_FAILED else "completed"
        return f"waits until one of its parents has {what}: {names}"
    return f"waits for {names}"


def _why_limited(run: Run, graph: Graph, step: Step) -> str:
    """It could start, but only so many may at a time: of the run, or of the fan-out it is of."""
    if step.index >= len(graph):
        return ""
    limiting = graph.limiting(step.index) if step.due_why == HELD else None
    whole = graph.nodes[limiting] if limiting is not None else None
    if whole is not None and whole.for_each is not None:
        most = _steps(whole.for_each.max_parallel or 0, "item")
        return f'"{whole.name}" lets {most} run at a time'
    going = sum(int(run.tally.get(status, 0)) for status in ACTIVE)
    limit = graph.options.max_parallel
    if limit is not None and going >= limit and graph.nodes[step.index].kind is not Kind.APPROVAL:
        return f"the run lets {_steps(limit)} run at a time, and {going} {_do(going)}"
    return ""


def _steps(number: int, word: str = "step") -> str:
    return f"only one {word}" if number == 1 else f"only {number} {word}s"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"


def _why_awaiting(node: Node, step: Step) -> str:
    approval = node.approval
    roles = " or ".join(approval.roles) if approval and approval.roles else "operator"
    asked = f"waits for the answer of {'an' if roles[0] in 'aeo' else 'a'} {roles}"
    if step.due_at is None or approval is None:
        return asked
    counts = "approved" if approval.on_deadline == "approve" else "rejected"
    return f"{asked} until {clock_time(step.due_at)}; then it counts as {counts}"


def _why_queued(run: Run, step: Step, task: Task | None, lines: Lines) -> str:
    """What holds it back first comes first; its place in the line and its time come with it."""
    if run.status == Status.ABORTING:
        return "the run is being aborted"
    queue = lines.queues.get(task.queue) if task else None
    if task is None or queue is None:
        return "about to be queued"
    if run.status == Status.PAUSED and task.held:
        return f"{_paused(run, None)}; its place in the queue is kept"
    said = _why_in_queue(run, task, queue, lines)
    if run.status == Status.PAUSED:
        said = f"{said}, though {_paused(run, None)}: it was sent before"
    if step.due_at is not None and step.due_why == QUEUE_TIMEOUT:
        return f"{said}; it fails at {clock_time(step.due_at)} if it has not started by then"
    return said


def _why_in_queue(run: Run, task: Task, queue: Queue, lines: Lines) -> str:
    place = lines.places.get(task.pk)
    line = f"number {place} of {queue.waiting} in line" if place else ""
    if not queue.exists:
        return f'the queue "{queue.name}" is not there any more'
    if queue.name == LOCAL_QUEUE:
        return _joined("runs where its script runs, which has not started it yet", line)
    if queue.paused:
        return _joined(f'the queue "{queue.name}" is paused', line)
    if not queue.slots:
        if not queue.draining:
            return f'no agent serves the queue "{queue.name}"'
        return f'the agents of the queue "{queue.name}" are draining: {_and(queue.draining)}'
    if place is None:
        return f'an agent of the queue "{queue.name}" is about to start it'
    if queue.limit is not None and queue.running >= queue.limit:
        held = _held_by(run, [one for one in queue.holders if one.queue == queue.name])
        places = "its place is" if queue.limit == 1 else "its places are"
        reached = f'the queue "{queue.name}" runs {queue.limit} at a time; {places} {held}'
        return _joined(reached, line)
    if len(queue.holders) >= queue.slots:
        only = queue.slots == 1
        slots, are = ("the only slot", "is") if only else (f"all {queue.slots} slots", "are")
        held = _held_by(run, queue.holders)
        return _joined(f'{slots} of the queue "{queue.name}" {are} {held}', line)
    return f'number {place} of {queue.waiting} in the queue "{queue.name}"'


def _joined(reason: str, line: str) -> str:
    return f"{reason}; {line}" if line else reason


def _held_by(run: Run, holders: Sequence[Holder]) -> str:
    """Who holds the slots; what belongs to another project is counted only."""
    ours = [holder for holder in holders if holder.project == run.project_id]
    # What one can see from here comes first: the steps of this run.
    ours.sort(key=lambda holder: holder.run != run.pk)
    shown = [_holder(run, holder) for holder in ours[:NAMED]]
    if more := len(ours) - len(shown):
        shown.append(f"{more} more")
    if foreign := len(holders) - len(ours):
        shown.append(f"{foreign} of other projects" if foreign > 1 else "one of another project")
    return f"held by {_and(shown)}"


def _holder(run: Run, holder: Holder) -> str:
    if holder.run is None:
        return f'the task "{holder.name}"'
    return f'"{holder.name}"' if holder.run == run.pk else f'"{holder.name}" of {holder.run_name}'


def _why_aborting(attempt: Attempt | None) -> str:
    task = attempt.task if attempt else None
    if attempt is None or task is None:
        return "asked to end; not yet confirmed"
    agent = attempt.agent or (task.agent.name if task.agent else "")
    asked = f" at {clock_time(task.abort_requested_at)}" if task.abort_requested_at else ""
    if task.process:
        who = f"its process on {task.process['host']}" if task.process["host"] else "its process"
    else:
        who = f"agent {agent}" if agent else "its agent"
    if task.kill_at is None:
        return f"asked to end{asked}; {who} has not answered yet"
    return f"asked to end{asked}; {who} ends it, at {clock_time(task.kill_at)} by force"


def named(names: Sequence[str]) -> str:
    """Write a list for a sentence: the first few by name, the others counted."""
    shown = [f'"{name}"' for name in names[:NAMED]]
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return _and(shown)


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def clock_time(at: datetime) -> str:
    """A moment for a sentence: the time of day, and the date when it is not today's."""
    if at.date() == timezone.now().date():
        return f"{at:%H:%M:%S} UTC"
    return f"{at.day} {at:%b}, {at:%H:%M} UTC"
