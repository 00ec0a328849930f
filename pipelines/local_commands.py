"""The server's own processes, started from the folder of its program."""

from __future__ import annotations

import os
import sys

from pipelines.commands import IS_PROCESS, add_command
from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from pipelines.commands import Things

PROGRAM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    add_command(
        things,
        "up",
        go_up,
        help="start everything on this machine, until Ctrl-C",
        about="Sets up the environment when needed, starts web, controller, agents and a broker, "
        "and writes\nan address that signs you in.",
        examples=["up"],
        kind=IS_PROCESS,
    )
    for name, what in (
        ("controller", "start a controller, which takes the turns of runs"),
        ("tick", "start the clock beside the controllers"),
    ):
        parser = add_command(things, name, run_command, help=what, examples=[name], kind=IS_PROCESS)
        parser.set_defaults(command=(name,))
    agent = add_command(
        things,
        "agent",
        run_agent,
        help="start an agent, which executes tasks from its queues",
        examples=["agent --queues default --slots 4", "agent --queues services"],
        kind=IS_PROCESS,
    )
    agent.add_argument("--queues", default="default", help="names, with commas between them")
    agent.add_argument("--slots", type=int, default=2, help="tasks at the same time")
    agent.add_argument("--name", default="", help="what the pages call it")


def go_up(given: Namespace) -> None:
    """Start everything."""
    _become("-m", "pipelines_ui.local")


def run_command(given: Namespace) -> None:
    """Start one process."""
    _become("manage.py", *given.command)


def run_agent(given: Namespace) -> None:
    """Start an agent."""
    name = ("--name", given.name) if given.name else ()
    _become("manage.py", "agent", "--queues", given.queues, "--slots", str(given.slots), *name)


def _become(*words: str) -> None:
    """Go on as a process of the server's program, in its own environment where there is one."""
    program = _program()
    own = os.path.join(program, ".venv", "bin", "python")
    python = own if os.path.exists(own) else sys.executable
    os.chdir(program)
    sys.stdout.flush()
    os.execv(python, [python, *words])


def _program() -> str:
    """The folder of the server's program: this client's own, or the one that one is in."""
    for folder in (PROGRAM, os.getcwd()):
        if all(
            os.path.exists(os.path.join(folder, name)) for name in ("manage.py", "pipelines_ui")
        ):
            return folder
    raise PipelinesError(
        f"the server's program is neither beside this client ({PROGRAM}) nor here; "
        "this command works in its folder only"
    )
