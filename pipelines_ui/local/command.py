"""The command behind `make run` and `make setup`: reads what was asked and reports in words."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipelines_ui.local import environment, ports
from pipelines_ui.local.children import ChildFailed
from pipelines_ui.local.stack import Plan
from pipelines_ui.local.supervisor import AlreadyRunning, Supervisor

DEFAULT_PORT = 8000


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(arguments: Sequence[str]) -> None:
    given = _parse(arguments)
    began = time.monotonic()
    try:
        if given.setup:
            environment.ensure(given.setup, say)
            return
        if not given.no_setup:
            python = str(environment.ensure("run", say))
            # From here on in the environment's own interpreter, as every child will be.
            os.chdir(environment.ROOT)
            os.execv(python, [python, "-m", "pipelines_ui.local", "--no-setup"])
        sys.exit(Supervisor(_plan(), say).run(began))
    except (environment.SetupFailed, ChildFailed, AlreadyRunning, Refused) as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit(130)


class Refused(Exception):
    """What was asked for cannot be done here; the message says why."""


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pipelines_ui.local", description=__doc__)
    parser.add_argument("--setup", choices=["run", "test"], help="only set up the environment")
    parser.add_argument("--no-setup", action="store_true", help="the environment is ready")
    return parser.parse_args(arguments)


def _plan() -> Plan:
    port = _wanted_port()
    free = ports.first_free_port(port)
    if free != port:
        say(f"port {port} is taken; using {free}")
    data = Path(os.environ.get("PIPELINES_DATA_DIR") or environment.ROOT / "data").absolute()
    _check_writable(data)
    return Plan(
        data=data,
        port=free,
        slots=max(2, os.cpu_count() or 2),
        # Whoever presses Ctrl-C waits for it: tasks are given back almost at once.
        extra={"PIPELINES_DRAIN_SECONDS": os.environ.get("PIPELINES_DRAIN_SECONDS") or "1"},
    )


def _wanted_port() -> int:
    text = os.environ.get("PIPELINES_PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise Refused(f"PIPELINES_PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Refused(
            f"The data folder {folder} cannot be written: {error.strerror}.\n"
            "Set PIPELINES_DATA_DIR to a folder of yours."
        ) from error
