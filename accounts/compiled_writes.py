"""Writes of fixed shape: the SQL is made once for each process, and a row costs what its values cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Field

M = TypeVar("M", bound=models.Model)

INSERT = "INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id"
UPDATE = "UPDATE {table} SET {changes} WHERE id = %s"


class Columns(Generic[M]):
    """Some columns of a model, by the names of its fields. Each must be a plain value, not an expression."""

    def __init__(self, model: type[M], names: Sequence[str]) -> None:
        self.model, self.names = model, names

    @cached_property
    def fields(self) -> list[Field[Any, Any]]:
        """Looked up at first use: models refer to each other until all of them are there."""
        return [cast("Field[Any, Any]", self.model._meta.get_field(name)) for name in self.names]

    @cached_property
    def quoted(self) -> list[str]:
        return [connection.ops.quote_name(str(field.column)) for field in self.fields]

    @cached_property
    def table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def values(self, row: M) -> list[Any]:
        """A row's values as the database takes them."""
        # Not by Django's proxy: to look through it for each value costs more than the value.
        database = connections[DEFAULT_DB_ALIAS]
        return [field.get_db_prep_save(getattr(row, field.attname), database) for field in self.fields]


class CompiledInsert(Columns[M]):
    """Stores a new row, all of it; like `save(force_insert=True)`, without signals."""

    def __init__(self, model: type[M]) -> None:
        super().__init__(model, ())

    @cached_property
    def fields(self) -> list[Field[Any, Any]]:
        return [field for field in self.model._meta.local_concrete_fields if not field.primary_key]

    @cached_property
    def sql(self) -> str:
        marks = ", ".join(["%s"] * len(self.fields))
        return INSERT.format(table=self.table, columns=", ".join(self.quoted), marks=marks)

    def __call__(self, row: M) -> None:
        """Store the row and let it know its number."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values(row))
            self.note(row, cursor.fetchone()[0])

    def note(self, row: M, pk: int) -> None:
        """The row was stored under this number."""
        row.pk, row._state.adding, row._state.db = pk, False, connection.alias


class CompiledUpdate(Columns[M]):
    """Writes these fields of a row; like `save(update_fields=…)`, without signals."""

    def __init__(self, model: type[M], *names: str) -> None:
        super().__init__(model, names)

    @cached_property
    def changes(self) -> str:
        return ", ".join(f"{column} = %s" for column in self.quoted)

    @cached_property
    def sql(self) -> str:
        return UPDATE.format(table=self.table, changes=self.changes)

    def __call__(self, row: M) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [*self.values(row), row.pk])
