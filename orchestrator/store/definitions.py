"""Rows of what is to be executed: found by the hash of their content, made when it is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.models import Definition


def definition_row(kind: str, body: Mapping[str, Any]) -> Definition:
    """The row of this content; whether it can be executed is for the caller to know."""
    kept = {key: value for key, value in body.items() if value not in (None, [])}
    text = json.dumps({"kind": kind, "body": kept}, sort_keys=True, ensure_ascii=False)
    content_hash = hashlib.sha256(text.encode()).hexdigest()
    definition, _ = Definition.objects.get_or_create(
        hash=content_hash, defaults={"kind": kind, "body": kept}
    )
    return definition
