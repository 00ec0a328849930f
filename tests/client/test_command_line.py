"""`python -m pipelines template …` against a server on loopback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.template_commands import slug_of
from tests.client.stub_server import TOKEN, StubServer
from tests.client.workshop import PACKAGE

SCRIPT = '"""Train."""\nfrom pipelines import Task\nTask.current_task().connect({"rows": 100})\n'


def pipelines_command(
    server: StubServer | None, *words: str, encoding: str = "utf-8", stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONIOENCODING": encoding,
        "XDG_CONFIG_HOME": "/nonexistent",
    }
    if server is not None:
        environment |= {"PIPELINES_URL": server.url, "PIPELINES_TOKEN": TOKEN}
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *words],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_file_becomes_a_template_and_changed_its_next_version(
    server: StubServer, tmp_path: Path
) -> None:
    server.projects = {"demo"}
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    words = ("template", "add", str(file), "--project", "demo", "--name", "Train it")
    first = pipelines_command(server, *words, "--note", "new")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == "demo/train-it, version 1; parameters: General/rows\n"
    file.write_text(SCRIPT + "print(1)\n")
    second = pipelines_command(server, *words)
    assert second.stdout == "demo/train-it, version 2; parameters: General/rows\n"
    assert server.bodies[0] == {
        "project": "demo",
        "name": "Train it",
        "slug": "train-it",
        "template": True,
        "kind": "python",
        "script": SCRIPT,
        "parameters": [{"name": "General/rows", "type": "integer", "default": 100}],
        "requirements": [],
        "queue": "default",
        "note": "new",
    }
    assert server.authorizations == {f"Bearer {TOKEN}"}


def test_a_project_that_is_not_there_is_not_made_of_a_slip(
    server: StubServer, tmp_path: Path
) -> None:
    server.projects = {"demo"}
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    done = pipelines_command(
        server, "template", "add", str(file), "--project", "dmeo", "--name", "Train"
    )
    assert done.returncode == 1
    assert "projects/dmeo/ was refused (404)" in done.stderr
    assert {method for method, _ in server.requests} == {"GET"}


def test_templates_are_listed(server: StubServer, tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    server.projects = {"p"}
    for name in ("Train", "Look at it"):
        pipelines_command(server, "template", "add", str(file), "--project", "p", "--name", name)
    listed = pipelines_command(server, "template", "list", "--project", "p")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.splitlines() == [
        "p/train       v1  default  Train",
        "p/look-at-it  v1  default  Look at it",
    ]
    assert server.requests[-1] == ("GET", "/api/v1/tasks/?template=1&project=p")


def test_what_is_missing_on_the_command_line_is_said(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    words = ("template", "add", str(file), "--project", "p", "--name", "n")
    for more, said in (
        ((), "which server? give --url, set PIPELINES_URL"),
        (("--url", "http://127.0.0.1:9"), "who are you? give --token, set PIPELINES_TOKEN"),
    ):
        done = pipelines_command(None, *words, *more)
        assert done.returncode == 2
        assert said in done.stderr
    assert pipelines_command(None, "template", "add", str(file)).returncode == 2


@pytest.mark.parametrize("words", ["--help", "template list", "template list --json"])
def test_who_has_read_enough_of_the_output_leaves_no_traceback(
    server: StubServer, words: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = pipelines_command(server, *words.split(), stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_a_name_s_letters_gets_those_that_it_has(server: StubServer) -> None:
    server.tasks["p/t"] = {"project": "p", "slug": "t", "queue": "q", "name": "Größe", "version": 1}
    done = pipelines_command(server, "template", "list", encoding="ascii")
    assert (done.returncode, done.stdout) == (0, "p/t  v1  q  Gr\\xf6\\xdfe\n"), done.stderr


def test_without_a_word_there_is_help() -> None:
    done = pipelines_command(None)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pipelines run PROJECT/PIPELINE --follow      start a run and look on" in done.stderr


def test_a_file_that_is_not_there_or_not_python_is_refused(
    server: StubServer, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def (:\n")
    for path, said in ((broken, "broken.py, line 1"), (tmp_path / "none.py", "none.py")):
        done = pipelines_command(
            server, "template", "add", str(path), "--project", "p", "--name", "n"
        )
        assert done.returncode == 1
        assert done.stderr.startswith("pipelines: ")
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert server.requests == []


def test_what_the_server_refuses_is_told_in_its_words(server: StubServer, tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT)
    server.answer_badly = [403]
    done = pipelines_command(server, "template", "add", str(file), "--project", "p", "--name", "n")
    assert done.returncode == 1
    assert "was refused (403): not now" in done.stderr


def test_a_name_becomes_the_slug_that_the_server_would_make() -> None:
    from orchestrator.domain.names import slugify

    for name in ("Train it", "Größe — neu", "a__b--c", "x" * 150, "1 2 3."):
        assert slug_of(name) == slugify(name)
