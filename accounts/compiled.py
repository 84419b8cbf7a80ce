"""Queries of fixed shape that Django compiles once for each process: compiling costs three times what asking does."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection, models
from django.db.models.query import ModelIterable

M = TypeVar("M", bound=models.Model)

Value = int | str
Query = tuple[str, Sequence[Any]]
# Stand for the values while the query is compiled: numbers and texts that no row and no other part of the query has.
FIRST_STAND_IN = 2**62 + 1
TEXT_STAND_IN = "stands for the text of "
LARGEST = 2**63 - 1


class Shape(NamedTuple):
    """Django's compiler, the SQL that it made, its parameters with stand-ins among them, and by a column's place what
    turns its value into the field's.
    """

    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, Any]


class Compiled(Generic[M]):
    """Rows of a queryset, by whole numbers and texts given each time, with whatever `select_related` brings along.

    `rows` makes the queryset from these values by name; it is called once, so all else that it filters by is fixed.
    It prefetches nothing. A text is one that the column takes as it is given, compared as a whole.
    """

    def __init__(
        self, rows: Callable[..., models.QuerySet[M]], *names: str, texts: Sequence[str] = (), ordered: bool = False
    ) -> None:
        """`names` are those of the whole numbers; `ordered` keeps the order that the queryset says."""
        self.rows = rows
        self.ordered = ordered
        self.stand_ins: dict[str, Value] = {name: FIRST_STAND_IN + number for number, name in enumerate(names)}
        self.stand_ins |= {name: TEXT_STAND_IN + name for name in texts}
        self.shape: Shape | None = None

    def first(self, **values: Value) -> M | None:
        """The row, or None. Give every one of the names."""
        return next(self.each(**values), None)

    def each(self, **values: Value) -> Iterator[M]:
        """All the rows. Give every one of the names; no row has a number that no column can hold."""
        if any(isinstance(value, int) and abs(value) > LARGEST for value in values.values()):
            return iter(())
        asked: Any = _Asked(self, values)
        return iter(ModelIterable(asked))

    def query(self, **values: Value) -> Query:
        """The SQL and its parameters, to be a part of another query. Give every one of the names."""
        shape = self.shaped()
        given: dict[Any, Value] = {stand_in: values[name] for name, stand_in in self.stand_ins.items()}
        return shape.sql, tuple(given.get(value, value) for value in shape.parameters)

    def compiler(self, values: Mapping[str, Value]) -> Any:
        """Django's compiler, on this thread's connection, with the SQL at hand and these values in it."""
        query, shape = self.query(**values), self.shaped()
        mine = copy.copy(shape.compiler)
        mine.connection = connection
        mine.execute_sql = lambda *_, **__: [fetched(query)]
        mine.get_converters = lambda _columns: shape.converters
        return mine

    def shaped(self) -> Shape:
        self.shape = shape = self.shape or self.compile()
        return shape

    def compile(self) -> Shape:
        """Whoever compiles is in the transaction that a lock asks for."""
        rows = self.rows(**self.stand_ins)
        compiler: Any = (rows if self.ordered else rows.order_by()).query.get_compiler(connection.alias)
        sql, parameters = compiler.as_sql()
        return Shape(compiler, sql, parameters, compiler.get_converters([column for column, *_ in compiler.select]))


def fetched(query: Query) -> list[tuple[Any, ...]]:
    """All rows of a query, as the database gives them."""
    with connection.cursor() as cursor:
        cursor.execute(*query)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _Asked:
    """What Django's row reader wants to know of a queryset."""

    def __init__(self, compiled: Compiled[Any], values: Mapping[str, Value]) -> None:
        self.query = self
        self.compiled, self.values = compiled, values
        self.db = connection.alias
        self._known_related_objects: dict[Any, Any] = {}

    def get_compiler(self, using: str) -> Any:
        return self.compiled.compiler(self.values)
