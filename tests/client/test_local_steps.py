"""Steps in the queue `local` run on this machine as they would at an agent, and are told of."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pipelines import RequestRefused, Run
from pipelines.local_steps import LocalSteps
from tests.client.shell import Shell, until

GREET = """
import os, sys
from pipelines import Task

task = Task.current_task()
who = {"who": "nobody"}
task.connect(who)
print("hello", who["who"])
print("oh", file=sys.stderr)
task.upload_artifact("greeted", [who["who"]])
open(os.path.join(os.environ["PIPELINES_DIR"], "artifacts", "plain.txt"), "w").write("plain")
task.set_output("length", len(who["who"]))
"""
READ = """
from pipelines import Task

task = Task.current_task()
given = {"address": ""}
task.connect(given)
from pipelines import StorageManager
print(open(StorageManager.get_local_copy(given["address"])).read())
raise ValueError("not today")
"""
WAIT = """
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("pid", child.pid, flush=True)
{stubborn}
time.sleep(600)
"""


def template(shell: Shell, slug: str, script: str, *parameters: dict[str, Any]) -> None:
    body = {"project": "shell", "name": slug, "slug": slug, "template": True, "kind": "python"}
    with_code = {**body, "script": textwrap.dedent(script), "parameters": list(parameters)}
    try:
        shell.post("tasks/", with_code)
    except RequestRefused:
        shell.client.api.send("PUT", f"tasks/shell/{slug}/", with_code)


def start(shell: Shell, slug: str, steps: list[dict[str, Any]]) -> Run:
    document = {"schema": 1, "parameters": [], "defaults": {"queue": "local"}, "steps": steps}
    body = {"project": "shell", "name": slug, "slug": slug, "document": document}
    shell.post("pipelines/", body)
    shell.client.api.send(
        "POST", f"pipelines/shell/{slug}/publish/", {}, headers={"If-Match": '"1"'}
    )
    return shell.client.trigger(f"shell/{slug}")


@contextmanager
def local_steps(shell: Shell, run: Run) -> Iterator[LocalSteps]:
    agent = LocalSteps(shell.client.api, run.id)
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().split()[2] != "Z"


def child_of(run: Run, step: str) -> int:
    until(lambda: run.step(step).attempts, "the step has an attempt")
    text = until(lambda: "pid" in (found := run.step(step).log()) and found, "the step runs")
    return int(text.split("pid ")[1].split()[0])


def test_steps_run_here_with_output_artifacts_outputs_and_their_end(
    shell: Shell, capsys: pytest.CaptureFixture[str]
):
    template(shell, "greet", GREET, {"name": "who", "type": "string", "default": "world"})
    template(shell, "read", READ, {"name": "address", "type": "string"})
    run = start(
        shell,
        "here",
        [
            {"name": "greet", "template": "greet", "parameters": {"who": "Ada"}},
            {"name": "hi", "template": "greet"},
            {
                "name": "read",
                "template": "read",
                "parameters": {"address": "${greet.artifacts.greeted}"},
            },
        ],
    )

    with local_steps(shell, run):
        run.wait(60)

    greet, read = run.step("greet"), run.step("read")
    assert (run.status, greet.status, read.status) == ("failed", "completed", "failed")
    assert (greet.outputs, run.step("hi").outputs) == ({"length": 3}, {"length": 5})
    assert "hello Ada\n" in greet.log()
    assert "oh\n" in greet.log()
    assert greet.artifacts["greeted"].get() == ["Ada"]
    assert greet.artifacts["plain.txt"].get().read_text() == "plain"
    assert '"Ada"' in read.log()
    assert read.why == "ValueError: not today"
    assert "[greet] hello Ada\n" in capsys.readouterr().out


def test_an_abort_ends_a_step_and_what_it_has_started(shell: Shell):
    template(shell, "wait", WAIT.format(stubborn=""))
    run = start(shell, "aborting", [{"name": "wait", "template": "wait"}])

    with local_steps(shell, run):
        child = child_of(run, "wait")
        run.abort()
        run.wait(30)

    assert (run.status, run.step("wait").status) == ("aborted", "aborted")
    until(lambda: not is_alive(child), "the step's child is gone")


def test_a_step_that_does_not_want_to_end_is_killed_after_its_grace(shell: Shell):
    template(shell, "stay", WAIT.format(stubborn="signal.signal(signal.SIGTERM, signal.SIG_IGN)"))
    run = start(shell, "killing", [{"name": "stay", "template": "stay", "grace": 1}])

    with local_steps(shell, run):
        child = child_of(run, "stay")
        run.abort()
        run.wait(30)

    assert run.step("stay").status == "aborted"
    until(lambda: not is_alive(child), "the step's child is gone")


def test_steps_end_when_the_program_that_runs_them_is_killed(shell: Shell):
    template(shell, "wait", WAIT.format(stubborn=""))
    run = start(shell, "orphaned", [{"name": "wait", "template": "wait"}])
    program = textwrap.dedent(f"""
        import time
        from pipelines import Client
        from pipelines.local_steps import LocalSteps
        LocalSteps(Client().api, {run.id!r}).start()
        time.sleep(600)
    """)

    process = subprocess.Popen([sys.executable, "-c", program], env=shell.environment)
    child = child_of(run, "wait")
    process.kill()
    process.wait()

    until(lambda: not is_alive(child), "the step's child is gone")
    until(lambda: run.step("wait").status != "running", "the step is lost")
    run.abort()
    run.wait(30)


def test_a_step_that_takes_too_long_has_failed(shell: Shell):
    template(shell, "wait", WAIT.format(stubborn=""))
    run = start(shell, "timed", [{"name": "wait", "template": "wait", "timeout": 1}])

    with local_steps(shell, run):
        run.wait(30)

    assert run.step("wait").why == "it took longer than 1 seconds"
