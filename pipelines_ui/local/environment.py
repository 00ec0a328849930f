"""The Python environment in .venv: made, filled from the lock file and compiled, once."""

import fcntl
import hashlib
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / "bin" / "python"
COMMAND = FOLDER / "bin" / "pipelines"
# What runs from this folder itself; steps that are scripts import the client.
PACKAGES = ("orchestrator", "pipelines", "pipelines_ui")
_STAMP = FOLDER / "installed.json"
_OFFLINE = re.compile(
    r"NewConnectionError|Temporary failure in name resolution|Network is unreachable"
    r"|ConnectTimeout|Connection refused|Max retries exceeded|ProxyError|SSLError"
)

Say = Callable[[str], None]


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


def ensure(kind: str, say: Say) -> Path:
    """Make .venv hold what requirements/KIND.txt lists; return its interpreter."""
    with _one_at_a_time():
        if not _is_installed(kind):
            if not _works():
                _make(say)
            _install(kind, say)
            _compile(say)
            _remember(kind)
        _offer_command()
    return PYTHON


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    lock = ROOT / ".cache" / "environment.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _offer_command() -> None:
    """Put the command line beside the interpreter, as installing this folder's client would."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
    code += "from pipelines.command_line import main; sys.exit(main())"
    # Through a shell, because the first line of a script may not be as long as a path can be.
    text = f'#!/bin/sh\nexec {shlex.quote(str(PYTHON))} -c {shlex.quote(code)} "$@"\n'
    if COMMAND.exists() and COMMAND.read_text(encoding="utf-8") == text:
        return
    COMMAND.write_text(text, encoding="utf-8")
    COMMAND.chmod(0o755)


def _lock_file(kind: str) -> Path:
    return ROOT / "requirements" / f"{kind}.txt"


def _fingerprint(kind: str) -> str:
    # A moved folder has scripts that name its old place, so the place counts too.
    told = f"{ROOT}\n{sys.version_info[:2]}\n".encode() + _lock_file(kind).read_bytes()
    return hashlib.sha256(told).hexdigest()


def _installed() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(_STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def _is_installed(kind: str) -> bool:
    if not PYTHON.exists():
        return False
    installed = _installed()
    # What the tests need includes what the product needs, with the same versions.
    kinds = {kind, "test"} if kind == "run" else {kind}
    return any(installed.get(each) == _fingerprint(each) for each in kinds)


def _remember(kind: str) -> None:
    kept = {k: v for k, v in _installed().items() if v == _fingerprint(k)}
    _STAMP.write_text(json.dumps({**kept, kind: _fingerprint(kind)}), encoding="utf-8")


def _works() -> bool:
    """Whether .venv holds an interpreter of this version with pip."""
    if not PYTHON.exists():
        return False
    asked = subprocess.run(
        [str(PYTHON), "-c", "import pip, sys; print(sys.version_info[:2], sys.prefix)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == f"{sys.version_info[:2]} {FOLDER}"


def _make(say: Say) -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupFailed(
            "Python's venv module is not installed here.\n"
            "On Debian or Ubuntu: sudo apt install python3-venv"
        )
    say("environment: making .venv")
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    done = subprocess.run(
        [sys.executable, "-m", "venv", str(FOLDER)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SetupFailed(f".venv could not be made:\n{(done.stdout + done.stderr).strip()}")


def _install(kind: str, say: Say) -> None:
    lock_file = _lock_file(kind)
    total = len(re.findall(r"^[A-Za-z0-9]", lock_file.read_text(encoding="utf-8"), re.MULTILINE))
    say(f"environment: installing {total} packages (once; about half a minute)")
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(lock_file)]
    command += ["--no-compile", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "--retries", "2", "--timeout", "20"]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert pip.stdout is not None
    seen, last = 0, deque[str](maxlen=12)
    for line in pip.stdout:
        last.append(line.rstrip())
        if line.startswith("Collecting "):
            seen += 1
            if seen % 15 == 0:
                say(f"environment: {seen} of {total} packages")
    if pip.wait() != 0:
        raise SetupFailed(_explain("\n".join(last)))


def _explain(output: str) -> str:
    if "No space left on device" in output:
        return f"The packages could not be installed: the disk is full.\n\n{output}"
    if _OFFLINE.search(output):
        return (
            "The packages could not be downloaded: no package index was reached.\n"
            "Check the network, and the proxy or PIP_INDEX_URL if you use one, "
            f"then try again.\n\n{output}"
        )
    return f"The packages could not be installed:\n\n{output}"


def _compile(say: Say) -> None:
    """Compile once, on all cores, so that the first start is as fast as the later ones."""
    say("environment: compiling")
    folders = [str(FOLDER / "lib"), *(str(ROOT / name) for name in PACKAGES)]
    # Some packages ship files for other Pythons; what does not compile is not imported either.
    subprocess.run(
        [str(PYTHON), "-m", "compileall", "-q", "-q", "-j", "0", *folders],
        stdout=subprocess.DEVNULL,
        check=False,
    )
