"""A client that a stranger's generator has made of the document runs the sample with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.document import fetch_document
from tests.contract.sample_stack import SampleStack

# Imports nothing of ours: what it knows of the interface stands in the generated code.
PROGRAM = """
import json, sys
from uuid import uuid4

from made import AuthenticatedClient
from made.api.pipelines import get_pipelines
from made.api.runs import get_run, post_pipeline_runs
from made.api.steps import get_steps
from made.models import NewRun, NewRunParameters

url, token = sys.argv[1:]
client = AuthenticatedClient(url, token, raise_on_unexpected_status=True, timeout=60)
with client:
    found = get_pipelines.sync(client=client, project="sample")
    [pipeline] = [one for one in found.results if one.slug == "digits"]
    wanted = NewRun(NewRunParameters.from_dict({"epochs": 3, "trees": 5, "rows_fraction": 0.5}))
    key = str(uuid4())
    run, again = (
        post_pipeline_runs.sync(pipeline.id, client=client, body=wanted, idempotency_key=key)
        for _ in range(2)
    )
    while run.ended_at is None:
        run = get_run.sync(run.id, client=client, wait="20")
    steps = get_steps.sync(run.id, client=client)
    refused = post_pipeline_runs.sync(
        pipeline.id, client=client, body=NewRun(NewRunParameters.from_dict({"epoch": 3}))
    )
print(json.dumps({
    "runs": len({run.id, again.id}),
    "status": run.status,
    "outputs": run.outputs.to_dict(),
    "steps": {step.name: step.status for step in steps},
    "refused": [refused.status, refused.code, refused.problems[0].where],
}))
"""


@pytest.fixture
def made_client(stack: SampleStack, tmp_path: Path) -> Path:
    """The folder in which the generated package lies, made anew of what the server says."""
    document = fetch_document(stack.url, stack.token(), tmp_path)
    # The generator asks which types of content to read as others; formatting is left out.
    config = tmp_path / "generator.json"
    config.write_text(
        json.dumps(
            {
                "post_hooks": [],
                "content_type_overrides": {"application/yaml": "application/octet-stream"},
            }
        )
    )
    words = ["generate", "--meta", "none", "--fail-on-warning", "--path", str(document)]
    words += ["--output-path", str(tmp_path / "made"), "--config", str(config)]
    done = _run([str(Path(sys.executable).with_name("openapi-python-client")), *words], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    return tmp_path


def test_a_client_made_of_the_document_runs_the_sample(
    stack: SampleStack, made_client: Path
) -> None:
    done = _run([sys.executable, "-c", PROGRAM, stack.url, stack.token()], made_client)
    assert done.returncode == 0, f"{done.stderr}\n{stack.live.logs()}"
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["runs"], told["status"]) == (1, "completed")
    assert told["outputs"]["score"] > 0.5
    assert told["steps"].keys() >= {"load", "split", "forest", "report"}
    assert set(told["steps"].values()) == {"completed"}
    assert told["refused"] == [400, "invalid", "parameters.epoch"]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
