"""Making projects and giving people roles in them."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from orchestrator.actions.audit import record
from orchestrator.domain.errors import Conflict, Invalid, NotFound, shortened
from orchestrator.domain.names import slug_fault, slugify
from orchestrator.models import Membership, Project, User
from orchestrator.queries.projects import as_uuid, seen_project
from orchestrator.queries.rights import Actor, may_by_scope
from orchestrator.webhooks import secret_of

NAME_LENGTH = 128


def lock_project(project: Project) -> None:
    """Let nobody else give out names in the project until this transaction ends.

    Taken before a pipeline of it is locked, never after. Whoever only refers to the project does
    not wait: runs are made and tasks end meanwhile.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def check_new_slug(slug: str, name: str, *, otherwise: str) -> str:
    """Return the slug, made of the name when none is given; raise Invalid naming the field."""
    slug = slug or slugify(name, otherwise=otherwise)
    if fault := slug_fault(slug):
        raise Invalid.at("slug", "bad_name", fault)
    return slug


def check_display_name(name: str, slug: str) -> str:
    """Return the name to show, the slug when there is none."""
    name = name.strip() or slug
    if len(name) > NAME_LENGTH:
        message = f"a name has at most {NAME_LENGTH} characters, this one {len(name)}"
        raise Invalid.at("name", "bad_name", message)
    return name


def create_project(*, actor: str, name: str = "", slug: str = "", description: str = "") -> Project:
    """Make a project; who makes it is its first admin."""
    slug = check_new_slug(slug, name, otherwise="project")
    user = find_user(actor)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                slug=slug, name=check_display_name(name, slug), description=description
            )
            Membership.objects.create(project=project, user=user, role=Membership.Role.ADMIN)
            record(actor, "project.create", slug, project)
    except IntegrityError:
        # Also those that the actor does not see: a slug is one for the whole installation.
        raise Conflict(f'the slug "{slug}" is taken') from None
    return project


def project_for(actor: Actor, wanted: str | UUID) -> Project:
    """Give the project that a script names, made on the way if there is none and its user may."""
    found = seen_project(actor, wanted)
    if found is not None:
        return found
    missing = NotFound(f'there is no project "{shortened(str(wanted))}"')
    # A token of one project, such as a script's own, reaches no other.
    if actor.project_id is not None or as_uuid(wanted) or not may_by_scope(actor, "edit"):
        raise missing
    try:
        return create_project(actor=actor.name, name=str(wanted))
    except Conflict:
        # Somebody else of them has just made it, or there is one that they do not see.
        found = seen_project(actor, wanted)
        if found is None:
            raise missing from None
        return found


@transaction.atomic
def change_project(
    *, actor: str, project: Project, name: str | None = None, description: str | None = None
) -> Project:
    """Rename or describe a project; its slug stays, because addresses hold it."""
    if name is not None:
        project.name = check_display_name(name, project.slug)
    if description is not None:
        project.description = description
    project.save(update_fields=["name", "description"])
    record(actor, "project.change", project.slug, project, name=name, description=description)
    return project


@transaction.atomic
def set_member(*, actor: str, project: Project, user: str, role: str) -> Membership:
    """Give somebody a role in a project, in place of the one that they had."""
    if role not in Membership.Role.values:
        known = ", ".join(Membership.Role.values)
        raise Invalid.at("role", "bad_value", f'a role is one of {known}, not "{shortened(role)}"')
    member = find_user(user)
    if role != Membership.Role.ADMIN:
        _keep_an_admin(project, member)
    membership, _ = Membership.objects.update_or_create(
        project=project, user=member, defaults={"role": role}
    )
    record(actor, "member.set", user, project, role=role)
    return membership


@transaction.atomic
def remove_member(*, actor: str, project: Project, user: str) -> None:
    """Take somebody out of a project."""
    member = find_user(user)
    membership = Membership.objects.filter(project=project, user=member).first()
    if membership is None:
        raise NotFound(f'"{shortened(user)}" is no member of project "{project.slug}"')
    _keep_an_admin(project, member)
    membership.delete()
    record(actor, "member.remove", user, project)


def find_user(name: str) -> User:
    """Find an active user by name."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise NotFound(f'there is no user "{shortened(name)}"')
    return user


def _keep_an_admin(project: Project, leaving: User) -> None:
    admins = project.memberships.select_for_update().filter(role=Membership.Role.ADMIN)
    if [membership.user_id for membership in admins] == [leaving.pk]:
        raise Conflict(f'"{leaving.username}" is the last admin of project "{project.slug}"')


def renew_webhook_secret(*, actor: str, project: Project) -> str:
    """Sign the project's webhooks with a new secret from now on; it is shown this once."""
    with transaction.atomic():
        Project.objects.filter(pk=project.pk).update(webhook_generation=F("webhook_generation") + 1)
        project.refresh_from_db(fields=["webhook_generation"])
        record(actor, "project.webhook_secret", project.slug, project)
    return secret_of(project)
