"""A function is kept as a template; where its packages are missing it is as it was kept before."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipelines import requirements
from pipelines.automation.functions import capture
from pipelines.automation.templates import keep_template
from tests.client.shell import Shell

STEPS = """
def step(rows=5):
    import fancy
    try:
        import not_here_but_no_matter
    except ImportError:
        pass
    return fancy.do(rows)
"""


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of somebody who has the package "fancy"."""
    monkeypatch.syspath_prepend(str(tmp_path / "author"))
    (tmp_path / "author").mkdir()
    (tmp_path / "author" / "fancy_steps.py").write_text(STEPS)
    monkeypatch.delitem(sys.modules, "fancy_steps", raising=False)
    return importlib.import_module("fancy_steps")


@pytest.fixture
def fancy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package, installed."""
    site = tmp_path / "site-packages"
    about = site / "fancy_things-1.5.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fancy-things\nVersion: 1.5\n")
    (about / "top_level.txt").write_text("fancy\n")
    (site / "fancy.py").write_text("")
    monkeypatch.syspath_prepend(str(site))
    requirements._owners.cache_clear()
    return site


def leave(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be where the package is not installed."""
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path != str(site)])
    importlib.invalidate_caches()
    requirements._owners.cache_clear()


def keep(shell: Shell, function: Any) -> dict[str, Any]:
    kept = keep_template(
        shell.client.api,
        project="shell",
        slug="fancy-step",
        name="Fancy: step",
        captured=capture(function, returns=["rows"]),
    )
    template = shell.get("tasks/shell/fancy-step/")
    assert template["version"] == kept["version"]
    return dict(template)


def test_a_function_is_kept_with_what_it_required_where_that_was_installed(
    shell: Shell, steps: ModuleType, fancy: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    first = keep(shell, steps.step)
    assert first["body"]["requirements"] == ["fancy-things==1.5"]
    assert "function step" in first["tags"]

    leave(fancy, monkeypatch)
    again = keep(shell, steps.step)

    assert again["version"] == first["version"]
    assert again["body"] == first["body"]
    assert capsys.readouterr().err == ""

    path = Path(str(steps.__file__))
    path.write_text(STEPS.replace("rows=5", "rows=6"))
    monkeypatch.delitem(sys.modules, "fancy_steps")
    importlib.invalidate_caches()
    changed = keep(shell, importlib.import_module("fancy_steps").step)

    assert changed["version"] == first["version"] + 1
    assert changed["body"]["requirements"] == ["fancy"]
    assert "step imports fancy, not installed here" in capsys.readouterr().err


def test_an_agent_with_another_version_keeps_the_function_as_it_was_registered(
    shell: Shell, steps: ModuleType, fancy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = keep(shell, steps.step)
    metadata = fancy / "fancy_things-1.5.dist-info" / "METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: fancy-things\nVersion: 2.0\n")
    requirements._owners.cache_clear()
    monkeypatch.setenv("PIPELINES_DIR", str(tmp_path))
    monkeypatch.setenv("PIPELINES_TASK_ID", "of an agent")
    again = keep(shell, steps.step)
    assert (again["version"], again["body"]) == (first["version"], first["body"])

    monkeypatch.delenv("PIPELINES_TASK_ID")
    newer = keep(shell, steps.step)
    assert newer["body"]["requirements"] == ["fancy-things==2.0"]
