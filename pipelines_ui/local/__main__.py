"""`make run`: sets up the environment when needed, then starts everything.

This one file also runs on old Pythons, to say so in words.
"""

import os
import sys

OLDEST = (3, 11)


def _newer_python():
    # type: () -> str
    """A newer interpreter on PATH, or an empty string."""
    from shutil import which

    for minor in range(20, OLDEST[1] - 1, -1):
        found = which("python3.%d" % minor)  # noqa: UP031
        if found:
            return found
    return ""


def main():
    # type: () -> None
    if sys.version_info < OLDEST:
        newer = _newer_python()
        if newer:
            os.execv(newer, [newer, "-m", "pipelines_ui.local"] + sys.argv[1:])  # noqa: RUF005
        sys.exit(
            "Python %d.%d or newer is needed; this is %s (%s)."  # noqa: UP031
            % (OLDEST[0], OLDEST[1], sys.version.split()[0], sys.executable)
        )
    from pipelines_ui.local.command import run

    run(sys.argv[1:])


if __name__ == "__main__":
    main()
