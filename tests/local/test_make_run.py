"""`make run` as a person meets it: one command up, one Ctrl-C down, nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pipelines_ui.local import ports
from tests.services import wait_for

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.embedded


class Run:
    """One supervisor in a process of its own, with its output at hand."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.output = folder / "output.txt"
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pipelines_ui.local", "--no-setup"],
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def told(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_until(self, words: str, *, seconds: float = 90) -> None:
        def is_there_or_over() -> str:
            found = words in self.told or self.process.poll() is not None
            return self.told if found else ""

        wait_for(is_there_or_over, seconds=seconds, what=f"{words!r} in:\n{self.told}")
        assert words in self.told, self.told

    def children(self) -> dict[str, int]:
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        kinds = ("redis", "uvicorn", "controller", "--queues default", "--queues services")
        found = {}
        for line in listed.splitlines():
            pid, _, arguments = line.strip().partition(" ")
            for kind in kinds:
                if kind in arguments:
                    found[kind.removeprefix("--queues ")] = int(pid)
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


Start = Callable[..., Run]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No Redis on the path, so that the bundled one is used; no variable of the tests' own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIPELINES_", "DJANGO_"))}
    tools = tmp_path / "bin"
    tools.mkdir()
    return {
        **kept,
        "PATH": str(tools),
        "PIPELINES_DATA_DIR": str(tmp_path / "data"),
        "PIPELINES_PORT": str(ports.free_port()),
    }


@pytest.fixture
def start(tmp_path: Path, environment: dict[str, str]) -> Iterator[Start]:
    runs: list[Run] = []

    def start_one(**extra: str) -> Run:
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        runs.append(Run(folder, {**environment, **extra}))
        return runs[-1]

    yield start_one
    for run in runs:
        run.end()


def link_of(run: Run) -> str:
    found = re.search(r"https?://\S+/sign-in/link/\S+", run.told)
    assert found, run.told
    return found[0]


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_one_command_starts_everything_and_ctrl_c_ends_it(start: Start) -> None:
    run = start()
    run.wait_until("Ready in")
    assert "redis: the bundled server" in run.told
    assert status_of(link_of(run)) == 200
    children = run.children()
    assert set(children) == {"redis", "uvicorn", "controller", "default", "services"}

    # Somebody kills an agent: it comes back, and the supervisor says so.
    os.kill(children["default"], signal.SIGKILL)
    run.wait_until("agent: killed by signal 9")
    run.wait_until("agent: started again")
    wait_for(lambda: run.children().get("default", children["default"]) != children["default"])

    # A second one on the same folder is turned away and does no harm.
    second = start()
    second.process.wait(60)
    assert "Another `make run` uses the data folder" in second.told
    assert second.process.returncode != 0
    assert status_of(link_of(run)) == 200

    everyone = run.children()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(60) == 0, run.told
    assert "nothing is left running" in run.told
    assert [name for name, pid in everyone.items() if is_alive(pid)] == []


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_goes_on(start: Start) -> None:
    first = start()
    first.wait_until("Ready in")
    assert "Sample project" in first.told
    children = first.children()
    first.process.kill()
    first.process.wait(10)
    wait_for(
        lambda: not [name for name, pid in children.items() if is_alive(pid)],
        what="the children of a killed supervisor to be gone",
    )

    again = start()
    again.wait_until("Ready in")
    # The sample is there already, so it is not made a second time; the old link still works.
    assert "Sample project" not in again.told
    assert status_of(link_of(first)) == 200
    assert status_of(link_of(again)) == 200


def test_a_taken_port_is_said_and_passed_over(start: Start, environment: dict[str, str]) -> None:
    import socket

    with socket.create_server((ports.HOST, int(environment["PIPELINES_PORT"]))):
        run = start()
        run.wait_until("Ready in")
        taken = environment["PIPELINES_PORT"]
        assert f"port {taken} is taken; using " in run.told
        assert f":{taken}/" not in link_of(run)
        assert status_of(link_of(run)) == 200


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PIPELINES_PORT", "http", "PIPELINES_PORT must be a number"),
        ("PIPELINES_PORT", "70000", "PIPELINES_PORT must be a number"),
        ("PIPELINES_DATA_DIR", "/proc/pipelines", "The data folder /proc/pipelines cannot be"),
        ("PIPELINES_LEASE_SECONDS", "soon", "PIPELINES_LEASE_SECONDS must be a number"),
    ],
)
def test_what_cannot_work_is_said_in_words(start: Start, name: str, value: str, words: str) -> None:
    run = start(**{name: value})
    assert run.process.wait(60) != 0
    assert words in run.told
    children_left = run.children()
    assert children_left == {}
