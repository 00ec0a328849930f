"""Queues and agents."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions.queues import create_queue
from orchestrator.api.base import ApiView, created
from orchestrator.api.describe import describe
from orchestrator.api.shapes.projects import AgentShape, NewQueue, QueueShape
from orchestrator.queries import lines
from orchestrator.queries.rights import require_superuser

TAG = "queues and agents"


class Queues(ApiView):
    @describe(TAG, answer=QueueShape(many=True))
    def get(self, request: Request) -> Response:
        """List the queues, with what waits and runs in each and who serves it."""
        return Response(QueueShape(lines.queues(), many=True).data)

    @describe(TAG, body=NewQueue, answer=QueueShape, status=201)
    def post(self, request: Request) -> Response:
        """Make a queue; that takes an administrator of the installation."""
        require_superuser(self.actor)
        row = create_queue(actor=self.actor.name, **self.body(NewQueue))
        return created(QueueShape(lines.queue(row.name)).data, f"/api/v1/queues/{row.name}/")


class QueueView(ApiView):
    @describe(TAG, answer=QueueShape)
    def get(self, request: Request, name: str) -> Response:
        """Show a queue."""
        return Response(QueueShape(lines.queue(name)).data)


class Agents(ApiView):
    @describe(TAG, answer=AgentShape(many=True))
    def get(self, request: Request) -> Response:
        """List the agents that have not left, alive or lost."""
        return Response(AgentShape(lines.agents(), many=True).data)
