"""Ctrl-C while a run is waited for: on a terminal it is asked for first, elsewhere it aborts."""

from __future__ import annotations

import sys


def wants_abort(run_name: str) -> bool:
    """Ask whether the run is to be aborted; a second Ctrl-C means yes."""
    if not _can_be_asked():
        return True
    sys.stderr.write(f"\nAbort run {run_name} and its steps? [y/N] ")
    sys.stderr.flush()
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return True
    if answer.strip().lower() in ("y", "yes"):
        return True
    sys.stderr.write("the run goes on\n")
    return False


def _can_be_asked() -> bool:
    try:
        return sys.stdin.isatty() and sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False
