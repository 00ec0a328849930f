"""A pipeline in a pipeline in a pipeline, aborted from the top: nothing is left alive below."""

from pathlib import Path

from tests.faults import checker
from tests.faults.processes import is_alive
from tests.faults.test_aborted_daemons import DAEMON, daemons
from tests.faults.workload import Stack, python_template


def test_an_abort_from_the_top_leaves_nothing_alive_below(stack: Stack, folder: Path) -> None:
    stack.add_template("daemon", python_template(DAEMON))
    given = {"General/folder": "${pipeline.folder}"}
    steps = [{"name": "daemon", "template": "daemon", "parameters": given, "grace": 2}]
    for slug in ("nested-low", "nested-middle"):
        stack.publish(slug, steps)
        inside = {"folder": "${pipeline.folder}"}
        steps = [{"name": "in", "kind": "pipeline", "pipeline": slug, "parameters": inside}]
    workload = stack.start(folder, steps)
    workload.wait(lambda: daemons(folder), "the daemon to say its number")
    [pid] = daemons(folder)
    assert is_alive(pid)
    stack.api.send("POST", f"runs/{workload.run_id}/abort/", {})
    workload.wait(lambda: workload.run()["status"] == "aborted", "the run to be aborted")
    assert not is_alive(pid), f"daemon {pid} is alive"
    run = workload.run_id
    for _ in range(2):
        [attempt] = stack.api.get(f"runs/{run}/steps/in/")["attempts"]
        run = attempt["nested"]["run"]
        assert (attempt["status"], stack.api.get(f"runs/{run}/")["status"]) == (
            "aborted",
            "aborted",
        )
    [attempt] = stack.api.get(f"runs/{run}/steps/daemon/")["attempts"]
    assert attempt["status"] == "aborted"
    assert not checker.processes_of({attempt["task"]})
