"""The calls of a run: hooks that were asked, and what they answered."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.api.base import number_from
from orchestrator.api.describe import describe
from orchestrator.api.shapes.calls import CallShape
from orchestrator.api.views.runs import RunApiView
from orchestrator.queries.calls import calls


class Calls(RunApiView):
    @describe(
        "runs",
        answer=CallShape(many=True),
        query={"since": "Only those after this number.", "open": "1: only the unanswered."},
    )
    def get(self, request: Request, **_: Any) -> Response:
        """List the calls of the run's hooks, oldest first, at most a thousand at a time."""
        given = self.query_filters("since", "open")
        since = number_from(request, "since")
        only_open = given.get("open", "") not in ("", "0")
        return Response(calls(self.run_row(), since=since, only_open=only_open))
