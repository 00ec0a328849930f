"""Which server, and as whom: given, from the environment, or from the last `pipelines login`."""

from __future__ import annotations

import json
import os

from pipelines.errors import PipelinesError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pipelines.http import Api


class AccessUnknown(PipelinesError):
    """Nothing says which server is meant, or who asks."""


def api_for(url: str = "", token: str = "", *, patience: float | None = None) -> Api:
    """Give the server with a token; what is not given is looked up."""
    from pipelines.http import PATIENCE_SECONDS, Api

    url, token = access(url, token)
    return Api(url, token, patience=PATIENCE_SECONDS if patience is None else patience)


def access(url: str = "", token: str = "") -> tuple[str, str]:
    """Find the server's address and the token; raises AccessUnknown naming what is missing."""
    environment = os.environ
    url = url or environment.get("PIPELINES_URL", "") or environment.get("PIPELINES_API_URL", "")
    token = token or environment.get("PIPELINES_TOKEN", "")
    if not url or not token:
        kept = read_login()
        # A token goes to no other server than the one that it was kept for.
        url = url or kept.get("url", "")
        if url.rstrip("/") == kept.get("url"):
            token = token or kept.get("token", "")
    if not url:
        raise AccessUnknown("which server? give --url, set PIPELINES_URL, or run: pipelines login")
    if not token:
        raise AccessUnknown(
            "who are you? give --token, set PIPELINES_TOKEN, or run: pipelines login"
        )
    return url, token


def login_file() -> str:
    """The path of the file that keeps the last login."""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(folder, "pipelines", "login.json")


def read_login() -> dict[str, str]:
    """The last login's address and token, or nothing."""
    try:
        with open(login_file(), encoding="utf-8") as file:
            kept = json.load(file)
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in kept.items()} if isinstance(kept, dict) else {}


def keep_login(url: str, token: str) -> str:
    """Keep a login for the next time, readable by its owner only; give back the file's path."""
    path = login_file()
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": url.rstrip("/"), "token": token}, file)
    os.replace(temporary, path)
    return path


def forget_login() -> bool:
    """Forget the last login; False when there was none."""
    try:
        os.unlink(login_file())
    except FileNotFoundError:
        return False
    return True
