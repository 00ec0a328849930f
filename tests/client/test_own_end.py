"""What a script waits for is aborted together with the script: it ends, and does not stumble."""

from __future__ import annotations

import pytest

from tests.client.shell import until
from tests.client.test_abort_callback import started
from tests.client.workshop import Workshop

WAITS = {
    "task": "Task.get_task('child').wait_for_status()",
    "as failure": "Task.get_task('child').wait_for_status('completed', ['failed', 'stopped'])",
    "run": "Client().run('00000000-0000-7000-8000-000000000001').wait()",
}


@pytest.mark.parametrize("what", WAITS)
@pytest.mark.parametrize("own", ["aborting", "running"])
def test_the_agent_s_signal_is_waited_for_if_it_is_to_come(
    workshop: Workshop, what: str, own: str
) -> None:
    script = f"""
from pipelines import Client
while not Path("go").exists():
    time.sleep(0.01)
try:
    {WAITS[what]}
except RuntimeError as error:
    print(error)
print("went on")
"""
    server = workshop.server
    server.tasks["child"] = {"id": "child", "status": "aborted"}
    server.runs["00000000-0000-7000-8000-000000000001"] = {"status": "aborted"}
    with started(workshop, script) as step:
        server.tasks[step.folder.name] = {"id": step.folder.name, "status": own}
        (step.folder / "go").touch()
        asked = ("GET", f"/api/v1/tasks/{step.folder.name}/")
        until(lambda: asked in server.requests or step.process.poll() is not None, "it has asked")
        if own == "aborting":
            step.process.terminate()
        code, out, err = step.end()
    said = "Task child has status: aborted.\n" if what == "as failure" else ""
    ended = (0, f"{said}went on\n") if own == "running" else (-15, "")
    assert ((code, out), err) == (ended, "")
