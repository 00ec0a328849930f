"""What artifacts hold: files that lie under their hash, never under a name that a person gave."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

from orchestrator.domain.errors import CapExceeded
from orchestrator.domain.names import CAPS

CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that is complete under its hash."""

    sha256: str
    size: int


def content_path(sha256: str) -> Path:
    """Where content lies."""
    return Path(settings.PIPELINES_ARTIFACT_DIR) / "sha256" / sha256[:2] / sha256


def store_content(source: IO[bytes]) -> Stored:
    """Keep a stream's bytes.

    They are written under a name of our own first and then renamed: whatever bears a hash is
    complete, whenever the process dies.
    """
    incoming = Path(settings.PIPELINES_ARTIFACT_DIR) / "incoming" / uuid.uuid4().hex
    incoming.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        stored = _write(source, incoming)
        target = content_path(stored.sha256)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(incoming, 0o400)
        os.replace(incoming, target)
    finally:
        incoming.unlink(missing_ok=True)
    return stored


def read_start(sha256: str, size: int) -> bytes:
    """Read the first bytes of what is stored under a hash."""
    with open(content_path(sha256), "rb") as file:
        return file.read(size)


def read_chunks(sha256: str) -> Iterator[bytes]:
    """Read what is stored under a hash, piece by piece."""
    with open(content_path(sha256), "rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _write(source: IO[bytes], path: Path) -> Stored:
    digest = hashlib.sha256()
    size = 0
    with open(path, "xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > CAPS.artifact_bytes:
                raise CapExceeded("an artifact", CAPS.artifact_bytes, size, "bytes")
            digest.update(chunk)
            file.write(chunk)
    return Stored(digest.hexdigest(), size)
