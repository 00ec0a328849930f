"""A script that is forked behaves as one that a fresh Python was started for."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from orchestrator.agent.forked.supervisor import marked
from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from orchestrator.models import Task
from tests.engine.agent.by_hand import InBackground, log_of, python, run, wait_for
from tests.engine.agent.test_ending import is_there

pytestmark = pytest.mark.usefixtures("agent")

WAIT = """
import os, time
print("up", flush=True)
while not os.path.exists({gate!r}):
    time.sleep(0.01)
"""


def printed(script: str) -> str:
    task = run(python(script))
    assert (task.status, task.outcome["reason"]) == (Status.COMPLETED, ""), log_of(task)
    return log_of(task, "stdout").strip()


def test_it_is_the_main_program_in_its_own_folder() -> None:
    found = printed(
        "import os, sys\n"
        "import __main__\n"
        "print(__name__, os.path.basename(__file__), __spec__, __main__.__file__ == sys.argv[0],\n"
        "      sys.path[0] == os.getcwd(), sys.argv[0] == os.path.join(os.getcwd(), 'script.py'))"
    )
    assert found == "__main__ script.py None True True True"


def test_it_finds_nothing_of_ours_among_its_modules() -> None:
    found = printed(
        "import sys\n"
        "print([n for n in sys.modules if n.split('.')[0] in\n"
        "       ('forked', 'django', 'orchestrator', 'supervisor')],\n"
        "      [p for p in sys.path if p.endswith('agent')])"
    )
    assert found == "[] []"


def test_a_traceback_shows_the_scripts_own_lines_only() -> None:
    task = run(python("def fail():\n    raise ValueError('no rows')\n\nfail()\n"))
    lines = task.outcome["traceback"].splitlines()
    assert [line.strip() for line in lines if "File" not in line and "~" not in line] == [
        "Traceback (most recent call last):",
        "fail()",
        "raise ValueError('no rows')",
        "ValueError: no rows",
    ]
    assert all("script.py" in line for line in lines if "File" in line)


def test_what_is_not_python_is_said_as_python_says_it() -> None:
    task = run(python("print(1\n"))
    assert task.outcome["reason"].startswith("exit code 1")
    assert "SyntaxError: '(' was never closed" in log_of(task, "stderr")
    assert "compile(" not in log_of(task, "stderr")


@pytest.mark.parametrize(
    ("script", "code", "errors"),
    [
        ("import sys; sys.exit('not today')", 1, "not today\n"),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(True)", 1, ""),
        ("raise SystemExit(258)", 2, ""),
        ("import os; os._exit(7)", 7, ""),
        ("import sys\nsys.excepthook = lambda *a: print('hooked', file=sys.stderr)\n1/0", 1,
         "hooked\n"),
        ("import csv, atexit; atexit.register(print, 'bye'); raise SystemExit(4)", 4, ""),
    ],
)  # fmt: skip
def test_its_exit_code_is_pythons(script: str, code: int, errors: str) -> None:
    task = run(python(script))
    assert (task.outcome["exit_code"], log_of(task, "stderr")) == (code, errors)


def test_an_interrupted_script_ends_by_that_signal() -> None:
    task = run(python("raise KeyboardInterrupt"))
    assert task.outcome["reason"] == "killed by SIGINT"


def test_its_end_is_the_interpreters_own() -> None:
    script = """
import atexit, os, sys, threading, time

class Noisy:
    def __del__(self):
        os.write(1, b"dropped\\n")

atexit.register(lambda: print("at exit"))
threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
noisy = Noisy()
left_open = open("artifacts/kept.txt", "w")
left_open.write("kept")
print("main")
"""
    task = run(python(script))
    assert log_of(task, "stdout").split("\n") == ["main", "thread", "at exit", "dropped", ""]
    [artifact] = task.artifacts.all()
    assert (artifact.name, artifact.size) == ("kept.txt", 4)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_multiprocessing_works_in_it(method: str) -> None:
    script = f"""
import multiprocessing
def double(n):
    return 2 * n
if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        print(pool.map(double, [1, 2, 3]))
"""
    assert printed(script) == "[2, 4, 6]"


def test_others_see_its_own_environment_and_arguments_not_the_fork_servers() -> None:
    found = printed(
        "import os, subprocess, sys\n"
        "shown = open('/proc/self/environ').read().rstrip('\\0').split('\\0')\n"
        "print(dict(pair.split('=', 1) for pair in shown) == dict(os.environ))\n"
        "print(open('/proc/self/cmdline').read().rstrip('\\0').split('\\0')[1] == sys.argv[0])\n"
        "print(subprocess.run(['sh', '-c', 'echo $PIPELINES_TASK'], capture_output=True,\n"
        "      text=True).stdout.strip() == os.environ['PIPELINES_TASK'])\n"
    )
    assert found == "True\nTrue\nTrue"


def test_a_step_leaves_nothing_to_the_next() -> None:
    run(python("import os, json, sys\nos.environ['LEFT'] = '1'\njson.left = 1\nsys.left = 1"))
    seen = "'LEFT' in os.environ, hasattr(json, 'left'), hasattr(sys, 'left')"
    assert printed(f"import os, json, sys\nprint({seen})") == "False False False"


def test_random_numbers_differ_from_step_to_step() -> None:
    script = "import random, uuid; print(random.random(), uuid.uuid4())"
    assert printed(script) != printed(script)


def test_a_running_step_holds_no_descriptor_of_another(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    first = InBackground(python(WAIT.format(gate=str(gate))))
    wait_for(lambda: log_of(first.task), "its first line")
    own = printed("import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd')))")
    gate.touch()
    assert first.join().status == Status.COMPLETED
    assert own == "[0, 1, 2, 3]"


def test_a_lost_fork_server_is_started_again_and_its_steps_go_on(
    agent: ServingAgent, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    step = InBackground(python(WAIT.format(gate=str(gate))))
    wait_for(lambda: log_of(step.task), "its first line")
    lost = agent.servers.pid(sys.executable)
    os.kill(lost, signal.SIGKILL)
    wait_for(lambda: not is_there(lost), "the end of the fork server")
    assert printed("print('forked')") == "forked"
    assert agent.servers.pid(sys.executable) not in (0, lost)
    gate.touch()
    assert step.join().status == Status.COMPLETED


def test_a_step_lost_with_its_fork_server_crashes_saying_so(agent: ServingAgent) -> None:
    run(python("pass"))
    server = agent.servers.pid(sys.executable)
    os.kill(server, signal.SIGSTOP)
    step = InBackground(python("pass"))
    wait_for(lambda: Task.objects.get(id=step.task.id).status == Status.RUNNING, "its claim")
    wait_for(lambda: agent.holdings.all()[0].is_begun, "its request")
    os.kill(server, signal.SIGKILL)
    task = step.join()
    assert task.status == Status.CRASHED
    assert task.outcome["reason"] == "its fork server was lost before the step had begun"


def test_a_stopped_fork_server_does_not_keep_a_step_from_being_aborted(
    agent: ServingAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(python("pass"))
    server = agent.servers.pid(sys.executable)
    monkeypatch.setattr("orchestrator.agent.child.START_SECONDS", 0.3)
    os.kill(server, signal.SIGSTOP)
    task = run(python("pass"))
    assert task.status == Status.CRASHED
    assert not is_there(server)


def test_many_steps_at_once_each_have_their_own(agent: ServingAgent) -> None:
    steps = [InBackground(python(f"import os; print({n}, os.getpid())")) for n in range(6)]
    seen = [log_of(step.join(), "stdout").split() for step in steps]
    assert [word for word, _ in seen] == [str(n) for n in range(6)]
    assert len({pid for _, pid in seen}) == 6
    assert not any(marked(f"PIPELINES_TASK={step.task.id}.1".encode()) for step in steps)


def test_the_fork_server_holds_nothing_and_ends_with_its_agent(agent: ServingAgent) -> None:
    run(python("pass"))
    server = agent.servers.pid(sys.executable)
    environment = Path(f"/proc/{server}/environ").read_text()
    assert "PIPELINES_TOKEN" not in environment
    assert "PIPELINES_TASK" not in environment
    assert sorted(os.listdir(f"/proc/{server}/fd"), key=int)[:3] == ["0", "1", "2"]
    assert len(os.listdir(f"/proc/{server}/fd")) == 4
    agent.servers.stop()
    assert not is_there(server)
