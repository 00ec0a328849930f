"""A script's child processes report as it does itself, and what they report arrives."""

from __future__ import annotations

import pytest

from tests.client.workshop import Workshop

MULTIPROCESSING = """
import multiprocessing, os
from pipelines import Task

# A forkserver's socket has a short path only.
os.environ["TMPDIR"] = "/tmp"

def work(n):
    Task.current_task().get_logger().report_scalar("loss", "child", value=n, iteration=n)

if __name__ == "__main__":
    if {used_before}:
        work(0)
    some = multiprocessing.get_context({method!r})
    children = [some.Process(target=work, args=(n,)) for n in (1, 2)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("used_before", [True, False])
def test_what_a_process_of_multiprocessing_reports_arrives(
    workshop: Workshop, method: str, used_before: bool
) -> None:
    done = workshop.run(MULTIPROCESSING.format(method=method, used_before=used_before))
    assert (done.exit_code, done.stderr) == (0, "")
    values = sorted(sample["value"] for sample in workshop.server.samples)
    assert values == ([0, 1, 2] if used_before else [1, 2])


def test_a_child_may_be_forked_while_something_is_stored(workshop: Workshop) -> None:
    done = workshop.run(
        """
import os
from pipelines import Task

task = Task.current_task()
task.get_logger().report_scalar("loss", "parent", value=0, iteration=0)
with task._context.storing:
    child = os.fork()
    if not child:
        task.upload_artifact("left", "by the child")
        os._exit(0)
    os.waitpid(child, 0)
""",
        seconds=20,
    )
    assert done.exit_code == 0, done.stderr
    assert done.content("left") == b"by the child"


def test_outputs_of_threads_and_processes_are_all_kept(workshop: Workshop) -> None:
    done = workshop.run(
        """
import os
from concurrent.futures import ThreadPoolExecutor
from pipelines import Task

task = Task.current_task()
children = []
for child in range(4):
    children.append(os.fork())
    if not children[-1]:
        for n in range(25):
            task.set_output(f"of child {child}: {n}", n)
        os._exit(0)
with ThreadPoolExecutor(4) as threads:
    list(threads.map(lambda n: task.set_output(f"of a thread: {n}", n), range(100)))
for child in children:
    assert os.waitpid(child, 0)[1] == 0
"""
    )
    assert done.exit_code == 0, done.stderr
    assert len(done.outputs) == 200


def test_parameters_of_all_threads_are_noted(workshop: Workshop) -> None:
    done = workshop.run(
        """
from concurrent.futures import ThreadPoolExecutor
from pipelines import Task

task = Task.current_task()
with ThreadPoolExecutor(8) as threads:
    list(threads.map(lambda n: task.connect({f"of thread {n}": n}), range(200)))
"""
    )
    assert done.exit_code == 0, done.stderr
    assert len(done.used) == 200
