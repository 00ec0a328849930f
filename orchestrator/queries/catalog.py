"""What a pipeline's document may name: templates and pipelines, what they take, their versions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Max, QuerySet

from orchestrator.domain.document import PipelineInfo, TemplateInfo
from orchestrator.domain.errors import BadName
from orchestrator.domain.names import split_template_name
from orchestrator.domain.parameters import read_specs
from orchestrator.models import Pipeline, Project, Task, TemplateVersion, User
from orchestrator.queries.nesting import NestedCatalog, current_pipeline_versions, nestable_projects
from orchestrator.queries.rights import actor_for, visible_projects
from orchestrator.queries.templates import templates_by_name

# A misspelt name is compared with so many others.
MOST_NAMES = 2_000


class DocumentCatalog:
    """What one document may name, asked for all at once; names of others one by one."""

    def __init__(
        self,
        project: Project,
        among: QuerySet[Project],
        document: object = None,
        *,
        nested: NestedCatalog,
    ) -> None:
        self._project = project
        self._among = among
        self._waiting = _asked_versions(document)
        self._nested = nested
        self._known: dict[str, TemplateInfo | None] = {}
        self._rows: dict[str, Task] = {}

    def template(self, name: str) -> TemplateInfo | None:
        """Say what a template takes and which versions it has; nothing if there is none."""
        if name not in self._known:
            self._look_up({name: set(), **self._waiting})
            self._waiting = {}
        return self._known[name]

    def names(self) -> Collection[str]:
        """Those that a document of this project may write."""
        rows = Task.objects.filter(is_template=True, project__in=self._among | self._own())
        named = rows.values_list("project__slug", "slug")[:MOST_NAMES]
        return [name_in(self._project, project, slug) for project, slug in named]

    def pipeline(self, name: str) -> PipelineInfo | None:
        """Say what a pipeline takes and gives; nothing if it is none that may be nested."""
        return self._nested.pipeline(name)

    def pipeline_names(self) -> Collection[str]:
        """Those pipelines that a document of this project may nest."""
        return [
            name_in(self._project, owner, slug) for owner, slug in self._nested.names(MOST_NAMES)
        ]

    def way_back(self, name: str, version: object) -> tuple[str, ...]:
        """The pipelines through which one leads back to the document's own, if it does."""
        return self._nested.way_back(name, version)

    def pipeline_facts(self) -> dict[str, dict[str, Any]]:
        """What an editor shows of each pipeline that was found, by the name that is written."""
        return {
            name: pipeline_facts(row, self._project, info)
            for name, (row, info) in self._nested.found().items()
        }

    def facts(self) -> dict[str, dict[str, Any]]:
        """What an editor shows of each template that was found, by the name that is written."""
        found = self._known.items()
        return {
            name: template_facts(self._rows[name], self._project, info)
            for name, info in found
            if info
        }

    def _own(self) -> QuerySet[Project]:
        return Project.objects.filter(pk=self._project.pk)

    def _look_up(self, asked: Mapping[str, set[int]]) -> None:
        names = [name for name in asked if _is_template_name(name)]
        rows = templates_by_name(self._project, names, among=self._among)
        numbers = numbers_of(rows.values())
        older = _older_specs({rows[name].pk: asked[name] for name in rows})
        self._known |= dict.fromkeys(asked)
        self._rows |= rows
        for name, row in rows.items():
            if found := numbers.get(row.pk):
                specs, _ = read_specs(row.specs)
                self._known[name] = TemplateInfo(
                    specs, version=found[-1], versions=found, older=older.get(row.pk, {})
                )


def document_catalog(
    project: Project, *, actor: str = "", document: object = None, own: Pipeline | None = None
) -> DocumentCatalog:
    """Give what a document of this project may refer to; *own* is the pipeline that it is of.

    Templates of other projects are those that the actor sees, pipelines those that the actor may
    run; without an actor there are none.
    """
    nested = NestedCatalog(project, nestable_projects(actor), document, own=own)
    return DocumentCatalog(project, projects_seen_by(actor), document, nested=nested)


def projects_seen_by(actor: str) -> QuerySet[Project]:
    """The projects whose templates somebody's document may name besides its own."""
    user = User.objects.filter(username=actor, is_active=True).first() if actor else None
    return visible_projects(actor_for(user)) if user else Project.objects.none()


def name_in(project: Project, owner: str, slug: str) -> str:
    """A template's name as a document of this project writes it: short for the project's own."""
    return slug if owner == project.slug else f"{owner}/{slug}"


def numbers_of(templates: Iterable[Task]) -> dict[Any, tuple[int, ...]]:
    """The numbers of each template's versions, rising."""
    keys = {template.pk for template in templates}
    rows = TemplateVersion.objects.filter(template__in=keys).order_by("number")
    found: dict[Any, list[int]] = {}
    for key, number in rows.values_list("template_id", "number") if keys else ():
        found.setdefault(key, []).append(number)
    return {key: tuple(numbers) for key, numbers in found.items()}


def current_versions(pins: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """The current version of the template or pipeline of each pinned step."""
    ids = {name: pin["id"] for name, pin in pins.items() if "id" in pin}
    pinned = TemplateVersion.objects.filter(pk__in=set(ids.values()))
    templates = dict(pinned.values_list("pk", "template_id"))
    rows = TemplateVersion.objects.filter(template__in=set(templates.values()))
    newest = dict(rows.values_list("template_id").annotate(newest=Max("number")))
    found = {name: newest[templates[pk]] for name, pk in ids.items() if pk in templates}
    return found | current_pipeline_versions(pins)


def template_facts(template: Task, project: Project, info: TemplateInfo) -> dict[str, Any]:
    """One template as the editor shows it."""
    owner = template.project.slug
    return {
        "template": name_in(project, owner, template.slug),
        "name": f"{owner}/{template.slug}",
        "slug": template.slug,
        "title": template.name,
        "description": template.comment,
        "project": owner,
        "tags": template.tags,
        "type": template.type,
        "version": info.version,
        "versions": list(info.versions),
        "parameters": [spec.as_dict() for spec in info.parameters],
        "older": {
            str(number): [spec.as_dict() for spec in specs] for number, specs in info.older.items()
        },
        "page": f"/templates/{owner}/{template.slug}/",
    }


def pipeline_facts(pipeline: Pipeline, project: Project, info: PipelineInfo) -> dict[str, Any]:
    """One pipeline as the editor shows it where it is nested."""
    owner = pipeline.project.slug
    return {
        "pipeline": name_in(project, owner, pipeline.slug),
        "name": f"{owner}/{pipeline.slug}",
        "slug": pipeline.slug,
        "title": pipeline.name,
        "description": pipeline.description,
        "project": owner,
        "tags": pipeline.tags,
        "version": info.version,
        "versions": list(info.versions),
        "parameters": [spec.as_dict() for spec in info.parameters],
        "older": {
            str(number): [spec.as_dict() for spec in specs] for number, specs in info.older.items()
        },
        "outputs": list(info.outputs),
        "page": f"/pipelines/{owner}/{pipeline.slug}/",
    }


def _asked_versions(document: object) -> dict[str, set[int]]:
    """The templates that a document names, each with the versions that its steps ask for."""
    steps = document.get("steps") if isinstance(document, dict) else None
    asked: dict[str, set[int]] = {}
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and isinstance(name := step.get("template"), str):
            numbers = asked.setdefault(name, set())
            if type(version := step.get("version")) is int:
                numbers.add(version)
    return asked


def _is_template_name(name: str) -> bool:
    try:
        split_template_name(name)
    except BadName:
        return False
    return True


def _older_specs(asked: Mapping[Any, set[int]]) -> dict[Any, dict[int, Any]]:
    """What the versions that are asked for declare."""
    numbers = {number for wanted in asked.values() for number in wanted if 0 < number < 2**31}
    keys = [key for key, wanted in asked.items() if wanted]
    rows = TemplateVersion.objects.filter(template__in=keys, number__in=numbers)
    found: dict[Any, dict[int, Any]] = {}
    for key, number, specs in rows.values_list("template_id", "number", "specs") if keys else ():
        if number in asked[key]:
            found.setdefault(key, {})[number] = read_specs(specs)[0]
    return found
