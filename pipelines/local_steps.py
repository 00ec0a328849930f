"""Steps on this machine: a run's tasks in the queue ``local``, each as a process of its own.

What an agent does for a step this does in small, with the Python and the packages of the program
that it belongs to: the same folder, the same variables, output and artifacts to the server, aborts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress

from pipelines.errors import PipelinesError, RequestRefused
from pipelines.local_step import LocalStep
from pipelines.queues import LOCAL_QUEUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from pipelines.http import Api

_LOOK_SECONDS = 0.2
_STOP_SECONDS = 15.0
_FEWEST_AT_ONCE = 4

# Its input ends when this program ends, however that happens; what still runs is then ended.
_WATCH = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""


class LocalSteps:
    """Starts the local steps of one run as they come, several at once, until it is stopped."""

    def __init__(self, api: Api, run_id: str, *, at_once: int = 0) -> None:
        self.api = api
        self.run_id = run_id
        self._at_once = at_once or max(_FEWEST_AT_ONCE, os.cpu_count() or 1)
        self._steps: dict[str, LocalStep] = {}
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._looker: Optional[threading.Thread] = None
        self._watchdog: Optional[subprocess.Popen[str]] = None
        self._packages = ""

    def start(self) -> None:
        """Look for steps from now on, in a thread of its own."""
        self._packages = _folder_of_client()
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _WATCH],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._looker = threading.Thread(target=self._look, name="pipelines-local", daemon=True)
        self._looker.start()

    def stop(self) -> None:
        """Start nothing more, and end what still runs."""
        if self._looker is None:
            return
        self._stopped.set()
        self._looker.join(_STOP_SECONDS)
        for step in list(self._steps.values()):
            step.abort("the program that ran this step has ended")
        with self._changed:
            self._changed.wait_for(lambda: not self._steps, _STOP_SECONDS)
        assert self._watchdog is not None
        assert self._watchdog.stdin is not None
        with suppress(OSError):
            self._watchdog.stdin.close()
        self._watchdog.wait(_STOP_SECONDS)
        with suppress(OSError):
            os.unlink(os.path.join(self._packages, "pipelines"))
            os.rmdir(self._packages)
        self._looker = None

    def note(self, group: int, *, runs: bool) -> None:
        """Let the watchdog know of a process group, or that it is gone."""
        assert self._watchdog is not None
        assert self._watchdog.stdin is not None
        with self._changed, suppress(OSError, ValueError):
            self._watchdog.stdin.write(f"{'+' if runs else '-'}{group}\n")
            self._watchdog.stdin.flush()

    def _look(self) -> None:
        path = f"tasks/?queue={LOCAL_QUEUE}&status=queued&parent={self.run_id}&limit=100"
        while not self._stopped.wait(_LOOK_SECONDS):
            room = self._at_once - len(self._steps)
            if room <= 0:
                continue
            try:
                waiting = self.api.get(path)["results"]
            except RequestRefused:
                # The token counts no longer: the script's attempt is over.
                return
            except PipelinesError:
                continue
            waiting.sort(key=lambda task: (-task["priority"], task["queued_at"] or "", task["id"]))
            for task in [one for one in waiting if one["id"] not in self._steps][:room]:
                self._begin(task)

    def _begin(self, task: dict[str, Any]) -> None:
        step = LocalStep(self.api, task, self._packages, self.note)
        if not step.claim():
            return
        self._steps[step.task_id] = step
        name = f"pipelines-local-{task['name']}"
        threading.Thread(target=self._work, args=(step,), name=name, daemon=True).start()

    def _work(self, step: LocalStep) -> None:
        try:
            step.run()
        finally:
            with self._changed:
                del self._steps[step.task_id]
                self._changed.notify_all()


def _folder_of_client() -> str:
    """A folder that holds this package and nothing else, for a step's import path."""
    folder = tempfile.mkdtemp(prefix="pipelines-client-")
    os.symlink(os.path.dirname(os.path.abspath(__file__)), os.path.join(folder, "pipelines"))
    return folder
