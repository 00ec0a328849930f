"""A document that somebody has typed into a form, or chosen as a file."""

from __future__ import annotations

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


def _invalid(message: str) -> Invalid:
    return Invalid.at("document", "bad_value", message)
