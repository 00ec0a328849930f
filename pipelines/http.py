"""Requests to the server, patient with one that is away and plain about one that refuses."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import quote, urlsplit

from pipelines.errors import PipelinesError, RequestRefused, ServerUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, BinaryIO, TypeVar

    Taken = TypeVar("Taken")

PATIENCE_SECONDS = 60.0
ANSWER_TIMEOUT_SECONDS = 30.0
API_PATH = "/api/v1"
# What a slow disk or line still does; a large upload is answered once the server has kept it.
_SLOWEST_BYTES_A_SECOND = 5_000_000
_CHUNK = 1 << 18


class TryAgain(OSError):
    """The server answered that it cannot answer now."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One server, seen with one token. Every request is tried again for a minute."""

    def __init__(self, url: str, token: str, *, patience: float = PATIENCE_SECONDS) -> None:
        if not url:
            raise PipelinesError("no server is known here: set PIPELINES_URL and PIPELINES_TOKEN")
        _check(url)
        url = url.rstrip("/")
        self.url = url if url.endswith(API_PATH) else url + API_PATH
        self.token = token
        self.patience = patience

    @property
    def site(self) -> str:
        """Where people see this server."""
        return self.url[: -len(API_PATH)]

    def get(self, path: str) -> Any:
        """Fetch a JSON document."""
        return self.send("GET", path)

    def text(self, path: str) -> str:
        """Fetch a text, whatever it says."""
        return self._ask("GET", path, None, {"Accept": "*/*"}, _read)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        patience: float | None = None,
        headers: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> Any:
        """Send a JSON document, give back the answer's.

        With *once* it is not sent again when it may have arrived: what it asks for is done twice
        if it is asked for twice.
        """
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        return self._ask(
            method, path, content, all_headers, _read_json, patience=patience, once=once
        )

    def lines(self, path: str, timeout: float = ANSWER_TIMEOUT_SECONDS) -> Iterator[bytes]:
        """Read an answer line by line as it comes; raises OSError when it breaks off."""
        try:
            with self._try("GET", path, None, {}, timeout=timeout) as response:
                while line := response.readline():
                    yield line
        except HTTPException as error:
            raise ConnectionError(f"the answer broke off: {error!r}") from error

    def put_file(
        self,
        path: str,
        file_path: str,
        headers: Mapping[str, str],
        *,
        patience: float | None = None,
    ) -> Any:
        """Upload a file as it is."""
        size = os.path.getsize(file_path)
        with open(file_path, "rb") as file:
            return self._ask(
                "PUT",
                path,
                file,
                {**headers, "Content-Length": str(size)},
                _read_json,
                patience=patience,
                timeout=ANSWER_TIMEOUT_SECONDS + size / _SLOWEST_BYTES_A_SECOND,
            )

    def download(self, path: str, target: str) -> str:
        """Write an answer's content to a file; give back its SHA-256."""
        headers = {"Accept": "*/*"}
        return self._ask("GET", path, None, headers, lambda response: _save(response, target))

    def pages(self, path: str) -> list[Any]:
        """Fetch a list, page after page."""
        results: list[Any] = []
        following: str | None = path
        while following:
            page = self.get(following)
            if isinstance(page, list):
                return results + page
            results += page["results"]
            following = page.get("next")
        return results

    def _ask(  # noqa: PLR0913 - a request has that many parts
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None,
        headers: Mapping[str, str],
        take: Callable[[HTTPResponse], Taken],
        *,
        patience: float | None = None,
        once: bool = False,
        timeout: float | None = None,
    ) -> Taken:
        """Ask until the answer is in hand, to its last byte: an answer may break off, too.

        Patience is for a server that is away: what has gone on for longer than that, a large file,
        and breaks off then, is tried once more.
        """
        patience = self.patience if patience is None else patience
        timeout = ANSWER_TIMEOUT_SECONDS if timeout is None else timeout
        deadline = time.monotonic() + patience
        pause = 0.1
        may_go_on = patience > 0
        while True:
            began = time.monotonic()
            try:
                with self._try(method, path, body, headers, timeout=timeout) as response:
                    return take(response)
            except (OSError, HTTPException) as error:
                if once and not _surely_unheard(error):
                    raise ServerUnavailable(
                        f"the answer to {method} {path} was lost ({str(error) or repr(error)}): "
                        "it may have been done or not"
                    ) from error
                now = time.monotonic()
                if may_go_on and now - began > patience:
                    may_go_on, deadline = False, now + patience
                left = deadline - now
                if left <= 0:
                    raise self._unavailable(error, patience) from error
                time.sleep(min(pause, left))
                pause = min(pause * 2, 2.0)

    def _try(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None,
        headers: Mapping[str, str],
        *,
        timeout: float = ANSWER_TIMEOUT_SECONDS,
    ) -> HTTPResponse:
        address = urlsplit(path if "://" in path else f"{self.url}/{path}")
        make = HTTPSConnection if address.scheme == "https" else HTTPConnection
        if not address.hostname:
            raise PipelinesError(f"{address.geturl()!r} is not an address")
        connection = make(address.hostname, address.port, timeout=timeout)
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        target = address.path + (f"?{address.query}" if address.query else "")
        try:
            connection.request(method, target, body, self._headers(address.geturl(), headers))
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        if response.status < 300:
            return response
        with response:
            text = response.read().decode(errors="replace")
        if response.status >= 500 or response.status == 429:
            raise TryAgain(f"it answers {response.status} {response.reason}", response.status)
        raise _refusal(method, address.geturl(), response, text)

    def _headers(self, address: str, headers: Mapping[str, str]) -> dict[str, str]:
        # The token goes to our own server only, wherever an address may point.
        own = address.startswith(self.url + "/")
        wanted = {"Accept": "application/json", "Connection": "close", **headers}
        return {**wanted, "Authorization": f"Bearer {self.token}"} if own and self.token else wanted

    def _unavailable(self, error: Exception, patience: float) -> ServerUnavailable:
        return ServerUnavailable(
            f"the server at {self.url} could not be reached for {round(patience, 1):g} seconds: "
            f"{str(error) or type(error).__name__}"
        )


def _check(url: str) -> None:
    """Refuse what no server can have as its address."""
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise PipelinesError(f"the server's address {url!r} is none: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise PipelinesError(f"the server's address {url!r} does not start with http(s)://")
    if not is_address:
        raise PipelinesError(f"the server's address {url!r} names no host")


def _surely_unheard(error: Exception) -> bool:
    """Tell whether nobody can have taken what was sent."""
    if isinstance(error, TryAgain):
        return error.status in (429, 503)
    return isinstance(error, (ConnectionRefusedError, socket.gaierror))


def in_path(part: str) -> str:
    """Write a name so that it can stand in an address."""
    return quote(part, safe="")


def _read_json(response: HTTPResponse) -> Any:
    answer = response.read()
    return json.loads(answer) if answer else None


def _read(response: HTTPResponse) -> str:
    return response.read().decode("utf-8")


def _save(response: HTTPResponse, target: str) -> str:
    digest = hashlib.sha256()
    temporary = f"{target}.part"
    with _open_new(temporary) as file:
        while chunk := response.read(_CHUNK):
            digest.update(chunk)
            _write(file, chunk)
    if response.length:
        raise HTTPException(f"the answer ended {response.length} bytes too early")
    os.replace(temporary, target)
    return digest.hexdigest()


def _open_new(path: str) -> BinaryIO:
    try:
        return open(path, "wb")
    except OSError as error:
        raise PipelinesError(f"a download cannot be kept: {error}") from error


def _write(file: BinaryIO, chunk: bytes) -> None:
    """Write, and let a full disk not look like a server that is away."""
    try:
        file.write(chunk)
    except OSError as error:
        raise PipelinesError(f"a download cannot be kept: {error}") from error


def _refusal(method: str, url: str, response: HTTPResponse, text: str) -> RequestRefused:
    """Make the server's problem document a sentence."""
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    problems = tuple(item for item in problem.get("problems") or () if isinstance(item, dict))
    sentence = str(problem.get("detail") or problem.get("title") or response.reason)
    details = [f"{item.get('where', '')}: {item.get('message', '')}" for item in problems]
    message = f"{method} {url} was refused ({response.status}): " + "; ".join([sentence, *details])
    return RequestRefused(
        message, status=response.status, code=str(problem.get("code", "")), problems=problems
    )
