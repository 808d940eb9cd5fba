"""Statements that every batch runs with many parameters, each compiled once for every kind of database.

SQLAlchemy finds a statement by hashing all of its parts and looks each parameter up several times. For a union of
sixty-four parts, or rows that are stored by the hundred, that takes longer than the database does. Statements with a
list of changing length (``expanding``) cannot be prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Processor = Callable[[Any], Any]
Row = tuple[Any, ...]
Built = TypeVar("Built")


def built_once(most: int | None = None) -> Callable[[Callable[..., Built]], _lru_cache_wrapper[Built]]:
    """Keeps the statement that a function builds for each shape of its arguments, the ``most`` that were asked for
    last. To build one takes longer than to run it: each function says how long, measured."""
    return lru_cache(most)


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    parameters: tuple[tuple[str, Processor | None], ...]  # in the order of the text
    results: tuple[tuple[int, Processor], ...]  # the columns that change on the way from the database
    own: Mapping[str, Any]  # the values of parameters that the statement itself has, such as an offset of none
    is_positional: bool

    def all_bound(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """As ``bound``, column by column: for many rows in two thirds of the time."""
        if not self.is_positional or self.own:
            return [self.bound(row) for row in rows]
        columns = ([row[name] for row in rows] for name, _ in self.parameters)
        converted = [
            own if to is None else list(map(to, own)) for own, (_, to) in zip(columns, self.parameters, strict=True)
        ]
        return list(zip(*converted, strict=True))

    def bound(self, given: Mapping[str, Any]) -> Any:
        named = {**given, **self.own} if self.own else given
        if self.is_positional:
            return tuple([named[name] if to is None else to(named[name]) for name, to in self.parameters])
        return {name: named[name] if to is None else to(named[name]) for name, to in self.parameters}


def filled(values: Sequence[int], sizes: Sequence[int], filler: int) -> Iterator[Sequence[int]]:
    """The values in parts that have one of the sizes, each of which has a statement of its own."""
    for start in range(0, len(values), sizes[-1]):
        some = values[start : start + sizes[-1]]
        size = next(size for size in sizes if size >= len(some))
        yield [*some, *[filler] * (size - len(some))]


class Prepared:
    """``given`` are the names of the values that come with each row, for a statement that does not name them itself.

    For engines of ``Database`` alone, since how values are written is theirs. A value of the wrong type raises the
    error of its own conversion, not one of SQLAlchemy's.
    """

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update, given: Sequence[str] | None = None) -> None:
        self._statement = statement.inline() if isinstance(statement, sa.Insert) else statement
        self._given = given
        self._compiled: dict[tuple[str, str], _Compiled] = {}  # by the dialect and its driver

    def write(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Runs the statement once for each of the rows, of which there is at least one. Returns how many changed."""
        compiled = self._for(conn.dialect)
        return conn.exec_driver_sql(compiled.text, compiled.all_bound(rows)).rowcount

    def read(self, conn: Connection, named: Mapping[str, Any]) -> Sequence[Row]:
        """Of columns whose type alone says how they are read: not of fractions, which each driver has in its way."""
        compiled = self._for(conn.dialect)
        rows = conn.exec_driver_sql(compiled.text, compiled.bound(named)).all()
        columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
        for place, convert in compiled.results if rows else ():
            columns[place] = map(convert, columns[place])
        return list(zip(*columns, strict=True))

    def _for(self, dialect: Dialect) -> _Compiled:
        key = dialect.name, dialect.driver
        known = self._compiled.get(key)
        if known is None:
            known = self._compiled[key] = _compile(self._statement, self._given, dialect)
        return known


def _compile(
    statement: sa.Select[Any] | sa.Insert | sa.Update, given: Sequence[str] | None, dialect: Dialect
) -> _Compiled:
    form: Any = statement.compile(dialect=dialect, column_keys=given)
    names = form.positiontup if form.positional else form.binds
    columns = statement.selected_columns if isinstance(statement, sa.Select) else ()
    to_python = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return _Compiled(
        text=str(form),
        parameters=tuple((name, form.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names),
        results=tuple((place, convert) for place, convert in enumerate(to_python) if convert is not None),
        own={name: bind.value for name, bind in form.binds.items() if not bind.required},
        is_positional=form.positional,
    )
