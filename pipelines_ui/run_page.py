"""What the parts of a run's page show, made ready for their templates."""

from __future__ import annotations

import json
import shlex
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from orchestrator.domain.errors import NotFound
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.parameters import read_specs
from orchestrator.domain.states import ENDED_BADLY, FINAL, Status
from orchestrator.queries import runs as queries
from orchestrator.queries.approvals import question
from orchestrator.queries.asks import actions_on
from orchestrator.queries.by_hand import MAY_BE_ENDED, MAY_BE_SKIPPED, pauses_of
from orchestrator.queries.calls import calls
from orchestrator.queries.runs import Run
from orchestrator.queries.samples import sample_summary
from orchestrator.queries.steps import attempt_url
from pipelines_ui.history import told
from pipelines_ui.pages import page_of
from pipelines_ui.previews import preview
from pipelines_ui.results import results

CHANGES_SHOWN = 400
ARTIFACTS_SHOWN = 200
RESOURCES = ":resources"

_STOPPABLE = frozenset({Status.PENDING, Status.QUEUED, Status.RUNNING, Status.AWAITING})


def step_panel(run: Run, name: str | None, number: int | None) -> dict[str, Any]:
    """One step and one of its attempts: the one that is asked for, else the current one."""
    if not name:
        return {"step": None}
    try:
        step = queries.step_detail(run, name)
    except NotFound:
        return {"step": None}
    attempts = {attempt["number"]: attempt for attempt in step["attempts"]}
    attempt = attempts.get(number or step["attempt"]) or attempts.get(step["attempt"])
    status = Status(step["status"])
    run_takes_asks = run.status not in (Status.ABORTING, Status.DRAFT, Status.QUEUED)
    panel: dict[str, Any] = {
        "step": step,
        "reused": reused(step),
        "attempt": attempt,
        "is_current": attempt is None or attempt["number"] == step["attempt"],
        "may_abort_step": status in _STOPPABLE and run.status not in FINAL,
        "may_rerun_step": run_takes_asks,
        "has_ended": status in FINAL,
        "may_skip_step": run_takes_asks and status in MAY_BE_SKIPPED,
        "may_end_step": run_takes_asks and status in MAY_BE_ENDED,
        "pauses_before": name in pauses_of(run),
        "question": question(run, name) if status is Status.AWAITING else None,
        "step_ended_badly": status in ENDED_BADLY,
    }
    if attempt is not None:
        panel["calls"] = calls(run, step=step["index"], attempt=attempt["number"])
        panel["by_script"] = all(call["by"] == SCRIPT for call in panel["calls"])
        panel["attempt_url"] = attempt_url(run, name, attempt["number"])
        panel["step_artifacts"] = []
        if attempt["task"]:
            left = results(
                attempt["task"],
                attempt["fence"],
                attempt["artifacts"],
                {name: one["value"] for name, one in step["parameters"].items()},
            )
            panel["step_artifacts"] = left.artifacts
            panel["results"] = left
            panel["metrics"] = metrics_of(sample_summary(attempt["task"], attempt["fence"]))
            numbers = range(1, attempt["number"])
            panel["earlier"] = [attempt_url(run, name, one) for one in numbers if one in attempts]
    return panel


def reused(step: dict[str, Any]) -> str:
    """What is said of a step whose result an earlier round has left."""
    return f"reused from round {step['reused_from']}" if step["reused_from"] else ""


def metrics_of(reported: list[dict[str, Any]]) -> dict[str, Any]:
    """What a step reported of its work, apart from what its agent measured of the step."""
    own = [one for one in reported if one["title"] != RESOURCES]
    return {
        "series": [one for one in own if one["count"] > 1],
        "values": [one for one in own if one["count"] == 1],
        "resources": [one for one in reported if one["title"] == RESOURCES],
    }


def parameter_rows(run: Run) -> dict[str, Any]:
    """The run's own parameters with what was declared of them, and its outputs."""
    specs, _ = read_specs(queries.document_of_run(run).get("parameters"))
    declared = {spec.name: spec for spec in specs}
    names = dict.fromkeys((*declared, *run.parameters))
    rows = []
    for name in names:
        spec = declared.get(name)
        value = run.parameters.get(name)
        default = spec.default if spec else None
        rows.append(
            {
                "name": name,
                "value": value,
                "default": default,
                "changed": name in run.parameters and value != default,
                "help": spec.help if spec else "",
            }
        )
    watched = sample_summary(run.pk, run.task.fence) if run.metrics else []
    return {"parameters": rows, "outputs": run.outputs, "run_metrics": metrics_of(watched)}


def step_rows(request: HttpRequest, run: Run) -> dict[str, Any]:
    """One page of the steps, for a browser without scripts; others have a table of their own."""
    page = page_of(request, range(run.steps_total))
    first = max(page.start_index() - 1, 0)
    return {"steps": queries.steps(run, first, page.paginator.per_page), "page": page}


def artifact_rows(run: Run) -> dict[str, Any]:
    """The artifacts of the current attempts, each with how it can be shown; pictures first."""
    left = queries.run_artifacts(run, ARTIFACTS_SHOWN + 1)
    rows = [{**item, "shown": preview(item)} for item in left[:ARTIFACTS_SHOWN]]
    more = len(left) > ARTIFACTS_SHOWN
    return {
        "artifacts": sorted(rows, key=lambda row: row["shown"]["kind"] != "image"),
        "artifact_count": queries.count_artifacts(run) if more else len(left),
        "artifacts_cut": more,
        "named": True,
    }


def history(run: Run) -> dict[str, Any]:
    """The newest changes as sentences, newest first."""
    newest = queries.last_change(run.pk) or 0
    since = max(0, newest - CHANGES_SHOWN)
    nodes = queries.graph_of_run(run).nodes
    changes = queries.changes_since(run, since)["changes"]
    rows = [row for change in reversed(changes) if (row := told(change, nodes))]
    asked = [{**one, "at": datetime.fromisoformat(one["at"])} for one in actions_on(run)]
    return {"history": {"rows": rows, "is_cut": since > 0, "actions": asked}}


def snippets(run: Run) -> dict[str, str]:
    """What a program says to follow this run and to start another like it."""
    base = f"{settings.PIPELINES_BASE_URL}/api/v1"
    header = '-H "Authorization: Bearer $PIPELINES_TOKEN"'
    body = shlex.quote(json.dumps({"parameters": run.parameters}, ensure_ascii=False))
    again = f"{base}/pipelines/{run.project.slug}/{run.pipeline.slug}/runs/"
    follow = f"{base}/runs/{run.pk}/changes/?since=0&stream=1"
    return {
        "follow": f"curl -N {header} \\\n  '{follow}'",
        "again": (
            f"curl -X POST {header} \\\n"
            f'  -H "Content-Type: application/json" \\\n  -d {body} \\\n  {again}'
        ),
        "python": (
            "import json, os, urllib.request\n\n"
            "request = urllib.request.Request(\n"
            f"    {follow!r},\n"
            '    headers={"Authorization": "Bearer " + os.environ["PIPELINES_TOKEN"]},\n'
            ")\n"
            "with urllib.request.urlopen(request) as lines:\n"
            "    for line in lines:\n"
            '        for change in json.loads(line)["changes"]:\n'
            '            print(change["n"], change["kind"], change["data"])\n'
        ),
    }
