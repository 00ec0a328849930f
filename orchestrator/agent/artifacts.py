"""Collecting what a step left in its folder of artifacts, and storing it under its hash.

A step is not trusted with paths: links that lead out of the folder, pipes and devices are refused,
and content is moved only when nobody else can still hold a name of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from orchestrator.agent.results import BadResult, check_storable, load_object
from orchestrator.domain import artifacts
from orchestrator.domain.names import CAPS
from orchestrator.store.contents import content_path
from orchestrator.store.execution import StoredArtifact

NOTES = ".meta"
_CHUNK = 1024 * 1024
_TAR = "application/x-tar"
_OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class _Note:
    """What the step said about an artifact."""

    kind: str = ""
    media_type: str = ""
    metadata: Mapping[str, Any] | None = None


def collect(folder: Path) -> tuple[list[StoredArtifact], list[str]]:
    """Store everything in a folder of artifacts; also names what was left where it is."""
    found, left = [], []
    _check_folder(folder)
    _check_folder(folder / NOTES)
    if not folder.exists():
        return [], []
    for name in sorted(os.listdir(folder)):
        if name == NOTES:
            continue
        if name.startswith("."):
            left.append(name)
            continue
        if fault := artifacts.name_fault(name):
            raise BadResult(f"artifact {name!r}: {fault}")
        found.append(_store(folder, name, _note_of(folder, name)))
    return found, left


def _check_folder(folder: Path) -> None:
    """Refuse a folder that the step has replaced by something that leads elsewhere."""
    try:
        mode = os.lstat(folder).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(mode):
        raise BadResult(f"the folder {folder.name!r} of artifacts is {_word_for(mode)}")


def _store(folder: Path, name: str, note: _Note) -> StoredArtifact:
    path = folder / name
    mode = os.lstat(path).st_mode
    if stat.S_ISDIR(mode):
        incoming = _incoming()
        _pack(path, name, incoming)
        kind, media_type = "folder", _TAR
    elif stat.S_ISREG(mode):
        incoming = _taken_in(path, name)
        kind = note.kind if note.kind not in ("", "folder") else "file"
        media_type = note.media_type or _media_type(name, kind, incoming)
    else:
        raise BadResult(f"artifact {name!r} is {_word_for(mode)}, not a file or a folder")
    sha256, size = _hash(incoming, name)
    preview = _preview(incoming, media_type)
    _put(incoming, sha256)
    return StoredArtifact(
        name=name,
        sha256=sha256,
        size=size,
        media_type=media_type,
        kind=kind,
        metadata=note.metadata or {},
        preview=preview,
    )


def _incoming() -> Path:
    folder = Path(settings.PIPELINES_ARTIFACT_DIR) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def _taken_in(path: Path, name: str) -> Path:
    """Bring a file into the store's own folder, where no process of a step has a name for it."""
    incoming = _incoming()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as source:
        about = os.fstat(source.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise BadResult(f"artifact {name!r} is {_word_for(about.st_mode)}, not a file")
        _check_size(about.st_size, name)
        if about.st_nlink == 1 and _moved(path, incoming, about.st_dev):
            return incoming
        with open(incoming, "xb") as target:
            _copy(source, target, name)
    return incoming


def _moved(path: Path, incoming: Path, device: int) -> bool:
    if os.stat(incoming.parent).st_dev != device:
        return False
    os.rename(path, incoming)
    return True


def _copy(source: IO[bytes], target: IO[bytes], name: str) -> None:
    size = 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        _check_size(size, name)
        target.write(chunk)


def _pack(path: Path, name: str, incoming: Path) -> None:
    """Pack a folder so that equal content gives equal bytes."""
    with tarfile.open(incoming, "x", format=tarfile.PAX_FORMAT) as archive:
        size = 0
        for member, file in _members(path, name):
            size += member.size
            _check_size(size, name)
            archive.addfile(member, file)
            if file is not None:
                file.close()


def _members(path: Path, name: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    for root, folders, files, descriptor in os.fwalk(path, follow_symlinks=False):
        folders.sort()
        inside = os.path.relpath(root, path)
        if inside != ".":
            yield _member(inside, tarfile.DIRTYPE), None
        links = [f for f in folders if os.path.islink(os.path.join(root, f))]
        for file_name in sorted([*files, *links]):
            member_name = os.path.normpath(os.path.join(inside, file_name))
            yield _member_of(member_name, file_name, descriptor, name)


def _member_of(
    member_name: str, file_name: str, folder: int, artifact: str
) -> tuple[tarfile.TarInfo, IO[bytes] | None]:
    about = os.lstat(file_name, dir_fd=folder)
    if stat.S_ISLNK(about.st_mode):
        target = os.readlink(file_name, dir_fd=folder)
        end = os.path.normpath(os.path.join(os.path.dirname(member_name), target))
        if os.path.isabs(target) or end.split("/")[0] == "..":
            raise BadResult(
                f"artifact {artifact!r}: {member_name!r} is a link that leads out of it"
            )
        member = _member(member_name, tarfile.SYMTYPE)
        member.linkname = target
        return member, None
    if not stat.S_ISREG(about.st_mode):
        raise BadResult(f"artifact {artifact!r}: {member_name!r} is {_word_for(about.st_mode)}")
    descriptor = os.open(file_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    file = os.fdopen(descriptor, "rb")
    member = _member(member_name, tarfile.REGTYPE)
    member.size = os.fstat(descriptor).st_size
    member.mode = 0o755 if about.st_mode & stat.S_IXUSR else 0o644
    return member, file


def _member(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.mode = 0o755
    return member


def _hash(path: Path, name: str) -> tuple[str, int]:
    with open(path, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    _check_size(size, name)
    return sha256, size


def _put(incoming: Path, sha256: str) -> None:
    """Make content complete under its hash, or drop it when the same is there already."""
    path = content_path(sha256)
    if path.exists():
        incoming.unlink()
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(incoming, 0o400)
    os.replace(incoming, path)


def _check_size(size: int, name: str) -> None:
    if size > CAPS.artifact_bytes:
        raise BadResult(
            f"artifact {name!r} is larger than the cap of {CAPS.artifact_bytes:,} bytes"
        )


def _note_of(folder: Path, name: str) -> _Note:
    path = folder / NOTES / f"{name}.json"
    note = load_object(path, f"the note on artifact {name!r}", cap=CAPS.parameter_bytes)
    kind, media_type = note.get("kind") or "", note.get("media_type") or ""
    if kind and artifacts.kind_fault(kind):
        raise BadResult(f"artifact {name!r}: its note names the kind {kind!r}")
    if media_type and not artifacts.is_media_type(media_type):
        raise BadResult(f"artifact {name!r}: its note names the media type {media_type!r}")
    metadata = note.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise BadResult(f"artifact {name!r}: the metadata in its note is not an object")
    check_storable(json.dumps(metadata), f"the metadata of artifact {name!r}")
    return _Note(kind=kind, media_type=media_type, metadata=metadata)


def _media_type(name: str, kind: str, path: Path) -> str:
    if guessed := MimeTypes().guess_type(name)[0]:
        return guessed
    if kind == "json":
        return "application/json"
    with open(path, "rb") as file:
        start = file.read(8192)
    return "text/plain" if kind == "text" or (start and _is_text(start)) else _OTHER


def _is_text(start: bytes) -> bool:
    if b"\0" in start:
        return False
    try:
        start.decode()
    except UnicodeDecodeError as error:
        # A character cut in half by the end of the sample is no fault.
        return error.start > len(start) - 4 and len(start) == 8192
    return True


def _preview(path: Path, media_type: str) -> str:
    if not artifacts.is_text(media_type):
        return ""
    with open(path, "rb") as file:
        return file.read(artifacts.PREVIEW_BYTES).decode(errors="replace").replace("\0", "␀")


def _word_for(mode: int) -> str:
    words = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a folder",
    }
    return words.get(stat.S_IFMT(mode), "something else")
