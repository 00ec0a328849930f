"""The process that supervisors are forked from: Python, warm, and nothing of any attempt.

Started once for each environment, with the number of a socket to its agent. For every attempt
the agent sends four descriptors: orders, status, and the two outputs. The fork that takes them
becomes the attempt's supervisor; what is to be done it hears through its own pipe, never this
process. One thread, the standard library and `pipelines`: a fork must find no lock held.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module

from . import program, supervisor  # noqa: TID252 - loaded under two names, see __init__

# Loaded once here so that no step has to: what nearly every step of ours imports.
_LOADED_FOR_STEPS = ("main_call", "parameters", "task", "artifacts", "logger")
_DESCRIPTORS = 4


def main() -> None:
    """Fork supervisors until the agent is gone, and be what has been forked."""
    agent = socket.socket(fileno=int(sys.argv[1]))
    _settle()
    descriptors = _serve(agent)
    if descriptors:
        order = supervisor.supervise(*descriptors)
        if order is not None:
            program.run(order)
    os._exit(0)


def _settle() -> None:
    """Be as a fresh interpreter is, and keep what is loaded out of the forks' collections."""
    # Whoever started the agent may have ignored these.
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Ignoring it would do, but then the time that steps have used would be counted nowhere.
    signal.signal(signal.SIGCHLD, _collect)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in _LOADED_FOR_STEPS:
        import_module(f"pipelines.{name}")
    # Where this was found is no step's business, nor are its modules' names.
    sys.path.pop(0)
    for name in [name for name in sys.modules if name.partition(".")[0] == __package__]:
        del sys.modules[name]
    program.remember_what_is_loaded()
    gc.collect()
    gc.disable()
    gc.freeze()


def _collect(*_: object) -> None:
    """Supervisors end when they like, and nobody here waits for them."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _serve(agent: socket.socket) -> list[int]:
    """Fork for everybody who asks; gives descriptors in the fork, and none when all is over."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(agent, 1, _DESCRIPTORS)
        if not data:
            return []
        if len(descriptors) == _DESCRIPTORS and _fork(descriptors[1]):
            agent.close()
            return descriptors
        for descriptor in descriptors:
            os.close(descriptor)


def _fork(status: int) -> bool:
    try:
        return os.fork() == 0
    except OSError as error:
        os.write(status, supervisor.not_started(error))
        return False
