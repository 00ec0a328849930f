"""Errors have one shape, wherever they come from."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from orchestrator.api.errors import answer_error
from orchestrator.models import Pipeline
from tests.api.asking import Asker, assert_problem
from tests.makers import make_token, make_user


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v2/runs/", "/api/v1/", "/api/v1/nothing/", "/api/v1/runs/one two/x/"]
)
def test_an_unknown_address_is_a_problem(ada: Asker, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        assert_problem(ada(method, path), 404, "not_found")


def test_a_missing_slash_is_named(ada: Asker) -> None:
    body = assert_problem(ada.post("/api/v1/projects", {"name": "x"}), 404, "not_found")
    assert 'end with "/"' in body["detail"]


def test_a_wrong_method_is_a_problem(ada: Asker) -> None:
    assert_problem(ada.delete("projects/"), 405, "method_not_allowed")


def _post(token: str, content: bytes, media_type: str = "application/json") -> Any:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    return client.post("/api/v1/projects/", content, content_type=media_type)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "parse_error"),
        (b"\xff\xfe", 400, "parse_error"),
        (b'{"name": NaN}', 400, "parse_error"),
        (b'{"name": [-1e999]}', 400, "parse_error"),
        (b'{"name": "a\\u0000b"}', 400, "parse_error"),
        (b'{"name": "\\ud800"}', 400, "parse_error"),
        (b"[" * 100_000, 400, "parse_error"),
        (b'{"name": "' + b"x" * (8 * 1024 * 1024) + b'"}', 413, "too_large"),
        (b"[]", 400, "invalid"),
        (b"{}", 400, "invalid"),
        (b'{"name": {"a": 1}}', 400, "invalid"),
    ],
    ids=lambda value: repr(value)[:24],
)
@pytest.mark.django_db
def test_a_body_that_cannot_be_read_is_a_problem(content: bytes, status: int, code: str) -> None:
    assert_problem(_post(make_token(make_user()), content), status, code)


@pytest.mark.django_db
def test_another_kind_of_body_is_a_problem() -> None:
    answer = _post(make_token(make_user()), b"<a/>", "application/xml")
    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["bz2", "hex"])
@pytest.mark.django_db
def test_a_charset_that_is_none_is_a_problem(charset: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_token(make_user())}"})
    content_type = f"application/json; charset={charset}"
    answer = client.generic("POST", "/api/v1/projects/", b"{}", content_type=content_type)
    assert_problem(answer, 400, "parse_error")


def test_text_about_code_points_is_no_nul(ada: Asker, pipeline: Pipeline) -> None:
    body = {"name": "load", "script": 'print("\\u0000 \\ud800")'}
    assert ada.put("tasks/alpha/load/", body).status_code == 200


def test_an_unknown_field_is_named_with_the_known_ones(ada: Asker) -> None:
    body = assert_problem(ada.post("projects/", {"name": "x", "owner": "me"}), 400, "invalid")
    (found,) = body["problems"]
    assert (found["where"], found["code"]) == ("owner", "unknown_key")
    assert "description" in found["message"]


def test_another_form_than_json_is_a_problem(ada: Asker) -> None:
    assert_problem(ada.get("projects/", Accept="text/html"), 406, "not_acceptable")


def test_an_accident_tells_no_secret_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    answer = answer_error(ValueError("the password is 123"), {"request": None})
    assert answer.status_code == 500
    assert "123" not in str(answer.data)
    accident = answer.data["detail"].rpartition(" ")[2]
    assert accident in caplog.text
    assert "the password is 123" in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "tasks/?name=%00",
        "tasks/?tag=a&tag=%00",
        "tasks/?project=%00",
        "tasks/?search=%00",
        "tasks/?%00=1",
        "pipelines/?search=%00",
        "runs/?project=%00",
    ],
)
def test_a_letter_that_no_database_holds_is_refused(ada: Asker, path: str) -> None:
    assert_problem(ada.get(path), 400, "invalid")
    assert_problem(ada.get("projects/%00/"), 404, "not_found")
