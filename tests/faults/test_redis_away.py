"""The broker is away when a run is asked for: it starts by itself when the broker is back."""

from pathlib import Path

from tests.faults.workload import Stack, many_steps


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
