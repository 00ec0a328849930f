"""The stories of a run: what failed first, who asked what of it, who has not ended yet."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.api.describe import describe
from orchestrator.api.shapes.runs import ActionShape, CauseShape, UnconfirmedShape
from orchestrator.api.views.runs import TAG, RunApiView
from orchestrator.queries.aborting import unconfirmed
from orchestrator.queries.asks import actions_on
from orchestrator.queries.first_cause import first_cause


class CauseView(RunApiView):
    @describe(TAG, answer=CauseShape)
    def get(self, request: Request, **_: Any) -> Response:
        """Show what made a failed run fail first, with the last lines of its log.

        It leads down through the runs inside. ``cause`` is null when the run has not failed of
        a step.
        """
        return Response({"cause": first_cause(self.run_row())})


class ActionsView(RunApiView):
    @describe(TAG, answer=ActionShape(many=True))
    def get(self, request: Request, **_: Any) -> Response:
        """List who asked what of a run, when, and what came of it; the newest first."""
        return Response(actions_on(self.run_row()))


class UnconfirmedView(RunApiView):
    @describe(TAG, answer=UnconfirmedShape)
    def get(self, request: Request, **_: Any) -> Response:
        """Name the steps, also of runs inside, that were asked to end and have not confirmed it."""
        return Response({"unconfirmed": unconfirmed(self.run_row())})
