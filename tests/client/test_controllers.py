"""Controllers as real scripts: started in a shell, driven by an agent of the services queue."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipelines import RequestRefused
from tests.client.shell import Shell, until

SCRIPTS = Path(__file__).parent / "controllers"


def script(name: str) -> str:
    return (SCRIPTS / name).read_text()


def started(shell: Shell, name: str) -> dict[str, Any]:
    """The run that a script has started, which ends its process well."""
    done = shell.run(script(name), name)
    found = re.search(r"run (\S+/\S+/\d+)", done.stdout)
    assert found, f"{done.stdout}\n{done.stderr}"
    return dict(shell.get(f"runs/{found[1]}/"))


def ended(shell: Shell, run: dict[str, Any]) -> dict[str, Any]:
    """A run once it has ended."""
    return until(lambda: _final(shell, run), f"run {run['id']} has ended\n{shell.stack.logs()}")


def _final(shell: Shell, run: dict[str, Any]) -> dict[str, Any] | None:
    found = dict(shell.get(f"runs/{run['id']}/"))
    return found if found["status"] in ("completed", "failed", "aborted") else None


def steps(shell: Shell, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in shell.get(f"runs/{run['id']}/steps/")}


def task_of(shell: Shell, run: dict[str, Any], step: str) -> dict[str, Any]:
    """The task of a step's last attempt."""
    attempts = shell.get(f"runs/{run['id']}/steps/{step}/")["attempts"]
    return dict(shell.get(f"tasks/{attempts[-1]['task']}/"))


def runs(shell: Shell, pipeline: str) -> list[dict[str, Any]]:
    """The runs of a pipeline, the newest first."""
    return list(shell.client.rows(f"pipelines/shell/{pipeline}/runs/"))


def templates(shell: Shell) -> None:
    """A step that is done at once, and one that takes as long as it is let."""
    for slug, text in (("quick", "print('quick')"), ("slow", "import time\ntime.sleep(60)")):
        body = {"project": "shell", "name": slug, "slug": slug, "template": True, "script": text}
        with suppress(RequestRefused):
            shell.post("tasks/", body)


def test_steps_from_functions_are_run_and_then_cached(shell: Shell) -> None:
    run = ended(shell, started(shell, "functions.py"))
    assert run["status"] == "completed", shell.log(run["id"])
    rows = steps(shell, run)
    assert {name: row["parents"] for name, row in rows.items()} == {
        "step_one": [],
        "step_two": ["step_one"],
        "step_three": ["step_two"],
    }
    assert {row["status"] for row in rows.values()} == {"completed"}
    assert "pipeline completed True" in shell.log(run["id"])
    left = {
        one["name"]: one["sha256"] for one in shell.client.rows(f"tasks/{run['id']}/artifacts/")
    }
    assert left.keys() == {"numbers", "result"}
    again = ended(shell, started(shell, "functions.py"))
    copied = shell.client.rows(f"tasks/{again['id']}/artifacts/")
    assert {one["name"]: one["sha256"] for one in copied} == left
    assert again["version"] == run["version"]
    assert {row["status"] for row in steps(shell, again).values()} == {"cached"}


def test_steps_from_base_tasks_are_clones_of_them(shell: Shell) -> None:
    for base in ("step_numbers.py", "step_process.py", "step_train.py"):
        shell.run(script(base), base)
    run = ended(shell, started(shell, "from_tasks.py"))
    log = shell.log(run["id"])
    assert run["status"] == "completed", log
    rows = steps(shell, run)
    assert [(name, row["parents"], row["status"]) for name, row in rows.items()] == [
        ("stage_data", [], "completed"),
        ("stage_process", ["stage_data"], "completed"),
        ("stage_train", ["stage_process"], "completed"),
    ]
    tasks = {name: task_of(shell, run, name) for name in rows}
    given = tasks["stage_process"]["parameters"]
    assert float(given["General/test_size"]) == 0.25
    end = f"/tasks/{tasks['stage_data']['id']}/artifacts/dataset/"
    assert given["General/dataset_url"].endswith(end)
    assert tasks["stage_train"]["parameters"] == {
        "General/dataset_task_id": tasks["stage_process"]["id"]
    }
    assert {task["parent"] for task in tasks.values()} == {run["id"]}
    assert "score: 27" in shell.log(tasks["stage_train"]["id"])
    assert f"Completed Task id={tasks['stage_process']['id']}\n" in log
    assert "with parameters: {" in log
    assert log.rstrip().endswith("done")


def test_a_run_in_this_process_with_its_steps_beside_it(shell: Shell) -> None:
    done = shell.run(script("locally.py"), "locally.py")
    assert "post double completed\n" in done.stdout
    assert "nodes {'double': 'completed', 'show': 'completed'}" in done.stdout
    assert "successful True False True" in done.stdout
    run = runs(shell, "locally")[0]
    assert (run["status"], run["driver"]) == ("completed", "controller")
    assert "found 42" in shell.log(task_of(shell, run, "show")["id"])
    assert "post double completed" in shell.log(run["id"])


def test_a_run_in_the_background_is_waited_for_at_the_end(shell: Shell) -> None:
    templates(shell)
    run = ended(shell, started(shell, "background.py"))
    log = shell.log(run["id"])
    assert run["status"] == "completed", log
    assert log.splitlines() == [
        "started True False",
        "while it waits [] False",
        "the script has nothing left to do",
    ]
    assert {row["status"] for row in steps(shell, run).values()} == {"completed"}


def test_a_callback_stops_the_pipeline_and_its_script_goes_on(shell: Shell) -> None:
    templates(shell)
    run = ended(shell, started(shell, "stopped.py"))
    log = shell.log(run["id"])
    assert log.splitlines() == [
        "stopping",
        "asked",
        "nodes {'quick': 'completed', 'slow': 'aborted', 'later': 'skipped'}",
        "successful False",
    ]
    assert run["status"] == "aborted"
