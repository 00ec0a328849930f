"""What a script says to the run that it drives: that it is one, and which steps it has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import scripts as actions
from orchestrator.actions.scripts import make_run
from orchestrator.api.base import accepted, created, path_of
from orchestrator.api.describe import describe, describe_verb
from orchestrator.api.shapes.common import Accepted
from orchestrator.api.shapes.runs import RunShape
from orchestrator.api.shapes.scripts import AddedSteps, MakeRun, NewSteps, Registration
from orchestrator.api.views.runs import RunVerbView
from orchestrator.api.views.steps import Steps
from orchestrator.api.views.tasks import TaskApiView
from orchestrator.api.waiting import Patient
from orchestrator.domain.errors import NotAllowed
from orchestrator.models import Run
from orchestrator.queries import runs as queries
from orchestrator.queries.rights import Verb
from orchestrator.queries.scripts import run_of_step
from orchestrator.queries.tasks import find_run

TAG = "scripts"
SOON = (
    "So many seconds: answer when the steps are there (200), or 409 when the run has refused "
    "them; 202 as usual when it takes longer."
)


class TaskRun(TaskApiView):
    @describe(TAG, body=MakeRun, answer=RunShape, status=201, also={200: RunShape})
    def post(self, request: Request, **_: Any) -> Response:
        """Let a running task be a run from now on: its script drives it.

        Asked again, the answer is the same run (200). Without a version the script adds the steps
        as it goes; its pipeline's version is made of what the task executes.
        """
        task = self.task("edit")
        wanted = self.body(MakeRun)
        made, is_new = make_run(actor=self.actor.name, task=task, **wanted)
        body = queries.run_summary(find_run(self.actor, made.pk))
        return created(body, path_of(made)) if is_new else Response(body)


class RegisterRun(RunVerbView):
    @describe_verb(TAG, body=Registration)
    def post(self, request: Request, **_: Any) -> Response:
        """Say which version a controller's run executes, with the controller's token.

        Its steps begin then. Another version than before can be named while there are none yet.
        """
        run = self.run_row("operate")
        if self.attempt is not None and self.attempt.task_id != run.pk:
            raise NotAllowed("only the run's own script registers its steps")
        version = self.body(Registration)["version"]
        signal = actions.register_steps(actor=self.actor.name, run=run, version=version)
        return accepted(signal)


class RunSteps(Patient, Steps):
    """The steps of a run: read by who may, added to by its script and its steps, too."""

    def run_row(self, verb: Verb = "view") -> Run:
        if self.attempt is None or self.script is not None or verb == "view":
            found = super().run_row(verb)
        else:
            found = run_of_step(self.attempt.task_id, self.kwargs.get("id"))
        self.run_asked = found
        return found

    @describe(
        TAG,
        body=NewSteps,
        answer=AddedSteps,
        also={202: Accepted},
        query={"wait": SOON},
    )
    def post(self, request: Request, **_: Any) -> Response:
        """Add steps to a run while it goes on; the same under the same key gives the same step.

        A step is what a document's is: its parents, and the steps that its references name, must
        be there or come before it in the list. What is wrong with one is told at once.
        """
        run = self.run_row("operate")
        steps = self.body(NewSteps)["steps"]
        actor = run.actor if self.attempt is not None else self.actor.name
        added, signal = actions.add_steps(actor=actor, run=run, steps=steps)
        if signal is not None:
            return accepted(signal)
        return Response({"steps": [one.as_dict() for one in added]})

    def told(self, answered: dict[str, Any]) -> dict[str, Any]:
        return {"steps": answered["detail"]["added"]}

    def show(self, run_id: UUID) -> Any:
        raise NotImplementedError
