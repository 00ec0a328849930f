"""Artifacts: things that a task leaves behind under a name, and that other tasks fetch."""

from __future__ import annotations

import json
import os

from pipelines import arrays
from pipelines.errors import ArtifactNotFound, PipelinesError
from pipelines.storing import folder_holding, note_of, remove, stored_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any, Callable, Optional

    from pipelines.context import StepContext

ADDRESS_SCHEME = "artifact://"
_TYPES = {
    "array": "numpy",
    "arrays": "numpy",
    "frame": "pandas",
    "series": "pandas",
    "json": "dict",
    "text": "string",
    "bytes": "custom",
    "folder": "archive",
}


class Artifact:
    """One artifact of one task; its content is fetched when it is asked for."""

    def __init__(
        self, *, task_id: str, name: str, about: Mapping[str, Any], context: StepContext
    ) -> None:
        self.task_id = task_id
        self.name = name
        self.kind: str = about.get("kind") or "file"
        self.media_type: str = about.get("media_type") or "application/octet-stream"
        self.size: int | None = about.get("size")
        self.hash: str | None = about.get("sha256")
        self.metadata: dict[str, Any] = about.get("metadata") or {}
        self.preview: object = self.metadata.get("preview") or about.get("preview")
        self._created_at = str(about.get("created_at") or "")
        self._context = context

    @property
    def url(self) -> str:
        """The address by which other steps name this artifact."""
        return f"{ADDRESS_SCHEME}{self.task_id}/{self.name}"

    @property
    def is_model(self) -> bool:
        """Whether it is a model, which is found among the task's models instead."""
        return self.kind == "model" or bool(self.metadata.get("model"))

    @property
    def type(self) -> str:
        """What it is of, in Python's words: numpy, pandas, dict, text, image, pickle …"""
        if self.metadata.get("image"):
            return "image"
        return _TYPES.get(self.kind, self.kind)

    @property
    def mode(self) -> str:
        """Whether it was given or left: artifacts are left."""
        return "output"

    @property
    def timestamp(self) -> Optional[datetime]:
        """When it was stored; None while no server knows it."""
        from datetime import datetime

        text = self._created_at
        # Before Python 3.11 a Z is not understood.
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None

    def get(
        self,
        force_download: bool = False,
        deserialization_function: Optional[Callable[[bytes], Any]] = None,
        block_unsafe_artifacts: bool = False,
    ) -> Any:
        """Give what was stored: JSON as values, text, bytes, arrays, frames; files as a path.

        A pickle runs what its author wrote; with *block_unsafe_artifacts* it is refused instead.
        """
        from pathlib import Path

        if self.kind == "pickle" and block_unsafe_artifacts and deserialization_function is None:
            raise PipelinesError(f"{self.url} is a pickle, and those are not wanted here")
        path = Path(self.get_local_copy(force_download=force_download))
        if deserialization_function is not None:
            return deserialization_function(path.read_bytes())
        return self._read(path)

    def get_local_copy(
        self,
        extract_archive: bool = True,
        raise_on_error: bool = True,
        force_download: bool = False,
    ) -> str:
        """Give the path of a file or folder on this machine that holds the content."""
        folder = folder_holding(self._context, self.task_id, self.name)
        if folder is not None:
            return self._context.path(folder, self.name)
        return self._fetch(extract_archive, force_download)

    def _read(self, path: Path) -> Any:
        if self.kind == "json":
            value = json.loads(path.read_text(encoding="utf-8"))
            return tuple(value) if self.metadata.get("tuple") else value
        if self.kind in arrays.KINDS:
            return arrays.read(self.kind, str(path), self.metadata)
        if self.kind == "text":
            return path.read_text(encoding="utf-8")
        if self.kind == "bytes":
            return path.read_bytes()
        if self.kind == "pickle":
            import pickle

            with path.open("rb") as file:
                return pickle.load(file)
        return _image(path) if self.metadata.get("image") else path

    def _fetch(self, extract_archive: bool, anew: bool = False) -> str:
        from pipelines.http import in_path

        folder = self._context.path("downloads", self.task_id)
        os.makedirs(folder, exist_ok=True)
        packed = self.kind == "folder" or bool(self.metadata.get("is_folder"))
        target = os.path.join(folder, f"{self.name}.tar" if packed else self.name)
        if anew:
            remove(target)
            remove(os.path.join(folder, self.name))
        if not os.path.exists(target):
            path = f"tasks/{in_path(self.task_id)}/artifacts/{in_path(self.name)}/"
            found = self._context.api.download(path, target)
            if self.hash and found != self.hash:
                os.unlink(target)
                raise PipelinesError(f"{self.url} came with SHA-256 {found}, not {self.hash}")
        return (
            _unpack(target, os.path.join(folder, self.name))
            if packed and extract_archive
            else target
        )

    def __repr__(self) -> str:
        return f"<Artifact {self.url} ({self.kind})>"


class Artifacts:
    """The artifacts of a task by name, read like a dictionary."""

    def __init__(self, task_id: str, context: StepContext) -> None:
        self._task_id = task_id
        self._context = context
        self._found: dict[str, Artifact] | None = None

    def __getitem__(self, name: str) -> Artifact:
        found = self._own(name) or self._all().get(name)
        if found is None:
            names = ", ".join(self._all()) or "none"
            raise ArtifactNotFound(
                f"task {self._task_id} has no artifact {name!r}; it has: {names}"
            )
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (self._own(name) is not None or name in self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def keys(self) -> list[str]:
        """The names."""
        return list(self._all())

    def values(self) -> list[Artifact]:
        """The artifacts."""
        return list(self._all().values())

    def items(self) -> list[tuple[str, Artifact]]:
        """Names with their artifacts."""
        return list(self._all().items())

    def get(self, name: str, default: Artifact | None = None) -> Artifact | None:
        """One artifact, or the default when the task does not have it."""
        return self._own(name) or self._all().get(name, default)

    def _own(self, name: str) -> Artifact | None:
        """Find what this very step has left in its folder: the server may not know it yet."""
        folder = folder_holding(self._context, self._task_id, name)
        if folder is None:
            return None
        about = self._context.read_json(note_of(folder, name))
        return Artifact(task_id=self._task_id, name=name, about=about, context=self._context)

    def _all(self) -> dict[str, Artifact]:
        if self._found is None or self._task_id == self._context.task_id:
            everything = everything_of(self._task_id, self._context)
            self._found = {
                one.name: one
                for one in everything
                if not one.is_model and not one.metadata.get("report")
            }
        return self._found


def everything_of(task_id: str, context: StepContext) -> list[Artifact]:
    """Give all that a task has left, models and what its reports show among them."""
    if task_id == context.task_id:
        rows = [
            {**context.read_json(note_of(folder, name)), "name": name}
            for name in stored_names(context)
            for folder in [folder_holding(context, task_id, name)]
            if folder is not None
        ]
    else:
        from pipelines.http import in_path

        rows = context.api.pages(f"tasks/{in_path(task_id)}/artifacts/")
    return [Artifact(task_id=task_id, name=row["name"], about=row, context=context) for row in rows]


def _image(path: Path) -> Any:
    """Open an image as one, where that can be done."""
    try:
        from PIL import Image  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return path
    return Image.open(path)


def _unpack(packed: str, folder: str) -> str:
    """Unpack an archive beside itself, once, and nothing outside that folder."""
    import tarfile

    if os.path.isdir(folder):
        return folder
    temporary = f"{folder}.part"
    remove(temporary)
    os.makedirs(temporary)
    with tarfile.open(packed) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(temporary, filter="data")
        else:
            _refuse_escapes(archive.getnames(), packed)
            archive.extractall(temporary)
    os.replace(temporary, folder)
    return folder


def _refuse_escapes(names: list[str], packed: str) -> None:
    for name in names:
        if os.path.isabs(name) or ".." in name.split("/"):
            raise PipelinesError(f"{packed} holds {name!r}, which would leave its folder")
