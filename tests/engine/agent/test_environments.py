"""What a task requires is installed once, from a local folder of wheels, and seen by it alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from orchestrator.agent import environments
from orchestrator.agent.serving import ServingAgent
from orchestrator.domain.states import Status
from orchestrator.models import Task
from tests.engine.agent.by_hand import InBackground, log_of, make_task, run, wait_for
from tests.engine.agent.test_ending import ask_to_abort, is_there

USES = "import house_bricks; print(house_bricks.count)"


@pytest.fixture(autouse=True)
def wheels(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A folder of wheels, the only place that packages come from."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    add_wheel(folder, "house-bricks", "1.5", "count = 15\n")
    settings.PIPELINES_PIP_OPTIONS = f"--no-index --find-links {folder}"
    yield folder
    shutil.rmtree(Path(django_settings.PIPELINES_DATA_DIR) / "environments", ignore_errors=True)


def add_wheel(folder: Path, name: str, version: str, source: str) -> None:
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{module}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def requiring(*requirements: str, script: str = USES, n: int = 0) -> Task:
    return make_task("python", {"script": f"# {n}\n{script}", "requirements": list(requirements)})


@pytest.mark.usefixtures("agent")
def test_each_kind_finds_its_packages_and_the_build_is_in_its_log() -> None:
    task = run(requiring("house-bricks>=1"))
    assert (task.status, log_of(task, "stdout")) == (Status.COMPLETED, "15\n"), log_of(task)
    log = log_of(task, "agent")
    assert log.startswith("[building an environment with house-bricks>=1]\n")
    assert "house" in log.partition("\n")[2]
    assert "[built in " in log

    again = run(requiring("house-bricks>=1", n=1))
    assert (log_of(again), again.status) == ("15\n", Status.COMPLETED)

    source = "import house_bricks\ndef count():\n    return house_bricks.count\n"
    body = {"source": source, "name": "count", "requirements": ["house-bricks>=1"]}
    assert run(make_task("function", body)).outputs == {"return": 15}

    body = {"argv": ["python", "-c", USES], "requirements": ["house-bricks>=1"]}
    assert log_of(run(make_task("command", body))) == "15\n"

    without = run(make_task("python", {"script": USES}))
    assert "No module named 'house_bricks'" in without.outcome["reason"]


@pytest.mark.usefixtures("agent")
def test_what_a_step_imports_is_compiled_then_and_nothing_else(
    wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    add_wheel(wheels, "house-roof", "1.0", "")
    task = run(requiring("house-bricks", "house-roof"))
    assert task.status == Status.COMPLETED, log_of(task)
    folder = Path(django_settings.PIPELINES_DATA_DIR) / "environments"
    compiled = [path.name.partition(".")[0] for path in folder.rglob("house_*.pyc")]
    assert compiled == ["house_bricks"]


@pytest.mark.usefixtures("agent")
def test_a_step_with_an_environment_is_forked_and_can_import_the_client() -> None:
    script = (
        "import sys, pipelines, json\n"
        "with open('/proc/self/environ') as file: shown = file.read()\n"
        "json.dump({'python': sys.executable, 'path': sys.prefix,\n"
        "           'marked': 'PIPELINES_TASK=' in shown,\n"
        "           'django': 'django' in sys.modules}, open('outputs.json', 'w'))\n"
    )
    task = run(requiring("house-bricks", script=script))
    folder = Path(django_settings.PIPELINES_DATA_DIR) / "environments"
    assert Path(task.outputs["python"]).parents[2] == folder
    assert Path(task.outputs["path"]).parent == folder
    assert (task.outputs["marked"], task.outputs["django"]) == (True, False)


@pytest.mark.usefixtures("agent")
def test_a_build_that_fails_crashes_the_attempt_and_names_the_requirement() -> None:
    task = run(requiring("no-such-bricks==3"))
    assert task.status == Status.CRASHED
    assert task.outcome["reason"].startswith(
        "no environment could be built with no-such-bricks==3: "
    )
    assert "no-such-bricks" in log_of(task, "agent")
    assert environments.find(["no-such-bricks==3"]) is None


def built(says: list[str]) -> environments.Build:
    return environments.Build(say=says.append, should_stop=lambda: False, marks={})


def test_two_agents_build_once_and_the_second_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    builds: list[str] = []
    commands = environments._commands

    def counted(folder: Path, requirements: list[str]) -> list[list[str]]:
        builds.append(folder.name)
        return commands(folder, requirements)

    monkeypatch.setattr(environments, "_commands", counted)
    says: list[list[str]] = [[], []]
    found: list[str] = []
    threads = [
        threading.Thread(
            target=lambda said=said: found.append(environments.build(["house-bricks"], built(said)))
        )
        for said in says
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert len(set(found)) == 1
    assert sorted(said[0].split()[0] for said in says) == ["[building", "[its"]


def test_the_order_of_requirements_makes_no_other_environment() -> None:
    first = environments._folder_of(environments._cleaned(["a", " b ", "a"]))
    assert first == environments._folder_of(environments._cleaned(["b", "a"]))
    assert first != environments._folder_of(environments._cleaned(["b"]))


def test_an_interrupted_build_is_built_anew() -> None:
    folder = environments._folder_of(["house-bricks"])
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_text("half of it")
    assert environments.find(["house-bricks"]) is None
    python = environments.build(["house-bricks"], built([]))
    assert environments.find(["house-bricks"]) == python
    assert os.access(python, os.X_OK)


def test_an_abort_ends_the_build_and_all_its_processes(
    agent: ServingAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "slow.py"
    program.write_text(
        "import json, os, subprocess, sys, time\n"
        "below = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(json.dumps([os.getpid(), below.pid]), flush=True)\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setattr(environments, "_commands", lambda *_: [[sys.executable, str(program)]])
    step = InBackground(requiring("house-bricks"))
    line = wait_for(
        lambda: re.search(r"^\[\d+, \d+\]$", log_of(step.task), re.MULTILINE),
        "the build's processes",
    )
    ask_to_abort(step.task, agent)
    task = step.join()
    assert (task.status, task.outcome["reason"]) == (Status.ABORTED, "aborted")
    assert not any(is_there(pid) for pid in json.loads(line[0]))


def test_the_servers_secrets_are_not_given_to_an_installer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIPELINES_SECRET_KEY", "top-secret")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    given = environments._environment()
    assert "top-secret" not in given.values()
    assert given["PIP_INDEX_URL"] == "https://index.example/simple"
