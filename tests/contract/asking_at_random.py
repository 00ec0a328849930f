"""Schemathesis against a live server: what it asks for and what it holds against the answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import RequestRefused
from pipelines.http import Api
from tests.live_stack import LiveStack

ROOT = Path(__file__).resolve().parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# Script and step first: others may end what their tokens belong to.
WHO = ("script", "step", "admin", "editor", "operator", "viewer", "nobody")
# Nothing is ever downloaded for what was made up.
OFFLINE = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}


class World:
    """A live stack without agents: what is made up is stored and steered, and never executed."""

    def __init__(self, live: LiveStack) -> None:
        for name in ("agent", "services"):
            live.stop(name)
        self.live = live
        done = subprocess.run(
            [sys.executable, "-m", "tests.contract.world"],
            cwd=ROOT,
            env=live.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout)
        self.tokens: Mapping[str, str] = made["tokens"]
        self.ids: Mapping[str, list[str]] = made["ids"]

    def counts(self, who: str) -> bool:
        """Whether somebody's token counts (still)."""
        try:
            Api(self.live.base_url, self.tokens[who]).get("queues/")
        except RequestRefused as error:
            return error.status != 401
        return True

    def ask(
        self,
        who: str,
        document: Path,
        *,
        seed: int,
        examples: int,
        phases: str,
        seconds: float,
        only: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Let Schemathesis ask at random as somebody; its words and exit code."""
        command = [sys.executable, "-m", "schemathesis.cli", "run", str(document)]
        command += ["--url", self.live.base_url, "--checks", ",".join(CHECKS)]
        command += ["--phases", phases, "--max-examples", str(examples), "--seed", str(seed)]
        command += ["--no-color", "--generation-database", "none", "--continue-on-failure"]
        command += ["--warnings", "off", "--suppress-health-check", "all", "--no-shrink"]
        command += ["--request-timeout", "30", "--output-sanitize", "false"]
        if token := self.tokens[who]:
            command += ["--header", f"Authorization: Bearer {token}"]
        for operation in filter(None, only.split(",")):
            command += ["--include-operation-id", operation]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.contract.known_ids",
            "PIPELINES_CONTRACT_IDS": json.dumps(self.ids),
        }
        return subprocess.run(
            command,
            cwd=document.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )


def failures_of(words: str) -> str:
    """The part of the words that tells what was wrong."""
    begin = words.find("= FAILURES")
    return words if begin < 0 else words[begin:]
