"""What may be called what: steps, slugs, template names; and the caps on sizes."""

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from orchestrator.domain.errors import BadName, shortened

STEP_NAME_LENGTH = 128
SLUG_LENGTH = 100

# Words that mean something else where a step's name may stand: ${pipeline.…} and ${item}.
RESERVED_STEP_NAMES = frozenset({"pipeline", "item"})

# Slugs that would shadow a fixed word of an address, such as /pipelines/<project>/new/.
RESERVED_SLUGS = frozenset(
    {
        "admin",
        "api",
        "archive",
        "draft",
        "export",
        "import",
        "latest",
        "members",
        "new",
        "publish",
        "runs",
        "settings",
        "static",
        "validate",
        "versions",
        "ws",
    }
)

SERVICES_QUEUE = "services"
"""The queue of what waits for others most of the time: scripts that drive runs, hooks."""

LOCAL_QUEUE = "local"
"""The queue of tasks that are run where their script runs: no agent ever gets one of them."""

_STEP_NAME = re.compile(r"[\w\-. ]+")
_NOT_IN_STEP_NAME = re.compile(r"[^\w\-. ]+")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NOT_SLUG = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Caps:
    """The largest things that are allowed; the configuration may name others."""

    steps: int = 10_000
    document_bytes: int = 4 * 1024 * 1024
    fan_out: int = 10_000
    parameter_bytes: int = 1024 * 1024
    output_bytes: int = 1024 * 1024
    log_line_bytes: int = 64 * 1024
    log_bytes: int = 100 * 1024 * 1024
    artifact_bytes: int = 5 * 1024**3
    nesting: int = 10


CAPS = Caps()


def as_step_name(text: str, *, otherwise: str = "task") -> str:
    """Make a step's name out of what something is called."""
    tidy = " ".join(_NOT_IN_STEP_NAME.sub(" ", text).split())[:STEP_NAME_LENGTH].strip()
    return tidy if step_name_fault(tidy) is None else otherwise


def step_name_fault(name: object) -> str | None:
    """Say why this cannot be a step's name, or nothing when it can."""
    if not isinstance(name, str):
        return f"a step's name is text, not {type(name).__name__}"
    if not name:
        return "a step needs a name"
    if len(name) > STEP_NAME_LENGTH:
        return f"a step's name has at most {STEP_NAME_LENGTH} characters, this one {len(name)}"
    if not _STEP_NAME.fullmatch(name):
        return f'"{name}": a step\'s name is made of letters, digits, "_", "-", "." and spaces'
    if name != name.strip():
        return f'"{name}": a step\'s name does not begin or end with a space'
    # A browser takes such a segment of an address for "here" or "one up".
    if not name.strip("."):
        return f'"{name}": a step\'s name is not made of dots only'
    if name in RESERVED_STEP_NAMES:
        return f'"{name}" is a reserved word and cannot be a step\'s name'
    # Two spellings that look the same would be two steps.
    if not unicodedata.is_normalized("NFC", name):
        return f'"{name}": a step\'s name is written in composed characters (NFC)'
    return None


def is_step_name(name: object) -> bool:
    """Tell whether this can be a step's name."""
    return step_name_fault(name) is None


def check_step_name(name: object) -> str:
    """Return the name, or raise the error that says what is wrong with it."""
    if fault := step_name_fault(name):
        raise BadName(fault)
    return str(name)


def slug_fault(slug: object) -> str | None:
    """Say why this cannot be a slug of a project, pipeline or template, or nothing when it can."""
    if not isinstance(slug, str) or not slug:
        return "a slug is text and not empty"
    shown = shortened(slug)
    if len(slug) > SLUG_LENGTH:
        return f'"{shown}": a slug has at most {SLUG_LENGTH} characters, this one {len(slug)}'
    if not _SLUG.fullmatch(slug):
        return f'"{shown}": a slug is made of a-z, 0-9, "_" and "-" and begins with one of a-z, 0-9'
    if slug in RESERVED_SLUGS:
        return f'"{shown}" is a reserved word and cannot be a slug'
    if _is_uuid(slug):
        return f'"{shown}" looks like an id; a slug must not'
    return None


def is_slug(slug: object) -> bool:
    """Tell whether this can be a slug."""
    return slug_fault(slug) is None


def check_slug(slug: object) -> str:
    """Return the slug, or raise the error that says what is wrong with it."""
    if fault := slug_fault(slug):
        raise BadName(fault)
    return str(slug)


def slugify(text: str, *, otherwise: str = "unnamed") -> str:
    """Make a slug out of what a person wrote; of nothing usable, the other word."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    slug = _NOT_SLUG.sub("-", plain).strip("-_")[:SLUG_LENGTH].rstrip("-_") or otherwise
    return slug if is_slug(slug) else f"{slug[: SLUG_LENGTH - 2]}-1"


def split_template_name(name: str) -> tuple[str | None, str]:
    """Split ``project/slug`` or ``slug``; no project means that of the document."""
    project, slash, slug = name.rpartition("/")
    for part in (project, slug) if slash else (slug,):
        if fault := _path_part_fault(part):
            raise BadName(f'"{shortened(name)}" is not "project/slug" or "slug": {fault}')
    return (project if slash else None), slug


def _path_part_fault(part: str) -> str | None:
    # A slug that exists may have become a reserved word since; naming it must still work.
    return None if part in RESERVED_SLUGS else slug_fault(part)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
