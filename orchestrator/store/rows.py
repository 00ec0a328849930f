"""Rows read and written by statements of our own, where a step pays for each of them.

Building a statement through the ORM costs many times what the database needs to execute it; a
turn would take ten milliseconds instead of two. Here the text is made once and the values go
through the fields' own converters, so that both databases store and give what the ORM would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection, models

ROWS_AT_ONCE = 200
COPIED_FROM = 50
"""PostgreSQL takes so many rows faster as a stream than as the values of a statement."""

M = TypeVar("M", bound=models.Model)


class Columns(Generic[M]):
    """Some columns of a table, in an order: read as instances, written as values.

    What is not among them stays deferred in the instances, as with ``only()``.
    """

    def __init__(self, model: type[M], *names: str) -> None:
        self.model = model
        known = {field.name: field for field in model._meta.concrete_fields}
        self._fields = [known[name] for name in names] or list(known.values())
        self._attributes = [field.attname for field in self._fields]
        # Instances are made from values in the order in which the model declares its fields.
        self._declared = sorted(range(len(self._fields)), key=lambda n: self._fields[n])
        self.table = f'"{model._meta.db_table}"'
        self.names = ", ".join(f'"{field.column}"' for field in self._fields)
        self.select = ", ".join(f'{self.table}."{field.column}"' for field in self._fields)
        self._marks = ", ".join(["%s"] * len(self._fields))
        self._assignments = ", ".join(f'"{field.column}" = %s' for field in self._fields)
        self._key = model._meta.pk
        self._converters: list[tuple[int, Callable[..., Any], Any]] | None = None

    def __len__(self) -> int:
        return len(self._fields)

    def read(self, row: Sequence[Any]) -> M:
        """The instance of a row that was selected with ``select``, or returned with ``names``."""
        values = list(row)
        for place, convert, column in self._converters or self._find_converters():
            values[place] = convert(values[place], column, connection)
        return self.model.from_db(
            "default", self._attributes, [values[place] for place in self._declared]
        )

    def insert(self, rows: Iterable[M]) -> None:
        """Insert instances with these columns; the database's defaults do not count."""
        statement = f"INSERT INTO {self.table} ({self.names}) VALUES "
        for chunk in _chunks([self._stored_of(row) for row in rows]):
            if connection.vendor == "postgresql" and len(chunk) >= COPIED_FROM:
                _copy(f"COPY {self.table} ({self.names}) FROM STDIN", chunk)
            elif connection.vendor == "postgresql":
                # One statement, as each costs a network's way.
                values = [value for row in chunk for value in row]
                execute(statement + ", ".join([f"({self._marks})"] * len(chunk)), values)
            else:
                _execute_each(f"{statement}({self._marks})", chunk)

    def update(self, rows: Mapping[Any, Sequence[Any]]) -> None:
        """Set these columns of each row, given by primary key."""
        statement = f'UPDATE {self.table} SET {self._assignments} WHERE "{self._key.column}" = %s'
        written = [
            [*self.stored(values), self._key.get_db_prep_value(key, connection)]
            for key, values in rows.items()
        ]
        if written:
            _execute_each(statement, written)

    def stored(self, values: Sequence[Any]) -> list[Any]:
        """Values of these columns as the database takes them."""
        return [
            field.get_db_prep_save(value, connection)
            for field, value in zip(self._fields, values, strict=True)
        ]

    def _stored_of(self, row: M) -> list[Any]:
        return self.stored([getattr(row, name) for name in self._attributes])

    def _find_converters(self) -> list[tuple[int, Callable[..., Any], Any]]:
        # Asked for at first use: which there are depends on the database.
        self._converters = [
            (place, convert, column)
            for place, column in enumerate(
                field.get_col(self.model._meta.db_table) for field in self._fields
            )
            for convert in (
                *connection.ops.get_db_converters(column),
                *column.get_db_converters(connection),
            )
        ]
        return self._converters


def fetch(statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
    """Execute a statement; the rows that it gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def execute(statement: str, parameters: Sequence[Any] = ()) -> int:
    """Execute a statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def now_sql() -> str:
    """The database's clock, as an expression: what leases and deadlines are measured by."""
    if connection.vendor == "postgresql":
        return "STATEMENT_TIMESTAMP()"
    return "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW')"


def after_sql() -> str:
    """So many seconds from now, by the database's clock; takes the seconds as its parameter."""
    if connection.vendor == "postgresql":
        return "STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second'"
    return "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', %s || ' seconds')"


def json_object_sql() -> str:
    """The function that makes a JSON object of names and values."""
    return "JSONB_BUILD_OBJECT" if connection.vendor == "postgresql" else "JSON_OBJECT"


@cache
def marks(count: int) -> str:
    """So many placeholders, to stand in an ``IN``."""
    return f"({', '.join(['%s'] * count)})"


def key_of(model: type[models.Model], value: Any) -> Any:
    """A primary key as the database takes it."""
    return model._meta.pk.get_db_prep_value(value, connection)


def _chunks(rows: list[list[Any]]) -> Iterable[list[list[Any]]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _execute_each(statement: str, rows: list[list[Any]]) -> None:
    """Execute a statement for all rows: prepared once, and sent without waiting for answers."""
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(statement, rows[0])
        else:
            cursor.executemany(statement, rows)


def _copy(statement: str, rows: list[list[Any]]) -> None:
    """Stream rows into a table of PostgreSQL."""
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row(row)
