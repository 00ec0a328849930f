"""Declared parameters as rows of a form: read from what was posted, written for the page."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from orchestrator.domain.errors import Problem
from orchestrator.domain.parameters import (
    BadValue,
    ParameterSpec,
    ParameterType,
    coerce_text,
    read_specs,
)

Row = dict[str, str]

COLUMNS = ("name", "type", "default", "required", "choices", "minimum", "maximum", "help")
TYPES = [str(kind) for kind in ParameterType]
# Without a script in the browser rows cannot be added, so some are there already.
SPARE_ROWS = 3

_FIELD = re.compile(r"spec-(\d{1,4})-(\w+)")


def rows_of(specs: Sequence[ParameterSpec]) -> list[Row]:
    """Declarations as the texts of their fields."""
    return [_row(spec) for spec in specs]


def posted_rows(data: QueryDict) -> list[Row]:
    """The rows that were filled in, in their order; those without a name are left out."""
    rows: dict[int, Row] = {}
    for key, value in data.items():
        match = _FIELD.fullmatch(key)
        if match and match[2] in COLUMNS:
            rows.setdefault(int(match[1]), {})[match[2]] = str(value)
    ordered = (rows[place] for place in sorted(rows))
    return [
        {column: row.get(column, "") for column in COLUMNS}
        for row in ordered
        if row.get("name", "").strip()
    ]


def read_rows(rows: Sequence[Row]) -> tuple[list[ParameterSpec], dict[int, str]]:
    """The declarations that were meant, and what is wrong with each row."""
    entries = [_entry(row) for row in rows]
    specs, problems = read_specs(entries)
    errors = _errors_by_row(problems)
    if errors:
        return [], errors
    whole: list[dict[str, Any]] = []
    for place, (row, spec) in enumerate(zip(rows, specs, strict=True)):
        try:
            default = coerce_text(_optional(spec), row["default"]) if row["default"] else None
        except BadValue as error:
            errors[place] = f"default: {error.message}"
            continue
        whole.append({**entries[place], **({} if default is None else {"default": default})})
    if errors:
        return [], errors
    specs, problems = read_specs(whole)
    return list(specs), _errors_by_row(problems)


def _optional(spec: ParameterSpec) -> ParameterSpec:
    return ParameterSpec(
        name=spec.name,
        type=spec.type,
        choices=spec.choices,
        minimum=spec.minimum,
        maximum=spec.maximum,
    )


def _entry(row: Row) -> dict[str, Any]:
    """A row as a declaration without its default, whose type must be known first."""
    entry: dict[str, Any] = {"name": row["name"].strip(), "type": row["type"] or "string"}
    if row["required"]:
        entry["required"] = True
    if row["help"].strip():
        entry["help"] = row["help"].strip()
    if row["choices"].strip():
        entry["choices"] = [
            _value(part.strip(), entry["type"])
            for part in row["choices"].split(",")
            if part.strip()
        ]
    for bound in ("minimum", "maximum"):
        if row[bound].strip():
            entry[bound] = _value(row[bound].strip(), "number")
    return entry


def _value(text: str, kind: str) -> Any:
    """A number where one is meant; what is none is left for the check to name."""
    if kind not in ("integer", "number"):
        return text
    try:
        number = float(text)
        return int(number) if number.is_integer() and "." not in text else number
    except (ValueError, OverflowError):
        return text


def _row(spec: ParameterSpec) -> Row:
    said = spec.as_dict()
    row = {column: _written(said.get(column)) for column in COLUMNS}
    row["required"] = "yes" if spec.required else ""
    row["choices"] = ", ".join(_written(choice) for choice in spec.choices)
    return row


def _written(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _errors_by_row(problems: Sequence[Problem]) -> dict[int, str]:
    errors: dict[int, str] = {}
    for problem in problems:
        match = re.match(r"parameters\[(\d+)\]", problem.where)
        place = int(match[1]) if match else 0
        errors.setdefault(place, problem.message)
    return errors
