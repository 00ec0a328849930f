"""The steps of a run."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import by_hand
from orchestrator.actions import runs as actions
from orchestrator.actions.approvals import answer_approval
from orchestrator.actions.reruns import Wish
from orchestrator.api.base import accepted
from orchestrator.api.describe import describe, describe_verb
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.runs import (
    AnswerStep,
    EndStep,
    RerunStep,
    SkipStep,
    StepDetail,
    StepShape,
)
from orchestrator.api.views.runs import PREVIEW_OR_ANSWER, RunApiView, RunVerbView, rerun_or_preview
from orchestrator.queries import runs as queries

TAG = "steps"


class Steps(RunApiView):
    @describe(TAG, answer=StepShape(many=True))
    def get(self, request: Request, **_: Any) -> Response:
        """List all steps in order, each with why it is not running."""
        return Response(queries.steps(self.run_row()))


class StepView(RunApiView):
    @describe(TAG, answer=StepDetail)
    def get(self, request: Request, step: str, **_: Any) -> Response:
        """Show a step with its parameters and all its attempts."""
        return Response(queries.step_detail(self.run_row(), step))


class AbortStep(RunVerbView):
    @describe_verb(TAG, body=Nothing)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Ask for the end of a step."""
        run = self.run_row("operate")
        self.body(Nothing)
        return accepted(actions.abort_steps(actor=self.actor.name, run=run, steps=[step]))


class SkipStepView(RunVerbView):
    @describe_verb(TAG, body=SkipStep)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Pass over a step that has not started; the run goes on as if it were not wanted."""
        run = self.run_row("operate")
        wanted = self.body(SkipStep)
        return accepted(by_hand.skip_step(actor=self.actor.name, run=run, step=step, **wanted))


class CompleteStep(RunVerbView):
    @describe_verb(TAG, body=EndStep)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Let a step count as completed, with the outputs that are given."""
        run = self.run_row("operate")
        wanted = self.body(EndStep)
        return accepted(by_hand.complete_step(actor=self.actor.name, run=run, step=step, **wanted))


class FailStep(RunVerbView):
    @describe_verb(TAG, body=EndStep)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Let a step count as failed."""
        run = self.run_row("operate")
        wanted = self.body(EndStep)
        return accepted(by_hand.fail_step(actor=self.actor.name, run=run, step=step, **wanted))


class ApproveStep(RunVerbView):
    approved = True

    @describe_verb(TAG, body=AnswerStep)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Approve what a step asks, with the values of its form; the first answer counts."""
        return self.answer(step)

    def answer(self, step: str) -> Response:
        run = self.run_row()
        wanted = self.body(AnswerStep)
        signal = answer_approval(
            actor=self.actor, run=run, step=step, approved=self.approved, **wanted
        )
        return accepted(signal)


class RejectStep(ApproveStep):
    approved = False

    @describe_verb(TAG, body=AnswerStep)
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Reject what a step asks: it has failed, with the comment as its reason."""
        return self.answer(step)


class RerunStepView(RunVerbView):
    @describe_verb(TAG, body=RerunStep, also={200: PREVIEW_OR_ANSWER})
    def post(self, request: Request, step: str, **_: Any) -> Response:
        """Ask for a new attempt of a step, in this run.

        With ``dry_run`` nothing is asked for: the answer is what it would do to each step.
        """
        run = self.run_row("operate")
        wanted = self.body(RerunStep)
        wish: Wish = {
            "steps": [step],
            "parameters": {step: wanted["parameters"]} if wanted["parameters"] else None,
            "queue": wanted["queue"],
            "versions": {step: wanted["version"]} if wanted["version"] is not None else None,
            "reset": wanted["reset_overrides"],
            "cache": wanted["cache"],
        }
        return rerun_or_preview(self.actor, run, wish, dry_run=wanted["dry_run"])
