"""Queries of fixed shape that Django compiles once for each process: compiling costs three times what asking does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=models.Model)

# Stands for the key while the query is compiled: no row has it, and the query has no other parameter of this value.
ANY_KEY = 2**62 + 1


class ByKey(Generic[M]):
    """One row of a queryset by its primary key, with whatever `select_related` brings along.

    `rows` gives the queryset; it is called once, and what it filters by is as fixed as its shape.
    """

    def __init__(self, rows: Callable[[], models.QuerySet[M]]) -> None:
        self.rows = rows
        self.compiled: tuple[Any, str, tuple[Any, ...]] | None = None

    def get(self, pk: int) -> M | None:
        """The row, or None."""
        asked: Any = _Asked(self, pk)
        return next(iter(ModelIterable(asked)), None)

    def compiler_for(self, pk: int) -> Any:
        """Django's compiler, on this thread's connection, with the SQL at hand and this key in its place."""
        compiler, sql, params = self.compiled = self.compiled or self.compile()
        mine = copy.copy(compiler)
        mine.connection = connection
        given = tuple(pk if value == ANY_KEY else value for value in params)
        mine.as_sql = lambda *_, **__: (sql, given)
        return mine

    def compile(self) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self.rows().order_by().filter(pk=ANY_KEY).query.get_compiler(connection.alias)
        sql, params = compiler.as_sql()
        return compiler, sql, params


class _Asked:
    """What Django's row reader wants to know of a queryset."""

    def __init__(self, query: ByKey[Any], pk: int) -> None:
        self.query = self
        self.by_key, self.pk = query, pk
        self.db = connection.alias
        self._known_related_objects: dict[Any, Any] = {}

    def get_compiler(self, using: str) -> Any:
        return self.by_key.compiler_for(self.pk)
