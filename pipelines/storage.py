"""Things by address: artifacts of other tasks, files on the web, files on this machine."""

from __future__ import annotations

import os

from pipelines.artifacts import ADDRESS_SCHEME, Artifacts
from pipelines.context import StepContext
from pipelines.errors import PipelinesError

_ARTIFACT_PATH = r"/api/v1/tasks/([0-9a-fA-F-]{32,36})/artifacts/([^/]+)/?"


class StorageManager:
    """Gives local copies of what an address names."""

    @classmethod
    def get_local_copy(cls, remote_url: str, extract_archive: bool = True) -> str:
        """Give the path on this machine of what the address names, fetched if need be.

        An artifact that is a folder comes unpacked.
        """
        from urllib.parse import unquote, urlsplit

        address = str(remote_url)
        artifact = _artifact_of(address)
        if artifact is not None:
            task_id, name = artifact
            context = StepContext.from_environment() or StepContext.of_a_visitor()
            return Artifacts(task_id, context)[name].get_local_copy(extract_archive)
        parts = urlsplit(address)
        if parts.scheme in ("http", "https"):
            return _download(address)
        path = unquote(parts.path) if parts.scheme == "file" else address
        if not os.path.exists(path):
            raise PipelinesError(f"{address!r} is no artifact, no web address and no file here")
        return path


def _artifact_of(address: str) -> tuple[str, str] | None:
    """Read the task and the name from an artifact's address, in both ways of writing it."""
    import re
    from urllib.parse import unquote, urlsplit

    if address.startswith(ADDRESS_SCHEME):
        task_id, slash, name = address[len(ADDRESS_SCHEME) :].partition("/")
        if not task_id or not slash or not name:
            raise PipelinesError(f"{address!r} is not artifact://<task>/<name>")
        return task_id, unquote(name)
    if not address.startswith(("http://", "https://")):
        return None
    # A download address is asked for at the server that this step knows, under the name by which
    # it knows it: people may reach the same server by another.
    match = re.fullmatch(_ARTIFACT_PATH, urlsplit(address).path)
    return (match[1], unquote(match[2])) if match else None


def _download(address: str) -> str:
    import tempfile
    from urllib.parse import unquote, urlsplit

    from pipelines.http import Api

    context = StepContext.from_environment()
    folder = context.path("downloads") if context else tempfile.mkdtemp(prefix="pipelines-")
    os.makedirs(folder, exist_ok=True)
    parts = urlsplit(address)
    name = os.path.basename(unquote(parts.path)) or "index"
    target = os.path.join(tempfile.mkdtemp(dir=folder), name)
    Api(f"{parts.scheme}://{parts.netloc}", "").download(address, target)
    return target
