"""A signed-in browser may use the interface too, with its CSRF token."""

from __future__ import annotations

import pytest
from django.test import Client

from orchestrator.models import Pipeline, User
from tests.api.asking import assert_problem
from tests.makers import make_token


@pytest.fixture
def browser(pipeline: Pipeline) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="ada"))
    return client


def test_a_browser_reads_without_a_token(browser: Client) -> None:
    assert browser.get("/api/v1/pipelines/").json()["results"][0]["slug"] == "chain"


def test_a_browser_changes_only_with_its_csrf_token(browser: Client) -> None:
    where = "/api/v1/pipelines/alpha/chain/runs/"
    assert_problem(browser.post(where, {}, content_type="application/json"), 403, "not_allowed")
    browser.get("/api/docs/")
    secret = "a" * 32
    browser.cookies["csrftoken"] = secret
    answer = browser.post(
        where, {}, content_type="application/json", headers={"X-CSRFToken": secret}
    )
    assert (answer.status_code, answer.json()["origin"]) == (201, "page")


def test_with_a_token_cookies_do_not_count(browser: Client, pipeline: Pipeline) -> None:
    eve = User.objects.create_user("eve")
    headers = {"Authorization": f"Bearer {make_token(eve)}"}
    answer = browser.get("/api/v1/pipelines/", headers=headers)
    assert answer.json()["results"] == []
    broken = browser.get("/api/v1/pipelines/", headers={"Authorization": "Bearer pu_no"})
    assert_problem(broken, 401, "bad_token")
