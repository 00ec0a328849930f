"""A person's shell: scripts run in it as real processes, against the real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pipelines
from pipelines import Client
from tests.live_stack import LiveStack

PATIENCE_SECONDS = 90
MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
from orchestrator.models import User
User.objects.get_or_create(username="admin", defaults={"is_superuser": True})
print(create_token(actor="admin", name="shell", scopes=("admin",))[1])
"""


class Shell:
    """Runs scripts, and knows the server by the token of whoever sits there."""

    def __init__(self, stack: LiveStack, folder: Path, token: str) -> None:
        self.stack = stack
        self.folder = folder
        self.token = token
        self.client = Client(stack.base_url, token)
        self.python = sys.executable
        self.packages = folder / "packages"
        self.packages.mkdir()
        (self.packages / "pipelines").symlink_to(Path(pipelines.__file__).parent)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PIPELINES_URL": self.stack.base_url,
            "PIPELINES_TOKEN": self.token,
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(self.packages),
            "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg",
        }

    def write(self, script: str, name: str) -> Path:
        path = self.folder / name
        path.write_text(textwrap.dedent(script))
        return path

    def begin(
        self, script: str, name: str = "script.py", *, more: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a script and not wait for it."""
        return subprocess.Popen(
            [self.python, str(self.write(script, name))],
            cwd=self.folder,
            env={**self.environment, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, script: str, name: str = "script.py", *, code: int = 0, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a script to its end, which is the one expected."""
        process = self.begin(script, name, **more)
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == code, f"{process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def running(self, script: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
        """Have a script run until it has written the file "ready", and end with the block."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        process = self.begin(script, **more)
        try:
            until(lambda: ready.exists() or process.poll() is not None, "the script is ready")
            assert process.poll() is None, process.communicate()
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()

    def get(self, path: str) -> Any:
        return self.client.api.get(path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.api.send("POST", path, body or {})

    def task(self, name: str) -> dict[str, Any]:
        """The last task of a name, whole."""
        rows = [row for row in self.client.rows("tasks/", search=name) if row["name"] == name]
        assert rows, f"no task is called {name!r}"
        return dict(self.get(f"tasks/{rows[0]['id']}/"))

    def log(self, task_id: str) -> str:
        return self.client.api.text(f"tasks/{task_id}/logs/?download=1")

    def ended(self, task_id: str) -> dict[str, Any]:
        """A task once it has ended."""
        return until(lambda: self._final(task_id), f"task {task_id} has ended")

    def _final(self, task_id: str) -> dict[str, Any] | None:
        task = self.get(f"tasks/{task_id}/")
        over = task["status"] in ("completed", "failed", "crashed", "aborted")
        return dict(task) if over else None


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.05
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not true after {PATIENCE_SECONDS} s: {what}"
        time.sleep(pause)
        # Each look asks the server, which has better things to do while it is waited for.
        pause = min(pause * 1.3, 0.4)
