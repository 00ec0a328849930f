"""The OpenAPI document, as the server gives it to a program."""

from __future__ import annotations

import urllib.request
from pathlib import Path


def fetch_document(url: str, token: str, folder: Path) -> Path:
    """Keep the document of a live server in a file."""
    request = urllib.request.Request(
        f"{url}/api/schema/?format=json", headers={"Authorization": f"Bearer {token}"}
    )
    path = folder / "openapi.json"
    with urllib.request.urlopen(request, timeout=30) as answer:
        path.write_bytes(answer.read())
    return path
