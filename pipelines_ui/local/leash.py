"""Run a command that ends, at the latest, when the process that started it is gone.

Run as `python -I -S leash.py PARENT COMMAND…`; it imports nothing of ours so that it starts fast.
"""

import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1


def _become(parent: int, command: list[str]) -> None:
    """On Linux the kernel keeps the promise: ask for the signal, then turn into the command."""
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have gone before the question was put.
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)


def _watch(parent: int, command: list[str]) -> int:
    """Elsewhere this process stays in between and looks once a second."""
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda number, frame: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(1)
    return child.returncode


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        _become(parent, command)
    sys.exit(_watch(parent, command))


if __name__ == "__main__":
    main()
