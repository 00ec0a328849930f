"""Everything dies at once, or the broker is away at the start: the run goes on by itself."""

from pathlib import Path

from tests.faults.workload import Stack, many_steps, name_of

HELD = 12


def test_a_run_goes_on_after_everything_was_killed_at_once(stack: Stack, folder: Path) -> None:
    workload = stack.start(folder, many_steps(40, gates={HELD: "held"}))
    name = name_of(HELD)
    workload.wait(lambda: workload.stays_at(name), f"{name} to begin")
    for process in stack.live.children:
        stack.live.kill(process)
    stack.live.empty_redis()
    workload.open("held")
    stack.live.start_all()
    workload.wait_until_ended()
    tries = [a for a in workload.rows()["attempts"] if a["step"] == name]
    assert [attempt["status"] for attempt in tries] == ["crashed", "completed"]


def test_a_run_that_is_triggered_while_redis_is_away_starts_when_it_is_back(
    stack: Stack, folder: Path
) -> None:
    stack.live.kill("redis")
    stack.live.empty_redis()
    # Being answered is being accepted: the trigger does not wait for the broker.
    workload = stack.start(folder, many_steps(12))
    assert workload.run()["status"] == "queued"
    stack.live.start("redis")
    workload.wait_until_ended()
