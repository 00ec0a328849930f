"""An agent that stands still for longer than its leases: what it has to say then comes too late."""

import signal
import time
from pathlib import Path

from tests.faults.workload import Stack, many_steps, name_of
from tests.live_stack import SHORT

HELD = 6


def test_results_of_an_agent_that_stood_still_are_fenced(stack: Stack, folder: Path) -> None:
    lease = float(SHORT["PIPELINES_LEASE_SECONDS"])
    workload = stack.start(folder, many_steps(24, gates={HELD: "held"}))
    name = name_of(HELD)
    workload.wait(lambda: workload.stays_at(name), f"{name} to begin")
    stack.live.freeze("agent")
    stopped_at = time.monotonic()
    try:
        # The step ends well, but its agent cannot say so before somebody else has tried again.
        workload.open("held")
        with stack.live.another_agent("second"):
            workload.wait(lambda: workload.executions_of(name) == 2, f"a second try of {name}")
            late = stopped_at + 2 * lease
            workload.wait(lambda: time.monotonic() > late, "two leases to be over")
            stack.live.signal("agent", signal.SIGCONT)
            log = stack.live.children["agent"].log
            first = workload.step(name)["attempts"][0]["task"]
            dropped = f"task {first} was no longer ours; its result is dropped"
            workload.wait(lambda: dropped in log.read_text(), "the late result to be refused")
            workload.wait_until_ended()
    finally:
        stack.live.signal("agent", signal.SIGCONT)
    rows = workload.rows()
    tries = [attempt for attempt in rows["attempts"] if attempt["step"] == name]
    assert [attempt["status"] for attempt in tries] == ["crashed", "completed"]
    assert rows["tasks"][first]["status"] == "crashed"
    assert rows["tasks"][first]["outcome"]["reason"].endswith("was lost")
    assert tries[1]["agent"] == "second"
