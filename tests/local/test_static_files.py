"""Static files: under the build's address, compressed, kept for ever, nothing else from disk."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from pipelines_ui.static_files import StaticFiles

PREFIX = "/static/1a2b3c/"


async def below(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"django"})


@pytest.fixture
def application(tmp_path: Path) -> StaticFiles:
    static = tmp_path / "static"
    (static / "js").mkdir(parents=True)
    (static / "js" / "app.js").write_text("export const answer = 42;\n" * 50, encoding="utf-8")
    (static / "small.css").write_text("a{}", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return StaticFiles(below, prefix=PREFIX, folder=static)


def ask(
    application: StaticFiles, path: str, *, method: str = "GET", encoding: bytes = b""
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", encoding)] if encoding else []
    scope = {"type": "http", "path": path, "method": method, "headers": headers}
    asyncio.run(application(scope, None, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_file_is_sent_compressed_and_kept_for_ever(application: StaticFiles) -> None:
    status, headers, body = ask(application, f"{PREFIX}js/app.js", encoding=b"gzip, br")
    assert status == 200
    assert headers[b"content-type"] == b"text/javascript; charset=utf-8"
    assert headers[b"content-encoding"] == b"gzip"
    assert b"immutable" in headers[b"cache-control"]
    assert int(headers[b"content-length"]) == len(body)
    assert gzip.decompress(body).startswith(b"export const answer")


def test_who_does_not_take_gzip_gets_the_file_as_it_is(application: StaticFiles) -> None:
    _, headers, body = ask(application, f"{PREFIX}js/app.js")
    assert b"content-encoding" not in headers
    assert body.startswith(b"export const answer")


def test_a_file_that_gains_nothing_is_not_compressed(application: StaticFiles) -> None:
    _, headers, body = ask(application, f"{PREFIX}small.css", encoding=b"gzip")
    assert (b"content-encoding" in headers, body) == (False, b"a{}")


@pytest.mark.parametrize(
    "path", ["missing.js", "../secret.txt", "js/../../secret.txt", "js", "/etc/passwd", ""]
)
def test_what_is_not_a_static_file_is_not_found(application: StaticFiles, path: str) -> None:
    status, _, body = ask(application, f"{PREFIX}{path}")
    assert status == 404
    assert b"secret" not in body


def test_head_sends_no_body_and_post_is_refused(application: StaticFiles) -> None:
    status, headers, body = ask(application, f"{PREFIX}js/app.js", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers[b"content-length"]) > 0
    assert ask(application, f"{PREFIX}js/app.js", method="POST")[0] == 405


def test_every_other_address_is_djangos(application: StaticFiles) -> None:
    assert ask(application, "/pipelines/")[0] == 299
    assert ask(application, "/static/other/js/app.js")[0] == 299
