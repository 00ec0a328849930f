"""What the scripts of a run's page draw: the graph and the state of every step.

Part of the page while it is small. Of a large run the page only names the addresses, and the
browser fetches them while it loads the scripts; the graph is fetched once and then known.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from orchestrator.queries import runs as queries
from orchestrator.queries.runs import Run
from pipelines_ui.compressed import WITHIN_THE_PAGE, lasting, passing


def for_scripts(run: Run) -> dict[str, Any]:
    """The data themselves, or where they are fetched."""
    if run.steps_total > WITHIN_THE_PAGE:
        return {"graph_url": f"?part=graph&of={_tag(run)}", "snapshot_url": "?part=snapshot"}
    # The snapshot before all else: a change in between is then applied again, never missed.
    return {"snapshot": queries.snapshot(run), "graph": _graph(run)}


def graph_of(request: HttpRequest, run: Run) -> HttpResponse:
    """The graph alone."""
    return lasting(request, f"graph-of-run-{run.pk}", _tag(run), lambda: _graph(run))


def snapshot_of(request: HttpRequest, run: Run) -> HttpResponse:
    """The states alone."""
    return passing(request, queries.snapshot(run))


def _graph(run: Run) -> dict[str, Any]:
    return queries.columns(queries.graph(run))


def _tag(run: Run) -> str:
    return queries.graph_etag(run).strip('"')
