"""Every variable that the program reads stands in the documentation, and no other."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NAME = re.compile(r"PIPELINES_[A-Z_]+")


def variables_read() -> set[str]:
    settings = (ROOT / "pipelines_ui" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'\b(?:text|number|yes_no)\(\s*"(PIPELINES_[A-Z_]+)"', settings))
    for name in re.findall(r'\bsecret\(\s*"(PIPELINES_[A-Z_]+)"', settings):
        read |= {name, f"{name}_FILE"}
    for path in (ROOT / "pipelines_ui" / "local").glob("*.py"):
        source = path.read_text(encoding="utf-8")
        read |= set(re.findall(r'os\.environ(?:\.get\(|\[)"(PIPELINES_[A-Z_]+)"', source))
    return read


def names_in(path: str) -> set[str]:
    return set(_NAME.findall((ROOT / path).read_text(encoding="utf-8")))


def test_the_configuration_page_lists_what_is_read() -> None:
    assert names_in("docs/configuration.md") == variables_read()


def test_the_example_file_lists_what_is_read() -> None:
    assert names_in(".env.example") == variables_read()


def test_compose_sets_only_what_is_read() -> None:
    assert names_in("docker-compose.yml") <= variables_read()


def asks_the_environment(source: str) -> bool:
    """Whether the code itself, not a text in it, reads one of our variables."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript | ast.Call) and "environ" in ast.dump(node):
            constants = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
            if any(str(each.value).startswith("PIPELINES_") for each in constants):
                return True
    return False


def test_only_the_settings_and_the_supervisor_read_the_environment() -> None:
    allowed = {"pipelines_ui/settings.py", "pipelines_ui/asgi.py"}
    readers = set()
    for package in ("orchestrator", "pipelines_ui"):
        for path in (ROOT / package).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if name.startswith("pipelines_ui/local/") or name in allowed:
                continue
            if asks_the_environment(path.read_text(encoding="utf-8")):
                readers.add(name)
    assert readers == set()
