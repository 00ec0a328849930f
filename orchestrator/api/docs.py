"""The page that shows the schema: every endpoint with what it takes, what it answers, and a curl.

It is made on the server, so that it needs no script and nothing from elsewhere.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from orchestrator.api.authentication import PREFIX
from orchestrator.api.schema import whole_schema
from orchestrator.queries.rights import SCOPES

METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 3

# The order in which one needs them; what is not named here comes after.
_ORDER = ("projects", "tasks and templates", "pipelines", "runs", "steps", "results")
_ID_HELP = "The id; or the path that people see."

_EXAMPLES: Mapping[str, Any] = {
    "name": "sample",
    "project": "sample",
    "slug": "sample",
    "document": {"schema": 1, "steps": []},
    "argv": ["echo", "hello"],
    "scopes": ["runs:read", "runs:write"],
    "role": "operator",
    "script": "print('hello')",
    "steps": ["load"],
    "status": "running",
}


@login_required
def docs(request: HttpRequest) -> HttpResponse:
    """Show the whole interface."""
    context = {"groups": _groups(), "scopes": SCOPES, "base_url": settings.PIPELINES_BASE_URL}
    return render(request, "api/docs.html", context)


@cache
def _groups() -> list[dict[str, Any]]:
    schema = whole_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                shown = _operation(schema, path, method, item[method])
                groups.setdefault(item[method]["tags"][0], []).append(shown)
    order = {name: place for place, name in enumerate(_ORDER)}
    return [
        {"name": name, "anchor": slugify(name), "operations": groups[name]}
        for name in sorted(groups, key=lambda name: (order.get(name, len(order)), name))
    ]


def _operation(
    schema: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> dict[str, Any]:
    body = _body_schema(schema, operation)
    summary, description = operation.get("summary", ""), operation.get("description", "")
    return {
        "anchor": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": summary.replace("`", ""),
        # Without words of its own, an operation's description is its summary again.
        "description": "" if description.rstrip(".") == summary else description,
        "parameters": [_parameter(one) for one in operation.get("parameters", ())],
        "fields": list(_fields(schema, body)) if body else [],
        "answers": [_answer(schema, *one) for one in operation["responses"].items()],
        "curl": _curl(schema, path, method, operation, body),
    }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    where = {"path": "in the address", "query": "query", "header": "header"}
    return {
        "name": parameter["name"],
        "where": where.get(parameter["in"], parameter["in"]),
        "required": parameter.get("required", False),
        "type": _type_of(parameter.get("schema", {})),
        "help": parameter.get("description") or (_ID_HELP if parameter["name"] == "id" else ""),
    }


def _body_schema(schema: Mapping[str, Any], operation: Mapping[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    media = content.get("application/json")
    return _resolved(schema, media["schema"]) if media else None


def _answer(schema: Mapping[str, Any], status: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    contents: Mapping[str, Any] = answer.get("content", {})
    media = next(iter(contents), "")
    content = contents.get(media, {})
    fields: list[dict[str, Any]] = []
    if int(status) < 300 and content:
        fields = list(_fields(schema, _resolved(schema, content["schema"])))
    return {
        "status": status,
        "good": int(status) < 300,
        "help": answer.get("description", ""),
        "media": media,
        "fields": fields,
    }


def _fields(schema: Mapping[str, Any], value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Go through the fields of an object, and of the objects in it."""
    value = _resolved(schema, value)
    if value.get("type") == "array":
        value = _resolved(schema, value["items"])
    for name, raw in value.get("properties", {}).items():
        inner = _resolved(schema, raw)
        yield {
            "name": name,
            "depth": depth,
            "type": _type_of(inner),
            "required": name in value.get("required", ()),
            "help": raw.get("description") or (inner.get("description") if raw is inner else ""),
        }
        if depth + 1 < DEEPEST:
            yield from _fields(schema, inner, depth + 1)


def _resolved(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    for key in ("allOf", "oneOf", "anyOf"):
        if len(value.get(key, ())) >= 1 and "properties" not in value:
            value = value[key][0]
    name = value.get("$ref", "").rpartition("/")[2]
    return _resolved(schema, schema["components"]["schemas"][name]) if name else value


def _type_of(value: Mapping[str, Any]) -> str:
    if "enum" in value:
        return " | ".join(str(one) for one in value["enum"] if one not in ("", None))
    kind = value.get("type", "any")
    kinds = kind if isinstance(kind, list) else [kind]
    words: list[str] = [
        "time" if value.get("format") == "date-time" else _WORDS.get(k, str(k)) for k in kinds
    ]
    if "array" in kinds:
        inner = value.get("items", {})
        if inner.get("type") not in (None, "object") and "enum" not in inner:
            words = [f"list of {_type_of(inner)}"]
    return " or ".join(dict.fromkeys(words))


_WORDS = {"array": "list", "number": "number", "string": "text", "boolean": "true or false"}


def _curl(
    schema: Mapping[str, Any],
    path: str,
    method: str,
    operation: Mapping[str, Any],
    body: Mapping[str, Any] | None,
) -> str:
    words = ["curl"] if method == "get" else ["curl", "-X", method.upper()]
    lines = [" ".join([*words, shlex.quote(f"{settings.PIPELINES_BASE_URL}{path}")])]
    lines.append(f'-H "Authorization: Bearer {PREFIX}…"')
    needed = {one["name"] for one in operation.get("parameters", ()) if one.get("required")}
    if "If-Match" in needed:
        lines.append("-H 'If-Match: \"1\"'")
    if body is not None:
        example = json.dumps(_example(schema, body), ensure_ascii=False)
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(example)}")
    return " \\\n  ".join(lines)


def _example(schema: Mapping[str, Any], value: Mapping[str, Any]) -> Any:
    value = _resolved(schema, value)
    if value.get("type") == "array":
        return [_example(schema, value["items"])]
    if "properties" not in value:
        return {"string": "…", "integer": 1, "number": 0.5, "boolean": True}.get(
            str(value.get("type")), {}
        )
    wanted = value.get("required") or []
    return {
        name: _EXAMPLES.get(name, _example(schema, value["properties"][name])) for name in wanted
    }
