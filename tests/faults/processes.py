"""What /proc knows of processes that the tests did not start themselves."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def is_alive(pid: int) -> bool:
    """True while it lives; one that nobody has collected yet does not."""
    return _stat(pid)[0] not in ("", "Z", "X")


def children_of(parent: int) -> list[int]:
    """The processes whose parent it is."""
    return [pid for pid in _all() if parent_of(pid) == parent]


def below(ancestor: int) -> list[int]:
    """All processes that descend from it."""
    found: list[int] = []
    heads = [ancestor]
    while heads:
        children = children_of(heads.pop())
        found += children
        heads += children
    return found


def parent_of(pid: int) -> int:
    """Its parent, or 0."""
    return int(_stat(pid)[1] or 0)


def command_of(pid: int) -> str:
    """Its program and arguments."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _stat(pid: int) -> tuple[str, str]:
    """State and parent; empty when there is no such process."""
    with suppress(OSError, ValueError):
        # The name, in brackets, may hold anything.
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        return state, parent
    return "", ""
