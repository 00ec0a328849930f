"""Saving templates: each change of what a template executes is a numbered, immutable version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Max

from orchestrator import announce
from orchestrator.actions.audit import record
from orchestrator.actions.projects import check_new_slug
from orchestrator.domain.errors import Invalid, Problem, shortened
from orchestrator.domain.names import CAPS
from orchestrator.domain.parameters import ParameterSpec, full_name, specs_from
from orchestrator.models import Definition, Line, Project, Task, TemplateVersion
from orchestrator.queries.templates import latest_version
from orchestrator.store.definitions import definition_row

NAME_LENGTH = 200
MOST_REQUIREMENTS = 500
_REQUIREMENT = re.compile(r"\s*[A-Za-z0-9](?:[^\x00-\x1f\x7f]{0,998})")
_BODY_KEYS: Mapping[str, Mapping[str, bool]] = {
    "python": {"script": True, "requirements": False},
    "function": {"source": True, "name": True, "requirements": False},
    "command": {"argv": True, "requirements": False},
}


@transaction.atomic
def save_template(  # noqa: PLR0913 - a template has that many parts
    *,
    actor: str,
    project: Project,
    slug: str = "",
    name: str,
    kind: str,
    body: Mapping[str, Any],
    specs: Sequence[ParameterSpec | Mapping[str, Any]] = (),
    queue: str = "default",
    note: str = "",
    tags: Sequence[str] = (),
    comment: str | None = None,
    type: str | None = None,
    configuration: Mapping[str, str] | None = None,
) -> TemplateVersion:
    """Make a template, or the next version of it; what is saved unchanged stays one version.

    The slug says which template is meant.
    """
    name = _checked_name(name)
    slug = check_new_slug(slug, name, otherwise="template")
    declared = check_specs(specs)
    queue = check_queue(queue)
    definition = definition_for(kind, body)
    template = _template_row(project, slug, name=name, kind=definition.kind, actor=actor)
    said = {"queue": queue, "configuration": dict(configuration or {})}
    version = _version_row(template, definition, declared, said, actor=actor, note=note)
    _show_latest(template, version, name=name, tags=tags, comment=comment, type=type)
    record(actor, "template.save", f"{project.slug}/{slug}", project, version=version.number)
    announce.poke(f"project:{project.pk}", f"task:{template.pk}")
    return version


def check_specs(
    specs: Iterable[ParameterSpec | Mapping[str, Any]], *, where: str = "parameters"
) -> list[dict[str, Any]]:
    """Return a task's declarations as they are stored, each name with its section."""
    raw = [spec.as_dict() if isinstance(spec, ParameterSpec) else spec for spec in specs]
    full = [replace(spec, name=full_name(spec.name)) for spec in specs_from(raw, where=where)]
    return [spec.as_dict() for spec in specs_from([s.as_dict() for s in full], where=where)]


def check_queue(queue: str, *, where: str = "queue") -> str:
    """Return a queue's name, or raise Invalid when there is none of that name."""
    if not Line.objects.filter(kind=Line.Kind.QUEUE, name=queue).exists():
        message = f'there is no queue "{shortened(queue)}"'
        raise Invalid.at(where, "unknown_queue", message)
    return queue


def definition_for(kind: str, body: Mapping[str, Any]) -> Definition:
    """Return the row of what is to be executed, made when it is new; raise Invalid if it cannot."""
    if problems := body_problems(kind, body):
        raise Invalid(problems)
    return definition_row(kind, body)


def body_problems(kind: str, body: Mapping[str, Any]) -> list[Problem]:
    """Find everything that is wrong with what is to be executed."""
    keys = _BODY_KEYS.get(kind)
    if keys is None:
        known = ", ".join(_BODY_KEYS)
        message = f'a kind is one of {known}, not "{shortened(kind)}"'
        return [Problem("kind", None, "bad_value", message)]
    problems = [
        Problem(key, None, "unknown_key", f'a task of kind "{kind}" has no "{shortened(key)}"')
        for key in body
        if key not in keys
    ]
    for key, needed in keys.items():
        value = body.get(key)
        if value in (None, "", []):
            if needed:
                problems.append(Problem(key, None, "missing", f'kind "{kind}" needs "{key}"'))
        elif fault := _BODY_FAULTS[key](value):
            problems.append(Problem(key, None, "bad_value", fault))
    return problems


def _text_fault(value: object) -> str | None:
    if not isinstance(value, str):
        return "this must be text"
    if "\0" in value:
        return "this must not hold a NUL character"
    size = len(value.encode("utf-8", "surrogatepass"))
    if size > CAPS.parameter_bytes:
        return f"{size:,} bytes are more than the cap of {CAPS.parameter_bytes:,} bytes"
    return None


def _python_fault(value: object) -> str | None:
    if fault := _text_fault(value):
        return fault
    try:
        compile(str(value), "<script>", "exec", flags=_ONLY_PARSE, dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f"this is not Python: {getattr(error, 'msg', error)}" + (
            f" (line {line})" if line else ""
        )
    except (RecursionError, MemoryError):
        return "this is nested too deeply to be read as Python"
    return None


def _name_fault(value: object) -> str | None:
    if isinstance(value, str) and value.isidentifier():
        return None
    return "this must be the name of the function"


def _argv_fault(value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return "this must be a list of texts: the program, then its arguments"
    if not value[0].strip() or any("\0" in part for part in value):
        return "the program must be named, and nothing may hold a NUL character"
    return None


def _requirements_fault(value: object) -> str | None:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        return "this must be a list of texts, each a package and, if need be, its version"
    if len(value) > MOST_REQUIREMENTS:
        return f"{len(value):,} are more than the cap of {MOST_REQUIREMENTS:,}"
    for text in value:
        # One that begins with a dash would be an option of the installer.
        if not _REQUIREMENT.fullmatch(text):
            return f'"{shortened(text)}" is not a package and its version, as in "numpy>=2"'
    return None


# ast.PyCF_ONLY_AST: read the text, never make code of it.
_ONLY_PARSE = 0x400
_BODY_FAULTS: Mapping[str, Callable[[object], str | None]] = {
    "script": _python_fault,
    "source": _python_fault,
    "name": _name_fault,
    "argv": _argv_fault,
    "requirements": _requirements_fault,
}


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        message = f"a name has 1 to {NAME_LENGTH} printable characters"
        raise Invalid.at("name", "bad_name", message)
    return name


def _template_row(project: Project, slug: str, *, name: str, kind: str, actor: str) -> Task:
    """Find or make the template and lock it, so that two savers get two numbers."""
    template, _ = Task.objects.get_or_create(
        project=project,
        slug=slug,
        is_template=True,
        defaults={"name": name, "kind": kind, "actor": actor},
    )
    return Task.objects.select_for_update().get(pk=template.pk)


def _version_row(
    template: Task,
    definition: Definition,
    specs: list[dict[str, Any]],
    said: Mapping[str, Any],
    *,
    actor: str,
    note: str,
) -> TemplateVersion:
    content = [definition.hash, specs, *(value for value in said.values() if value)]
    content_hash = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    latest = latest_version(template)
    if latest is not None and latest.content_hash == content_hash:
        return latest
    newest = template.versions.aggregate(newest=Max("number"))["newest"] or 0
    return TemplateVersion.objects.create(
        template=template,
        number=newest + 1,
        definition=definition,
        specs=specs,
        **said,
        content_hash=content_hash,
        author=actor,
        note=note,
    )


def _show_latest(
    template: Task,
    version: TemplateVersion,
    *,
    name: str,
    tags: Sequence[str],
    comment: str | None,
    type: str | None,
) -> None:
    """Let the template's row say what its latest version is; clones and lists read it."""
    template.name = name
    template.kind = version.definition.kind
    template.definition = version.definition
    template.specs = version.specs
    template.parameters = {spec["name"]: spec.get("default") for spec in version.specs}
    template.queue = version.queue
    template.configuration = version.configuration
    template.template_version = version
    template.tags = list(tags)
    if comment is not None:
        template.comment = comment
    if type is not None:
        template.type = type
    template.save()
