"""How a step may end, and the word and the reason that it then has."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from orchestrator.agent import kinds
from orchestrator.agent.child import Child, End
from orchestrator.agent.folder import WorkFolder
from orchestrator.agent.forked.supervisor import marked
from orchestrator.agent.serving import ServingAgent
from orchestrator.agent.verdict import RELEASE
from orchestrator.domain.states import Status
from orchestrator.models import Task
from orchestrator.store.execution import Work
from tests.engine.agent.by_hand import InBackground, log_of, python, run, wait_for

STUBBORN_DAEMON = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open({path!r}, "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
print("started", flush=True)
{then}
"""


def stubborn(path: Path, then: str = "time.sleep(600)", **more: object) -> Task:
    """A script with a daemon: double-forked, in a session of its own, deaf to TERM."""
    return python(STUBBORN_DAEMON.format(path=str(path), then=then), **more)


def daemon_of(path: Path) -> int:
    text = wait_for(lambda: path.exists() and path.read_text(), "the daemon's pid")
    return int(text)


def is_there(pid: int) -> bool:
    """True while a process lives; one that nobody has collected yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def supervisor_of(task: Task) -> int:
    """The one process of an attempt that is not the step's own."""
    [found] = [
        pid
        for pid in marked(f"PIPELINES_TASK={task.id}.1".encode())
        if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"pipelines: supervisor")
    ]
    return found


def ask_to_abort(task: Task, agent: ServingAgent) -> None:
    """What a run's turn does to abort a running task; the poke goes without Redis."""
    changed = Task.objects.filter(id=task.id, status=Status.RUNNING).update(
        status=Status.ABORTING, abort_requested_at=Now()
    )
    assert changed == 1
    agent.look()


@pytest.mark.parametrize(
    ("script", "status", "exit_code", "reason"),
    [
        ("raise SystemExit(0)", Status.COMPLETED, 0, ""),
        ("raise SystemExit(3)", Status.FAILED, 3, "exit code 3"),
        ("{}['rows']", Status.FAILED, 1, "exit code 1: KeyError: 'rows'"),
        (
            "import os; os.kill(os.getpid(), 11)",
            Status.CRASHED,
            None,
            "killed by SIGSEGV",
        ),
        (
            "import os; os.kill(os.getpid(), 9)",
            Status.CRASHED,
            None,
            "killed by SIGKILL (out of memory?)",
        ),
    ],
)
@pytest.mark.usefixtures("agent")
def test_the_end_of_the_process_is_the_end_of_the_task(
    script: str, status: Status, exit_code: int | None, reason: str
) -> None:
    task = run(python(script))
    outcome = task.outcome
    assert (task.status, outcome["exit_code"], outcome["reason"]) == (status, exit_code, reason)


@pytest.mark.usefixtures("agent")
def test_the_traceback_is_kept_with_those_that_led_to_it() -> None:
    task = run(
        python(
            "try:\n    {}['rows']\nexcept KeyError as error:\n"
            "    raise ValueError('no rows') from error\n"
        )
    )
    assert task.outcome["reason"] == "exit code 1: ValueError: no rows"
    assert task.outcome["traceback"].startswith("Traceback (most recent call last):")
    assert "KeyError: 'rows'" in task.outcome["traceback"]


@pytest.mark.usefixtures("agent")
def test_a_step_that_takes_too_long_fails_and_is_gone(tmp_path: Path) -> None:
    task = run(stubborn(tmp_path / "pid", limits={"timeout": 1, "grace": 0.2}))
    assert (task.status, task.outcome["reason"]) == (Status.FAILED, "timed out after 1 s")
    assert not is_there(daemon_of(tmp_path / "pid"))


def test_aborted_means_that_a_daemon_deaf_to_term_is_gone(
    agent: ServingAgent, tmp_path: Path
) -> None:
    step = InBackground(stubborn(tmp_path / "pid", limits={"grace": 0.5}))
    pid = daemon_of(tmp_path / "pid")
    assert is_there(pid)
    ask_to_abort(step.task, agent)
    task = step.join()
    killed = "aborted: it did not end when asked to, and was killed"
    assert (task.status, task.outcome["reason"]) == (Status.ABORTED, killed)
    assert (task.outcome["confirmed"], task.outcome["killed"]) == (True, True)
    assert task.abort_delivered_at
    assert task.kill_at
    assert (task.kill_at - task.abort_delivered_at).total_seconds() == 0.5
    assert not is_there(pid)
    assert not marked(f"PIPELINES_TASK={task.id}.1".encode())
    assert "was killed" in log_of(task, "agent")


def test_an_aborted_step_may_tidy_up_within_its_grace(agent: ServingAgent) -> None:
    step = InBackground(
        python(
            "import signal, sys, time\n"
            "def tidy(*_):\n    print('tidied', flush=True); sys.exit(0)\n"
            "signal.signal(signal.SIGTERM, tidy)\n"
            "print('ready', flush=True)\ntime.sleep(600)\n",
            limits={"grace": 10},
        )
    )
    wait_for(lambda: "ready" in log_of(step.task), "its first line")
    ask_to_abort(step.task, agent)
    task = step.join()
    assert task.status == Status.ABORTED
    assert log_of(task, "stdout") == "ready\ntidied\n"


@pytest.fixture
def _seldom_renewed(settings: Settings) -> None:
    settings.PIPELINES_RENEW_SECONDS, settings.PIPELINES_LEASE_SECONDS = 1000, 3000


@pytest.mark.usefixtures("_seldom_renewed")
def test_a_step_that_ended_well_before_the_abort_was_heard_is_completed(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # An agent looks once more when it has reached Redis, which may be at any moment.
    monkeypatch.setattr(agent, "renew", lambda: None)
    gate = tmp_path / "gate"
    task = python(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)")
    step = InBackground(task)
    wait_for(lambda: Task.objects.get(id=task.id).status != Status.QUEUED, "the claim")
    assert Task.objects.filter(id=task.id, status=Status.RUNNING).update(status=Status.ABORTING)
    gate.touch()
    assert step.join().status == Status.COMPLETED


@pytest.mark.usefixtures("agent")
def test_what_outlives_its_step_is_ended_and_the_log_says_so(tmp_path: Path) -> None:
    task = run(stubborn(tmp_path / "pid", then="sys.exit(0)", limits={"grace": 0.2}))
    assert task.status == Status.COMPLETED
    assert not is_there(daemon_of(tmp_path / "pid"))
    assert "1 process that outlived the step was ended" in log_of(task, "agent")


def test_a_step_whose_supervisor_is_killed_crashes_and_is_gone(
    agent: ServingAgent, tmp_path: Path
) -> None:
    step = InBackground(stubborn(tmp_path / "pid"))
    pid = daemon_of(tmp_path / "pid")
    os.kill(supervisor_of(step.task), signal.SIGKILL)
    task = step.join()
    assert task.status == Status.CRASHED
    assert task.outcome["reason"].startswith("its supervisor was killed")
    assert task.outcome["confirmed"] is False
    assert not is_there(pid)


def test_an_abort_before_the_process_exists_is_not_forgotten(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = kinds.prepare

    def slowly(work: Work, folder: WorkFolder, python: str) -> kinds.Program:
        ask_to_abort(task, agent)
        held = agent.holdings.all()[0]
        wait_for(lambda: held.stopped, "the abort to be heard")
        return prepare(work, folder, python)

    monkeypatch.setattr(kinds, "prepare", slowly)
    task = python("import time; time.sleep(600)")
    assert run(task).status == Status.ABORTED


def test_a_step_that_ended_well_is_not_given_back(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Child.finish

    def as_the_agent_stops(child: Child) -> End:
        agent.holdings.all()[0].stop(RELEASE)
        return finish(child)

    monkeypatch.setattr(Child, "finish", as_the_agent_stops)
    task = run(python("pass"))
    assert (task.status, task.fence) == (Status.COMPLETED, 1)


def test_a_step_that_is_given_back_keeps_nothing(agent: ServingAgent) -> None:
    step = InBackground(
        python("import time\nopen('artifacts/x', 'w')\nprint('up', flush=True)\ntime.sleep(600)")
    )
    wait_for(lambda: log_of(step.task), "its first line")
    agent.holdings.all()[0].stop(RELEASE)
    task = step.join()
    assert (task.status, task.fence, task.agent_id) == (Status.QUEUED, 2, None)
    assert not task.artifacts.exists()


def test_a_step_that_is_to_be_aborted_is_not_given_back(agent: ServingAgent) -> None:
    step = InBackground(python("import time\nprint('up', flush=True)\ntime.sleep(600)"))
    wait_for(lambda: log_of(step.task), "its first line")
    Task.objects.filter(id=step.task.id, status=Status.RUNNING).update(status=Status.ABORTING)
    agent.holdings.all()[0].stop(RELEASE)
    task = step.join()
    assert (task.status, task.fence, task.outcome["reason"]) == (Status.ABORTED, 1, "aborted")
