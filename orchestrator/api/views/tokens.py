"""One's own tokens."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from orchestrator.actions import tokens as actions
from orchestrator.api.base import ApiView, created, path_of
from orchestrator.api.describe import describe
from orchestrator.api.shapes.projects import NewToken, TokenMade, TokenShape
from orchestrator.domain.errors import NotAllowed
from orchestrator.queries.projects import find_project
from orchestrator.queries.rights import Actor, may_by_scope
from orchestrator.queries.tokens import find_token, tokens_of

TAG = "tokens"


class Tokens(ApiView):
    @describe(TAG, answer=TokenShape, pages=True)
    def get(self, request: Request) -> Response:
        """List your tokens, without their secrets."""
        self.query_filters()
        _refuse_lesser(self.actor)
        return self.page(tokens_of(self.actor), TokenShape)

    @describe(TAG, body=NewToken, answer=TokenMade, status=201)
    def post(self, request: Request) -> Response:
        """Make a token; the answer shows its secret, once."""
        _refuse_lesser(self.actor)
        wanted = self.body(NewToken)
        if wanted["project"] is not None:
            wanted["project"] = find_project(self.actor, wanted["project"])
        token, text = actions.create_token(actor=self.actor.name, **wanted)
        answer = created({**TokenShape(token).data, "token": text}, path_of(token))
        answer["Cache-Control"] = "no-store"
        return answer


class TokenView(ApiView):
    @describe(TAG, answer=TokenShape)
    def get(self, request: Request, id: UUID) -> Response:
        """Show one of your tokens, without its secret."""
        _refuse_lesser(self.actor)
        return Response(TokenShape(find_token(self.actor, id)).data)

    @describe(TAG, status=204)
    def delete(self, request: Request, id: UUID) -> Response:
        """Revoke a token: it does not count any more, from now on."""
        _refuse_lesser(self.actor)
        actions.revoke_token(actor=self.actor.name, token=find_token(self.actor, id))
        return Response(status=204)


def _refuse_lesser(actor: Actor) -> None:
    """A token that may do less than its user must not make itself one that may do more."""
    if actor.project_id or not may_by_scope(actor, "administer"):
        raise NotAllowed("that takes a token of scope admin that is bound to no project")
