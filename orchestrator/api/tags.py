"""ETags: a draft's revision to be matched, a graph's to be compared."""

from __future__ import annotations

from rest_framework.request import Request

from orchestrator.actions.pipelines import StaleDraft
from orchestrator.api.errors import PreconditionRequired


def revision_tag(revision: int) -> str:
    """Write a revision as an ETag."""
    return f'"{revision}"'


def revision_from(request: Request) -> int:
    """Read the revision that the asker has seen; saying none is an error, so is another thing."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired
    text = given.removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise StaleDraft(f"If-Match names no revision of the draft: {given[:40]}")
    return int(text)


def is_known(request: Request, tag: str) -> bool:
    """Tell whether the asker has this already."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or tag in [one.strip() for one in known.split(",")]
