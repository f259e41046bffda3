"""Statements that are compiled once per database and sent as text.

SQL is written out, portable, with named parameters, and a statement says of what type its rows are. The first use turns it
into the driver's own form and later uses cost the driver's time alone, past SQLAlchemy's results, because a model call is
journaled in two transactions and a delta takes three dozen statements. Values always travel as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from operator import itemgetter
from typing import Concatenate, Generic, ParamSpec, TypeVar, cast, get_origin, overload

from sqlalchemy import Connection, Dialect, text
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlmodel import SQLModel

from ace.memory.database.protocol import FAULT, Translate

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")
Value = str | int | float | None
"""What a database holds in a column. Truth values are whole numbers in some of them."""
Values = dict[str, Value]
"""Values by the names of their columns or parameters."""
_SIZES = (1, 8, 64, 512)
_MARKS = {size: tuple(f"k{i}" for i in range(size)) for size in _SIZES}
"""What the keys of a portion are called in a statement."""


def _saying(method: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, Connection, P], T]:
    """`method`, with the errors of the driver as errors of ours."""

    @wraps(method)
    def saying(self: S, c: Connection, /, *given: P.args, **named: P.kwargs) -> T:
        try:
            return method(self, c, *given, **named)
        # Which errors are the driver's depends on the driver; the others go on as they are.
        except Exception as error:
            translate: Translate = c.info[FAULT]
            if found := translate(error):
                raise found from error
            raise

    return saying


def _maker(row: type[R] | None) -> Callable[[tuple[Value, ...]], R]:
    """What makes a row of the driver's tuple."""
    if get_origin(row) is tuple:
        return cast(Callable[[tuple[Value, ...]], R], tuple)
    return cast(Callable[[tuple[Value, ...]], R], getattr(row, "_make", itemgetter(0)))


class Sql(Generic[R]):
    """One statement. Parameters are written `:name`; a list of keys is written `{keys}` and given to `among`. `row` is the type
    of its rows: a `NamedTuple` with a field for each column, in their order; `tuple[T, ...]` where all are alike; or the type
    of its only column. Values are not converted: a truth value comes as the database keeps it."""

    @overload
    def __init__(self: Sql[None], statement: str) -> None: ...
    @overload
    def __init__(self, statement: str, row: type[R]) -> None: ...
    def __init__(self, statement: str, row: type[R] | None = None) -> None:
        self.statement = statement
        self.row = row
        self._make: Callable[[tuple[Value, ...]], R] = _maker(row)
        self._forms: dict[str, tuple[str, tuple[str, ...] | None]] = {}
        self._sized: dict[int, Sql[R]] = {}

    @_saying
    def __call__(self, c: Connection, /, **values: Value) -> DBAPICursor:
        """Run the statement."""
        return self._run(c, values)

    @_saying
    def all(self, c: Connection, /, **values: Value) -> list[R]:
        """All rows."""
        return list(map(self._make, self._run(c, values).fetchall()))

    @_saying
    def first(self, c: Connection, /, **values: Value) -> R | None:
        """The first row, or `None` where there is none."""
        cursor = self._run(c, values)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else self._make(row)

    @_saying
    def one(self, c: Connection, /, **values: Value) -> R:
        """The row of a statement that always has one, such as a count."""
        return self._make(self._run(c, values).fetchall()[0])

    @_saying
    def many(self, c: Connection, rows: Sequence[Mapping[str, Value]]) -> None:
        """The statement once for each of `rows`."""
        if not rows:
            return
        statement, names = self._form(c.dialect)
        c.connection.cursor().executemany(statement, rows if names is None else [[row[n] for n in names] for row in rows])

    @_saying
    def tuples(self, c: Connection, names: tuple[str, ...], rows: Sequence[tuple[Value, ...]]) -> None:
        """The same for rows without names, of which there may be a million; `names` says what their values are."""
        statement, order = self._form(c.dialect)
        if order == names:
            c.connection.cursor().executemany(statement, rows)
        else:
            self.many(c, [dict(zip(names, row, strict=True)) for row in rows])

    def among(self, c: Connection, keys: Iterable[Value], **values: Value) -> list[R]:
        """All rows for any number of `keys`, asked for in portions; the order is the portions'."""
        found: list[R] = []
        for portion, marks in self._portions(keys):
            found += portion.all(c, **values, **marks)
        return found

    def each(self, c: Connection, keys: Iterable[Value], **values: Value) -> None:
        """The statement, which gives no rows, for any number of `keys`, in portions."""
        for portion, marks in self._portions(keys):
            portion(c, **values, **marks)

    def _portions(self, keys: Iterable[Value]) -> Iterator[tuple[Sql[R], Values]]:
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), _SIZES[-1]):
            part = wanted[start : start + _SIZES[-1]]
            size = next(s for s in _SIZES if s >= len(part))
            padded = part + [part[-1]] * (size - len(part))
            yield self._of(size), dict(zip(_MARKS[size], padded, strict=True))

    def _of(self, size: int) -> Sql[R]:
        if size not in self._sized:
            statement = self.statement.replace("{keys}", ", ".join(f":{mark}" for mark in _MARKS[size]))
            self._sized[size] = Sql(statement) if self.row is None else Sql(statement, self.row)  # type: ignore[assignment]
        return self._sized[size]

    def _run(self, c: Connection, values: Values) -> DBAPICursor:
        statement, names = self._form(c.dialect)
        cursor = c.connection.cursor()
        cursor.execute(statement, values if names is None else [values[n] for n in names])
        return cursor

    def _form(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        form = self._forms.get(dialect.name)
        if form is None:
            compiled = text(self.statement).compile(dialect=dialect)
            names = getattr(compiled, "positiontup", None)
            form = self._forms[dialect.name] = (str(compiled), tuple(names) if names is not None else None)
        return form


def columns(row: type[tuple[object, ...]], of: str = "", **instead: str) -> str:
    """The columns of the fields of `row`, a `NamedTuple`, as a statement selects them: of the table called `of`, or as the
    expressions in `instead` say."""
    prefix = f"{of}." if of else ""
    names: tuple[str, ...] = getattr(row, "_fields", ())
    return ", ".join(f"{instead[n]} AS {n}" if n in instead else prefix + n for n in names)


def copying(table: type[SQLModel], which: str, without: Sequence[str] = (), **instead: str) -> Sql[None]:
    """`INSERT` of rows of `table` that are like other rows of it, called `x` in `which` (from `FROM` on): each column but those
    in `without` from the expression in `instead`, else from the same column of `x`."""
    names = [n for n in table.model_fields if n not in without]
    values = ", ".join(instead.get(n, f"x.{n}") for n in names)
    return Sql(f"INSERT INTO {table.__tablename__} ({', '.join(names)}) SELECT {values} {which}")


def insertion(table: type[SQLModel], without: Sequence[str] = (), tail: str = "") -> Sql[int]:
    """`INSERT` of all columns of `table` but those in `without`, each from the parameter of its name. Its rows are keys, where
    `tail` has it give them back."""
    names = [n for n in table.model_fields if n not in without]
    columns, marks = ", ".join(names), ", ".join(f":{n}" for n in names)
    return Sql(f"INSERT INTO {table.__tablename__} ({columns}) VALUES ({marks}) {tail}".strip(), int)
