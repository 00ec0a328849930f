"""Environments for tasks that name requirements: one for each set of them, built once and kept.

An environment is a folder named by the hash of what it is made of. It is built under a lock that
all agents of a machine share, and marked as complete by a rename in the end: one whose build was
interrupted is built anew. Built with uv when it is on the path, else with venv and pip.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.conf import settings

from orchestrator.domain.errors import PipelinesError

Say = Callable[[str], None]
ShouldStop = Callable[[], bool]

_COMPLETE = "complete.json"
_LOOK_EVERY_SECONDS = 0.2
_GRACE_SECONDS = 2.0
_END_SECONDS = 5.0
_LONGEST_REASON = 500
_INSTALLER_NAMES = frozenset(
    name
    for word in ("PATH", "HOME", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
                 "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TMPDIR")
    for name in (word, word.lower())
)  # fmt: skip
_INSTALLER_PREFIXES = ("PIP_", "UV_")


class NoEnvironment(PipelinesError):
    """The environment of a task cannot be built."""

    code = "no_environment"


class Build:
    """Who wants an environment: where its words go, and whether it is still wanted."""

    def __init__(self, *, say: Say, should_stop: ShouldStop, marks: Mapping[str, str]) -> None:
        self.say = say
        self.should_stop = should_stop
        # By these the processes of a build are found when its agent is lost.
        self.marks = marks

    def check(self) -> None:
        """Raise when nobody wants it any more."""
        if self.should_stop():
            raise NoEnvironment("it was ended before its environment was built")


def find(requirements: Sequence[str]) -> str | None:
    """The Python that has these packages, if it is there already."""
    wanted = _cleaned(requirements)
    if not wanted:
        return sys.executable
    folder = _folder_of(wanted)
    return _python_of(folder) if (folder / _COMPLETE).exists() else None


def build(requirements: Sequence[str], build: Build) -> str:
    """The Python that has these packages, made now, unless somebody else has just made it."""
    wanted = _cleaned(requirements)
    folder = _folder_of(wanted)
    with _locked(folder, build) as lock:
        if not (folder / _COMPLETE).exists():
            _build(folder, wanted, build, lock)
    return _python_of(folder)


def _cleaned(requirements: Sequence[str]) -> list[str]:
    return sorted({text.strip() for text in requirements} - {""})


def _folder_of(requirements: Sequence[str]) -> Path:
    content = [sys.version, os.path.realpath(sys.executable), *requirements]
    name = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
    return Path(settings.PIPELINES_DATA_DIR) / "environments" / name


def _python_of(folder: Path) -> str:
    return str(folder / "bin" / "python")


@contextmanager
def _locked(folder: Path, build: Build) -> Iterator[int]:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as file:
        has_waited = False
        while not _try_to_lock(file):
            if not has_waited:
                build.say("[its environment is being built for another step]")
            has_waited = True
            build.check()
            time.sleep(_LOOK_EVERY_SECONDS)
        yield file.fileno()


def _try_to_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _build(folder: Path, requirements: Sequence[str], build: Build, lock: int) -> None:
    # Left by an agent that was killed.
    shutil.rmtree(folder, ignore_errors=True)
    build.say(f"[building an environment with {', '.join(requirements)}]")
    began = time.monotonic()
    try:
        for argv in _commands(folder, requirements):
            last = _run(argv, build, lock)
            if last is not None:
                names = ", ".join(requirements)
                reason = f"no environment could be built with {names}: {last}"
                raise NoEnvironment(reason[:_LONGEST_REASON])
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    unmarked = folder / f"{_COMPLETE}.new"
    unmarked.write_text(json.dumps(list(requirements)))
    unmarked.rename(folder / _COMPLETE)
    build.say(f"[built in {time.monotonic() - began:.1f} s]")


def _commands(folder: Path, requirements: Sequence[str]) -> list[list[str]]:
    options = shlex.split(settings.PIPELINES_PIP_OPTIONS)
    python = _python_of(folder)
    if uv := shutil.which("uv"):
        return [
            [uv, "venv", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--compile-bytecode", "--python", python, *options,
             "--", *requirements],
        ]  # fmt: skip
    # Compiling all of a package takes longer than installing it; what is imported is compiled then,
    # and kept.
    install = ["install", "--no-compile", "--disable-pip-version-check", "--no-input"]
    install += [*options, "--"]
    if importlib.util.find_spec("pip") is None:
        return [
            [sys.executable, "-m", "venv", str(folder)],
            [python, "-m", "pip", *install, *requirements],
        ]
    # A pip of its own would take longer than most packages.
    return [
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        [sys.executable, "-m", "pip", "--python", python, *install, *requirements],
    ]


def _run(argv: Sequence[str], build: Build, lock: int) -> str | None:
    """Run a part of the build; its last line when it fails."""
    process = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=settings.PIPELINES_DATA_DIR,
        env={**_environment(), **build.marks},
        start_new_session=True,
        # Should we be killed, the lock is free when the build has ended, not before.
        pass_fds=(lock,),
    )
    assert process.stdout is not None
    last = ""
    try:
        for line in _lines(process.stdout.fileno(), build):
            build.say(line)
            last = line.strip() or last
        process.wait()
    finally:
        _end(process)
        process.stdout.close()
    return last if process.returncode else None


def _lines(descriptor: int, build: Build) -> Iterator[str]:
    """What comes through a pipe, until its end or until it is no longer wanted."""
    waiting, data = b"", b"-"
    while data:
        build.check()
        if select.select([descriptor], [], [], _LOOK_EVERY_SECONDS)[0]:
            data = os.read(descriptor, 65536)
            *lines, waiting = (waiting + data).split(b"\n")
            yield from (line.decode(errors="replace") for line in lines)
    if waiting:
        yield waiting.decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of a build behind, whatever it has started: all of it is one group."""
    for number, patience in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _END_SECONDS)):
        deadline = time.monotonic() + patience
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
            while time.monotonic() < deadline:
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.01)
    process.wait()


def _environment() -> dict[str, str]:
    """What an installer must know: the ways to the packages, and none of the server's secrets."""
    known = {
        name: value
        for name, value in os.environ.items()
        if name in _INSTALLER_NAMES or name.startswith(_INSTALLER_PREFIXES)
    }
    return {**known, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
