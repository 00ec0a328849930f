"""Two hundred short commands that depend on one another, on a live stack, followed over REST."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from pipelines.http import Api
from tests.faults import checker
from tests.live_stack import LiveStack

ROOT = Path(__file__).resolve().parents[2]
STEP = Path(__file__).with_name("step.py")
SEED = 20260
PATIENCE_SECONDS = 180.0
REACH = 24
FINAL = frozenset({"completed", "failed", "aborted"})
PROJECT = "faults"
COMMAND = "witness"
QUEUES = ("ctl", "q.default", "q.services")

MAKE_TOKEN = """
from orchestrator.actions.tokens import create_token
from orchestrator.models import User
User.objects.get_or_create(username="admin", defaults={"is_superuser": True})
print(create_token(actor="admin", name="faults", scopes=("admin",))[1])
"""

Document = dict[str, Any]
Steps = list[dict[str, Any]]


def witness_template() -> Document:
    """The template whose command is `step.py`."""
    names = ("folder", "step", "seconds", "gate", "fails", "lines", "temper")
    argv = ["python3", "-I", "-S", str(STEP), *(f"{{General/{name}}}" for name in names)]
    declared = [
        {"name": "General/folder", "type": "string", "required": True},
        {"name": "General/step", "type": "string", "required": True},
        {"name": "General/seconds", "type": "number", "default": 0},
        {"name": "General/gate", "type": "string", "default": ""},
        {"name": "General/fails", "type": "integer", "default": 0},
        {"name": "General/lines", "type": "integer", "default": 0},
        {"name": "General/temper", "type": "string", "default": ""},
        {"name": "General/after", "type": "string", "default": ""},
    ]
    return {"kind": "command", "argv": argv, "parameters": declared}


def python_template(script: str) -> Document:
    """A template that is a script, given the workload's folder."""
    declared = [{"name": "General/folder", "type": "string", "required": True}]
    return {"kind": "python", "script": script, "parameters": declared}


def many_steps(
    size: int, *, gates: Mapping[int, str] | None = None, longest: float = 0.03
) -> Steps:
    """Steps with up to three parents among those shortly before; at some the test holds a gate.

    Always the same ones. A step with a gate has parents, so that it is not among the first, and
    the next step follows it.
    """
    gates = gates or {}
    chance = random.Random(SEED)
    steps: Steps = []
    for index in range(size):
        before = [step["name"] for step in steps[-REACH:]]
        wanted = chance.choice((0, 1, 1, 2, 2, 3))
        parents = chance.sample(before, min(len(before), 3 if index in gates else wanted))
        if index - 1 in gates:
            parents = [name_of(index - 1), *parents[:2]] if before[-1] not in parents else parents
        given = {
            "General/folder": "${pipeline.folder}",
            "General/step": name_of(index),
            "General/seconds": round(chance.uniform(0, longest), 3),
            "General/gate": gates.get(index, ""),
        }
        step = {"name": name_of(index), "template": COMMAND, "parents": parents}
        steps.append({**step, "parameters": given})
    return steps


def name_of(index: int) -> str:
    """The name of a workload's step."""
    return f"s{index:03}"


class Stack:
    """A live stack with the project, the template and a token that workloads need."""

    def __init__(self, live: LiveStack) -> None:
        self.live = live
        self.token = live.manage("shell", "-v0", "-c", MAKE_TOKEN).split()[-1]
        self.api = Api(live.base_url, self.token, patience=60)
        self.api.send("POST", "projects/", {"name": PROJECT, "slug": PROJECT})
        self._pipelines = 0
        self.add_template(COMMAND, witness_template())

    def wait_until_consumed(self) -> None:
        """See that every worker takes messages: whatever is sent to its queue now is gone soon."""
        url = self.live.environment["PIPELINES_REDIS_URL"]
        with Celery("sender", broker=url) as sender, redis.Redis.from_url(url) as server:
            sender.send_task("orchestrator.tick", queue="ctl")
            for queue in QUEUES[1:]:
                # A task that nobody knows: the agent finds no row to claim and lets it be.
                sender.send_task("orchestrator.execute", args=(str(uuid.uuid4()), 1), queue=queue)

            def left() -> dict[str, Any]:
                return {queue: n for queue in QUEUES if (n := server.llen(queue))}

            deadline = time.monotonic() + PATIENCE_SECONDS
            while waiting := left():
                if time.monotonic() > deadline:
                    raise AssertionError(f"nobody takes {waiting}\n{self.live.logs()}")
                time.sleep(0.05)

    def add_template(self, slug: str, template: Document) -> None:
        body = {"project": PROJECT, "name": slug, "slug": slug, "template": True, **template}
        self.api.send("POST", "tasks/", body)

    def start(self, folder: Path, steps: Steps, **more: Any) -> Workload:
        """Make a pipeline of the steps, publish it and trigger it."""
        self._pipelines += 1
        path = self.publish(f"workload-{self._pipelines}", steps, **more)
        wanted_run = {"parameters": {"folder": str(folder)}}
        # Sent again when the web process dies with the answer on its lips.
        once = {"Idempotency-Key": uuid.uuid4().hex}
        run = self.api.send("POST", f"{path}/runs/", wanted_run, headers=once)
        return Workload(self, folder, steps, run["id"])

    def rows(self, runs: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What the database says of some runs, by their ids."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.rows", *runs],
            cwd=ROOT,
            env=self.live.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return rows

    def publish(self, slug: str, steps: Steps, **more: Any) -> str:
        """Make a pipeline of the steps and publish it; its address."""
        wanted = [
            {"name": "folder", "type": "string", "required": True},
            {"name": "limit", "type": "integer", "default": 3},
        ]
        document = {"schema": 1, "parameters": wanted, "steps": steps, **more}
        body = {"project": PROJECT, "slug": slug, "name": slug, "document": document}
        self.api.send("POST", "pipelines/", body)
        path = f"pipelines/{PROJECT}/{slug}"
        revision = self.api.get(f"{path}/draft/")["revision"]
        seen = {"If-Match": f'"{revision}"'}
        self.api.send("POST", f"{path}/publish/", {}, headers=seen)
        return path


class Workload:
    """One run of witnesses, and the folder in which they write."""

    def __init__(self, stack: Stack, folder: Path, steps: Steps, run_id: str) -> None:
        self.stack = stack
        self.folder = folder
        self.run_id = run_id
        self.parents = {step["name"]: step.get("parents", []) for step in steps}

    def rows(self) -> dict[str, Any]:
        """What the stack's database says of the run."""
        return self.stack.rows([self.run_id])[self.run_id]

    def run(self) -> dict[str, Any]:
        """The run as REST shows it; patient while the web process is away."""
        run: dict[str, Any] = self.stack.api.get(f"runs/{self.run_id}/")
        return run

    def step(self, name: str) -> dict[str, Any]:
        step: dict[str, Any] = self.stack.api.get(f"runs/{self.run_id}/steps/{name}/")
        return step

    def open(self, gate: str) -> None:
        """Let the step that stays at the gate go on."""
        (self.folder / f"{gate}.open").touch()

    def executions(self) -> list[checker.Execution]:
        return checker.read_executions(self.folder)

    def executions_of(self, step: str) -> int:
        """How many executions of the step have begun."""
        return sum(each.step == step for each in self.executions())

    def ended(self) -> int:
        """How many executions have come to their end."""
        return sum(len(each.ended) for each in self.executions())

    def stays_at(self, step: str) -> bool:
        """Whether an execution of the step has begun and not ended."""
        return any(each.step == step and not each.ended for each in self.executions())

    def wait(self, look: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
        """Wait until the look is true; else say how the run stood and what its processes wrote."""
        deadline = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {seconds:g} s for {what}\n{self.describe()}")
            time.sleep(0.2)
        return seen

    def wait_for_children(self, step: str, when: str) -> None:
        """Wait until what follows the step has ended, so that the run has gone on."""
        children = {name for name, parents in self.parents.items() if step in parents}
        assert children, f"nothing follows {step}"

        def waits() -> set[str]:
            return children - {each.step for each in self.executions() if each.ended}

        self.wait(lambda: not waits(), f"what follows {step} to end {when}")

    def wait_until_ended(self) -> None:
        """Wait for the run's end and check everything that must be true of it."""
        self.wait(lambda: self.run()["status"] in FINAL, "the run to end")
        self.check()

    def check(self) -> None:
        rows = self.rows()
        tasks = set(rows["tasks"])
        alive = checker.processes_of(tasks)
        found = checker.problems(rows, self.executions(), self.parents, alive)
        assert not found, "\n".join([*found[:30], self.describe(rows)])

    def describe(self, rows: Mapping[str, Any] | None = None) -> str:
        """How the run stands, why, and the last words of every process."""
        rows = rows or self.rows()
        open_steps = {
            name: (step["status"], step["reason"])
            for name, step in rows["steps"].items()
            if step["status"] != "completed"
        }
        bad = [attempt for attempt in rows["attempts"] if attempt["status"] != "completed"]
        open_tasks = {
            key: task for key, task in rows["tasks"].items() if task["status"] != "completed"
        }
        return "\n".join(
            (
                f"run {self.run_id} (seed {SEED}): {rows['run']}, {rows['signals']} signals",
                f"steps that have not completed: {open_steps}",
                f"attempts that have not completed: {bad}",
                f"their tasks: {open_tasks}",
                self.stack.live.logs(),
            )
        )
