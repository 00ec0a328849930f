"""What a script waits for may be aborted together with the script: then its own end comes first."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ASK_SECONDS = 2.0
_LOOK_SECONDS = 0.05
# An agent's signal may have come already, and be heard by the script itself, which has little time.
_LONGEST_FOR_AGENT_SECONDS = 5.0
_LONGEST_SECONDS = 60.0


def let_own_end_come_first() -> None:
    """Wait for the end of this process's task, if that is being aborted too; else go on at once.

    The abort of a run reaches its steps and its script in any order. A script that went on with
    what an aborted step has not left would fail, where nothing has failed.
    """
    module = sys.modules.get("pipelines.task")
    own: Any = module.Task._current if module is not None else None
    if own is None or threading.current_thread() is not threading.main_thread():
        return
    if not _is_aborting(own):
        return
    seconds = _LONGEST_FOR_AGENT_SECONDS if own._context.has_agent else _LONGEST_SECONDS
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and _is_to_come(own):
        time.sleep(_LOOK_SECONDS)


def _is_aborting(own: Any) -> bool:
    with suppress(PipelinesError):
        about = own._api.send("GET", own._path(), patience=_ASK_SECONDS)
        return about["status"] in ("aborting", "aborted")
    return False


def _is_to_come(own: Any) -> bool:
    """Whether the signal is on its way: an agent's, or the interrupt of one's own session."""
    if own._context.has_agent:
        return True
    from pipelines.task_start import session_of

    try:
        session = session_of(own._context)
    except KeyError:
        return False
    session.ask_to_end()
    return session.is_to_interrupt
