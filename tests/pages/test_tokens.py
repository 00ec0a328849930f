"""The tokens page: a secret is shown once, a token is revoked at once."""

import re

from orchestrator.models import ApiToken
from orchestrator.queries.tokens import valid_token
from tests.pages.world import World

FORM = {"name": "ci", "scopes": ["runs:read", "runs:write"], "days": "30", "project": "alpha"}


def test_a_new_token_is_shown_once_and_works(world: World) -> None:
    client = world.client("ada")
    answer = client.post("/tokens/", FORM)
    secret = re.search(r'<code id="secret">(pu_[^<]+)</code>', answer.content.decode())
    assert secret is not None
    token = valid_token(secret[1])
    assert token is not None
    assert (token.name, token.scopes) == ("ci", ["runs:read", "runs:write"])
    assert token.project == world.project
    assert "no-store" in answer["Cache-Control"]
    assert secret[1] not in client.get("/tokens/").content.decode()


def test_what_is_missing_is_told_beside_the_form(world: World) -> None:
    client = world.client("ada")
    answer = client.post("/tokens/", {**FORM, "scopes": []})
    assert answer.status_code == 422
    assert "at least one scope" in answer.content.decode()
    assert 'value="ci"' in answer.content.decode()
    assert client.post("/tokens/", {**FORM, "days": "9999"}).status_code == 422
    assert client.post("/tokens/", {**FORM, "project": "foreign"}).status_code == 404
    assert ApiToken.objects.count() == 1


def test_a_revoked_token_leaves_the_list(world: World) -> None:
    client = world.client("ada")
    assert "laptop" in client.get("/tokens/").content.decode()
    client.post(f"/tokens/{world.token.pk}/revoke/")
    world.token.refresh_from_db()
    assert world.token.revoked_at is not None
    assert world.token.prefix not in client.get("/tokens/").content.decode()
