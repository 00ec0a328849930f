"""`pip install .` gives the client alone, with its command, to the oldest Python there is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.version import VERSION
from tests.client.workshop import PACKAGE, oldest_python

ROOT = PACKAGE.parent
KEPT_AWAY = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip builds of the folder; of a copy, because it leaves things in it."""
    folder = tmp_path_factory.mktemp("built")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for package in ("pipelines", "pipelines_ui"):
        shutil.copytree(ROOT / package, folder / package, ignore=KEPT_AWAY)
    pip(sys.executable, "wheel", "--no-build-isolation", "-w", str(folder / "made"), str(folder))
    [made] = (folder / "made").iterdir()
    return made


def test_the_whole_client_is_installed_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"pipelines_client-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {str(path.relative_to(ROOT)) for path in PACKAGE.rglob("*.py")}


def test_the_command_is_there_where_it_was_installed(wheel: Path, tmp_path: Path) -> None:
    subprocess.run(
        [oldest_python(), "-m", "venv", "--without-pip", str(tmp_path / "own")], check=True
    )
    pip(str(tmp_path / "own" / "bin" / "python"), "install", str(wheel))
    command = str(tmp_path / "own" / "bin" / "pipelines")
    assert told(command, "--version").stdout.startswith(f"pipelines {VERSION}, Python 3.")
    away = told(command, "up", cwd=str(tmp_path))
    assert (away.returncode, away.stdout) == (1, "")
    assert "works in its folder only" in away.stderr


def told(*command: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def pip(python: str, *words: str) -> None:
    """Let the tests' pip work for a Python, without a registry."""
    command = [sys.executable, "-m", "pip", "--python", python, words[0], "--no-index", "--no-deps"]
    done = subprocess.run(
        [*command, "--disable-pip-version-check", *words[1:]],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
