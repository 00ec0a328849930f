"""Projects and their members."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import projects as actions
from orchestrator.api.base import ApiView, created, path_of
from orchestrator.api.describe import describe
from orchestrator.api.shapes.common import Nothing
from orchestrator.api.shapes.projects import (
    MemberChange,
    MemberShape,
    NewProject,
    ProjectChange,
    ProjectShape,
    WebhookSecret,
)
from orchestrator.domain.errors import NotAllowed
from orchestrator.queries.projects import find_project, members
from orchestrator.queries.rights import may_by_scope, require, visible_projects

TAG = "projects"


class Projects(ApiView):
    @describe(TAG, answer=ProjectShape, pages=True)
    def get(self, request: Request) -> Response:
        """List the projects that you see."""
        self.query_filters()
        return self.page(visible_projects(self.actor), ProjectShape, ordering="slug")

    @describe(TAG, body=NewProject, answer=ProjectShape, status=201)
    def post(self, request: Request) -> Response:
        """Make a project; you are its first admin."""
        if self.actor.project_id or not may_by_scope(self.actor, "administer"):
            raise NotAllowed("that takes a token of scope admin that is bound to no project")
        project = actions.create_project(actor=self.actor.name, **self.body(NewProject))
        return created(ProjectShape(project).data, path_of(project))


class ProjectView(ApiView):
    @describe(TAG, answer=ProjectShape)
    def get(self, request: Request, project: str) -> Response:
        """Show a project, by its slug or id."""
        return Response(ProjectShape(find_project(self.actor, project)).data)

    @describe(TAG, body=ProjectChange, answer=ProjectShape)
    def patch(self, request: Request, project: str) -> Response:
        """Rename or describe a project."""
        row = find_project(self.actor, project)
        require(self.actor, "administer", row)
        change = self.body(ProjectChange)
        return Response(
            ProjectShape(actions.change_project(actor=self.actor.name, project=row, **change)).data
        )


class Members(ApiView):
    @describe(TAG, answer=MemberShape(many=True))
    def get(self, request: Request, project: str) -> Response:
        """List a project's members."""
        row = find_project(self.actor, project)
        return Response(MemberShape(members(row), many=True).data)


class Member(ApiView):
    @describe(TAG, body=MemberChange, answer=MemberShape)
    def put(self, request: Request, project: str, user: str) -> Response:
        """Give a user a role in a project: viewer, operator, editor or admin."""
        row = find_project(self.actor, project)
        require(self.actor, "administer", row)
        role = self.body(MemberChange)["role"]
        member = actions.set_member(actor=self.actor.name, project=row, user=user, role=role)
        return Response(MemberShape(member).data)

    @describe(TAG, status=204, errors=[409])
    def delete(self, request: Request, project: str, user: str) -> Response:
        """Take a user out of a project."""
        row = find_project(self.actor, project)
        require(self.actor, "administer", row)
        actions.remove_member(actor=self.actor.name, project=row, user=user)
        return Response(status=204)


class WebhookSecretView(ApiView):
    @describe(TAG, body=Nothing, answer=WebhookSecret)
    def post(self, request: Request, project: str) -> Response:
        """Sign the project's webhooks with a new secret from now on; the answer shows it once."""
        row = find_project(self.actor, project)
        require(self.actor, "administer", row)
        self.body(Nothing)
        secret = actions.renew_webhook_secret(actor=self.actor.name, project=row)
        return Response({"secret": secret})
