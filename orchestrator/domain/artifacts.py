"""What an artifact may be called and be, whoever stores it: an agent, or a process over REST."""

import re
from typing import Final

KINDS: Final = (
    "file",
    "folder",
    "json",
    "text",
    "bytes",
    "array",
    "arrays",
    "frame",
    "series",
    "model",
    "pickle",
)
REPORTS: Final = ("table", "image", "plot", "text")
"""What a report may be beside a value: each is kept as an artifact."""

PREVIEW_BYTES: Final = 64 * 1024
"""So much of the start of a text is kept beside the artifact."""

_NAME = re.compile(r"[\w\-][\w\-. ]{0,127}")
_MEDIA_TYPE = re.compile(r"[\w.+\-]+/[\w.+\-]+(; ?[\w\-]+=[\w.\-]+)*")
_MEDIA_TYPE_LENGTH = 100
# What a browser may be shown as text, beside text/…; the same on every machine.
_TEXT_TYPES = frozenset({"application/json", "application/x-ndjson", "application/xml"})


def name_fault(name: str) -> str | None:
    """Say why this cannot name an artifact, or nothing when it can."""
    if _NAME.fullmatch(name):
        return None
    return "a name has 1 to 128 letters, digits, '_', '-', '.' and spaces and begins with no dot"


def kind_fault(kind: object) -> str | None:
    """Say why this is no kind of artifact, or nothing when it is one."""
    return None if kind in KINDS else f"a kind is one of {', '.join(KINDS)}"


def is_media_type(text: object) -> bool:
    """Tell whether this names what a content is."""
    return (
        isinstance(text, str)
        and len(text) <= _MEDIA_TYPE_LENGTH
        and _MEDIA_TYPE.fullmatch(text) is not None
    )


def is_text(media_type: str) -> bool:
    """Tell whether the start of such a content can be shown as it is."""
    plain = media_type.partition(";")[0]
    return plain.startswith("text/") or plain.endswith("+json") or plain in _TEXT_TYPES
