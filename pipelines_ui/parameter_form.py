"""Parameters as form fields: what to show, what was typed, and what is wrong beside each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import QueryDict

from orchestrator.domain.errors import Problem
from orchestrator.domain.parameters import ParameterSpec, ParameterType, check_values

PREFIX = "parameter."


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a form."""

    spec: ParameterSpec
    text: str
    error: str = ""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.spec.name}"

    @property
    def widget(self) -> str:
        if self.spec.choices:
            return "choice"
        return str(self.spec.type)

    @property
    def checked(self) -> bool:
        return self.text == "true"

    @property
    def choices(self) -> list[str]:
        return [_written(choice) for choice in self.spec.choices]

    @property
    def step(self) -> str:
        return "1" if self.spec.type is ParameterType.INTEGER else "any"


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one section, which may have no title."""

    title: str
    fields: tuple[Field, ...]


def fields_of(
    specs: Sequence[ParameterSpec],
    values: Mapping[str, Any] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
    problems: Iterable[Problem] = (),
) -> list[Group]:
    """The form's fields, filled with values or with what was typed, in their sections."""
    errors = errors_by_name(problems)
    fields = [
        Field(
            spec,
            text=(
                texts.get(spec.name, "")
                if texts is not None
                else _written((values or {}).get(spec.name, spec.default))
            ),
            error=errors.get(spec.name, ""),
        )
        for spec in specs
    ]
    sections = list(dict.fromkeys(spec.section for spec in specs))
    fields.sort(key=lambda field: sections.index(field.spec.section))
    grouped = groupby(fields, key=lambda field: field.spec.section)
    return [Group(title, tuple(members)) for title, members in grouped]


def read_form(
    specs: Sequence[ParameterSpec], data: QueryDict
) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    """The values that were meant, the texts as they were typed, and what is wrong with them."""
    texts = {spec.name: data.get(f"{PREFIX}{spec.name}", "") for spec in specs}
    for spec in specs:
        # A box that is not ticked is not sent.
        if spec.type is ParameterType.BOOLEAN and not texts[spec.name]:
            texts[spec.name] = "false"
    known = {f"{PREFIX}{spec.name}" for spec in specs}
    unknown = {
        name.removeprefix(PREFIX): data[name]
        for name in data
        if name.startswith(PREFIX) and name not in known
    }
    values, problems = check_values(specs, {**texts, **unknown}, from_text=True)
    return values, texts, problems


def errors_by_name(problems: Iterable[Problem]) -> dict[str, str]:
    """What is wrong with each parameter, by its name."""
    errors: dict[str, str] = {}
    for problem in problems:
        area, _, name = problem.where.partition(".")
        if area == "parameters" and name:
            errors[name] = problem.message
    return errors


def other_problems(problems: Iterable[Problem], specs: Iterable[ParameterSpec]) -> list[Problem]:
    """The problems that belong to no field."""
    named = {f"parameters.{spec.name}" for spec in specs}
    return [problem for problem in problems if problem.where not in named]


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
