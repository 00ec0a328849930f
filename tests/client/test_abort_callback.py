"""The abort callback of a task: called when its process is asked to end, and before it does."""

from __future__ import annotations

import subprocess
import textwrap
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client.workshop import Workshop

START = """
import os, signal, sys, threading, time
from pathlib import Path
from pipelines import Task
task = Task.current_task()
def saved():
    task.upload_artifact("checkpoint", {"epoch": 3})
    task.get_logger().report_scalar("loss", "train", 0.5, 3)
    print("saved", flush=True)
"""
WAIT = """
Path("ready").touch()
time.sleep(60)
"""


class Step:
    """A script that runs; asked to end, it is read to its end."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder

    def ask_to_end(self) -> None:
        deadline = time.monotonic() + 20
        while not (self.folder / "ready").exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < deadline, "the script did not get ready"
            time.sleep(0.01)
        self.process.terminate()

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@contextmanager
def started(workshop: Workshop, script: str) -> Iterator[Step]:
    task_id = str(uuid.uuid4())
    folder = workshop.folder / task_id
    folder.mkdir()
    path = workshop.folder / f"{task_id}.py"
    path.write_text(START + textwrap.dedent(script))
    (folder / "parameters.json").write_text("{}")
    process = subprocess.Popen(
        [workshop.python, str(path)],
        cwd=folder,
        env=workshop.environment(task_id, folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Step(process, folder)
    finally:
        process.kill()
        process.communicate()


def test_it_is_called_and_what_it_leaves_and_reports_is_kept(workshop: Workshop) -> None:
    with started(workshop, "task.register_abort_callback(saved)" + WAIT) as step:
        step.ask_to_end()
        code, out, err = step.end()
    assert (code, out, err) == (143, "saved\n", "")
    assert (step.folder / "artifacts" / "checkpoint").exists()
    assert [sample["value"] for sample in workshop.server.samples] == [0.5]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        # In a library's C, where no signal handler of Python's can run.
        (
            "import hashlib\n"
            "task.register_abort_callback(saved)\n"
            "Path('ready').touch()\n"
            "hashlib.pbkdf2_hmac('sha256', b'word', b'salt', 10**9)",
            "saved",
        ),
        # asyncio has a wakeup descriptor of its own, and takes the place of ours.
        (
            "import asyncio\n"
            "task.register_abort_callback(saved)\n"
            "async def main():\n"
            "    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)\n"
            "    Path('ready').touch()\n"
            "    await asyncio.sleep(60)\n"
            "asyncio.run(main())",
            "saved",
        ),
        # The main thread has come to its end while the callback is at work.
        (
            "ending = threading.Event()\n"
            "def slow():\n    ending.set()\n    time.sleep(0.5)\n    saved()\n"
            "task.register_abort_callback(slow)\n"
            "Path('ready').touch()\n"
            "ending.wait()",
            "saved",
        ),
        # A handler that was there before is called as well.
        (
            "signal.signal(signal.SIGTERM, lambda *_: print('mine', flush=True))\n"
            "def then():\n    time.sleep(0.5)\n    print('and this')\n"
            "task.register_abort_callback(then)" + WAIT,
            "mine\nand this",
        ),
        ("task.register_abort_callback(saved)\ntask.register_abort_callback(None)" + WAIT, ""),
    ],
    ids=["in C", "asyncio", "at the end", "another handler", "taken away"],
)
def test_it_is_called_whatever_the_main_thread_does(
    workshop: Workshop, script: str, said: str
) -> None:
    with started(workshop, script) as step:
        step.ask_to_end()
        _, out, err = step.end()
    assert out.strip() == said, err


def test_one_that_raises_or_does_not_return_does_not_keep_the_process(workshop: Workshop) -> None:
    with started(workshop, "task.register_abort_callback(lambda: 1 / 0)" + WAIT) as step:
        step.ask_to_end()
        code, _, err = step.end()
    assert code == 143
    assert "ZeroDivisionError" in err
    late = "task.register_abort_callback(lambda: time.sleep(60), 0.2)" + WAIT
    with started(workshop, late) as step:
        step.ask_to_end()
        code, _, err = step.end()
    assert (code, err) == (143, "the abort callback did not return within 0.2 s\n")


def test_a_forked_child_is_ended_without_it(workshop: Workshop) -> None:
    script = """
    task.register_abort_callback(saved)
    child = os.fork()
    if child == 0:
        time.sleep(60)
    time.sleep(0.2)
    os.kill(child, signal.SIGTERM)
    print("child ended by", os.waitpid(child, 0)[1], flush=True)
    """
    with started(workshop, textwrap.dedent(script)) as step:
        code, out, err = step.end()
    assert (code, out) == (0, "child ended by 15\n"), err


def test_it_is_registered_in_the_main_thread(workshop: Workshop) -> None:
    script = """
    def register():
        try:
            task.register_abort_callback(saved)
        except Exception as error:
            print(error)
    thread = threading.Thread(target=register)
    thread.start()
    thread.join()
    """
    with started(workshop, script) as step:
        assert step.end()[1] == "an abort callback is registered in the main thread\n"
