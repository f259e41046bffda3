"""Statements that are compiled once per database and sent as text.

The decision behind it: SQL is written out, portable, with named parameters. The first use turns it into the driver's own form
and later uses cost the driver's time alone, because a model call is journaled in two transactions and a delta takes a dozen
statements. Values always travel as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, text
from sqlmodel import SQLModel

_SIZES = (1, 8, 64, 512)


class Sql:
    """One statement. Parameters are written `:name`; a list of keys is written `{keys}` and given to `among`."""

    def __init__(self, statement: str) -> None:
        self._statement = statement
        self._forms: dict[str, tuple[str, tuple[str, ...] | None]] = {}
        self._sized: dict[int, Sql] = {}

    def __call__(self, c: Connection, **values: Any) -> CursorResult[Any]:
        statement, names = self._form(c.dialect)
        return c.exec_driver_sql(statement, values if names is None else tuple([values[n] for n in names]))

    def all(self, c: Connection, **values: Any) -> list[Any]:
        """All rows, each a tuple that also knows its columns by name."""
        return list(self(c, **values).fetchall())

    def first(self, c: Connection, **values: Any) -> Any:
        """The first row, or `None`."""
        result = self(c, **values)
        row = result.fetchone()
        result.close()
        return row

    def value(self, c: Connection, **values: Any) -> Any:
        """The first column of the first row, or `None`."""
        row = self.first(c, **values)
        return None if row is None else row[0]

    def many(self, c: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """The statement once for each of `rows`."""
        if not rows:
            return
        statement, names = self._form(c.dialect)
        c.exec_driver_sql(statement, list(rows) if names is None else [tuple([row[n] for n in names]) for row in rows])

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

    def _form(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
        form = self._forms.get(dialect.name)
        if form is None:
            compiled = text(self._statement).compile(dialect=dialect)
            names = getattr(compiled, "positiontup", None)
            form = self._forms[dialect.name] = (str(compiled), tuple(names) if names is not None else None)
        return form


def insertion(table: type[SQLModel], without: Sequence[str] = (), tail: str = "") -> Sql:
    """`INSERT` of all columns of `table` but those in `without`, each from the parameter of its name."""
    names = [n for n in table.model_fields if n not in without]
    columns, marks = ", ".join(names), ", ".join(f":{n}" for n in names)
    return Sql(f"INSERT INTO {table.__tablename__} ({columns}) VALUES ({marks}) {tail}".strip())
