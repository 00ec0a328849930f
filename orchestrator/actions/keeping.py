"""Keeping a task as a template, so that steps can be made of it.

The template is the task's own: it remembers which one it was kept from, and keeping the task again
gives the same version as long as it executes the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from orchestrator.actions.projects import check_new_slug, lock_project
from orchestrator.actions.templates import save_template
from orchestrator.domain.errors import Conflict
from orchestrator.domain.names import LOCAL_QUEUE, SLUG_LENGTH, slugify
from orchestrator.domain.parameters import full_name
from orchestrator.models import Run, Task, TemplateVersion
from orchestrator.queries.templates import latest_version, template_in

_KEPT: Final = "kept as a template"
_ANY: Final = "json"


@dataclass(frozen=True, slots=True)
class Kept:
    """The version of a template that executes what a task does; it may have been there before."""

    version: TemplateVersion
    is_new: bool


@transaction.atomic
def keep_task(*, actor: str, task: Task, slug: str = "", declare: Iterable[str] = ()) -> Kept:
    """Give a template whose newest version executes what this task does; a template gives itself.

    Its parameters are those that the task declares and has, with its values as defaults. Those of
    *declare* are taken too, whatever their value: so steps may set what the task never named.
    """
    if task.is_template:
        return Kept(_newest(task), is_new=False)
    rows = Task.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    locked = rows.get(pk=task.pk)
    if locked.definition is None or Run.objects.filter(pk=locked.pk).exists():
        raise Conflict("this task holds no code of its own, so that no step can be made of it")
    specs = _specs_of(locked, [full_name(name) for name in declare])
    # Of two tasks of one name that are kept at once, the second finds the first one's template.
    lock_project(locked.project)
    template = _template_of(locked, slug, specs)
    own = not slug and not isinstance(template, Task)
    if isinstance(template, Task):
        newest = _newest(template)
        if _executes(newest, locked, specs):
            return Kept(newest, is_new=False)
        slug, specs = template.slug, _with(specs, newest.specs)
    else:
        slug = template
    version = save_template(
        actor=actor,
        project=locked.project,
        slug=slug,
        name=locked.name,
        kind=locked.kind,
        body=locked.definition.body,
        specs=specs,
        queue=_queue_of(locked),
        tags=locked.tags,
        type=locked.type,
        configuration=locked.configuration,
    )
    if own:
        Task.objects.filter(pk=version.template_id).update(maker=locked, maker_key=_KEPT)
    return Kept(version, is_new=True)


def _newest(template: Task) -> TemplateVersion:
    newest = template.template_version or latest_version(template)
    if newest is None:
        raise Conflict(f'the template "{template.slug}" has no version')
    return newest


def _template_of(task: Task, slug: str, specs: Sequence[Mapping[str, Any]]) -> Task | str:
    """The template that the task is kept as, or a slug for a new one."""
    if slug:
        checked = check_new_slug(slug, slug, otherwise="template")
        return template_in(task.project, checked) or checked
    mine = Task.objects.filter(maker=task, maker_key=_KEPT, is_template=True)
    if (own := mine.select_related("project").first()) is not None:
        return own
    # The same script, registered again by another execution, is the same template.
    alike = Task.objects.filter(
        project=task.project,
        is_template=True,
        maker_key=_KEPT,
        name=task.name,
        definition=task.definition,
    )
    for template in alike.select_related("project", "template_version").order_by("pk"):
        if _executes(_newest(template), task, specs):
            return template
    return _free_slug(task)


def _free_slug(task: Task) -> str:
    stem = slugify(task.name, otherwise="task")
    taken = Task.objects.filter(project=task.project, is_template=True, slug__startswith=stem[:90])
    slugs = set(taken.values_list("slug", flat=True))
    number = 1
    slug = stem
    while slug in slugs:
        number += 1
        slug = f"{stem[: SLUG_LENGTH - 6]}-{number}"
    return slug


def _executes(version: TemplateVersion, task: Task, specs: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a version does what the task does, and takes at least these parameters."""
    declared = {spec["name"]: spec for spec in version.specs}
    return (
        version.definition_id == task.definition_id
        and version.queue == _queue_of(task)
        and version.configuration == task.configuration
        and all(_takes(declared.get(spec["name"]), spec) for spec in specs)
    )


def _takes(declared: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    if declared is None:
        return False
    return dict(declared) == dict(wanted) or _is_open(wanted)


def _is_open(spec: Mapping[str, Any]) -> bool:
    """A parameter that is only to be settable."""
    return spec["type"] == _ANY and spec.get("default") is None


def _with(
    specs: Sequence[Mapping[str, Any]], before: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The parameters, and those that earlier steps wanted to be settable."""
    names = {spec["name"] for spec in specs}
    return [*specs, *(spec for spec in before if spec["name"] not in names and _is_open(spec))]


def _specs_of(task: Task, declare: Iterable[str]) -> list[Mapping[str, Any]]:
    declared = task.specs
    if not declared and task.template_version is not None:
        declared = task.template_version.specs
    specs: dict[str, Mapping[str, Any]] = {
        spec["name"]: {**spec, "default": task.parameters.get(spec["name"], spec.get("default"))}
        for spec in declared
    }
    for name, value in task.parameters.items():
        specs.setdefault(name, {"name": name, "type": _type_of(value), "default": value})
    for name in declare:
        specs.setdefault(name, {"name": name, "type": _ANY, "default": None})
    return list(specs.values())


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else _ANY


def _queue_of(task: Task) -> str:
    return "default" if task.queue == LOCAL_QUEUE else task.queue
