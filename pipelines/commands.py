"""What the commands share: how they end, what they ask the server with, how they write."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone

from pipelines.errors import PipelinesError, ServerUnavailable, WaitTimeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, Optional

    Things = argparse._SubParsersAction[argparse.ArgumentParser]

DONE, REFUSED, NOT_UNDERSTOOD, FAILED, ABORTED, TOO_LATE, AWAY = range(7)
INTERRUPTED = 130
NOT_KNOWN = 401
TOKEN_ADVICE = "make a token on the server's page Tokens, then: pipelines login"
ASKS_SERVER, IS_LOCAL, IS_PROCESS = "asks server", "is local", "is process"
EXIT_CODES = """exit codes:
  0  done; a run that was waited for has completed
  1  refused, or not possible
  2  the command line was not understood
  3  the run that was waited for has failed
  4  the run that was waited for was aborted
  5  the run has not ended in the time given
  6  the server cannot be reached
"""


def add_command(
    things: Things,
    name: str,
    do: Callable[..., Optional[int]],
    *,
    help: str,
    about: str = "",
    examples: Sequence[str] = (),
    kind: str = ASKS_SERVER,
) -> argparse.ArgumentParser:
    """Add a command. One that asks the server takes --url and --token, and all take --json but
    those that become a process of the server's.
    """
    lines = ["examples:", *(f"  pipelines {line}" for line in examples)] if examples else []
    parser = things.add_parser(
        name,
        help=help,
        description=about or f"{help[0].upper()}{help[1:]}.",
        epilog="\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(do=do, asks_server=kind == ASKS_SERVER)
    if kind == ASKS_SERVER:
        _add_server(parser)
    if kind != IS_PROCESS:
        _add_json(parser)
    return parser


def add_group(things: Things, name: str, do: Callable[..., Optional[int]], *, help: str) -> Things:
    """Add a command with verbs; without one it does the first thing that one would ask."""
    about = f"{help[0].upper()}{help[1:]}.\nWithout a verb: list."
    parser = add_command(things, name, do, help=help, about=about, examples=[name])
    parser.set_defaults(project="")
    return parser.add_subparsers(title="verbs", metavar="VERB")


def _add_server(parser: argparse.ArgumentParser) -> None:
    """Let a command be told the server and the form; its usual values are the root's."""
    ways = parser.add_argument_group("the server")
    for name in ("URL", "TOKEN"):
        ways.add_argument(
            f"--{name.lower()}",
            default=argparse.SUPPRESS,
            metavar=name,
            help=f"else PIPELINES_{name}, or the last login",
        )


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="write what a program can read",
    )


def code_of(status: str) -> int:
    """How a command ends that has waited for a run of this status."""
    if status in ("completed", "cached"):
        return DONE
    return ABORTED if status == "aborted" else FAILED


def code_of_error(error: Exception) -> int:
    """How a command ends that could not do what it was asked for."""
    if isinstance(error, WaitTimeout):
        return TOO_LATE
    return AWAY if isinstance(error, ServerUnavailable) else REFUSED


def tell_error(error: Exception, *, as_json: bool) -> None:
    """Say what went wrong, on the standard error: as a sentence, or as a program reads it."""
    if not as_json:
        sys.stderr.write(f"pipelines: {error}\n")
        if getattr(error, "status", None) == NOT_KNOWN:
            sys.stderr.write(f"{TOKEN_ADVICE}\n")
        return
    about = {
        "error": str(error),
        "code": getattr(error, "code", ""),
        "status": getattr(error, "status", None),
        "problems": list(getattr(error, "problems", ())),
    }
    sys.stderr.write(json.dumps(about, ensure_ascii=False) + "\n")


def write_json(value: Any) -> None:
    """Write a value for programs: one document, indented, with a line's end."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in columns that fit, with their heads when there is somebody to read them."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        texts.insert(0, [head.upper() for head in heads])
    widths = [max((len(row[i]) for row in texts), default=0) for i in range(len(heads))]
    for row in texts:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths))
        sys.stdout.write(line.rstrip() + "\n")


def say(line: str) -> None:
    """Write a line for people who look on: not to where results go."""
    sys.stderr.write(f"{line}\n")


def pairs_of(words: Sequence[str]) -> dict[str, str]:
    """Read ``name=value`` words."""
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise PipelinesError(f"{word!r} is not NAME=VALUE")
        found[name] = value
    return found


def read_value(text: str, spec: Mapping[str, Any] | None = None) -> Any:
    """Read a value as its declaration means it; without one as JSON, or else as text."""
    if spec is not None and spec.get("type", "string") in ("string", "choice"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def span(start: str | None, end: str | None) -> str:
    """How long something took, or has been going on."""
    if not start:
        return ""
    last = _moment(end) if end else datetime.now(timezone.utc)
    seconds = max((last - _moment(start)).total_seconds(), 0)
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def local_time(text: str | None) -> str:
    """A moment by the clock on the wall."""
    return _moment(text).astimezone().strftime("%Y-%m-%d %H:%M:%S") if text else ""


def _moment(text: str) -> datetime:
    # Python 3.9 does not read the Z.
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
