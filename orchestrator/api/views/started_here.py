"""Tasks that run in a process which no agent started: it starts, renews, prints and finishes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import started_here
from orchestrator.api.describe import describe
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.started_here import (
    FinishTask,
    RenewedShape,
    SentOutput,
    StartedShape,
    StartTask,
)
from orchestrator.api.shapes.tasks import TaskDetail
from orchestrator.api.views.results import ONCE, batch_key
from orchestrator.api.views.tasks import TAG, TaskApiView, task_again, who_asks
from orchestrator.domain.errors import NotAllowed
from orchestrator.domain.states import Status
from orchestrator.models import Task


class TaskStart(TaskApiView):
    @describe(TAG, body=StartTask, answer=StartedShape)
    def post(self, request: Request, **_: Any) -> Response:
        """Run a draft here: in the process that asks, instead of an agent's.

        Also a task that waits in the queue ``local``, which no agent serves. The process keeps
        the lease with ``renew``, or the task is lost.
        """
        task = self.task("operate")
        host = self.body(StartTask)["host"]
        started = started_here.start_here(**who_asks(self.actor), task=task, host=host)
        return Response(StartedShape(asdict(started)).data)


class _OfProcess(TaskApiView):
    """What a process asks for its own task, with the token that ``start`` gave."""

    def own(self) -> tuple[Task, int]:
        task = self.task()
        if self.attempt is None or not self.asks_for_itself:
            raise NotAllowed("only the process that runs the task does that, with its own token")
        return task, self.attempt.fence


class TaskRenew(_OfProcess):
    @describe(TAG, body=Nothing, answer=RenewedShape)
    def post(self, request: Request, **_: Any) -> Response:
        """Keep the task's lease, and hear whether it is to be aborted."""
        task, fence = self.own()
        self.body(Nothing)
        grace = started_here.renew(task=task, fence=fence)
        return Response({"abort": grace is not None, "grace": grace})


class TaskOutput(_OfProcess):
    @describe(TAG, body=SentOutput, status=204, headers=ONCE)
    def post(self, request: Request, **_: Any) -> Response:
        """Send what the task has printed since; it is put behind what came before."""
        task, fence = self.own()
        sent = self.body(SentOutput)["pieces"]
        pieces = [(piece["stream"], piece["text"]) for piece in sent]
        key = batch_key(request)
        started_here.add_output(task=task, fence=fence, pieces=pieces, key=key)
        return Response(status=204)


class TaskFinish(_OfProcess):
    @describe(TAG, body=FinishTask, answer=TaskDetail, errors=(413,))
    def post(self, request: Request, **_: Any) -> Response:
        """Say how the task ended; as draft or queued it is left to another machine."""
        task, fence = self.own()
        wanted = self.body(FinishTask)
        status = Status(wanted.pop("status"))
        queue = wanted.pop("queue")
        if status in started_here.LEAVES:
            started_here.hand_over(
                actor=task.actor,
                task=task,
                fence=fence,
                queue=queue,
                enqueue=status is Status.QUEUED,
            )
        else:
            ending = started_here.Ending(status, **wanted)
            started_here.end_here(task=task, fence=fence, ending=ending)
        return Response(TaskDetail(task_again(task)).data)
