"""The working folder of an attempt, and the clean environment that its process is given."""

from __future__ import annotations

import json
import os
import shutil
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

import pipelines

MARKER = "PIPELINES_TASK"
AGENT_MARKER = "PIPELINES_AGENT"
_PRIVATE = 0o700


class WorkFolder:
    """Where a step finds what it was given and leaves what it has made."""

    def __init__(self, task_id: uuid.UUID, fence: int) -> None:
        self.name = f"{task_id}.{fence}"
        self.path = folder_of_work() / self.name
        self.artifacts = self.path / "artifacts"

    def make(self, parameters: Mapping[str, Any]) -> None:
        """Make it anew, with the parameters in it."""
        self.remove()
        for folder in (self.path, self.artifacts, self.path / "home", self.path / "tmp"):
            folder.mkdir(mode=_PRIVATE, parents=True)
        self.write("parameters.json", json.dumps(dict(parameters), ensure_ascii=False))

    def write(self, name: str, text: str) -> Path:
        """Put a text file into it."""
        path = self.path / name
        path.write_text(text, encoding="utf-8")
        return path

    def remove(self) -> None:
        """Take it away with all that is in it, also what was made unreadable."""
        if self.path.exists():
            shutil.rmtree(self.path, onerror=_make_writable)


def folder_of_work() -> Path:
    """The folder that holds all working folders."""
    return Path(settings.PIPELINES_DATA_DIR) / "work"


def folder_of_client() -> Path:
    """A folder that holds the `pipelines` package and nothing else, for a step's import path."""
    package = Path(pipelines.__file__).resolve().parent
    folder = folder_of_work() / f".client-{uuid.uuid5(uuid.NAMESPACE_URL, str(package)).hex[:8]}"
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    link = folder / "pipelines"
    if not link.is_symlink():
        temporary = folder / f".link-{uuid.uuid4().hex}"
        temporary.symlink_to(package)
        temporary.replace(link)
    return folder


def marker_of(task_id: uuid.UUID, fence: int) -> str:
    """What every process of an attempt carries in its environment."""
    return f"{MARKER}={task_id}.{fence}"


def marks(*, task_id: uuid.UUID, fence: int, agent_id: uuid.UUID) -> dict[str, str]:
    """The variables by which every process of an attempt is found."""
    return {MARKER: f"{task_id}.{fence}", AGENT_MARKER: str(agent_id)}


def environment(
    folder: WorkFolder, *, marks: Mapping[str, str], token: str, python: str = sys.executable
) -> dict[str, str]:
    """All that a user's process knows: its own attempt, and nothing of the server's secrets."""
    return {
        **marks,
        "PIPELINES_TASK_ID": marks[MARKER].partition(".")[0],
        "PIPELINES_DIR": str(folder.path),
        "PIPELINES_API_URL": settings.PIPELINES_API_URL,
        "PIPELINES_TOKEN": token,
        "PATH": search_path(python),
        "HOME": str(folder.path / "home"),
        "TMPDIR": str(folder.path / "tmp"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(folder_of_client()),
        "PYTHONUNBUFFERED": "1",
    }


def search_path(python: str = sys.executable) -> str:
    """Where a step's programs are looked for: its Python's own folder first."""
    own = os.path.dirname(python)
    return f"{own}:{os.environ.get('PATH') or os.defpath}"


def _make_writable(function: Any, path: str, error: object) -> None:
    """Let rmtree go on where a step has taken away its own rights."""
    parent = os.path.dirname(path)
    os.chmod(parent, _PRIVATE)
    if os.path.isdir(path) and not os.path.islink(path):
        os.chmod(path, _PRIVATE)
        shutil.rmtree(path, ignore_errors=True)
    else:
        function(path)
