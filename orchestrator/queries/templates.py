"""Questions about templates and their versions."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from orchestrator.domain.errors import NotFound, shortened
from orchestrator.domain.names import split_template_name
from orchestrator.models import Project, SlugAlias, Task, TemplateVersion
from orchestrator.queries.projects import as_uuid
from orchestrator.queries.rights import Actor, for_actor, visible_projects

ALIAS = "template"


def templates_for(
    actor: Actor, *, project: Project | None = None, search: str = ""
) -> QuerySet[Task]:
    """Give the templates that somebody sees, with ``latest_number`` and ``saved_at`` of each."""
    newest = TemplateVersion.objects.filter(template=OuterRef("pk")).order_by("-number")
    found = for_actor(Task.objects.filter(is_template=True), actor).select_related("project")
    if project is not None:
        found = found.filter(project=project)
    if search:
        found = found.filter(
            Q(name__icontains=search) | Q(slug__icontains=search) | Q(comment__icontains=search)
        )
    return found.annotate(
        latest_number=Subquery(newest.values("number")[:1]),
        saved_at=Subquery(newest.values("created_at")[:1]),
    ).order_by("project__slug", "slug")


def find_template(actor: Actor, reference: str | UUID) -> Task:
    """Find a template that somebody sees by its id or ``project/slug``."""
    missing = NotFound(f'there is no template "{shortened(str(reference))}"')
    key = as_uuid(reference)
    if key:
        found = for_actor(Task.objects.filter(is_template=True, pk=key), actor).first()
    else:
        project_slug, slash, slug = str(reference).partition("/")
        project = visible_projects(actor).filter(slug=project_slug).first()
        if project is None or not slash:
            raise missing
        found = template_in(project, slug)
    if found is None:
        raise missing
    return found


def template_in(project: Project, slug: str) -> Task | None:
    """Find a project's template by its slug or one that it had before."""
    templates = Task.objects.filter(is_template=True, project=project).select_related("project")
    found = templates.filter(slug=slug).first()
    if found is None:
        alias = SlugAlias.objects.filter(project=project, kind=ALIAS, slug=slug).first()
        found = templates.filter(pk=alias.target).first() if alias else None
    return found


def versions_of(template: Task) -> QuerySet[TemplateVersion]:
    """Give a template's versions, newest first, with what each executes."""
    return template.versions.select_related("definition").order_by("-number")


def latest_version(template: Task) -> TemplateVersion | None:
    """Give the version that a new step would take."""
    return versions_of(template).first()


def find_version(template: Task, number: int) -> TemplateVersion:
    """Find one version of a template."""
    found = versions_of(template).filter(number=number).first()
    if found is None:
        newest = template.versions.aggregate(newest=Max("number"))["newest"]
        raise NotFound(f'template "{template.slug}" has no version {number}; the newest: {newest}')
    return found


def templates_by_name(
    project: Project, names: Iterable[str], *, among: QuerySet[Project]
) -> dict[str, Task]:
    """Find what a document's template names mean, in four questions at most.

    A bare name is one of the document's own project; ``project/slug`` must be one of ``among``.
    """
    split = {name: split_template_name(name) for name in set(names)}
    foreign = {part for part, _ in split.values() if part}
    projects = {p.slug: p for p in among.filter(slug__in=foreign)} if foreign else {}
    projects[project.slug] = project
    slugs = {slug for _, slug in split.values()}
    inside = Q(project__in=list(projects.values()))
    rows = Task.objects.filter(inside, is_template=True).select_related("project")
    found = {(row.project.slug, row.slug): row for row in rows.filter(slug__in=slugs)}
    aliases = SlugAlias.objects.filter(inside, kind=ALIAS, slug__in=slugs)
    targets = {(a.project_id, a.slug): a.target for a in aliases}
    renamed = {row.pk: row for row in rows.filter(pk__in=targets.values())} if targets else {}
    by_slug = {project.slug: project.pk for project in projects.values()}
    for (project_id, slug), target in targets.items():
        for project_slug, pk in by_slug.items():
            if pk == project_id and target in renamed:
                found.setdefault((project_slug, slug), renamed[target])
    wanted = {name: (part or project.slug, slug) for name, (part, slug) in split.items()}
    return {name: found[key] for name, key in wanted.items() if key in found}
