"""A Redis of our own: the installed server when there is one, else the bundled one.

Never the system's server and never its port; loopback only, behind a random password.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pipelines_ui.local import ports
from pipelines_ui.local.children import Child

OLDEST_VERSION = 6
ROOT = Path(__file__).resolve().parents[2]

_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


def installed_server() -> str | None:
    """The path of a redis-server or valkey-server that is new enough, or None."""
    for name in ("redis-server", "valkey-server"):
        path = shutil.which(name)
        if path and _version_of(path) >= OLDEST_VERSION:
            return path
    return None


def _version_of(path: str) -> int:
    try:
        shown = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"v=(\d+)", shown)
    return int(found[1]) if found else 0


def write_secret(path: Path, content: str) -> None:
    """Write a file that only its owner may read, replacing what was there."""
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
        file.write(content)


def redis_child(
    folder: Path,
    *,
    log: Path,
    environment: Mapping[str, str],
    server: str | None = None,
    port: int | None = None,
) -> tuple[Child, str]:
    """The child to start and its address; `server` is what `installed_server` found."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port = port or ports.free_port()
    password = secrets.token_urlsafe(24)
    if server:
        conf = folder / "redis.conf"
        filled = _CONFIGURATION.format(host=ports.HOST, port=port, password=password, folder=folder)
        write_secret(conf, filled)
        command = [server, str(conf)]
    else:
        password_file = folder / "password"
        write_secret(password_file, password)
        command = [sys.executable, "-m", "pipelines_ui.local.bundled_redis"]
        command += ["--port", str(port), "--password-file", str(password_file)]
        environment = {**environment, "PYTHONPATH": str(ROOT)}
    child = Child(
        name="redis",
        command=command,
        environment=environment,
        log=log,
        is_ready=lambda: ports.answers(port),
    )
    return child, f"redis://:{password}@{ports.HOST}:{port}/0"
