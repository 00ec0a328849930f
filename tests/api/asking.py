"""Asking the REST interface as somebody, and reading its errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

PROBLEM = "application/problem+json"


class Asker:
    """Somebody who asks with a token, or without one."""

    def __init__(self, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = Client(headers=headers)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask; underscores in the headers' names stand for dashes."""
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        ask: Callable[..., Any] = getattr(self._client, method.lower())
        address = path if path.startswith("/") else f"/api/v1/{path}"
        if method.upper() == "GET":
            return ask(address, headers=extra)
        content = {} if body is None else body
        return ask(address, content, content_type="application/json", headers=extra)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self("DELETE", path, **headers)


@dataclass
class People:
    """Ada owns the project, Ben may look at it, Eve has a project of her own, and anybody."""

    owner: Asker
    colleague: Asker
    stranger: Asker
    anonymous: Asker


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is an error in our one shape; give its body."""
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM), response.content
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "code", "detail", "problems"}
    assert (body["status"], body["code"]) == (status, code), body
    assert body["detail"]
    for problem in body["problems"]:
        assert set(problem) - {"fix", "line"} == {"where", "step", "code", "message", "severity"}
    return body
