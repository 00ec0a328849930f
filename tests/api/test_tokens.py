"""Tokens: shown once, kept as a hash, limited, ended."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import ApiToken, AuditEvent, Project, User
from tests.api.asking import Asker, People, assert_problem
from tests.makers import make_token, token_row


def test_the_secret_is_shown_once_and_never_kept(ada: Asker) -> None:
    answer = ada.post("tokens/", {"name": "ci", "scopes": ["runs:write"]})
    text = answer.json()["token"]
    assert answer["Cache-Control"] == "no-store"
    prefix, identity, secret = text.split("_", 2)
    assert (prefix, len(identity), len(secret)) == ("pu", 8, 43)
    row = ApiToken.objects.get(name="ci")
    assert row.secret_hash == hashlib.sha256(text.encode()).hexdigest()
    assert all(secret not in str(value) for value in vars(row).values())
    assert all(secret not in str(event.detail) for event in AuditEvent.objects.all())
    assert secret not in ada.get("tokens/").content.decode()
    assert "token" not in ada.get(answer["Location"]).json()


def test_a_revoked_token_does_not_count_any_more(ada: Asker) -> None:
    made = ada.post("tokens/", {"name": "ci", "scopes": ["runs:read"]}).json()
    ci = Asker(made["token"])
    assert ci.get("projects/").status_code == 200
    assert ada.delete(f"tokens/{made['id']}/").status_code == 204
    answer = ci.get("projects/")
    assert_problem(answer, 401, "bad_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"secret_hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_token_that_does_not_count(
    people: People, project: Project, change: dict[str, object]
) -> None:
    text = make_token(User.objects.get(username="ada"))
    assert Asker(text).get("projects/").status_code == 200
    ApiToken.objects.filter(pk=token_row(text).pk).update(**change)
    assert_problem(Asker(text).get("projects/"), 401, "bad_token")


def test_the_token_of_somebody_who_left_does_not_count(people: People) -> None:
    User.objects.filter(username="ben").update(is_active=False)
    assert_problem(people.colleague.get("projects/"), 401, "bad_token")


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "pu_x", "Bearer pu_a_b"])
def test_a_header_that_is_none_of_ours_is_refused(people: People, header: str) -> None:
    answer = Client(headers={"Authorization": header}).get("/api/v1/projects/")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"name": "t", "scopes": []}, "scopes"),
        ({"name": "t", "scopes": ["everything"]}, "scopes[0]"),
        ({"name": " ", "scopes": ["admin"]}, "name"),
        ({"name": "t", "scopes": ["admin"], "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "t", "scopes": ["admin"], "expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "t", "scopes": ["admin"], "expires_at": "soon"}, "expires_at"),
    ],
)
def test_a_wrong_token_is_refused_by_name(ada: Asker, body: object, where: str) -> None:
    problem = assert_problem(ada.post("tokens/", body), 400, "invalid")
    assert problem["problems"][0]["where"] == where


def test_a_lesser_token_makes_itself_no_greater_one(people: People, project: Project) -> None:
    user = User.objects.get(username="ada")
    for text in (make_token(user, "runs:write"), make_token(user, "admin", project=project)):
        asker = Asker(text)
        assert_problem(
            asker.post("tokens/", {"name": "t", "scopes": ["admin"]}), 403, "not_allowed"
        )
        assert_problem(asker.get("tokens/"), 403, "not_allowed")
        assert_problem(asker.post("projects/", {"name": "new"}), 403, "not_allowed")


def test_a_bound_token_sees_its_project_only(people: People, project: Project) -> None:
    user = User.objects.get(username="ada")
    assert people.owner.post("projects/", {"name": "Second"}).status_code == 201
    bound = Asker(make_token(user, "admin", project=project))
    assert [row["slug"] for row in bound.get("projects/").json()["results"]] == ["alpha"]
    assert_problem(bound.get("projects/second/"), 404, "not_found")


def test_a_token_cannot_be_bound_to_a_project_that_one_does_not_see(ada: Asker) -> None:
    body = {"name": "t", "scopes": ["admin"], "project": "beta"}
    assert_problem(ada.post("tokens/", body), 404, "not_found")


def test_reading_notes_its_use_at_most_once_a_minute(people: People) -> None:
    text = make_token(User.objects.get(username="ada"))
    Asker(text).get("projects/")
    first = token_row(text).last_used_at
    assert first is not None
    Asker(text).get("projects/")
    assert token_row(text).last_used_at == first
    earlier = first - timedelta(minutes=2)
    ApiToken.objects.filter(pk=token_row(text).pk).update(last_used_at=earlier)
    Asker(text).get("projects/")
    later = token_row(text).last_used_at
    assert later is not None
    assert later > earlier


def test_a_token_is_its_users_own(people: People) -> None:
    made = people.owner.post("tokens/", {"name": "ci", "scopes": ["admin"]}).json()
    assert_problem(people.colleague.delete(f"tokens/{made['id']}/"), 404, "not_found")
    assert Asker(made["token"]).get("projects/").status_code == 200
