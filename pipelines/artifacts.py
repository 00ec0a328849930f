"""Artifacts: things that a task leaves behind under a name, and that other tasks fetch."""

from __future__ import annotations

import json
import os

from pipelines import arrays
from pipelines.errors import ArtifactNotFound, PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from pipelines.context import StepContext

ADDRESS_SCHEME = "artifact://"
COLLECTED = "artifacts"
SENT = "sent"
_NAME = r"[\w\-][\w\-. ]{0,127}"
_MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain",
    "bytes": "application/octet-stream",
    "folder": "application/x-tar",
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
        self.preview: object = about.get("preview")
        self._context = context

    @property
    def url(self) -> str:
        """The address by which other steps name this artifact."""
        return f"{ADDRESS_SCHEME}{self.task_id}/{self.name}"

    def get(self) -> Any:
        """Give what was stored: JSON as values, text, bytes, arrays, frames; files as a path."""
        from pathlib import Path

        path = Path(self.get_local_copy())
        if self.kind == "json":
            return json.loads(path.read_text(encoding="utf-8"))
        if self.kind in arrays.KINDS:
            return arrays.read(self.kind, str(path), self.metadata)
        if self.kind == "text":
            return path.read_text(encoding="utf-8")
        if self.kind == "bytes":
            return path.read_bytes()
        return path

    def get_local_copy(self, extract_archive: bool = True) -> str:
        """Give the path of a file or folder on this machine that holds the content."""
        folder = _folder_holding(self._context, self.task_id, self.name)
        if folder is not None:
            return self._context.path(folder, self.name)
        return self._fetch(extract_archive)

    def _fetch(self, extract_archive: bool) -> str:
        from pipelines.http import in_path

        folder = self._context.path("downloads", self.task_id)
        os.makedirs(folder, exist_ok=True)
        packed = self.kind == "folder"
        target = os.path.join(folder, f"{self.name}.tar" if packed else self.name)
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
        folder = _folder_holding(self._context, self._task_id, name)
        if folder is None:
            return None
        about = self._context.read_json(_note_of(folder, name))
        return Artifact(task_id=self._task_id, name=name, about=about, context=self._context)

    def _all(self) -> dict[str, Artifact]:
        if self._task_id == self._context.task_id:
            own = {name: self._own(name) for name in _stored_names(self._context)}
            return {name: artifact for name, artifact in own.items() if artifact}
        if self._found is None:
            from pipelines.http import in_path

            rows = self._context.api.pages(f"tasks/{in_path(self._task_id)}/artifacts/")
            self._found = {
                row["name"]: Artifact(
                    task_id=self._task_id, name=row["name"], about=row, context=self._context
                )
                for row in rows
            }
        return self._found


def store_artifact(
    context: StepContext, name: str, thing: object, metadata: Mapping[str, Any] | None = None
) -> None:
    """Leave a thing under a name in the step's folder, with a note on what it is."""
    check_name(name)
    target = context.path(COLLECTED, name)
    os.makedirs(context.path(COLLECTED, ".meta"), exist_ok=True)
    about: dict[str, Any] = {}
    kind = arrays.kind_of(thing)
    if kind is not None:
        _remove(target)
        about = arrays.write(name, kind, thing, target)
        media_type = arrays.MEDIA_TYPES[kind]
    else:
        kind, media_type = _write(name, thing, target)
    context.write_json(
        _note_of(COLLECTED, name),
        {"kind": kind, "media_type": media_type, "metadata": {**about, **(metadata or {})}},
    )


def upload_artifact(context: StepContext, name: str) -> None:
    """Send a stored artifact to the server now, and put it where the agent does not collect."""
    from urllib.parse import quote

    from pipelines.http import in_path

    stored = context.path(COLLECTED, name)
    about = context.read_json(_note_of(COLLECTED, name))
    packed = _pack(stored, context.path(f".upload-{name}.tar")) if os.path.isdir(stored) else stored
    headers = {
        "Content-Type": about["media_type"],
        "X-Pipelines-Kind": about["kind"],
        "X-Pipelines-Metadata": quote(json.dumps(about["metadata"])),
    }
    path = f"tasks/{in_path(context.task_id)}/artifacts/{in_path(name)}/"
    context.api.put_file(path, packed, headers)
    if packed != stored:
        os.unlink(packed)
    os.makedirs(context.path(SENT, ".meta"), exist_ok=True)
    _remove(context.path(SENT, name))
    os.replace(stored, context.path(SENT, name))
    os.replace(context.path(_note_of(COLLECTED, name)), context.path(_note_of(SENT, name)))


def check_name(name: str) -> None:
    """Refuse a name that could not be a file's."""
    import re

    if not re.fullmatch(_NAME, name):
        raise PipelinesError(
            f"{name!r} cannot name an artifact: "
            "1 to 128 letters, digits, '_', '-', '.' and spaces, not starting with a dot"
        )


def _note_of(folder: str, name: str) -> str:
    return os.path.join(folder, ".meta", f"{name}.json")


def _folder_holding(context: StepContext, task_id: str, name: str) -> str | None:
    if task_id != context.task_id:
        return None
    holding = (f for f in (COLLECTED, SENT) if os.path.exists(context.path(f, name)))
    return next(holding, None)


def _stored_names(context: StepContext) -> list[str]:
    folders = [context.path(f) for f in (COLLECTED, SENT) if os.path.isdir(context.path(f))]
    names = {name for folder in folders for name in os.listdir(folder)}
    return sorted(name for name in names if not name.startswith("."))


def _write(name: str, thing: object, target: str) -> tuple[str, str]:
    """Write a thing as what it is; give back its kind and media type."""
    source = _existing_path(thing)
    if source is not None:
        return _copy(source, target)
    if isinstance(thing, (bytes, bytearray, memoryview)):
        kind, content = "bytes", bytes(thing)
    elif isinstance(thing, str):
        kind, content = "text", thing.encode()
    elif thing is None or isinstance(thing, (dict, list, tuple, bool, int, float)):
        kind, content = "json", _as_json(name, thing)
    else:
        raise TypeError(
            f"artifact {name!r}: a {type(thing).__name__} cannot be stored; "
            "give a path, text, bytes, an array, a frame, or something that JSON can hold"
        )
    _remove(target)
    with open(target, "wb") as file:
        file.write(content)
    return kind, (_guess(name) if kind != "json" else None) or _MEDIA_TYPES[kind]


def _existing_path(thing: object) -> str | None:
    """Tell which file or folder is meant, if one is: a Path, or a short text that is one."""
    if isinstance(thing, os.PathLike):
        if not os.path.exists(thing):
            raise FileNotFoundError(f"there is no file or folder {str(thing)!r} to store")
        return str(thing)
    if isinstance(thing, str) and 0 < len(thing) < 2048 and "\n" not in thing:
        return thing if "\0" not in thing and os.path.exists(thing) else None
    return None


def _copy(source: str, target: str) -> tuple[str, str]:
    import shutil

    in_place = os.path.exists(target) and os.path.samefile(source, target)
    if not in_place:
        _remove(target)
    if os.path.isdir(source):
        if not in_place:
            shutil.copytree(source, target, symlinks=True)
        return "folder", _MEDIA_TYPES["folder"]
    if not in_place:
        shutil.copyfile(source, target)
    return "file", _guess(source) or "application/octet-stream"


def _guess(name: str) -> str | None:
    """Tell the media type by the name's ending, the same on every machine."""
    from mimetypes import MimeTypes

    return MimeTypes().guess_type(name)[0]


def _as_json(name: str, thing: object) -> bytes:
    try:
        return json.dumps(thing, ensure_ascii=False, allow_nan=False, indent=1).encode()
    except (TypeError, ValueError) as error:
        raise type(error)(f"artifact {name!r} cannot be stored as JSON: {error}") from error


def _remove(target: str) -> None:
    import shutil

    if os.path.isdir(target) and not os.path.islink(target):
        shutil.rmtree(target)
    elif os.path.lexists(target):
        os.unlink(target)


def _pack(folder: str, target: str) -> str:
    import tarfile

    with tarfile.open(target, "w") as archive:
        archive.add(folder, arcname=".")
    return target


def _unpack(packed: str, folder: str) -> str:
    """Unpack an archive beside itself, once, and nothing outside that folder."""
    import tarfile

    if os.path.isdir(folder):
        return folder
    temporary = f"{folder}.part"
    _remove(temporary)
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
