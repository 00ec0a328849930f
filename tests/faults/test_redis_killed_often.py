"""A Redis that is killed four times in fifteen seconds under load does not stall the workers."""

import time
from functools import partial
from pathlib import Path

import pytest

from tests.faults.workload import Stack, many_steps

KILLS = 4
SECONDS = 15.0
LAST = 149


def is_over(moment: float) -> bool:
    return time.monotonic() >= moment


# Of a Redis as it is installed; the bundled one is killed in rounds of chaos.
@pytest.mark.server
def test_workers_do_not_stall_when_redis_is_killed_again_and_again(
    stack: Stack, folder: Path
) -> None:
    steps = many_steps(LAST + 1, gates={LAST: "end"}, longest=0.25)
    workload = stack.start(folder, steps)
    workload.wait(lambda: workload.ended() >= KILLS, "the first steps to end")
    began = time.monotonic()
    for number in range(KILLS):
        workload.wait(partial(is_over, began + number * SECONDS / KILLS), "the next kill")
        stack.live.kill("redis")
        stack.live.start("redis")
    # The run cannot have ended before the last kill.
    workload.open("end")
    workload.wait_until_ended()
    stack.wait_until_consumed()
