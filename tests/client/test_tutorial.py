"""The tutorial, as somebody does it who types every block of it in a shell."""

from __future__ import annotations

import re
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pipelines import RequestRefused
from tests.client.shell import PATIENCE_SECONDS, Shell, until

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """What stands between two fences: its language, what is said beside it, and the text."""

    language: str
    about: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


class Reader:
    """Does what the page says; remembers what was written last."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.said = ""

    def do(self, block: Block) -> None:
        getattr(self, f"do_{block.language}")(block)

    def do_python(self, block: Block) -> None:
        path = self.shell.folder / block.about
        # What was exported before must be what the page shows.
        if "export" in self.said:
            assert path.read_text() == block.text
            self.said = ""
        path.write_text(block.text)

    def do_yaml(self, block: Block) -> None:
        given = {"text": block.text, "project": "tutorial", "slug": "dice", "name": "Dice"}
        done = self.shell.post("pipelines/apply/", {**given, "publish": True})
        assert done["problems"] == []

    def do_sh(self, block: Block) -> None:
        for line in block.text.splitlines():
            words = shlex.split(line)
            module = ["-m", "pipelines", *words[1:]] if words[0] == "pipelines" else words[1:]
            done = subprocess.run(
                [self.shell.python, *module],
                cwd=self.shell.folder,
                env=self.shell.environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
            self.said = f"{line}\n{done.stdout}{done.stderr}"
            assert (done.returncode != 0) == (block.about == "fails"), self.said
            if words[0] == "python":
                self.expect_run()

    def do_text(self, block: Block) -> None:
        for line in block.text.splitlines():
            assert line in self.said, self.said

    def expect_run(self) -> None:
        """A script has started a run, which ends well."""
        found = self.shell.client.rows("runs/", project="tutorial")
        newest: dict[str, Any] = next(iter(found))

        def final() -> str | None:
            status: str = self.shell.get(f"runs/{newest['id']}/")["status"]
            return status if status in ("completed", "failed", "aborted") else None

        assert until(final, f"run {newest['id']} has ended") == "completed", self.said


def test_every_block_of_the_tutorial_does_what_is_said(shell: Shell) -> None:
    with suppress(RequestRefused):
        shell.post("projects/", {"name": "tutorial", "slug": "tutorial"})
    reader = Reader(shell)
    for block in blocks():
        reader.do(block)
    runs = list(shell.client.rows("runs/", project="tutorial"))
    assert len(runs) == 4
    steps = {one["name"] for one in shell.get(f"runs/{runs[0]['id']}/steps/")}
    assert steps == {f"{step} {seed}" for step in ("make", "mean") for seed in (1, 2, 3)}
