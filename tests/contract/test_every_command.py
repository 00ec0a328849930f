"""Every command of the command line, on the real thing, writes one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines import Client
from pipelines.command_line import main
from tests.client.test_help import ALL, PROCESSES
from tests.contract.sample_stack import SampleStack
from tests.services import wait_for

SCRIPT = """
import time
from pipelines import Task

task = Task.current_task()
settings = task.connect({"seconds": 600})
task.get_logger().report_scalar("loss", "train", 0.5, 1)
task.upload_artifact("word", "hello", wait_on_upload=True)
time.sleep(settings["seconds"])
"""
DOCUMENT = {
    "schema": 1,
    "steps": [
        {"name": "hold", "template": "hold"},
        *({"name": name, "template": "hold", "parents": ["hold"]} for name in "abc"),
        {"name": "yes", "kind": "approval"},
        {"name": "no", "kind": "approval"},
    ],
}
WORKFLOW = {"name": "Short", "steps": [{"id": "one", "parents": [], "seconds": 0}]}
DONE, FAILED = 0, 3
# In this order; {…} is filled with what an earlier one has answered.
WORDS = """
login {url} --token {token}
list --project sample
template add {folder}/hold.py --project sample --name hold
template list --project sample
template
apply {folder}/held.json --project sample --slug {slug} --publish
export sample/{slug}
import-workflow {folder}/short.json
token list
token
token create --name more --scope runs:read
token revoke {made}
queues create {slug}
queues pause {slug}
queues resume {slug}
queues limit {slug} 3
queues show {slug}
queues list
queues
agents list
agents
agents drain {agent}
agents undrain {agent}
run sample/{slug} --key {slug}
runs --pipeline sample/{slug}
pause {run} --at a
skip {run} a --reason not-today
complete {run} b --reason by-hand -o score=1
fail {run} c --reason by-hand
approve {run} yes
reject {run} no
pause {run}
resume {run}
show {run}
show {run} hold
logs {run} hold
artifacts {run} hold
artifacts {run} hold word -o {folder}/word
metrics {run} hold
rerun {run} --from hold --dry-run
abort {run}
watch {run}
again {run}
abort {again}
doctor
logout
""".strip().splitlines()


def test_every_command_answers_programs(
    stack: SampleStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "hold.py").write_text(SCRIPT)
    (tmp_path / "held.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "short.json").write_text(json.dumps(WORKFLOW))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("PIPELINES_URL", "PIPELINES_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    known = {
        "url": stack.url,
        "token": stack.token(),
        "folder": str(tmp_path),
        "slug": f"held-{stack.live.port}",
    }
    client = Client(stack.url, known["token"])
    asked = set()
    for line in WORDS:
        words = line.format(**known).split()
        if words[0] == "logs":
            wait_for(_has_reported(client, known["run"]), seconds=60, what="the step's report")
        code = main([*words, "--json"])
        out, said = capsys.readouterr()
        assert code == (FAILED if words[0] == "watch" else DONE), f"{words}: {said}"
        answer = json.loads(out)
        known.update(_learnt(words, answer))
        asked.add(_command(words))
    assert (tmp_path / "word").read_text() == "hello"
    assert not (tmp_path / "pipelines" / "login.json").exists()
    assert set(ALL) - PROCESSES == asked


def _command(words: list[str]) -> str:
    both = " ".join(words[:2])
    return both if both in ALL else words[0]


def _has_reported(client: Client, run: str) -> Callable[[], bool]:
    step = client.run(run).step("hold")

    def look() -> bool:
        attempts = step.refresh().attempts
        if not attempts or attempts[-1]["task"] is None:
            return False
        return bool(step.artifact_rows()) and bool(step.metrics())

    return look


def _learnt(words: list[str], answer: Any) -> dict[str, str]:
    """What later commands speak of."""
    if words[:2] == ["token", "create"]:
        return {"made": answer["id"]}
    if words == ["agents"]:
        [agent] = [one for one in answer if one["alive"] and "default" in one["queues"]]
        return {"agent": agent["id"]}
    if words[0] in ("run", "again"):
        return {words[0]: "{project}/{pipeline}/{number}".format(**answer)}
    return {}
