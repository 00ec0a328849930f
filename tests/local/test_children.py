"""A child process on its leash: ready, restarted, ended with all that it started."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines_ui.local.children import Child, ChildFailed, wait_until_ready
from tests.services import wait_for

ROOT = Path(__file__).resolve().parents[2]


def child_running(code: str, folder: Path, *, grace: float = 5) -> Child:
    ready = folder / "ready"
    return Child(
        name="sample",
        command=[sys.executable, "-c", code, str(ready)],
        environment=dict(os.environ),
        log=folder / "sample.log",
        is_ready=ready.exists,
        grace=grace,
    )


READY = "import sys, pathlib, time; pathlib.Path(sys.argv[1]).touch()\n"


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has buried yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_child_that_ends_early_is_reported_with_its_last_words(tmp_path: Path) -> None:
    child = child_running("import sys; sys.exit('the disk is full')", tmp_path)
    child.start()
    with pytest.raises(ChildFailed, match="the disk is full"):
        wait_until_ready(child, 20)


def test_a_child_that_is_never_ready_is_reported(tmp_path: Path) -> None:
    child = child_running("import time; print('thinking', flush=True); time.sleep(60)", tmp_path)
    child.start()
    try:
        wait_for(lambda: "thinking" in child.last_lines())
        with pytest.raises(ChildFailed, match=r"not ready(?s:.*)thinking"):
            wait_until_ready(child, 0.1)
    finally:
        child.kill()


def test_term_ends_a_child_in_its_own_way(tmp_path: Path) -> None:
    code = "import signal\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(7))\n"
    child = child_running(f"import sys\n{code}{READY}time.sleep(60)", tmp_path)
    child.start()
    wait_until_ready(child, 20)
    assert child.stop()
    assert child.process is not None
    assert child.process.returncode == 7


def test_a_child_that_ignores_term_is_killed_after_its_grace(tmp_path: Path) -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    child = child_running(f"{code}{READY}time.sleep(60)", tmp_path, grace=0.2)
    child.start()
    wait_until_ready(child, 20)
    assert not child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


def test_a_killed_child_takes_its_own_children_along(tmp_path: Path) -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n"
    child = child_running(f"{code}{READY}time.sleep(60)", tmp_path)
    child.start()
    wait_until_ready(child, 20)
    grandchild = int(child.last_lines().split()[-1])
    child.kill()
    wait_for(lambda: not is_alive(grandchild), what="the grandchild to be gone")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of such an end")
def test_a_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    parent_code = f"""
import os, sys, time
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from pipelines_ui.local.children import Child
child = Child(name="x", command=["sleep", "60"], environment=dict(os.environ),
              log=Path({str(tmp_path / "x.log")!r}), is_ready=lambda: True)
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    command = Path(f"/proc/{pid}/cmdline")
    wait_for(lambda: command.read_bytes().startswith(b"sleep"), what="the leash to be on")
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    wait_for(lambda: not is_alive(pid), what="the child to be gone")
