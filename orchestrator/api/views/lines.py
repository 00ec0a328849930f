"""Queues and agents."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import places
from orchestrator.actions.agents import drain_agent, undrain_agent
from orchestrator.actions.queues import change_queue, create_queue, delete_queue
from orchestrator.api.base import ApiView, created, number_from, yes_or_no
from orchestrator.api.describe import describe
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.lines import (
    AgentShape,
    LineShape,
    LineTaskShape,
    NewQueue,
    PriorityChange,
    QueueChange,
    QueueShape,
)
from orchestrator.queries import lines
from orchestrator.queries.rights import require_superuser

TAG = "queues and agents"


class Queues(ApiView):
    @describe(TAG, answer=QueueShape(many=True))
    def get(self, request: Request) -> Response:
        """List the queues, with how much waits and runs in each and who serves it."""
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

    @describe(TAG, body=QueueChange, answer=QueueShape)
    def patch(self, request: Request, name: str) -> Response:
        """Change a queue's description or limit, pause it or let it go on.

        That takes an administrator of the installation. Nothing more starts in a paused queue;
        what runs comes to its end.
        """
        lines.queue(name)
        require_superuser(self.actor)
        change_queue(actor=self.actor.name, name=name, **self.body(QueueChange))
        return Response(QueueShape(lines.queue(name)).data)

    @describe(TAG, status=204, errors=[409])
    def delete(self, request: Request, name: str) -> Response:
        """Delete an empty queue; that takes an administrator of the installation."""
        lines.queue(name)
        require_superuser(self.actor)
        delete_queue(actor=self.actor.name, name=name)
        return Response(status=204)


class PauseQueue(ApiView):
    @describe(TAG, body=Nothing, answer=QueueShape)
    def post(self, request: Request, name: str) -> Response:
        """Pause a queue: nothing more starts in it; that takes an administrator."""
        lines.queue(name)
        require_superuser(self.actor)
        self.body(Nothing)
        change_queue(actor=self.actor.name, name=name, paused=True)
        return Response(QueueShape(lines.queue(name)).data)


class ResumeQueue(ApiView):
    @describe(TAG, body=Nothing, answer=QueueShape)
    def post(self, request: Request, name: str) -> Response:
        """Let a paused queue go on; that takes an administrator."""
        lines.queue(name)
        require_superuser(self.actor)
        self.body(Nothing)
        change_queue(actor=self.actor.name, name=name, paused=False)
        return Response(QueueShape(lines.queue(name)).data)


class QueueTasks(ApiView):
    @describe(
        TAG,
        answer=LineShape,
        query={
            "first": "The place to begin with, by default 1.",
            "limit": f"How many, at most {lines.MOST_LISTED}; by default 50.",
        },
    )
    def get(self, request: Request, name: str) -> Response:
        """Show what waits in a queue, in the order in which it will start."""
        self.query_filters("first")
        found = lines.queue(name)
        first, number = number_from(request, "first", 1), number_from(request, "limit", 50)
        tasks = lines.line_of(self.actor, name, first=first, number=max(number, 1))
        return Response(LineShape({"waiting": found["waiting"], "tasks": tasks}).data)


class QueueTask(ApiView):
    @describe(TAG, body=PriorityChange, answer=LineTaskShape)
    def patch(self, request: Request, name: str, task: UUID) -> Response:
        """Change the priority of a waiting task; an operator of its project may."""
        row = lines.find_waiting(self.actor, name, task)
        wanted = self.body(PriorityChange)
        moved = places.set_priority(actor=self.actor.name, task=row, **wanted)
        return Response(LineTaskShape(lines.line_task(self.actor, moved)).data)


class TaskToFront(ApiView):
    @describe(TAG, body=Nothing, answer=LineTaskShape)
    def post(self, request: Request, name: str, task: UUID) -> Response:
        """Move a waiting task before all others of its queue; an operator of its project may."""
        row = lines.find_waiting(self.actor, name, task)
        self.body(Nothing)
        moved = places.move_to_front(actor=self.actor.name, task=row)
        return Response(LineTaskShape(lines.line_task(self.actor, moved)).data)


class Agents(ApiView):
    @describe(
        TAG, answer=AgentShape(many=True), query={"gone": "true: also those that left this week."}
    )
    def get(self, request: Request) -> Response:
        """List the agents that have not left, alive or lost, with what each executes."""
        gone = yes_or_no(self.query_filters("gone").get("gone"), "gone")
        return Response(AgentShape(lines.agents(self.actor, gone=bool(gone)), many=True).data)


class AgentView(ApiView):
    @describe(TAG, answer=AgentShape)
    def get(self, request: Request, id: UUID) -> Response:
        """Show an agent."""
        return Response(AgentShape(lines.agent(self.actor, id)).data)


class DrainAgent(ApiView):
    @describe(TAG, body=Nothing, answer=AgentShape)
    def post(self, request: Request, id: UUID) -> Response:
        """Let an agent take nothing new; what it executes ends. That takes an administrator."""
        lines.agent(self.actor, id)
        require_superuser(self.actor)
        self.body(Nothing)
        drain_agent(actor=self.actor.name, agent_id=id)
        return Response(AgentShape(lines.agent(self.actor, id)).data)


class UndrainAgent(ApiView):
    @describe(TAG, body=Nothing, answer=AgentShape)
    def post(self, request: Request, id: UUID) -> Response:
        """Let a drained agent take tasks again; that takes an administrator."""
        lines.agent(self.actor, id)
        require_superuser(self.actor)
        self.body(Nothing)
        undrain_agent(actor=self.actor.name, agent_id=id)
        return Response(AgentShape(lines.agent(self.actor, id)).data)
