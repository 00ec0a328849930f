"""Thirty pipelines run as steps at once, on one agent with two slots: none waits for another."""

from pathlib import Path

from tests.faults.workload import Stack, python_template

AT_ONCE = 30


def test_nested_runs_hold_no_slots_that_their_steps_need(stack: Stack, folder: Path) -> None:
    # Those that other tests have killed are still known.
    assert {one["slots"] for one in stack.api.get("agents/") if "default" in one["queues"]} == {2}
    stack.add_template("short", python_template("print('done')"))
    given = {"General/folder": "${pipeline.folder}"}
    step = {"template": "short", "parameters": given}
    stack.publish("of-two", [{"name": "a", **step}, {"name": "b", "parents": ["a"], **step}])
    inside = {"folder": "${pipeline.folder}"}
    nested = {"kind": "pipeline", "pipeline": "of-two", "parameters": inside}
    steps = [{"name": f"run {number}", **nested} for number in range(AT_ONCE)]
    workload = stack.start(folder, steps)
    workload.wait(lambda: workload.run()["status"] == "completed", "all nested runs to complete")
    runs = stack.api.get("runs/?pipeline=faults/of-two&status=completed&limit=100")["results"]
    assert len(runs) == AT_ONCE
