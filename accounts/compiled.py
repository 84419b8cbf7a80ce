"""Queries of fixed shape that Django compiles once for each process: compiling costs three times what asking does."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=models.Model)

# Stand for the values while the query is compiled: whole numbers that no row and no other part of the query has.
FIRST_STAND_IN = 2**62 + 1
LARGEST = 2**63 - 1


class Shape(NamedTuple):
    """Django's compiler, the SQL that it made, and its parameters with stand-ins among them."""

    compiler: Any
    sql: str
    parameters: tuple[Any, ...]


class Compiled(Generic[M]):
    """One row of a queryset, by whole numbers given each time, with whatever `select_related` brings along.

    `rows` makes the queryset from these numbers by name; it is called once, so all else that it filters by is fixed.
    It prefetches nothing.
    """

    def __init__(self, rows: Callable[..., models.QuerySet[M]], *names: str) -> None:
        self.rows = rows
        self.stand_ins = {name: FIRST_STAND_IN + number for number, name in enumerate(names)}
        self.shape: Shape | None = None

    def first(self, **values: int) -> M | None:
        """The row, or None. Give every one of the names; no row has a number that no column can hold."""
        if any(abs(value) > LARGEST for value in values.values()):
            return None
        given = {stand_in: values[name] for name, stand_in in self.stand_ins.items()}
        asked: Any = _Asked(self, given)
        return next(iter(ModelIterable(asked)), None)

    def compiler(self, given: Mapping[Any, int]) -> Any:
        """Django's compiler, on this thread's connection, with the SQL at hand and these values in it."""
        self.shape = shape = self.shape or self.compile()
        parameters = tuple(given.get(value, value) for value in shape.parameters)
        mine = copy.copy(shape.compiler)
        mine.connection = connection
        mine.as_sql = lambda *_, **__: (shape.sql, parameters)
        return mine

    def compile(self) -> Shape:
        """Whoever compiles is in the transaction that a lock asks for."""
        compiler = self.rows(**self.stand_ins).order_by().query.get_compiler(connection.alias)
        return Shape(compiler, *compiler.as_sql())


class _Asked:
    """What Django's row reader wants to know of a queryset."""

    def __init__(self, compiled: Compiled[Any], given: Mapping[Any, int]) -> None:
        self.query = self
        self.compiled, self.given = compiled, given
        self.db = connection.alias
        self._known_related_objects: dict[Any, Any] = {}

    def get_compiler(self, using: str) -> Any:
        return self.compiled.compiler(self.given)
