"""Pausing a run, letting it go on, and saying before which steps it pauses."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import steering
from orchestrator.api.base import accepted
from orchestrator.api.describe import describe_verb
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.runs import Breakpoints
from orchestrator.api.views.runs import RunVerbView

TAG = "runs"


class PauseRun(RunVerbView):
    @describe_verb(TAG, body=Nothing)
    def post(self, request: Request, **_: Any) -> Response:
        """Pause a run: what runs goes on, nothing new starts."""
        run = self.run_row("operate")
        self.body(Nothing)
        return accepted(steering.pause_run(actor=self.actor.name, run=run))


class ResumeRun(RunVerbView):
    @describe_verb(TAG, body=Nothing)
    def post(self, request: Request, **_: Any) -> Response:
        """Let a paused run go on; it passes the steps before which it paused."""
        run = self.run_row("operate")
        self.body(Nothing)
        return accepted(steering.resume_run(actor=self.actor.name, run=run))


class PauseAtView(RunVerbView):
    @describe_verb(TAG, body=Breakpoints)
    def post(self, request: Request, **_: Any) -> Response:
        """Say before which steps a run pauses, in the place of what its document says."""
        run = self.run_row("operate")
        steps = self.body(Breakpoints)["steps"]
        return accepted(steering.set_breakpoints(actor=self.actor.name, run=run, steps=steps))
