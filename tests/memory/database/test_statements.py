"""Every statement gives the rows that its type says, by the row classes' own words."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import get_origin, get_type_hints

import pytest

import ace.memory
from ace.memory.database.migrations import migrate
from ace.memory.database.sql import Sql
from ace.memory.database.sqlite import SQLite, place
from ace.memory.database.tables import Rows
from ace.memory.database.work_tables import metadata


def statements() -> Iterator[tuple[str, Sql[object]]]:
    """All statements that modules keep, by module and name."""
    for module in pkgutil.walk_packages(ace.memory.__path__, "ace.memory."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for i, one in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(one, Sql):
                    yield f"{module.name}.{name}[{i}]", one


ALL = dict(statements())


def columns_of_tables() -> dict[str, set[object]]:
    """The types that columns of each name have in the tables."""
    found: dict[str, set[object]] = {}
    for table in Rows.__subclasses__():
        for name, field in table.model_fields.items():
            found.setdefault(name, set()).add(field.annotation if name != "key" else int)
    return found


@pytest.fixture(scope="module")
def database() -> Iterator[SQLite]:
    made = SQLite(place(":memory:"))
    migrate(made, str)
    yield made
    made.close()


def test_all_statements_are_known_and_all_tables_have_a_row_class() -> None:
    assert len(ALL) > 120
    assert {str(t.__tablename__) for t in Rows.__subclasses__()} == set(metadata.tables)


def selects(statement: Sql[object]) -> bool:
    return statement.statement.lstrip().startswith("SELECT")


def test_what_changes_rows_gives_none_but_a_key() -> None:
    assert {name for name, s in ALL.items() if not selects(s) and s.row not in (None, int)} == set()
    assert {name for name, s in ALL.items() if selects(s) and s.row is None} == set()


def test_a_statement_gives_the_columns_that_its_row_type_names(database: SQLite) -> None:
    wrong = []
    for name, one in ALL.items():
        if not selects(one):
            continue
        statement = Sql(one.statement.replace("{keys}", ":keys"))
        parameters = dict.fromkeys(re.findall(r"(?<!:):(\w+)", statement.statement), 0)
        with database.read() as c:
            given = [column[0] for column in statement(c, **parameters).description]
        fields: tuple[str, ...] = getattr(one.row, "_fields", ())
        if len(given) != len(fields or given[:1]) and get_origin(one.row) is not tuple:
            wrong.append(f"{name}: {given} for {fields}")
        wrong += [f"{name}: {g} for {f}" for g, f in zip(given, fields, strict=False) if g.isidentifier() and g != f]
    assert wrong == []


def test_a_row_type_says_of_a_column_what_the_row_class_says() -> None:
    known = columns_of_tables()
    for name, statement in ALL.items():
        if hasattr(statement.row, "_fields"):
            hints = {f: t for f, t in get_type_hints(statement.row).items() if f in known}
            assert {f: t for f, t in hints.items() if not {t, t | None} & known[f]} == {}, name
