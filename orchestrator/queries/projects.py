"""Questions about projects and their members."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from orchestrator.domain.errors import NotFound, shortened
from orchestrator.domain.names import slugify
from orchestrator.models import Membership, Project
from orchestrator.queries.rights import Actor, visible_projects


def as_uuid(text: object) -> UUID | None:
    """Read an id, or nothing when it is none (then it is a slug)."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(str(text))
    except ValueError:
        return None


def find_project(actor: Actor, reference: str | UUID) -> Project:
    """Find a project that somebody sees by its id or slug, or by the name it was made with."""
    found = seen_project(actor, reference)
    if found is None:
        raise NotFound(f'there is no project "{shortened(str(reference))}"')
    return found


def seen_project(actor: Actor, reference: str | UUID) -> Project | None:
    """The same, or nothing."""
    seen = visible_projects(actor)
    if key := as_uuid(reference):
        return seen.filter(pk=key).first()
    found = seen.filter(slug=reference).first()
    slug = slugify(str(reference), otherwise="")
    return found or (seen.filter(slug=slug).first() if slug not in ("", reference) else None)


def members(project: Project) -> QuerySet[Membership]:
    """Give a project's members by name."""
    return project.memberships.select_related("user").order_by("user__username")
