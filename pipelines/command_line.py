"""The words of the command line. What each does is in the ``…_commands`` beside it."""

from __future__ import annotations

import argparse
import os
import sys
from io import TextIOWrapper

from pipelines import (
    access_commands,
    doctor,
    local_commands,
    pipeline_commands,
    queue_commands,
    result_commands,
    run_commands,
    steering_commands,
    template_commands,
    workflow_commands,
)
from pipelines.access import AccessUnknown
from pipelines.client import Client
from pipelines.commands import (
    DONE,
    EXIT_CODES,
    INTERRUPTED,
    NOT_UNDERSTOOD,
    code_of_error,
    tell_error,
)
from pipelines.errors import PipelinesError
from pipelines.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_SECONDS = 5.0
ABOUT = """Pipelines, from a terminal.

  pipelines up                                 everything on this machine
  pipelines login URL                          once, for a server that is there
  pipelines list                               which pipelines there are
  pipelines run PROJECT/PIPELINE --follow      start a run and look on
  pipelines rerun RUN --from STEP              mend it
  pipelines doctor                             when nothing happens
"""
_SUBJECTS = (
    local_commands,
    access_commands,
    run_commands,
    result_commands,
    steering_commands,
    template_commands,
    pipeline_commands,
    workflow_commands,
    queue_commands,
    doctor,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; give back the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal has no letters for is written in those that it has.
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            return _do(sys.argv[1:] if arguments is None else arguments)
        finally:
            # Here, where it can be caught, and not at the interpreter's end.
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough; nobody is to stumble over the rest.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return DONE


def _do(arguments: Sequence[str]) -> int:
    parser = build_parser()
    if not arguments:
        parser.print_help(sys.stderr)
        return NOT_UNDERSTOOD
    given = parser.parse_args(arguments)
    try:
        if not given.asks_server:
            return int(given.do(given) or 0)
        client = Client(given.url, given.token, patience=PATIENCE_SECONDS)
        return int(given.do(client, given) or 0)
    except AccessUnknown as error:
        if given.json:
            tell_error(error, as_json=True)
            return NOT_UNDERSTOOD
        parser.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except (PipelinesError, OSError) as error:
        tell_error(error, as_json=given.json)
        return code_of_error(error)


def build_parser() -> argparse.ArgumentParser:
    """All commands, each with its options and its help."""
    parser = argparse.ArgumentParser(
        prog="pipelines",
        description=ABOUT,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.set_defaults(url="", token="", json=False)
    things = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for subject in _SUBJECTS:
        subject.add_to(things)
    return parser


def _version() -> str:
    python = ".".join(str(part) for part in sys.version_info[:3])
    return f"pipelines {VERSION}, Python {python}"
