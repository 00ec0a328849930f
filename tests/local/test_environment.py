"""Setting up the environment: what cannot work is said in words; what is there is left alone."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines_ui.local import environment, ports
from pipelines_ui.local.environment import SetupFailed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The part of the tree that works before anything is installed."""
    tree = tmp_path / "project"
    (tree / "pipelines_ui").mkdir(parents=True)
    shutil.copy(ROOT / "pipelines_ui" / "__init__.py", tree / "pipelines_ui")
    shutil.copytree(ROOT / "pipelines_ui" / "local", tree / "pipelines_ui" / "local")
    shutil.copytree(ROOT / "requirements", tree / "requirements")
    return tree


def set_up(tree: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP", "PIPELINES_"))}
    return subprocess.run(
        [sys.executable, "-m", "pipelines_ui.local", "--setup", "run"],
        cwd=tree,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, **extra},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_without_a_network_the_message_says_so_and_nothing_counts_as_installed(copy: Path) -> None:
    nowhere = f"http://127.0.0.1:{ports.free_port()}/simple/"
    done = set_up(copy, PIP_INDEX_URL=nowhere)
    assert done.returncode != 0
    assert "environment: making .venv" in done.stdout
    assert "no package index was reached" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (copy / ".venv" / "installed.json").exists()

    # What is left is used by the next try, once something else is wrong or nothing is.
    (copy / "requirements" / "run.txt").write_text("", encoding="utf-8")
    again = set_up(copy, PIP_INDEX_URL=nowhere)
    assert again.returncode == 0, again.stderr
    assert "making .venv" not in again.stdout

    # And when nothing has changed, pip is not even asked.
    third = set_up(copy, PIP_INDEX_URL=nowhere)
    assert (third.returncode, third.stdout) == (0, "")


def test_a_broken_environment_is_made_anew(copy: Path) -> None:
    (copy / "requirements" / "run.txt").write_text("", encoding="utf-8")
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    done = set_up(copy)
    assert done.returncode == 0, done.stderr
    assert "environment: making .venv" in done.stdout
    assert (copy / ".venv" / "bin" / "python").resolve().exists()


def test_the_command_line_lies_beside_the_environments_python(copy: Path) -> None:
    (copy / "requirements" / "run.txt").write_text("", encoding="utf-8")
    shutil.copytree(ROOT / "pipelines", copy / "pipelines")
    assert set_up(copy).returncode == 0
    command = [str(copy / ".venv" / "bin" / "pipelines"), "--version"]
    done = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:10]) == (0, "pipelines "), done.stderr


def test_a_missing_venv_module_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SetupFailed, match="apt install python3-venv"):
        environment._make(lambda line: None)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full"),
        ("NameResolutionError: Temporary failure in name resolution", "Check the network"),
        ("ERROR: hashes do not match", "could not be installed"),
    ],
)
def test_what_pip_says_is_put_into_words(output: str, words: str) -> None:
    explained = environment._explain(output)
    assert words in explained
    assert output in explained


def test_the_first_file_can_be_read_by_an_old_python() -> None:
    """Only then can it say that a newer one is needed."""
    for name in ("__init__.py", "local/__init__.py", "local/__main__.py"):
        source = (ROOT / "pipelines_ui" / name).read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 6))
