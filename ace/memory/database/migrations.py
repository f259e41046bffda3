"""The schema of a file: made new from the row classes, or brought from an earlier one to this version's.

The row classes (`tables`, `work_tables`) are the one statement of the present schema, and a new store is made from them. A
migration says only how a store of an earlier schema becomes one of the next: a numbered step, in one transaction with the
record that it was taken, so a file is always at a known number, also after a kill. Before a file with content is changed a
copy is kept beside it. A file that is newer than the program is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from ace.errors import StoreUnusable
from ace.memory.database.codec import now
from ace.memory.database.protocol import Database
from ace.memory.database.sql import Sql
from ace.memory.database.work_tables import metadata


@dataclass(frozen=True, slots=True)
class Migration:
    """The step from schema `number - 1` to schema `number`: `apply` changes the tables."""

    number: int
    name: str
    apply: Callable[[Connection], None]


def _kinds(c: Connection) -> None:
    c.exec_driver_sql("ALTER TABLE episodes ADD COLUMN kind VARCHAR NOT NULL DEFAULT ''")


_ESTIMATED = '"the server counts no tokens; they are estimated"'
"""What stood beside a reply in the place of an error: a purge lost it."""


def _estimates(c: Connection) -> None:
    c.exec_driver_sql("ALTER TABLE calls ADD COLUMN estimated INTEGER")
    c.exec_driver_sql(
        "UPDATE calls SET estimated = prompt_tokens + completion_tokens, error = NULL WHERE reply IS NOT NULL AND error = ?",
        (_ESTIMATED,),
    )


def _experiments(c: Connection) -> None:
    c.exec_driver_sql(
        'CREATE TABLE experiments ("key" INTEGER NOT NULL, id VARCHAR NOT NULL, design VARCHAR NOT NULL, '
        "result VARCHAR NOT NULL, mark VARCHAR NOT NULL, started VARCHAR NOT NULL, owner VARCHAR, leased_until VARCHAR, "
        'PRIMARY KEY ("key"), UNIQUE (id))'
    )
    c.exec_driver_sql(
        "CREATE TABLE experiment_runs (experiment INTEGER NOT NULL, arm VARCHAR NOT NULL, seed VARCHAR NOT NULL, "
        "run VARCHAR NOT NULL, PRIMARY KEY (experiment, arm, seed), "
        'FOREIGN KEY(experiment) REFERENCES experiments ("key"), UNIQUE (run), FOREIGN KEY(run) REFERENCES runs (id)) '
        "WITHOUT ROWID"
    )


def _origins(c: Connection) -> None:
    for table in ("episodes", "delta_episodes"):
        c.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN origin VARCHAR NOT NULL DEFAULT ''")
        c.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN trust VARCHAR NOT NULL DEFAULT 'trusted'")
        c.exec_driver_sql(f"CREATE INDEX {table}_by_origin ON {table} (origin) WHERE origin <> ''")
    c.exec_driver_sql("CREATE INDEX delta_episodes_untrusted ON delta_episodes (delta) WHERE trust <> 'trusted'")


def _escalations(c: Connection) -> None:
    for table in ("bullets", "bullet_versions"):
        c.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN escalated BOOLEAN NOT NULL DEFAULT 0")


FIRST = 1
"""The number of the first schema; no step leads to it."""
MIGRATIONS: Sequence[Migration] = (
    Migration(2, "kinds of tasks", _kinds),
    Migration(3, "estimated tokens", _estimates),
    Migration(4, "experiments", _experiments),
    Migration(5, "origins", _origins),
    Migration(6, "escalations", _escalations),
)
"""Steps from schema 2 on, by number. To add one, first keep a store of the schema before it (`python -m
tests.memory.kept.make`), which the tests bring through the step and compare with a new store, then change the row classes to
match."""

OURS = {"migrations", "bullet_versions"}
"""Tables by which a store is told from other databases."""
_NUMBER = Sql("SELECT max(number) FROM migrations", int)
_RECORD = Sql("INSERT INTO migrations (number, name, at) VALUES (:number, :name, :at)")


def schema(c: Connection, where: str) -> int:
    """The number of the schema in a file: 0 for an empty one. Raises `StoreUnusable` for a database of another program."""
    tables = set(c.dialect.get_table_names(c))
    if not tables:
        return 0
    if not tables >= OURS:
        raise StoreUnusable(f"{where} is a database, but not one made by ace; name another with --store or in ace.open")
    return _NUMBER.first(c) or 0


def newest(steps: Sequence[Migration] = MIGRATIONS) -> int:
    """The number of the newest schema that this version knows."""
    return steps[-1].number if steps else FIRST


def migrate(database: Database, keep: Callable[[str], object], steps: Sequence[Migration] = MIGRATIONS) -> bool:
    """Make the tables of a new store, or take the steps that an older one lacks; True if there was anything to do. `keep` makes
    a copy of what is there, under a label, before it is changed.

    Raises `StoreUnusable` where the store is newer, or older and opened for reading.
    """
    latest = newest(steps)
    with database.read() as c:
        found = schema(c, database.name)
    if found > latest:
        raise StoreUnusable(
            f"{database.name} was written by a newer version of ace (schema {found}; this one knows {latest}); upgrade ace"
        )
    if found == latest:
        return False
    if database.read_only:
        state = f"has schema {found}, older than {latest}; open it for writing once" if found else "is empty"
        raise StoreUnusable(f"{database.name} {state}")
    if found:
        keep(f"schema-{found}")
    else:
        found = _make(database, latest)
    for step in (s for s in steps if s.number > found):
        with database.write() as c:
            if schema(c, database.name) < step.number:
                step.apply(c)
                _RECORD(c, number=step.number, name=step.name, at=now())
    return True


def _make(database: Database, number: int) -> int:
    """Make the tables of schema `number`, unless another process did meanwhile; gives the number that is there then, which a
    process of an earlier version may have made."""
    with database.write() as c:
        if found := schema(c, database.name):
            return found
        for statement in _making(c.dialect.name):
            statement(c)
        _RECORD(c, number=number, name="start", at=now())
    return number


@cache
def _making(database: str) -> tuple[Sql[None], ...]:
    return tuple(map(Sql, statements(database)))


@cache
def statements(database: str) -> tuple[str, ...]:
    """The statements that make the tables and indexes of the row classes, in an order in which they can be run; `database` is a
    dialect of SQLAlchemy's."""
    dialect = registry.load(database)()
    tables = metadata.sorted_tables
    indexes = [index for table in tables for index in sorted(table.indexes, key=lambda i: str(i.name))]
    made: list[DDLElement] = [*map(CreateTable, tables), *map(CreateIndex, indexes)]
    return tuple(str(statement.compile(dialect=dialect)).strip() for statement in made)
