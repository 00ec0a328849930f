"""Tasks of processes that no agent started: begun by Task.init, ended as their script ends."""

from __future__ import annotations

import signal

import pytest

from tests.client.shell import Shell, until
from tests.client.test_importing import oldest_python

BEGIN = """
import sys, time
from pathlib import Path
from pipelines import Task
task = Task.init(project_name="shell", task_name="{name}")
"""


def begun(name: str, rest: str = "") -> str:
    return BEGIN.format(name=name) + rest


def test_a_script_becomes_a_task_that_ends_as_completed_with_all_that_it_left(shell: Shell) -> None:
    done = shell.run(
        begun(
            "left",
            "import logging\n"
            "print('some words')\n"
            "logging.warning('a warning')\n"
            "wanted = task.connect({'rows': 3, 'inner': {'rate': 0.5}})\n"
            "wanted['rows'] = 4\n"
            "task.upload_artifact('table', {'a': 1})\n"
            "task.set_output('score', 0.75)\n"
            "task.get_logger().report_scalar('loss', 'train', 0.5, 1)\n"
            "print(task.status, task.status == 'in_progress', task.get_project_name())\n",
        )
    )
    task = shell.task("left")
    assert f"/tasks/{task['id']}/" in done.stderr
    assert "running True shell" in done.stdout
    assert (task["status"], task["project"], task["type"]) == ("completed", "shell", "training")
    assert task["parameters"] == {"General/rows": 4, "General/inner/rate": 0.5}
    assert task["outputs"] == {"score": 0.75}
    assert task["body"]["script"].strip().startswith("import sys, time")
    artifacts = shell.get(f"tasks/{task['id']}/artifacts/")["results"]
    assert [(one["name"], one["kind"]) for one in artifacts] == [("table", "json")]
    assert [one["last"] for one in shell.get(f"tasks/{task['id']}/samples/")] == [0.5]
    log = shell.log(task["id"])
    assert "some words\n" in log
    assert "WARNING:root:a warning\n" in log


@pytest.mark.parametrize(
    ("rest", "code", "reason", "traceback"),
    [
        ("raise ValueError('too few rows')", 1, "ValueError: too few rows", "line 6"),
        ("sys.exit(3)", 3, "it ended with exit code 3", ""),
        ("sys.exit('no rows')", 1, "it ended with exit code 1", ""),
    ],
)
def test_one_that_does_not_end_well_has_failed(
    shell: Shell, rest: str, code: int, reason: str, traceback: str
) -> None:
    shell.run(begun("bad end", rest), code=code)
    task = shell.task("bad end")
    assert (task["status"], task["outcome"]["reason"]) == ("failed", reason)
    assert traceback in (task["outcome"].get("traceback") or "")


def test_an_exit_that_somebody_catches_is_no_end(shell: Shell) -> None:
    shell.run(begun("caught", "try:\n    sys.exit(3)\nexcept SystemExit:\n    print('on')\n"))
    assert shell.task("caught")["status"] == "completed"


def test_it_is_the_same_under_the_oldest_python(shell: Shell) -> None:
    shell.python = oldest_python()
    shell.run(
        begun(
            "old",
            "task.connect({'rows': 3})\n"
            "task.upload_artifact('table', {'a': 1})\n"
            "print('words')\n"
            "sys.exit(3)\n",
        ),
        code=3,
    )
    task = shell.task("old")
    assert (task["status"], task["outcome"]["reason"]) == ("failed", "it ended with exit code 3")
    assert "words" in shell.log(task["id"])


def test_a_draft_may_run_in_the_process_that_made_it(shell: Shell) -> None:
    shell.run(
        "from pipelines import Task\n"
        "made = Task.create('shell', 'run by hand')\n"
        "made.mark_started()\n"
        "made.get_logger().report_single_value('score', 0.5)\n"
        "made.upload_artifact('x', 1)\n"
        "made.mark_completed()\n"
        "print(made.status, made.get_reported_single_values(), made.artifacts['x'].get())\n",
    )
    task = shell.task("run by hand")
    assert (task["status"], task["body"]) == ("completed", {})


WAITS = """
try:
    Path("ready").touch()
    time.sleep(600)
finally:
    print("cleaned up")
"""


@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGINT, "interrupted with Ctrl-C"), (signal.SIGTERM, "ended by SIGTERM")],
)
def test_ended_by_a_signal_it_is_aborted(shell: Shell, number: signal.Signals, reason: str) -> None:
    with shell.running(begun("by signal", WAITS)) as process:
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    task = shell.task("by signal")
    assert (task["status"], task["outcome"]["reason"]) == ("aborted", reason)
    assert "cleaned up" in out
    assert process.returncode != 0


def test_an_abort_on_the_page_calls_back_and_then_interrupts_the_script(shell: Shell) -> None:
    script = begun(
        "asked",
        "task.register_abort_callback(lambda: print('saved', task.upload_artifact('last', 1)))"
        + WAITS,
    )
    with shell.running(script) as process:
        task_id = shell.task("asked")["id"]
        shell.post(f"tasks/{task_id}/abort/")
        out, err = process.communicate(timeout=60)
    assert shell.get(f"tasks/{task_id}/")["status"] == "aborted"
    assert out.index("saved True") < out.index("cleaned up")
    assert err.endswith("ended: an abort was asked for\n")
    assert "Traceback" not in err
    assert shell.get(f"tasks/{task_id}/artifacts/")["results"][0]["name"] == "last"


def test_one_that_does_not_listen_is_ended_after_its_grace(shell: Shell) -> None:
    script = begun(
        "deaf",
        "Path('ready').touch()\n"
        "while True:\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        print('no')\n",
    )
    with shell.running(script) as process:
        task_id = shell.task("deaf")["id"]
        shell.post(f"tasks/{task_id}/abort/")
        process.communicate(timeout=60)
    assert process.returncode == 130
    assert shell.get(f"tasks/{task_id}/")["status"] == "aborted"


def test_one_whose_process_was_killed_is_lost_when_its_lease_is_over(shell: Shell) -> None:
    with shell.running(begun("killed", WAITS)) as process:
        process.kill()
    task_id = shell.task("killed")["id"]
    assert shell.ended(task_id)["status"] == "crashed"


def test_a_task_lives_longer_than_its_lease(shell: Shell) -> None:
    shell.run(begun("long", "time.sleep(5)\nprint(task.status)\n"))
    assert shell.task("long")["status"] == "completed"


def test_a_closed_task_makes_room_for_another(shell: Shell) -> None:
    done = shell.run(
        begun(
            "first",
            "assert Task.init(project_name='other', task_name='same') is task\n"
            "task.close()\n"
            "assert Task.current_task() is None and task.status == 'completed'\n"
            "Task.init(project_name='shell', task_name='second')\n"
            "print('words of the second')\n",
        )
    )
    assert done.returncode == 0
    first, second = shell.task("first"), shell.task("second")
    assert (first["status"], second["status"]) == ("completed", "completed")
    assert "words of the second" not in shell.log(first["id"])
    assert "words of the second" in shell.log(second["id"])


def test_an_ended_task_can_be_begun_again_by_its_id(shell: Shell) -> None:
    shell.run(begun("again", "task.connect({'rows': 3})\n"))
    first = shell.task("again")
    shell.run(
        "from pipelines import Task\n"
        f"task = Task.init(reuse_last_task_id={first['id']!r})\n"
        "print(task.connect({'rows': 1}))\n"
    )
    second = shell.task("again")
    assert (second["id"], second["status"]) == (first["id"], "completed")
    assert second["fence"] > first["fence"]
    assert "{'rows': 3}" in shell.log(second["id"])


def test_a_task_of_its_own_can_be_marked_as_what_it_is(shell: Shell) -> None:
    shell.run(begun("marked", "task.mark_failed(status_message='the data are bad')\n"))
    task = shell.task("marked")
    assert (task["status"], task["outcome"]["reason"]) == ("failed", "the data are bad")


def test_output_is_there_while_the_script_runs(shell: Shell) -> None:
    with shell.running(begun("talks", "print('early words')" + WAITS)) as process:
        task_id = shell.task("talks")["id"]
        until(lambda: "early words" in shell.log(task_id), "the log has the words")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_without_a_server_it_says_so_at_once_and_what_helps(shell: Shell) -> None:
    nowhere = {"PIPELINES_URL": "http://127.0.0.1:9"}
    done = shell.run(begun("nowhere"), code=1, more=nowhere)
    assert "does not answer; is it running? `pipelines doctor` tells" in done.stderr
    done = shell.run(begun("nowhere"), code=1, more={"PIPELINES_URL": "", "PIPELINES_TOKEN": ""})
    assert "run `pipelines login ADDRESS` once" in done.stderr
