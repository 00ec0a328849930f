"""What must be true of runs that have ended, whatever was broken meanwhile; in words if it is not.

Knows the rules of MODEL by itself, in its own words, and asks nothing of the engine's. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.chaos.generator import NEVER
from tests.faults.checker import Execution, Rows, of_executions, of_processes, of_steps

FINAL = frozenset({"completed", "cached", "skipped", "failed", "crashed", "aborted"})
BADLY = frozenset({"failed", "crashed", "aborted"})
CRASH_RETRIES = 2

Steps = Sequence[Mapping[str, Any]]


def problems(
    steps: Steps, rows: Rows, executions: Sequence[Execution], alive: Mapping[int, str]
) -> list[str]:
    """Everything that is wrong with one run that has ended."""
    found = list(left_lying(rows))
    executed = _executed(steps, rows)
    found += of_executions(executed, executions)
    found += of_steps(executions)
    found += of_processes(alive)
    found += of_what_is_kept(executed, executions)
    found += of_ends(executed, executions)
    found += of_changes(rows)
    touched = _touched(rows)
    for step in steps:
        for name in _items(step["name"], rows) if "for_each" in step else [step["name"]]:
            found += _of_attempts({**step, "name": name}, rows)
        if step["name"] not in touched and not touched & set(step["parents"]):
            found += _of_step(step, {each["name"]: each for each in steps}, rows)
            found += _of_order(step, rows, executions)
    found += _of_outcome(steps, rows)
    return found


def _items(name: str, rows: Rows) -> list[str]:
    """The steps that a fan-out became, one for each item."""
    return [path for path in rows["steps"] if path.startswith(f"{name}[")]


def _executed(steps: Steps, rows: Rows) -> Rows:
    """The rows without attempts that no agent executes: runs inside, questions, ends by hand."""
    others = {step["name"] for step in steps if step.get("kind", "task") != "task"}
    attempts = [
        each
        for each in rows["attempts"]
        if each["step"] not in others and each["origin"] != "by hand"
    ]
    return {**rows, "attempts": attempts}


def left_lying(rows: Rows) -> Iterable[str]:
    if rows["broken"]:
        yield f"rows and changes do not agree:\n{rows['broken']}"
    if rows["signals"]:
        yield f"{rows['signals']} signals were left lying"
    for name, step in rows["steps"].items():
        if step["status"] not in FINAL:
            yield f"the run has ended, but step {name} is {step['status']}"
    for key, task in rows["tasks"].items():
        if task["status"] not in FINAL:
            yield f"the run has ended, but task {key} is {task['status']}"


def of_what_is_kept(rows: Rows, executions: Iterable[Execution]) -> Iterable[str]:
    """Output and artifacts of an execution that ended by itself are there, to the last byte."""
    artifacts = {(task, fence): about for task, fence, _, *about in rows["artifacts"]}
    for each in executions:
        task = rows["tasks"].get(each.task)
        mine = task and task["fence"] == each.fence and task["status"] in ("completed", "failed")
        if not mine or not each.came_to_an_end:
            continue
        where = f"execution {each.task}.{each.fence} of step {each.step}"
        if each.said and tuple(task["said"]) != each.said:
            yield f"{where} said {each.said}, but its log holds {task['said']}"
        if each.kept and tuple(artifacts.get((each.task, each.fence), ())) != each.kept:
            yield f"{where} left an artifact that is not kept"


def of_ends(rows: Rows, executions: Iterable[Execution]) -> Iterable[str]:
    """Who is failed has failed; who is aborted was to be aborted."""
    failed = {(each.task, each.fence) for each in executions if each.failed}
    asked = {each.get("verb") for each in _asked(rows)}
    for attempt in rows["attempts"]:
        where = f"attempt {attempt['number']} of step {attempt['step']}"
        task = attempt["task"]
        fence = rows["tasks"][task]["fence"] if task else 0
        if attempt["status"] == "failed" and (task, fence) not in failed:
            yield f"{where} is failed, but no execution was: {attempt['reason']}"
        # A rerun ends what is in its way, skipping what waits in a queue.
        if attempt["status"] == "aborted" and not asked & {"abort", "rerun", "skip"}:
            yield f"{where} is aborted, but nobody asked"
        if attempt["status"] not in FINAL:
            yield f"{where} is {attempt['status']} although the run has ended"


def of_changes(rows: Rows) -> Iterable[str]:
    """What has ended stays as it is."""
    ends: dict[tuple[int, int], str] = {}
    for change in rows["changes"]:
        if change["kind"] != "attempt_status":
            continue
        data = change["data"]
        key = data["step"], data["number"]
        if key in ends and data["status"] != ends[key]:
            yield f"attempt {key[1]} of step {key[0]} was {ends[key]}, then {data['status']}"
        if data["status"] in FINAL:
            ends[key] = data["status"]


def _touched(rows: Rows) -> set[str]:
    """Steps that have gone on after an end: their children may have been decided before."""
    names = {step["index"]: name for name, step in rows["steps"].items()}
    again = ("rerun", "by hand")
    rerun = {attempt["step"] for attempt in rows["attempts"] if attempt["origin"] in again}
    told = [change for change in rows["changes"] if change["kind"] == "step_status"]
    ended: set[int] = set()
    for change in told:
        index, status = change["data"]["step"], change["data"]["status"]
        if status not in FINAL and index in ended:
            rerun.add(names[index])
        if status in FINAL:
            ended.add(index)
    return rerun


def _of_attempts(step: Mapping[str, Any], rows: Rows) -> Iterable[str]:
    """Tried again as often as it says, and as often as it crashed, and no more often."""
    name = step["name"]
    retries = step.get("retries") or {}
    number, on = retries.get("number", 0), retries.get("on", ["failed", "crashed"])
    attempts = [each for each in rows["attempts"] if each["step"] == name]
    is_free = _was_asked_anew(rows, name)
    asked, crashed = 0, 0
    for place, attempt in enumerate(attempts):
        if attempt["number"] != place + 1:
            yield f"attempts of step {name} are not numbered 1, 2, …"
        if attempt["origin"] != "retry":
            asked = crashed = 0
        status, following = attempt["status"], attempts[place + 1 : place + 2]
        status = "" if attempt["origin"] == "by hand" else status
        by_itself = status == "crashed" and "crashed" in on and crashed < CRASH_RETRIES
        may = by_itself or (status in on and asked < number)
        crashed = crashed + 1 if status == "crashed" else 0
        asked += may and not by_itself
        if following and following[0]["origin"] == "retry" and not may and not is_free:
            yield f"attempt {place + 2} of step {name} should not have been: {status} before it"
        if not following and may and not _was_aborted(rows, name):
            yield f"step {name} has retries left after attempt {place + 1}, {status}"


def _asked(rows: Rows) -> list[Mapping[str, Any]]:
    """What people asked for, and got."""
    return [each["data"] for each in rows["changes"] if each["kind"] == "asked"]


def _was_aborted(rows: Rows, name: str) -> bool:
    """Somebody asked for the end of the step, or of the run."""
    aborts = [each["detail"] for each in _asked(rows) if each["verb"] == "abort"]
    meant = {name, name.partition("[")[0]}
    return any(not each.get("steps") or meant & set(each["steps"]) for each in aborts)


def _was_asked_anew(rows: Rows, name: str) -> bool:
    """Somebody may have asked for the step while it waited for a retry: it counts anew then."""
    reruns = [each["detail"] for each in _asked(rows) if each["verb"] == "rerun"]
    meant = {name, name.partition("[")[0]}
    return any(each["way"] != "steps" or meant & set(each["steps"]) for each in reruns)


def _standing(name: str, steps: Mapping[str, Any], rows: Rows) -> str:
    row = rows["steps"][name]
    if row["status"] in BADLY:
        return "good" if steps[name].get("may_fail") else "bad"
    if row["status"] == "skipped":
        return "bad" if row["skipped_by"] in ("bad parent", "abort") else "passed"
    return "good"


def _may_start(step: Mapping[str, Any], steps: Mapping[str, Any], rows: Rows) -> bool:
    stand = [_standing(parent, steps, rows) for parent in step["parents"]]
    good, bad = stand.count("good"), stand.count("bad")
    return (
        not stand
        or {
            "all_succeeded": good == len(stand),
            "none_failed": bad == 0 and good > 0,
            "all_done": True,
            "any_failed": bad > 0,
            "any_succeeded": good > 0,
        }[step.get("trigger", "all_succeeded")]
    )


def _of_step(step: Mapping[str, Any], steps: Mapping[str, Any], rows: Rows) -> Iterable[str]:
    """It ran if its parents let it, and only then."""
    row = rows["steps"][step["name"]]
    may = _may_start(step, steps, rows)
    holds = step.get("when") != NEVER
    match row["status"], row["skipped_by"]:
        case "skipped", "abort":
            if not _was_aborted(rows, step["name"]):
                yield f"step {step['name']} is skipped by an abort that nobody asked for"
        case "skipped", "person":
            if not any(each["verb"] == "skip" for each in _asked(rows)):
                yield f"step {step['name']} is skipped by nobody"
        case "skipped", "condition":
            if holds or not may:
                yield f"step {step['name']} is skipped by a condition: {row['reason']}"
        case "skipped", _:
            if may:
                yield f"step {step['name']} is skipped although it could start: {row['reason']}"
        case status, _:
            if not may or not holds:
                yield f"step {step['name']} is {status} although its parents or when forbid it"


def _of_order(
    step: Mapping[str, Any], rows: Rows, executions: Iterable[Execution]
) -> Iterable[str]:
    """It did not begin before a parent that must succeed had come to an end."""
    if step.get("trigger", "all_succeeded") not in ("all_succeeded", "all_done", "none_failed"):
        return
    executions = list(executions)
    began = [moment for each in executions if each.step == step["name"] for moment in each.began]
    for parent in step["parents"]:
        ends = [
            moment
            for each in executions
            if each.step == parent and rows["steps"][parent]["status"] == "completed"
            for moment in each.ended
        ]
        if began and ends and min(began) < min(ends):
            early = min(ends) - min(began)
            yield f"step {step['name']} began {early:.3f} s before its parent {parent} ended"


def _of_outcome(steps: Steps, rows: Rows) -> Iterable[str]:
    """The run's end follows from those of the steps that count."""
    counted = {rows["steps"][step["name"]]["status"] for step in steps if not step.get("may_fail")}
    if counted & {"failed", "crashed"}:
        wanted = "failed"
    elif rows["run"]["stop_reason"] == "abort" or "aborted" in counted:
        wanted = "aborted"
    else:
        wanted = "completed"
    if rows["run"]["status"] != wanted:
        yield f"the run is {rows['run']['status']}, but its steps make it {wanted}"
