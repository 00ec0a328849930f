"""A pipeline's document as text that people paste, upload and edit: JSON or YAML."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.http import HttpRequest

from orchestrator.domain.errors import Invalid
from orchestrator.domain.names import CAPS


def posted_document(request: HttpRequest) -> str:
    """The text of an uploaded file, else what was typed."""
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("document", "")
    if (upload.size or 0) > CAPS.document_bytes:
        raise _invalid(f"the file is larger than the cap of {CAPS.document_bytes:,} bytes")
    try:
        return upload.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _invalid("the file is not text in UTF-8") from None


def read_document(text: str) -> dict[str, Any]:
    """Read JSON or YAML; raise Invalid saying where it cannot be read."""
    if not text.strip():
        raise _invalid("there is no document yet: paste one or choose a file")
    if len(text) > CAPS.document_bytes:
        raise _invalid(f"the document is larger than the cap of {CAPS.document_bytes:,} bytes")
    document = _read_json(text) if text.lstrip().startswith("{") else _read_yaml(text)
    if not isinstance(document, dict):
        raise _invalid("a pipeline's document is an object with schema and steps")
    return document


def written_document(document: dict[str, Any]) -> str:
    """The document as text to edit."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise _invalid(message) from None
    except RecursionError:
        raise _invalid("this JSON is nested too deeply") from None


def _read_yaml(text: str) -> Any:
    try:
        # An alias of aliases of aliases grows beyond any memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise _invalid("this YAML has anchors and aliases; write the values out")
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise _invalid(f"this is neither JSON nor YAML: {error.problem}{where}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _invalid(f"this is neither JSON nor YAML: {error}") from None


def _invalid(message: str) -> Invalid:
    return Invalid.at("document", "bad_value", message)
