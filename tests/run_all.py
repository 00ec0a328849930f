"""Run every check of the product, or a named group: `run_all.py [quick|lint|PART…]`.

Each part runs as its own process; three at a time on two cores, because most of them wait more
than they work.
What this machine lacks is left out and said so; with CI=true nothing may be left out.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.chromium import find_chromium  # noqa: E402
from tests.node import fetch_packages, node  # noqa: E402
from tests.services import missing_services  # noqa: E402

NEEDS_NPM = "javascript types"
IN_CI = os.environ.get("CI") == "true"
BIN = Path(sys.executable).parent
# A part that hangs must not hang everything; the slowest takes a few minutes.
LONGEST_SECONDS = 30 * 60


@dataclass(frozen=True)
class Part:
    """One process to run; its group says when it is wanted."""

    name: str
    command: list[str]
    groups: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    lacks: str = ""


@dataclass(frozen=True)
class Outcome:
    part: Part
    code: int
    output: str
    seconds: float


def pytest_part(
    name: str, *given: str, groups: tuple[str, ...] = (), stack: str = "embedded", lacks: str = ""
) -> Part:
    """Tests by their folder or file, and options, in one process with services of its own."""
    options = [each if each.startswith("-") else f"tests/{each}" for each in given]
    absent = [each for each in options if not each.startswith("-") and not (ROOT / each).exists()]
    if absent:
        sys.exit(f"{', '.join(absent)}: not there, but the part {name} runs it")
    return Part(
        name,
        [sys.executable, "-m", "pytest", "-q", "--durations=5", *options],
        groups=groups,
        extra={"PIPELINES_TEST_STACK": stack},
        lacks=lacks,
    )


def all_parts() -> list[Part]:
    """The longest first, so that the last to end is a short one."""
    no_server = ", ".join(missing_services())
    no_browser = "" if find_chromium() else "Chromium"
    without_django = "-pno:django"
    # What is about editing is half of the browser's tests, and a part of its own.
    tests = ROOT / "tests"
    editing = sorted(str(path.relative_to(tests)) for path in tests.glob("browser/test_edit*.py"))
    without_editing = [f"--ignore=tests/{path}" for path in editing]
    return [
        pytest_part("server engine", "engine", "live", stack="server", lacks=no_server),
        pytest_part("client", "client", "sample"),
        pytest_part("browser", "browser", *without_editing, lacks=no_browser),
        pytest_part("engine", "engine"),
        pytest_part("editor", *editing, lacks=no_browser),
        pytest_part("server browser", "browser", stack="server", lacks=no_server or no_browser),
        pytest_part("server faults", "faults", stack="server", lacks=no_server),
        pytest_part("api", "api", "live", "pages"),
        pytest_part("faults", "faults"),
        pytest_part("contract", "contract"),
        pytest_part("local", "local"),
        Part("types", [str(BIN / "mypy")], groups=("lint",)),
        pytest_part("domain", without_django, "domain", groups=("quick",)),
        pytest_part("house", without_django, "house", groups=("quick",)),
        Part("javascript", [node(), "--test", "tests/js/**/*.test.js"], groups=("quick",)),
        Part(NEEDS_NPM, [node(), *typescript()], groups=("lint",)),
        Part("imports", [str(BIN / "lint-imports"), "--no-logo"], groups=("lint",)),
        Part("style", [str(BIN / "ruff"), "check", "."], groups=("lint",)),
        Part("format", [str(BIN / "ruff"), "format", "--check", "."], groups=("lint",)),
    ]


def typescript() -> list[str]:
    return ["node_modules/typescript/bin/tsc", "--project", "jsconfig.json"]


def run(part: Part) -> Outcome:
    began = time.monotonic()
    try:
        done = subprocess.run(
            part.command,
            cwd=ROOT,
            env={**os.environ, **part.extra},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=LONGEST_SECONDS,
            check=False,
        )
        code, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as error:
        seen = error.output if isinstance(error.output, bytes) else b""
        code, output = 124, f"{seen.decode(errors='replace')}\nstopped after {LONGEST_SECONDS} s"
    outcome = Outcome(part, code, output, time.monotonic() - began)
    show(outcome)
    return outcome


def show(outcome: Outcome) -> None:
    word = "passed" if outcome.code == 0 else f"FAILED with code {outcome.code}"
    width = min(100, shutil.get_terminal_size().columns)
    title = f"== {outcome.part.name}: {word} in {outcome.seconds:.0f} s "
    sys.stdout.write(f"\n{title.ljust(width, '=')}\n{outcome.output.strip()}\n")
    sys.stdout.flush()


def chosen(wanted: list[str]) -> list[Part]:
    parts = all_parts()
    known = {part.name for part in parts} | {group for part in parts for group in part.groups}
    unknown = set(wanted) - known
    if unknown:
        sys.exit(f"no part is called {', '.join(sorted(unknown))}; there are {sorted(known)}")
    if not wanted:
        return parts
    return [part for part in parts if part.name in wanted or set(part.groups) & set(wanted)]


def main() -> None:
    parts = chosen(sys.argv[1:])
    if any(part.name == NEEDS_NPM for part in parts) and not fetch_packages():
        lacking = "TypeScript, which npm could not fetch"
        parts = [replace(part, lacks=lacking) if part.name == NEEDS_NPM else part for part in parts]
    left_out = [part for part in parts if part.lacks]
    for part in left_out:
        sys.stdout.write(f"left out: {part.name}, because this machine has no {part.lacks}\n")
    cores = os.cpu_count() or 2
    at_once = 1 if len(parts) == 1 else min(cores + 1, max(3, cores // 2))
    with ThreadPoolExecutor(at_once) as pool:
        outcomes = list(pool.map(run, [part for part in parts if not part.lacks]))
    failed = [outcome.part.name for outcome in outcomes if outcome.code != 0]
    if IN_CI:
        failed += [f"{part.name} (left out)" for part in left_out]
    sys.stdout.write("\n")
    for outcome in sorted(outcomes, key=lambda each: -each.seconds):
        mark = "ok    " if outcome.code == 0 else "FAILED"
        sys.stdout.write(f"{mark} {outcome.seconds:5.0f} s  {outcome.part.name}\n")
    for part in left_out:
        sys.stdout.write(f"left out: {part.name}, because this machine has no {part.lacks}\n")
    sys.stdout.write(f"parts: {len(outcomes) - len(failed)} passed, {len(failed)} failed\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
