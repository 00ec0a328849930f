"""Runs scripts as an agent would: a folder, an environment, a process; nothing else."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pipelines
from tests.client.stub_server import TOKEN, StubServer

PACKAGE = Path(pipelines.__file__).parent


@dataclass(frozen=True)
class StepResult:
    """What a step has left behind."""

    task_id: str
    folder: Path
    exit_code: int
    stdout: str
    stderr: str

    @property
    def outputs(self) -> dict[str, Any]:
        return self.read("outputs.json")

    @property
    def used(self) -> dict[str, Any]:
        return self.read("parameters_used.json")

    @property
    def artifacts(self) -> set[str]:
        folder = self.folder / "artifacts"
        return {p.name for p in folder.iterdir() if p.name[0] != "."} if folder.exists() else set()

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def about(self, artifact: str) -> dict[str, Any]:
        return self.read(f"artifacts/.meta/{artifact}.json")

    def content(self, artifact: str) -> bytes:
        return (self.folder / "artifacts" / artifact).read_bytes()

    def address(self, artifact: str) -> str:
        assert artifact in self.artifacts, f"{artifact!r} is none of {self.artifacts}"
        return f"artifact://{self.task_id}/{artifact}"


def oldest_python() -> str:
    """A Python 3.9, if this machine has one that runs; else the one that runs the tests."""
    installed = Path.home().glob(".pyenv/versions/3.9*/bin/python")
    for candidate in (shutil.which("python3.9"), *installed):
        if candidate is None:
            continue
        asked = subprocess.run([candidate, "-V"], capture_output=True, text=True, check=False)
        if "3.9" in asked.stdout:
            return str(candidate)
    return sys.executable


class Workshop:
    """A place for steps that follow each other; artifacts go from one to the next by HTTP."""

    def __init__(self, folder: Path, server: StubServer, python: str = sys.executable) -> None:
        self.folder = folder
        self.server = server
        self.python = python
        self.packages = folder / "packages"
        self.packages.mkdir()
        (self.packages / "pipelines").symlink_to(PACKAGE)

    def run(
        self,
        script: str | Path,
        parameters: dict[str, Any] | None = None,
        *,
        task_id: str = "",
        flags: tuple[str, ...] = (),
        arguments: tuple[str, ...] = (),
        seconds: float = 120,
    ) -> StepResult:
        """Run a script to its end and keep its artifacts, as an agent does."""
        task_id = task_id or str(uuid.uuid4())
        folder = self.folder / task_id
        folder.mkdir()
        if isinstance(script, str):
            text, script = script, self.folder / f"{task_id}.py"
            script.write_text(text)
        (folder / "parameters.json").write_text(json.dumps(parameters or {}))
        command = [self.python, *flags, str(script), *arguments]
        done = subprocess.run(
            command,
            cwd=folder,
            env=self.environment(task_id, folder),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        result = StepResult(task_id, folder, done.returncode, done.stdout, done.stderr)
        for name in result.artifacts:
            self._collect(result, name)
        return result

    def environment(self, task_id: str, folder: Path) -> dict[str, str]:
        """What an agent lets a step know, and no more."""
        return {
            "PIPELINES_DIR": str(folder),
            "PIPELINES_TASK": f"{task_id}.1",
            "PIPELINES_TASK_ID": task_id,
            "PIPELINES_API_URL": self.server.url,
            "PIPELINES_TOKEN": TOKEN,
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.packages),
            "PYTHONUNBUFFERED": "1",
        }

    def _collect(self, result: StepResult, name: str) -> None:
        path = result.folder / "artifacts" / name
        content = _tar(path) if path.is_dir() else path.read_bytes()
        about = {**result.about(name), "sha256": sha256(content).hexdigest()}
        self.server.add_artifact(result.task_id, name, content, **about)


def _tar(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(folder, arcname=".")
    return buffer.getvalue()
