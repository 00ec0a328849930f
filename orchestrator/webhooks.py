"""Sending one webhook: signed, to nobody inside our own network, with an answer of limited size.

The name is looked up here and the connection made to what was looked up, so that a name which
means another address a moment later does not lead past the check.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from orchestrator.domain.errors import PipelinesError, shortened
from orchestrator.domain.names import CAPS
from orchestrator.models import Project

SECONDS: Final = 10.0
"""How long one try may take to connect, and to say anything at all."""

_SALT: Final = "pipelines.webhook"
_AGAIN: Final = frozenset({408, 425, 429})
# What an address may hold as it is; other letters travel as their bytes.
_WRITTEN: Final = "/?%:@!$&'()*+,;=~"


class CannotDeliver(PipelinesError):
    """The webhook could not be delivered; *again* says whether it may be worth another try."""

    code = "cannot_deliver"

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom, and whether the answer matters."""

    url: str
    event: str
    number: str
    payload: Mapping[str, Any]
    asks: bool = False


def secret_of(project: Project) -> str:
    """What the project's webhooks are signed with; it is nowhere stored, only made again."""
    made = salted_hmac(_SALT, f"{project.pk}.{project.webhook_generation}", algorithm="sha256")
    return f"whsec_{made.hexdigest()}"


def signature(secret: str, moment: int, body: bytes) -> str:
    """The value of the signing header: the moment, and the HMAC of it and the body."""
    signed = f"{moment}.".encode() + body
    return f"t={moment},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def send(letter: Letter, secret: str) -> Any:
    """Deliver it; the answer is what came back as JSON, or nothing. Raises CannotDeliver."""
    body = json.dumps(letter.payload).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pipelines-webhook/1",
        "X-Pipelines-Event": letter.event,
        "X-Pipelines-Delivery": letter.number,
        "X-Pipelines-Signature": signature(secret, int(time.time()), body),
    }
    try:
        status, reason, text = _post(letter.url, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise CannotDeliver(f"{type(error).__name__}: {error}", again=True) from error
    except ValueError as error:
        # A name that no computer can have does not become one by waiting.
        what = f"{shortened(letter.url)} cannot be called: {error}"
        raise CannotDeliver(what, again=False) from error
    if 200 <= status < 300:
        return _read(text) if letter.asks else None
    again = status >= 500 or status in _AGAIN
    what = "; redirects are not followed" if 300 <= status < 400 else ""
    raise CannotDeliver(f"it answered {status} {reason}{what}", again=again)


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    connection.sock = _connected(host, port, secure=secure)
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        named = {"Host": parts.netloc.encode("idna").decode(), **headers}
        connection.request("POST", quote(path, safe=_WRITTEN), body, named)
        response = connection.getresponse()
        return response.status, response.reason, _limited(response)
    finally:
        connection.close()


def _connected(host: str, port: int, *, secure: bool) -> socket.socket:
    address = _address_of(host, port)
    plain = socket.create_connection((address, port), timeout=SECONDS)
    if not secure:
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except OSError:
        plain.close()
        raise


def _address_of(host: str, port: int) -> str:
    """The address behind a name; all that it has must be outside unless a setting says so."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not settings.PIPELINES_WEBHOOKS_PRIVATE:
        for address in found:
            if not _is_outside(address):
                message = (
                    f"{host} is {address}, which is not on the open internet; "
                    "PIPELINES_WEBHOOKS_PRIVATE would allow it"
                )
                raise CannotDeliver(message, again=False)
    return found[0]


def _is_outside(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast


def _limited(response: http.client.HTTPResponse) -> bytes:
    """The body, as long as it comes in time and is not too large."""
    until, text = time.monotonic() + SECONDS, b""
    while chunk := response.read1(64 * 1024):
        text += chunk
        if len(text) > CAPS.output_bytes:
            cap = f"its answer is larger than the cap of {CAPS.output_bytes:,} bytes"
            raise CannotDeliver(cap, again=False)
        if time.monotonic() > until:
            raise TimeoutError("its answer did not come to an end")
    return text


def _read(text: bytes) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        said = shortened(text.decode(errors="replace").strip(), 60)
        raise CannotDeliver(f"it answered what is not JSON: {said}", again=False) from None
