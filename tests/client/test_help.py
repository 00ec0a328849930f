"""The help of the command line teaches: each command has examples, and they can be typed."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator

import pytest

from pipelines.command_line import build_parser

PROCESSES = {"up", "controller", "tick", "agent"}


def commands(
    parser: argparse.ArgumentParser | None = None, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """All commands and verbs with their parsers; a command with verbs too, it does the first."""
    parser = parser or build_parser()
    if name:
        yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from commands(inner, f"{name} {word}".strip())


ALL = dict(commands())


def examples_of(parser: argparse.ArgumentParser) -> list[str]:
    lines = (parser.epilog or "").splitlines()
    return [line.strip() for line in lines if line.startswith("  pipelines ")]


@pytest.mark.parametrize("name", ALL)
def test_each_command_says_what_it_does_and_gives_examples_that_parse(name: str) -> None:
    parser = ALL[name]
    assert parser.description
    assert parser.description.endswith(".")
    examples = examples_of(parser)
    assert examples
    for line in examples:
        # What is piped in is the shell's business.
        words = shlex.split(line.partition(" < ")[0])[1:]
        given = build_parser().parse_args(words)
        assert given.do is parser.get_default("do"), line
        assert " ".join(words).startswith(name), line


@pytest.mark.parametrize("name", ALL)
def test_each_option_is_explained(name: str) -> None:
    options = [action for action in ALL[name]._actions if action.option_strings]
    assert [each.option_strings[-1] for each in options if not each.help] == []


def test_all_commands_but_those_that_become_processes_write_for_programs() -> None:
    without = {name for name, parser in ALL.items() if "--json" not in parser.format_help()}
    assert without == PROCESSES


@pytest.mark.parametrize("width", ["80", "200"])
def test_the_overview_names_every_command(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    told = build_parser().format_help()
    for name in ALL:
        assert f"    {name.partition(' ')[0]}" in told
    assert "exit codes:" in told
