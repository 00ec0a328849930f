"""Prints what the database says of runs, as JSON by id: `python -m tests.faults.rows RUN…`.

A program of its own, because the database of a live stack is not that of the test process. What
the engine's own tests hold to be always true of a run is checked on the way.
"""

import hashlib
import json
import os
import sys
import traceback
import uuid
from typing import Any

import django


def rows_of(run_id: uuid.UUID) -> dict[str, Any]:
    from orchestrator.domain.states import Driver
    from orchestrator.models import Artifact, Attempt, Run, Signal, Step, Task
    from tests.engine.playing import changes_of, check_run

    run = Run.objects.get(pk=run_id)
    broken = ""
    try:
        check_run(run)
    except AssertionError:
        broken = traceback.format_exc()
    attempts = [
        {
            "step": attempt.step.path,
            "number": attempt.number,
            "origin": attempt.origin,
            "status": attempt.status,
            "reason": attempt.reason,
            "agent": attempt.agent,
            "task": str(attempt.task_id) if attempt.task_id else None,
        }
        for attempt in Attempt.objects.filter(run=run).select_related("step").order_by("pk")
    ]
    tasks = Task.objects.filter(attempts__run=run).select_related("agent")
    artifacts = Artifact.objects.filter(task__in=tasks)
    return {
        "run": {
            "status": run.status,
            "reason": run.reason,
            "stop_reason": run.stop_reason,
            "changes": run.last_change,
        },
        "steps": {
            step.path: {
                "index": step.index,
                "status": step.status,
                "reason": step.reason,
                "attempt": step.attempt,
                "skipped_by": step.skipped_by,
            }
            for step in Step.objects.filter(run=run).order_by("index")
        },
        "changes": changes_of(run),
        "attempts": attempts,
        "tasks": {
            str(task.pk): {
                "status": task.status,
                "fence": task.fence,
                "outcome": task.outcome,
                "agent": task.agent.name if task.agent else None,
                "published_at": str(task.published_at),
                "said": _said(task.pk, task.fence),
            }
            for task in tasks
        },
        "artifacts": [
            [str(each.task_id), each.fence, each.name, each.size, each.sha256] for each in artifacts
        ],
        "signals": Signal.objects.filter(run=run).count(),
        "broken": broken,
        "script": _script(run) if run.driver != Driver.GRAPH else None,
    }


def _script(run: Any) -> dict[str, Any]:
    """What drives the run: how often it was begun, what it printed last, what it made."""
    from orchestrator.models import Task

    task = run.task
    made = Task.objects.filter(maker=task, is_template=False).order_by("pk")
    return {
        "status": task.status,
        "fence": task.fence,
        "taken_up": run.taken_up,
        "outputs": run.outputs,
        "printed": _printed(task.pk, task.fence),
        "made": [(each.name, each.status) for each in made],
    }


def _said(task_id: uuid.UUID, fence: int) -> tuple[int, str]:
    """Size and hash of what an execution wrote to its standard output, as it is kept."""
    said = _printed(task_id, fence).encode()
    return len(said), hashlib.sha256(said).hexdigest()


def _printed(task_id: uuid.UUID, fence: int) -> str:
    from orchestrator.queries.logs import log_pieces

    pieces = log_pieces(task_id, fence, limit=sys.maxsize)["pieces"]
    return "".join(each["text"] for each in pieces if each["stream"] == "stdout")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pipelines_ui.settings")
    django.setup()
    json.dump({run: rows_of(uuid.UUID(run)) for run in sys.argv[1:]}, sys.stdout)


if __name__ == "__main__":
    main()
