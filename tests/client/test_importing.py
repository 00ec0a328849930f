"""The client asks nothing of a task's environment and costs next to nothing to import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines
from tests.client.workshop import Workshop, oldest_python

PACKAGE = Path(pipelines.__file__).parent


def test_the_client_works_where_no_package_is_installed(workshop: Workshop) -> None:
    step = workshop.run(
        "from pipelines import Task\nTask.current_task().set_output('done', 1)\n", flags=("-S",)
    )
    assert step.exit_code == 0, step.stderr
    assert step.outputs == {"done": 1}


def test_importing_the_client_loads_nothing_that_is_slow(workshop: Workshop) -> None:
    step = workshop.run(
        "import sys\n"
        "before = set(sys.modules)\n"
        "from pipelines import Task\n"
        "task = Task.current_task()\n"
        "task.connect({'rows': 1})\n"
        "print(*sorted(name.partition('.')[0] for name in set(sys.modules) - before))\n",
        flags=("-S",),
    )
    loaded = set(step.stdout.split())
    assert "pipelines" in loaded, step.stderr
    assert not loaded & {"http", "urllib", "argparse", "dataclasses", "pathlib", "inspect", "ssl"}


def test_outside_an_agent_there_is_no_task() -> None:
    command = (
        "from pipelines import Task, Logger\nprint(Task.current_task(), Logger.current_logger())"
    )
    done = subprocess.run(
        [sys.executable, "-c", command],
        env={"PYTHONPATH": str(PACKAGE.parent), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "None None\n"


def test_a_step_runs_under_the_oldest_python_there_is(workshop: Workshop) -> None:
    workshop.python = oldest_python()
    step = workshop.run(
        "from pipelines import Logger, StorageManager, Task, call\n"
        "task = Task.current_task()\n"
        "print(task.connect({'rows': 1}))\n"
        "task.get_logger().report_scalar('loss', 'train', 0.5, 1)\n"
        "task.upload_artifact('table', {'a': [1, 2]})\n"
        "print(task.artifacts['table'].get())\n",
        {"General/rows": 3},
    )
    assert step.stdout == "{'rows': 3}\n{'a': [1, 2]}\n", step.stderr
    assert workshop.server.samples == [
        {"title": "loss", "series": "train", "step": 1, "value": 0.5}
    ]


def test_an_unknown_name_is_an_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="Taks"):
        pipelines.Taks  # noqa: B018
