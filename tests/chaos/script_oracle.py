"""What must be true of a run that a script drove, whatever was broken meanwhile; in words.

Nothing is made twice or lost, the script is never executed twice at a time, its answers count, and
what it wanted is there when its run has completed. Knows no rule of the engine's by itself. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from tests.chaos import oracle
from tests.chaos.scripts import MARK, SCRIPT, Wanted
from tests.faults.checker import Execution, Rows, of_executions, of_processes, of_steps

MOST_CRASHES = 3
MOST_TAKE_UPS = 5

Call = Sequence[object]
"""What a callback has noted: kind, step, attempt, and the execution of the script."""


def problems(
    wanted: Wanted,
    rows: Rows,
    executions: Sequence[Execution],
    calls: Sequence[Call],
    alive: Mapping[int, str],
) -> list[str]:
    """Everything that is wrong with one run that has ended."""
    scripts = [each for each in executions if each.step == SCRIPT]
    steps = [each for each in executions if each.step != SCRIPT]
    run = rows["run"]
    found = list(oracle.left_lying(rows))
    own = _executed(wanted, rows)
    found += of_executions(own, steps)
    found += of_steps(executions)
    found += of_processes(alive)
    found += oracle.of_what_is_kept(own, steps)
    found += _of_ends(own, steps)
    found += oracle.of_changes(rows)
    found += _of_the_script(rows, scripts)
    found += _of_what_it_made(wanted, rows)
    found += _of_attempts(wanted, rows)
    found += _of_calls(rows, calls)
    if run["status"] == "completed":
        found += _of_what_was_wanted(wanted, rows, steps, calls)
    elif not _may_end_badly(rows):
        found.append(f"the run is {run['status']}: {run['reason']}")
    return found


def _executed(wanted: Wanted, rows: Rows) -> Rows:
    """The rows without attempts that no agent executes: runs inside."""
    nested = {name for name in rows["steps"] if name not in {*wanted.completed, *wanted.skipped}}
    attempts = [each for each in rows["attempts"] if each["step"] not in nested]
    return {**rows, "attempts": attempts}


def _of_ends(rows: Rows, executions: Iterable[Execution]) -> Iterable[str]:
    """Who is failed has failed; who is aborted belongs to a run that was to end."""
    failed = {(each.task, each.fence) for each in executions if each.failed}
    for attempt in rows["attempts"]:
        where = f"attempt {attempt['number']} of step {attempt['step']}"
        fence = rows["tasks"][attempt["task"]]["fence"] if attempt["task"] else 0
        if attempt["status"] == "failed" and (attempt["task"], fence) not in failed:
            yield f"{where} is failed, but no execution was: {attempt['reason']}"
        if attempt["status"] == "aborted" and not rows["run"]["stop_reason"]:
            yield f"{where} is aborted, but nobody asked"


def _of_the_script(rows: Rows, executions: Iterable[Execution]) -> Iterable[str]:
    """One execution for each time that it was begun or taken up, never two at a time."""
    script = rows["script"]
    if script["status"] not in oracle.FINAL:
        yield f"the run has ended, but its script is {script['status']}"
    ended = [each.fence for each in executions if each.ended]
    for each in executions:
        where = f"execution {each.fence} of the script"
        if len(each.began) != 1:
            yield f"{where} began {len(each.began)} times"
        if each.fence > script["fence"]:
            yield f"{where} has a fence that was never given"
        if each.beside:
            yield f"{where} found another execution of it alive"
        if each.failed and not _may_end_badly(rows):
            yield f"{where} has failed"
    if script["status"] == "completed" and script["fence"] not in ended:
        yield f"the script is completed, but its execution {script['fence']} never came to its end"


def _of_what_it_made(wanted: Wanted, rows: Rows) -> Iterable[str]:
    """No task is made twice, no step is there twice, and none that was not wanted."""
    made = Counter(name for name, _ in rows["script"]["made"])
    yield from (f"the task {name} was made {n} times" for name, n in made.items() if n > 1)
    many = len(wanted.completed) + len(wanted.skipped) + len(wanted.nested)
    if len(rows["steps"]) > many:
        yield f"there are {len(rows['steps'])} steps, wanted were {many}: {[*rows['steps']]}"


def _of_attempts(wanted: Wanted, rows: Rows) -> Iterable[str]:
    """Another attempt comes after a crash, or as often as the step was to fail; never else."""
    for name in rows["steps"]:
        attempts = [each for each in rows["attempts"] if each["step"] == name]
        failed = sum(each["status"] == "failed" for each in attempts[:-1])
        if failed > wanted.fails.get(name, 0):
            yield f"step {name} was tried again after {failed} failures"
        for number, (each, following) in enumerate(pairwise(attempts), 1):
            if each["status"] not in ("failed", "crashed"):
                yield f"attempt {number} of {name} was {each['status']}, then {following['status']}"


def _of_calls(rows: Rows, calls: Sequence[Call]) -> Iterable[str]:
    """A callback is called again only by a script that was taken up."""
    asked = Counter((kind, step, attempt) for kind, step, attempt, _ in calls if kind != "changed")
    for (kind, step, attempt), often in asked.items():
        if often > rows["script"]["fence"]:
            yield f"{kind} of attempt {attempt} of {step} was called {often} times"
    by_one = Counter(tuple(each) for each in calls if each[0] != "changed")
    for call, often in by_one.items():
        if often > 1:
            yield f"one execution of the script was called {often} times: {call}"


def _of_what_was_wanted(
    wanted: Wanted, rows: Rows, executions: Sequence[Execution], calls: Sequence[Call]
) -> Iterable[str]:
    """All of it is there: steps, results, lines of output, callbacks."""
    ended = {each.step for each in executions if each.ended}
    for name in wanted.completed:
        step = rows["steps"].get(name)
        if step is None or step["status"] != "completed":
            yield f"step {name} is {step and step['status']}, but the run has completed"
        elif name not in ended:
            yield f"step {name} has completed, but no execution of it came to its end"
    for name in wanted.skipped:
        if rows["steps"].get(name, {}).get("status") != "skipped":
            yield f"step {name} was to be skipped"
    others = [name for name in rows["steps"] if name not in {*wanted.completed, *wanted.skipped}]
    if len(others) != len(wanted.nested):
        yield f"{len(wanted.nested)} runs were to be triggered, there are {others}"
    if rows["script"]["outputs"] != {"done": wanted.done}:
        yield f"the run's outputs are {rows['script']['outputs']}, wanted was {wanted.done}"
    mark = f"{MARK}{rows['script']['fence']} "
    printed = [line for line in rows["script"]["printed"].splitlines() if line.startswith(MARK)]
    if printed != [mark + line for line in wanted.lines]:
        yield f"its log says {printed}, wanted was {wanted.lines}"
    called = {(kind, step) for kind, step, *_ in calls}
    if missing := wanted.calls - called:
        yield f"these callbacks were never called: {sorted(missing)}"


def _may_end_badly(rows: Rows) -> bool:
    """Somebody asked for the end, or faults have met one step or the script too often."""
    if any(each["verb"] == "abort" for each in _asked(rows)):
        return True
    crashed = Counter(
        each["step"] for each in rows["attempts"] if each["status"] in ("crashed", "aborted")
    )
    too_often = any(often >= MOST_CRASHES for often in crashed.values())
    return too_often or rows["script"]["taken_up"] >= MOST_TAKE_UPS


def _asked(rows: Rows) -> list[Mapping[str, str]]:
    return [each["data"] for each in rows["changes"] if each["kind"] == "asked"]
