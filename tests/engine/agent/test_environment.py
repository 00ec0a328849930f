"""What a step can see: its own attempt, and none of the server's secrets."""

from __future__ import annotations

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from orchestrator.agent.folder import folder_of_client
from orchestrator.agent.serving import ServingAgent
from orchestrator.models import Task
from orchestrator.store.execution import read_attempt_token
from tests.engine.agent.by_hand import InBackground, log_of, make_task, python, run, wait_for

SHOW = """
import json, os, sys
import pipelines
json.dump({
    "environment": dict(os.environ),
    "descriptors": sorted(int(n) for n in os.listdir("/proc/self/fd")),
    "client": os.path.realpath(pipelines.__file__),
    "importable": sorted(os.listdir(os.environ["PYTHONPATH"])),
    "session": os.getsid(0), "group": os.getpgid(0), "own": os.getpid(),
    "folder": os.getcwd(), "mode": os.stat(".").st_mode, "umask": os.umask(0),
}, open("outputs.json", "w"))
"""


def seen(**more: object) -> tuple[Task, dict[str, object]]:
    task = run(python(SHOW, **more))
    assert task.outcome["reason"] == "", log_of(task)
    return task, task.outputs


@pytest.mark.usefixtures("agent")
def test_the_servers_secrets_are_not_in_a_steps_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secrets = {
        "PIPELINES_SECRET_KEY": "top-secret-1",
        "PIPELINES_DATABASE_URL": "postgresql://u:top-secret-2@db/x",
        "PIPELINES_REDIS_URL": "redis://:top-secret-3@r/0",
        "AWS_SECRET_ACCESS_KEY": "top-secret-4",
        "DJANGO_SETTINGS_MODULE": "pipelines_ui.settings",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    _, found = seen()
    environment = found["environment"]
    assert isinstance(environment, dict)
    assert not secrets.keys() & environment.keys()
    assert "top-secret" not in json.dumps(environment)
    assert settings.SECRET_KEY not in json.dumps(environment)


@pytest.mark.usefixtures("agent")
def test_a_steps_environment_is_what_is_promised(agent: ServingAgent) -> None:
    task, found = seen()
    environment = found["environment"]
    assert isinstance(environment, dict)
    assert set(environment) - {"LC_CTYPE"} == {
        "PIPELINES_DIR", "PIPELINES_TASK", "PIPELINES_TASK_ID", "PIPELINES_API_URL",
        "PIPELINES_TOKEN", "PIPELINES_AGENT", "PATH", "HOME", "TMPDIR", "LANG", "PYTHONPATH",
        "PYTHONUNBUFFERED",
    }  # fmt: skip
    assert environment["PIPELINES_TASK"] == f"{task.id}.1"
    assert environment["PIPELINES_AGENT"] == str(agent.id)
    assert read_attempt_token(environment["PIPELINES_TOKEN"]) == (task.id, 1)
    assert environment["HOME"].startswith(environment["PIPELINES_DIR"])


@pytest.mark.usefixtures("agent")
def test_a_step_can_import_the_client_and_not_the_server() -> None:
    _, found = seen()
    assert found["importable"] == ["pipelines"]
    assert Path(str(found["client"])).parent.name == "pipelines"


@pytest.mark.usefixtures("agent")
def test_a_step_has_a_private_folder_a_group_and_no_foreign_descriptors() -> None:
    task, found = seen()
    assert Path(str(found["folder"])).parts[-2:] == ("work", f"{task.id}.1")
    assert stat.S_IMODE(int(str(found["mode"]))) == 0o700
    assert found["umask"] == 0o077
    assert found["group"] == found["own"]
    assert found["session"] not in (os.getsid(0), found["own"])
    # The fourth is the listing itself.
    assert found["descriptors"] == [0, 1, 2, 3]


@pytest.mark.usefixtures("agent")
def test_the_folder_is_gone_after_the_end_even_when_made_unreadable() -> None:
    task = run(python("import os\nos.makedirs('a/b')\nopen('a/b/c','w')\nos.chmod('a', 0)"))
    folder = Path(settings.PIPELINES_DATA_DIR) / "work" / f"{task.id}.1"
    wait_for(lambda: not folder.exists(), "the end of the working folder")


def test_the_supervisor_is_marked_and_knows_nothing_else(agent: ServingAgent) -> None:
    step = InBackground(make_task("command", {"argv": ["sh", "-c", "echo $PPID; sleep 0.5"]}))
    number = wait_for(lambda: log_of(step.task, "stdout").strip(), "the supervisor's pid")
    known = Path(f"/proc/{number}/environ").read_bytes().rstrip(b"\0").split(b"\0")
    assert known == [
        f"PIPELINES_TASK={step.task.id}.1".encode(),
        f"PIPELINES_AGENT={agent.id}".encode(),
    ]
    assert "--" not in Path(f"/proc/{number}/cmdline").read_text()
    step.join()


def test_steps_that_begin_at_once_all_find_the_client(tmp_path: Path, settings: Settings) -> None:
    for start in range(20):
        settings.PIPELINES_DATA_DIR = str(tmp_path / str(start))
        together = threading.Barrier(8)

        def find(together: threading.Barrier = together) -> bool:
            together.wait(10)
            return (folder_of_client() / "pipelines" / "__init__.py").is_file()

        with ThreadPoolExecutor(8) as pool:
            found = [pool.submit(find) for _ in range(8)]
        assert all(each.result() for each in found)
