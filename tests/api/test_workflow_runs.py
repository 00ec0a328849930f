"""A workflow's file, through the command line and the real interface, to a run in right order."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pipelines.command_line import main
from pipelines.http import Api
from tests import step_order
from tests.api.test_over_the_wire import MAKE_TOKEN
from tests.live_stack import LiveStack

#   split ──▶ left:1 ──▶ join
#        └──▶ right ───┘
STEPS = [
    {"id": "join", "kind": "join", "parents": ["left:1", "right"], "seconds": 3.0},
    {"id": "left:1", "kind": "work", "parents": ["split"], "seconds": 60.0},
    {"id": "right", "kind": "work", "parents": ["split"], "seconds": 60.0},
    {"id": "split", "kind": "split", "parents": [], "seconds": 1.0},
]
PATIENCE_SECONDS = 120


def test_an_imported_workflow_runs_each_step_after_its_parents(
    live_stack: LiveStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = live_stack.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
    api = Api(live_stack.base_url, token)
    file = tmp_path / "tiny.json"
    file.write_text(json.dumps({"name": "tiny", "steps": STEPS}))
    given = ["import-workflow", str(file), "--url", live_stack.base_url, "--token", token]
    assert main([*given, "--time-scale", "0.001"]) == 0
    assert main([*given, "--time-scale", "0"]) == 0
    said = capsys.readouterr()
    assert "workflows/tiny, version 2: 4 steps, 4 edges, time scale 0" in said.out
    assert 'the step is called "left-1"' in said.err

    run = api.send("POST", "pipelines/workflows/tiny/runs/", {})["id"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := api.get(f"runs/{run}/")["status"]) != "completed":
        assert time.monotonic() < deadline, f"{status}\n{live_stack.logs()}"
        time.sleep(0.1)
    assert step_order.order_problems(api, run) == []

    # The check itself must see what is wrong.
    nodes = api.get(f"runs/{run}/graph/")["nodes"]
    changes = step_order.changes_of(api, run)
    backwards = [{**node, "parents": []} for node in nodes]
    backwards[3]["parents"] = [0]
    assert step_order.problems(backwards, changes) == ["split began before join had ended"]
    assert "the numbers have gaps" in step_order.problems(nodes, changes[1:])
    assert "join is queued" in step_order.problems(
        nodes, [one for one in changes if one["data"].get("status") in ("pending", "queued")]
    )
