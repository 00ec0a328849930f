"""Clearing up after agents of this machine that ended without doing so themselves."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import time
import uuid
from contextlib import suppress

from orchestrator.agent.folder import AGENT_MARKER, WorkFolder, folder_of_work
from orchestrator.agent.forked.supervisor import marked
from orchestrator.store import agents

logger = logging.getLogger(__name__)

_FOLDER = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d+)")
_KILL_PATIENCE_SECONDS = 5.0


def clear_up(agent_id: uuid.UUID) -> None:
    """End processes of this machine's lost agents and remove the folders of ended attempts."""
    for lost in agents.lost_on(socket.gethostname(), but_not=agent_id, is_alive=_is_alive):
        _end_processes_of(lost)
    _remove_folders()


def _is_alive(pid: int) -> bool:
    # After a restart of a container another process, even this one, has the same number.
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_processes_of(agent_id: uuid.UUID) -> None:
    marker = f"{AGENT_MARKER}={agent_id}".encode()
    deadline = time.monotonic() + _KILL_PATIENCE_SECONDS
    while left := marked(marker):
        logger.warning("ending %d processes that lost agent %s left behind", len(left), agent_id)
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            logger.error("processes of lost agent %s do not end: %s", agent_id, sorted(left))
            return
        time.sleep(0.05)


def _remove_folders() -> None:
    folder = folder_of_work()
    names = os.listdir(folder) if folder.is_dir() else []
    found = {
        (uuid.UUID(match[1]), int(match[2])) for name in names if (match := _FOLDER.fullmatch(name))
    }
    for task_id, fence in found - agents.executing(task_id for task_id, _ in found):
        try:
            WorkFolder(task_id, fence).remove()
        except OSError as error:
            logger.warning("working folder of task %s cannot be removed: %s", task_id, error)
