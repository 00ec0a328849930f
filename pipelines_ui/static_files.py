"""Serves the files under static/ straight from memory, before Django is asked.

Their address contains a name computed from their content, so browsers may keep them for ever. They
are read and compressed once, when the web process starts.
"""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


@dataclass(frozen=True)
class StaticFile:
    """One file, ready to be sent."""

    media_type: str
    body: bytes
    zipped: bytes | None


class StaticFiles:
    """An ASGI application that answers below `prefix` and hands everything else on."""

    def __init__(self, application: Any, *, prefix: str, folder: Path) -> None:
        self._application = application
        self._prefix = prefix
        self._files = read_files(folder)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._application(scope, receive, send)
            return
        found = self._files.get(scope["path"].removeprefix(self._prefix))
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
        elif found is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"no such file\n")
        else:
            headers, body = _found(found, takes_gzip=_takes_gzip(scope["headers"]))
            headers.append((b"content-length", b"%d" % len(body)))
            await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def read_files(folder: Path) -> dict[str, StaticFile]:
    """Every file below `folder` by its path within it."""
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _read(path: Path) -> StaticFile:
    guessed = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    media_type = guessed or "application/octet-stream"
    body = path.read_bytes()
    zipped = None
    if media_type.startswith(_COMPRESSED):
        # No time stamp: the same file gives the same bytes.
        zipped = gzip.compress(body, 9, mtime=0)
        media_type = f"{media_type}; charset=utf-8"
    return StaticFile(media_type, body, zipped if zipped and len(zipped) < len(body) else None)


def _takes_gzip(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in headers)


def _found(file: StaticFile, *, takes_gzip: bool) -> tuple[list[tuple[bytes, bytes]], bytes]:
    headers = [
        (b"content-type", file.media_type.encode()),
        (b"cache-control", b"public, max-age=31536000, immutable"),
        (b"x-content-type-options", b"nosniff"),
        (b"vary", b"accept-encoding"),
    ]
    if takes_gzip and file.zipped is not None:
        return [*headers, (b"content-encoding", b"gzip")], file.zipped
    return headers, file.body


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
