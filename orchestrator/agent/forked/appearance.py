"""How a forked process appears to others: its environment and arguments in /proc.

The kernel shows there the memory in which the first program was given them, so a fork would look
like the fork server for ever. That memory is the process's own, copied with the fork, and can be
written over. The fork server's environment is padded when it is started, to leave room.
"""

from __future__ import annotations

import ctypes
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ROOM = "PIPELINES_ROOM"
ROOM_BYTES = 8192

# Places after the name in brackets: arg_start, arg_end, env_start, env_end.
_ARGUMENTS, _ENVIRONMENT = slice(45, 47), slice(47, 49)


class _Area:
    def __init__(self, start: int, end: int) -> None:
        self._start = start
        self._size = max(end - start, 0)

    def write(self, texts: Iterable[str]) -> None:
        """Fill it with texts; those that find no room any more are left out."""
        data = b""
        for text in texts:
            more = text.encode("utf-8", "surrogateescape") + b"\0"
            if len(data) + len(more) <= self._size:
                data += more
        ctypes.memmove(self._start, data.ljust(self._size, b"\0"), self._size)


def _areas() -> tuple[_Area, _Area]:
    if not sys.platform.startswith("linux"):
        return _Area(0, 0), _Area(0, 0)
    with open("/proc/self/stat", "rb") as file:
        numbers = file.read().rpartition(b")")[2].split()
    arguments, environment = numbers[_ARGUMENTS], numbers[_ENVIRONMENT]
    return _Area(*map(int, arguments)), _Area(*map(int, environment))


# The same in every fork.
_arguments, _environment = _areas()


def show_environment(environment: dict[str, str]) -> None:
    """Appear with this environment; nothing may read the first one any more."""
    _environment.write(f"{name}={value}" for name, value in environment.items())


def show_arguments(argv: list[str]) -> None:
    """Appear with these arguments, as far as there is room for them."""
    _arguments.write(argv)
