"""Who may do what: the one place that reads memberships, roles and the scopes of tokens.

What somebody may not see does not exist for them (``NotFound``); what they see but may not do is
refused (``NotAllowed``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from orchestrator.domain.errors import NotAllowed, NotFound
from orchestrator.models import ApiToken, Membership, Project, User

Verb = Literal["view", "operate", "edit", "administer"]
Row = TypeVar("Row", bound=Model)

_ROLES: Final = (
    Membership.Role.VIEWER,
    Membership.Role.OPERATOR,
    Membership.Role.EDITOR,
    Membership.Role.ADMIN,
)
_ROLES_BY_VERB: Final[dict[str, tuple[str, ...]]] = {
    verb: tuple(role.value for role in _ROLES[lowest:])
    for lowest, verb in enumerate(("view", "operate", "edit", "administer"))
}

SCOPES: Final[dict[str, str]] = {
    "runs:read": "read everything in the projects that its user sees",
    "runs:write": "start, abort and rerun; includes reading",
    "pipelines:write": "change templates, pipelines and tasks; includes reading",
    "admin": "everything that its user may do",
}
"""The scopes a token may have, with their meanings."""

_SCOPES_BY_VERB: Final[dict[str, frozenset[str]]] = {
    "view": frozenset(SCOPES),
    "operate": frozenset({"runs:write", "admin"}),
    "edit": frozenset({"pipelines:write", "admin"}),
    "administer": frozenset({"admin"}),
}
_NEEDED: Final[dict[str, str]] = {
    "view": "viewer",
    "operate": "operator",
    "edit": "editor",
    "administer": "admin",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks: a user, perhaps through a token that may do less than its user."""

    name: str
    user_id: int
    superuser: bool = False
    project_id: UUID | None = None
    scopes: frozenset[str] | None = None


def actor_of(request: Any) -> Actor:
    """Say who makes a request, be it a page's or one of the REST interface."""
    user = request.user
    if not user.is_authenticated:
        raise NotAllowed("sign in first")
    token = getattr(request, "auth", None)
    if not isinstance(token, ApiToken):
        return Actor(user.username, user.pk, user.is_superuser)
    return Actor(
        user.username, user.pk, user.is_superuser, token.project_id, frozenset(token.scopes)
    )


def actor_for(user: User) -> Actor:
    """Say what a user may do who comes without a request or a token."""
    return Actor(user.username, user.pk, user.is_superuser)


def may_by_scope(actor: Actor, verb: Verb) -> bool:
    """Tell whether the token, if there is one, allows this kind of thing at all."""
    return actor.scopes is None or bool(actor.scopes & _SCOPES_BY_VERB[verb])


def can(actor: Actor, verb: Verb, project: Project | UUID) -> bool:
    """Tell whether somebody may do a thing in a project."""
    project_id = project.pk if isinstance(project, Project) else project
    if not may_by_scope(actor, verb) or actor.project_id not in (None, project_id):
        return False
    return (
        actor.superuser
        or Membership.objects.filter(
            project_id=project_id, user_id=actor.user_id, role__in=_ROLES_BY_VERB[verb]
        ).exists()
    )


def require(actor: Actor, verb: Verb, project: Project | UUID) -> None:
    """Raise unless somebody may: as unknown what they cannot see, else as not allowed."""
    if can(actor, verb, project):
        return
    if verb == "view" or not can(actor, "view", project):
        raise NotFound
    if not may_by_scope(actor, verb):
        wanted = " or ".join(sorted(_SCOPES_BY_VERB[verb]))
        raise NotAllowed(f"this token's scopes do not allow that; it takes {wanted}")
    raise NotAllowed(f"that takes the role {_NEEDED[verb]} in the project or a higher one")


def may_make(actor: Actor, project: Project | UUID) -> bool:
    """Tell whether somebody may make something new; who may only start runs is given what is
    there already, as their scripts ask for it again. Raises for everybody else."""
    if can(actor, "edit", project):
        return True
    if not can(actor, "operate", project):
        require(actor, "edit", project)
    return False


def has_role(actor: Actor, roles: Collection[str], project: Project | UUID) -> bool:
    """Tell whether somebody has one of these roles in a project or a higher one; without any,
    operators have."""
    project_id = project.pk if isinstance(project, Project) else project
    if not may_by_scope(actor, "operate") or actor.project_id not in (None, project_id):
        return False
    return actor.superuser or role_of(actor, project_id) in _reaching(roles)


def _reaching(roles: Collection[str]) -> tuple[str, ...]:
    known = [role.value for role in _ROLES]
    lowest = min((known.index(role) for role in roles if role in known), default=1)
    return tuple(known[lowest:])


def require_role(actor: Actor, roles: Collection[str], project: Project | UUID) -> None:
    """Raise unless somebody has one of these roles: as unknown what they cannot see."""
    if has_role(actor, roles, project):
        return
    if not can(actor, "view", project):
        raise NotFound
    if not may_by_scope(actor, "operate"):
        require(actor, "operate", project)
    raise NotAllowed(f"that takes the role {_reaching(roles)[0]} in the project or a higher one")


def require_superuser(actor: Actor) -> None:
    """Raise unless somebody administers the whole installation, here and now."""
    if not actor.superuser or actor.project_id or not may_by_scope(actor, "administer"):
        raise NotAllowed("that takes an administrator of the installation")


def visible_projects(actor: Actor) -> QuerySet[Project]:
    """Give the projects that exist for somebody."""
    projects = Project.objects.all()
    if not may_by_scope(actor, "view"):
        return projects.none()
    if actor.project_id is not None:
        projects = projects.filter(pk=actor.project_id)
    if actor.superuser:
        return projects
    return projects.filter(
        pk__in=Membership.objects.filter(user_id=actor.user_id).values("project_id")
    )


def allowed_projects(actor: Actor, verb: Verb) -> set[UUID]:
    """The projects in which somebody may do a thing: one question for a whole list."""
    projects = visible_projects(actor)
    if not may_by_scope(actor, verb):
        return set()
    if not actor.superuser:
        mine = Membership.objects.filter(user_id=actor.user_id, role__in=_ROLES_BY_VERB[verb])
        projects = projects.filter(pk__in=mine.values("project_id"))
    return set(projects.values_list("pk", flat=True))


def for_actor(queryset: QuerySet[Row], actor: Actor, path: str = "project") -> QuerySet[Row]:
    """Leave of these rows what exists for somebody; ``path`` leads from a row to its project."""
    if actor.superuser and actor.project_id is None and may_by_scope(actor, "view"):
        return queryset
    return queryset.filter(**{f"{path}__in": visible_projects(actor).values("pk")})


def role_in(actor: Actor, project: Project) -> str | None:
    """Name somebody's role in a project; a superuser is admin everywhere."""
    return Membership.Role.ADMIN.value if actor.superuser else role_of(actor, project.pk)


def role_of(actor: Actor, project_id: UUID) -> str | None:
    """Name the role that somebody was given in a project."""
    mine = Membership.objects.filter(project_id=project_id, user_id=actor.user_id)
    return mine.values_list("role", flat=True).first()
