"""Habits that a program can see: docstrings, numbered to-dos, tests that are really run."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bench", "orchestrator", "pipelines", "pipelines_ui", "tests")
TEXT = {".py", ".js", ".css", ".html", ".md", ".toml", ".yml", ".sh"}


def kept_files() -> list[Path]:
    """The files that git knows; a work tree may hold others."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    inside = [path for path in kept_files() if path.relative_to(ROOT).parts[0] in PACKAGES]
    code = [path for path in inside if path.suffix == ".py" and "migrations" not in path.parts]
    # A folder of tests may have an empty __init__; there is nothing to explain.
    return [path for path in code if path.stat().st_size > 0]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_a_to_do_names_its_issue() -> None:
    unnumbered = []
    # Assembled, so that this file does not find itself.
    mark = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b(?!\s*\(?#\d+)")
    for path in kept_files():
        if path.suffix not in TEXT or "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if mark.search(line):
                unnumbered.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert unnumbered == []


def test_every_folder_of_tests_is_run() -> None:
    runner = (ROOT / "tests" / "run_all.py").read_text(encoding="utf-8")
    called = set(re.findall(r'"([a-z]+)"', runner))
    tested = {
        path.relative_to(ROOT / "tests").parts[0]
        for path in kept_files()
        if path.is_relative_to(ROOT / "tests") and re.match(r"test_|.*\.test\.js", path.name)
    }
    assert tested - called - {"js"} == set()


@pytest.mark.parametrize(
    "words",
    ["pipelines_ui → orchestrator", "domain", "client", "supervisor"],
)
def test_the_layers_are_under_contract(words: str) -> None:
    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = re.findall(r'^name = "(.*)"$', configuration, re.MULTILINE)
    wanted = {
        "pipelines_ui → orchestrator": "the engine does not know it",
        "domain": "The domain is plain Python",
        "client": "The client knows neither",
        "supervisor": "The supervisor starts before anything is installed",
    }[words]
    assert any(wanted in name for name in contracts)


def test_all_of_the_product_is_compiled_before_its_first_start() -> None:
    from pipelines_ui.local.environment import PACKAGES as COMPILED

    configuration = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = tomllib.loads(configuration)["tool"]["importlinter"]
    assert sorted(COMPILED) == sorted(layers["root_packages"])


def test_the_supervisor_imports_nothing_that_must_be_installed() -> None:
    """It runs on the system's Python before there is an environment."""
    import sys

    code = "import pipelines_ui.local.command, sys; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
