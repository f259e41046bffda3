"""Statements that are compiled once per database and sent as text.

The decision behind it: SQL is written out, portable, with named parameters. The first use turns it into the driver's own form
and later uses cost the driver's time alone, past SQLAlchemy's results, because a model call is journaled in two transactions
and a delta takes three dozen statements. Values always travel as parameters.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlmodel import SQLModel

from ace.memory.database.engine import fault

P = ParamSpec("P")
T = TypeVar("T")
Row = Callable[[Iterable[Any]], Any]
"""What makes a row of its values: a tuple that knows them by the names of their columns."""
_SIZES = (1, 8, 64, 512)


def _saying(method: Callable[Concatenate[Sql, Connection, P], T]) -> Callable[Concatenate[Sql, Connection, P], T]:
    """`method`, with the errors of the driver as errors of ours."""

    @wraps(method)
    def saying(self: Sql, c: Connection, /, *given: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, c, *given, **named)
        # Which errors are the driver's depends on the driver; the others go on as they are.
        except Exception as error:
            if found := fault(c.info["where"], error):
                raise found from error
            raise

    return saying


class Sql:
    """One statement. Parameters are written `:name`; a list of keys is written `{keys}` and given to `among`."""

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._forms: dict[str, tuple[str, tuple[str, ...] | None]] = {}
        self._sized: dict[int, Sql] = {}
        self._row: Row | None = None

    @_saying
    def __call__(self, c: Connection, /, **values: Any) -> DBAPICursor:
        statement, names = self._form(c.dialect)
        cursor = c.connection.cursor()
        cursor.execute(statement, values if names is None else [values[n] for n in names])
        return cursor

    @_saying
    def all(self, c: Connection, /, **values: Any) -> list[Any]:
        """All rows, each a tuple that also knows its columns by name."""
        cursor = self(c, **values)
        return list(map(self._row or self._named(cursor), cursor.fetchall()))

    @_saying
    def first(self, c: Connection, /, **values: Any) -> Any:
        """The first row, or `None`."""
        cursor = self(c, **values)
        row = cursor.fetchone()
        made = self._row or self._named(cursor)
        cursor.close()
        return None if row is None else made(row)

    @_saying
    def column(self, c: Connection, /, **values: Any) -> list[Any]:
        """The first column of all rows."""
        return [row[0] for row in self(c, **values).fetchall()]

    @_saying
    def value(self, c: Connection, /, **values: Any) -> Any:
        """The first column of the first row, or `None`."""
        cursor = self(c, **values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else row[0]

    @_saying
    def many(self, c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """The statement once for each of `rows`."""
        if not rows:
            return
        statement, names = self._form(c.dialect)
        c.connection.cursor().executemany(statement, rows if names is None else [[row[n] for n in names] for row in rows])

    @_saying
    def tuples(self, c: Connection, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """The same for rows without names, of which there may be a million; `names` says what their values are."""
        statement, order = self._form(c.dialect)
        if order == names:
            c.connection.cursor().executemany(statement, rows)
        else:
            self.many(c, [dict(zip(names, row, strict=True)) for row in rows])

    def among(self, c: Connection, keys: Iterable[Any], **values: Any) -> list[Any]:
        """All rows for any number of `keys`, asked for in portions; the order is the portions'."""
        found: list[Any] = []
        for portion, marks in self._portions(keys):
            found += portion.all(c, **values, **marks)
        return found

    def each(self, c: Connection, keys: Iterable[Any], **values: Any) -> None:
        """The statement, which gives no rows, for any number of `keys`, in portions."""
        for portion, marks in self._portions(keys):
            portion(c, **values, **marks)

    def _portions(self, keys: Iterable[Any]) -> Iterator[tuple[Sql, dict[str, Any]]]:
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), _SIZES[-1]):
            part = wanted[start : start + _SIZES[-1]]
            size = next(s for s in _SIZES if s >= len(part))
            padded = part + [part[-1]] * (size - len(part))
            yield self._of(size), {f"k{i}": k for i, k in enumerate(padded)}

    def _of(self, size: int) -> Sql:
        if size not in self._sized:
            marks = ", ".join(f":k{i}" for i in range(size))
            self._sized[size] = Sql(self._statement.replace("{keys}", marks))
        return self._sized[size]

    def _named(self, cursor: DBAPICursor) -> Row:
        self._row = _row(tuple(column[0] for column in cursor.description))
        return self._row

    def _form(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        form = self._forms.get(dialect.name)
        if form is None:
            compiled = text(self._statement).compile(dialect=dialect)
            names = getattr(compiled, "positiontup", None)
            form = self._forms[dialect.name] = (str(compiled), tuple(names) if names is not None else None)
        return form


@lru_cache
def _row(columns: tuple[str, ...]) -> Row:
    made: Any = namedtuple("_Row", columns, rename=True)  # type: ignore[misc]
    make: Row = made._make
    return make


def copying(table: type[SQLModel], which: str, without: Sequence[str] = (), **instead: str) -> Sql:
    """`INSERT` of rows of `table` that are like other rows of it, called `x` in `which` (from `FROM` on): each column but those
    in `without` from the expression in `instead`, else from the same column of `x`."""
    names = [n for n in table.model_fields if n not in without]
    values = ", ".join(instead.get(n, f"x.{n}") for n in names)
    return Sql(f"INSERT INTO {table.__tablename__} ({', '.join(names)}) SELECT {values} {which}")


def insertion(table: type[SQLModel], without: Sequence[str] = (), tail: str = "") -> Sql:
    """`INSERT` of all columns of `table` but those in `without`, each from the parameter of its name."""
    names = [n for n in table.model_fields if n not in without]
    columns, marks = ", ".join(names), ", ".join(f":{n}" for n in names)
    return Sql(f"INSERT INTO {table.__tablename__} ({columns}) VALUES ({marks}) {tail}".strip())
