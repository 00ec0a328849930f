"""The calls of a run: hooks and scripts that were asked, and what they answered."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions.calls import answer_call
from orchestrator.api.base import number_from
from orchestrator.api.describe import describe
from orchestrator.api.shapes.calls import AnswerCall, CallShape
from orchestrator.api.views.runs import RunApiView
from orchestrator.domain.errors import Invalid, NotAllowed, shortened
from orchestrator.domain.graph import SCRIPT
from orchestrator.domain.hooks import PYTHON, WEBHOOK
from orchestrator.queries.calls import calls


class Calls(RunApiView):
    @describe(
        "runs",
        answer=CallShape(many=True),
        query={
            "since": "Only those after this number.",
            "open": "1: only the unanswered.",
            "by": "Only those that this answers: python, webhook or script.",
        },
    )
    def get(self, request: Request, **_: Any) -> Response:
        """List the calls of the run's hooks and its script, oldest first, at most a thousand."""
        given = self.query_filters("since", "open", "by")
        since = number_from(request, "since")
        only_open = given.get("open", "") not in ("", "0")
        by = given.get("by", "")
        if by not in ("", PYTHON, WEBHOOK, SCRIPT):
            message = f'"by" is python, webhook or script, not "{shortened(by, 40)}"'
            raise Invalid.at("by", "bad_value", message)
        return Response(calls(self.run_row(), since=since, only_open=only_open, by=by))


class CallAnswer(RunApiView):
    @describe("runs", body=AnswerCall, status=204)
    def post(self, request: Request, number: int, **_: Any) -> Response:
        """Answer a call of the run's script, with the script's token.

        The same answer may be given again. Another one is refused as ``answered``; one to a call
        for which nobody waits any more as ``over``.
        """
        run = self.run_row("operate")
        if self.attempt is None or self.attempt.task_id != run.pk:
            raise NotAllowed("only the run's own script answers its calls")
        answer_call(run=run, number=number, said=self.body(AnswerCall))
        return Response(status=204)
