"""How controllers end that do not simply complete: interrupted, stopped, after steps that fail."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from typing import Any

import pytest

from tests.client.shell import PATIENCE_SECONDS, Shell, until
from tests.client.test_controllers import ended, runs, script, steps, templates


def running(shell: Shell, pipeline: str) -> dict[str, Any]:
    """The newest run of a pipeline, once its step runs."""

    def found() -> dict[str, Any] | None:
        rows = runs(shell, pipeline) if pipeline in _slugs(shell) else []
        is_new = rows and rows[0]["status"] == "running"
        return rows[0] if is_new and steps(shell, rows[0])["slow"]["status"] == "running" else None

    return dict(until(found, f"the step of {pipeline} runs\n{shell.stack.logs()}"))


def _slugs(shell: Shell) -> set[str]:
    return {row["slug"] for row in shell.client.rows("pipelines/", project="shell")}


def test_an_interrupt_without_a_terminal_aborts_the_run(shell: Shell) -> None:
    templates(shell)
    process = shell.begin(script("slowly.py"), "slowly.py", more={"ENDS": "silently"})
    run = running(shell, "slowly-silently")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0, f"{out}\n{err}"
    assert f"aborting run shell/slowly-silently/{run['number']}" in err
    assert "KeyboardInterrupt" in err
    run = ended(shell, run)
    assert run["status"] == "aborted"
    assert steps(shell, run)["slow"]["status"] == "aborted"


def test_an_abort_asked_on_the_page_ends_the_script_with_a_line(shell: Shell) -> None:
    templates(shell)
    process = shell.begin(script("slowly.py"), "slowly.py", more={"ENDS": "elsewhere"})
    run = running(shell, "slowly-elsewhere")
    shell.post(f"runs/{run['id']}/abort/")
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0
    assert err.splitlines()[-1] == "ended: an abort was asked for"
    assert "Traceback" not in err
    assert "aborting run" not in err
    assert ended(shell, run)["status"] == "aborted"


class Terminal:
    """A script that a person sits in front of."""

    def __init__(self, shell: Shell, name: str, more: dict[str, str]) -> None:
        self._own, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [shell.python, str(shell.write(script(name), name))],
            cwd=shell.folder,
            env={**shell.environment, **more},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        os.set_blocking(self._own, False)
        self.text = ""

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def type(self, text: str) -> None:
        os.write(self._own, text.encode())

    def sees(self, text: str, times: int = 1) -> None:
        until(lambda: self._read().count(text) >= times, f"the terminal shows {text!r}")

    def _read(self) -> str:
        try:
            while piece := os.read(self._own, 4096):
                self.text += piece.decode(errors="replace")
        except OSError:
            pass
        return self.text

    def ends(self) -> int:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (code := self.process.poll()) is None:
            self._read()
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)
        os.close(self._own)
        return code


def test_an_interrupt_on_a_terminal_asks_and_a_second_one_aborts(shell: Shell) -> None:
    templates(shell)
    terminal = Terminal(shell, "slowly.py", {"ENDS": "asked"})
    run = running(shell, "slowly-asked")
    asks = f"Abort run shell/slowly-asked/{run['number']} and its steps? [y/N]"
    terminal.interrupt()
    terminal.sees(asks)
    terminal.type("n\n")
    terminal.sees("the run goes on")
    terminal.interrupt()
    terminal.sees(asks, times=2)
    assert shell.get(f"runs/{run['id']}/")["status"] == "running"
    terminal.interrupt()
    assert terminal.ends() != 0
    assert ended(shell, run)["status"] == "aborted"


def test_a_callback_that_marks_the_pipeline_as_failed(shell: Shell) -> None:
    templates(shell)
    done = shell.run(script("slowly.py"), "slowly.py", more={"ENDS": "failed"})
    assert "nodes {'slow': 'aborted'}" in done.stdout
    run = ended(shell, runs(shell, "slowly-failed")[0])
    assert run["status"] == "failed"
    assert "the script has marked the pipeline as failed" in run["reason"]


@pytest.mark.parametrize(
    ("case", "nodes", "status"),
    [
        ("defaults", "failed skipped completed", "failed"),
        ("continue", "failed skipped completed", "completed"),
        ("run on", "failed completed completed", "completed"),
        ("counted", "failed completed completed", "failed"),
    ],
)
def test_what_a_failed_step_means_is_as_its_flags_say(
    shell: Shell, case: str, nodes: str, status: str
) -> None:
    done = shell.run(script("tolerant.py"), "tolerant.py", more={"CASE": case})
    assert f"nodes {nodes}\n" in done.stdout
    run = ended(shell, runs(shell, f"tolerant-{case.replace(' ', '-')}")[0])
    assert run["status"] == status
