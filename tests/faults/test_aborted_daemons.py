"""Nothing of a step is left when it is shown as ended, however well its processes have hidden."""

import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.faults import checker
from tests.faults.processes import children_of, is_alive
from tests.faults.workload import Stack, Workload, python_template
from tests.live_stack import SHORT

# Double-forked, in a session of its own, deaf to TERM; it says which execution it belongs to.
DAEMON = """
import os, signal, time
from pathlib import Path
from pipelines import Task

folder = Path(Task.current_task().get_parameter("General/folder"))
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        written = folder / f"{os.getpid()}.writing"
        written.write_text(os.environ["PIPELINES_TASK"])
        written.rename(folder / f"{os.getpid()}.daemon")
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
STEP = "daemon"
PROMISED = timedelta(seconds=2)
"""So long after its grace everything is gone, and it is said."""


def start(stack: Stack, folder: Path, **more: Any) -> tuple[Workload, int]:
    """A run whose step has a daemon, and the daemon's number."""
    stack.add_template("daemon", python_template(DAEMON))
    given = {"General/folder": "${pipeline.folder}"}
    steps = [{"name": STEP, "template": "daemon", "parameters": given, **more}]
    workload = stack.start(folder, steps)
    workload.wait(lambda: daemons(folder), "the daemon to say its number")
    [pid] = daemons(folder)
    assert is_alive(pid)
    return workload, pid


def daemons(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.daemon")]


def wait_for_status(workload: Workload, status: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def look() -> bool:
        seen.update(workload.step(STEP))
        return bool(seen["status"] == status)

    workload.wait(look, f"the step to be shown as {status}")
    return seen


def assert_nothing_is_left(workload: Workload, pid: int) -> None:
    assert not is_alive(pid), f"daemon {pid} is alive"
    left = checker.processes_of({a["task"] for a in workload.step(STEP)["attempts"]})
    assert not left, f"the step is over, but there are {left}"


def abort(workload: Workload) -> None:
    workload.stack.api.send("POST", f"runs/{workload.run_id}/steps/{STEP}/abort/", {})


def test_no_process_is_left_when_a_step_is_shown_as_aborted(stack: Stack, folder: Path) -> None:
    workload, pid = start(stack, folder, grace=3)
    abort(workload)
    wait_for_status(workload, "aborting")
    step = wait_for_status(workload, "aborted")
    assert_nothing_is_left(workload, pid)
    [attempt] = step["attempts"]
    assert attempt["reason"].startswith("aborted: it did not end when asked to")
    told = attempt["abort"]
    assert (told["killed"], told["confirmed"]) == (True, True)
    late = datetime.fromisoformat(told["ended_at"]) - datetime.fromisoformat(told["kill_at"])
    assert late < PROMISED, f"confirmed {late} after its grace"
    workload.wait(lambda: workload.run()["status"] == "aborted", "the run to be aborted")


def test_no_process_is_left_when_the_agent_is_killed_while_it_aborts(
    stack: Stack, folder: Path
) -> None:
    # The grace is long, so that only the agent's death can end what is deaf to TERM.
    workload, pid = start(stack, folder, grace=600)
    abort(workload)
    wait_for_status(workload, "aborting")
    assert is_alive(pid)
    stack.live.kill("agent")
    step = wait_for_status(workload, "aborted")
    assert_nothing_is_left(workload, pid)
    assert step["attempts"][0]["reason"].endswith("was lost, end not confirmed")


def test_no_process_is_left_when_the_agent_is_killed(stack: Stack, folder: Path) -> None:
    workload, pid = start(stack, folder, grace=600)
    stack.live.kill("agent")
    # Whatever grace the step has: nobody waits for it, and the next agent must not find it alive.
    grace = float(SHORT["PIPELINES_LEASE_SECONDS"]) / 6 + PROMISED.total_seconds()
    workload.wait(lambda: not is_alive(pid), "the daemon to be gone", seconds=grace)
    workload.wait(
        lambda: workload.step(STEP)["attempts"][0]["status"] == "crashed",
        "the attempt to be shown as crashed",
    )
    assert not is_alive(pid), f"daemon {pid} of the lost agent is alive"
    stack.api.send("POST", f"runs/{workload.run_id}/abort/", {})
    wait_for_status(workload, "aborted")
    assert_nothing_is_left(workload, pid)


def test_the_next_agent_ends_what_outlived_its_supervisor_too(stack: Stack, folder: Path) -> None:
    workload, pid = start(stack, folder, grace=600)
    agent = stack.live.pids["agent"]
    # It must not see the death of the supervisor, or it would clear up itself.
    stack.live.signal("agent", signal.SIGSTOP)
    supervisors = [pid for server in children_of(agent) for pid in children_of(server)]
    assert supervisors, "the agent's fork server has no supervisor below it"
    for supervisor in supervisors:
        os.kill(supervisor, signal.SIGKILL)
    stack.live.kill("agent")
    assert is_alive(pid), "there is nothing to clear up"
    stack.live.start("agent")
    assert not is_alive(pid), f"the next agent serves although daemon {pid} is alive"
    stack.api.send("POST", f"runs/{workload.run_id}/abort/", {})
    # On a slow machine the lease was over before the abort was heard.
    ends = ("aborted", "crashed")
    workload.wait(lambda: workload.step(STEP)["status"] in ends, "the step to be over")
    assert_nothing_is_left(workload, pid)
