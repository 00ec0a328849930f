"""Writing many rows at once, each with values of its own, by one prepared statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def update_many(
    model: type[models.Model], columns: Sequence[str], rows: Mapping[Any, Sequence[Any]]
) -> None:
    """Set *columns* of each row, given by primary key.

    ``bulk_update`` builds one CASE expression for all rows and columns, whose cost grows with
    their product; a repeated statement costs the same for each row.
    """
    if not rows:
        return
    quote = connection.ops.quote_name
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    key = next(field for field in model._meta.concrete_fields if field.primary_key)
    assignments = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {assignments} "
        f"WHERE {quote(str(key.column))} = %s"
    )
    parameters = [
        [
            *(
                field.get_db_prep_save(value, connection)
                for field, value in zip(fields, values, strict=True)
            ),
            key.get_db_prep_value(pk, connection),
        ]
        for pk, values in rows.items()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, parameters)
