"""Older files are brought up to date with a copy kept, newer ones and other people's are left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_mock_engine
from sqlalchemy.schema import MetaData

from ace.errors import StoreUnusable
from ace.memory.database import tables, work_tables
from ace.memory.database.engine import Database, place
from ace.memory.database.migrations import MIGRATIONS, Migration, migrate, start
from ace.memory.store import Store
from tests.stories import NAME, Story, add


def texts(path: Path) -> list[str]:
    with Store.open(path, create=False) as store:
        return [b.text for b in store.view(NAME).bullets()]


def widened(c: Connection) -> None:
    """A step of a later version."""
    c.exec_driver_sql("ALTER TABLE bullets ADD COLUMN mood VARCHAR NOT NULL DEFAULT 'calm'")


LATER = (*MIGRATIONS, Migration(2, "mood", widened))


def moved_on(path: Path, steps: tuple[Migration, ...] = LATER, *, read_only: bool = False) -> None:
    database = Database(place(path), read_only=read_only)
    try:
        migrate(database, steps)
    finally:
        database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of schema 1 that was not closed: half of it stands in the write-ahead log."""
    path = tmp_path / "ace.db"
    store = Store.open(path)
    Story(store).change(add("one"))
    Story(store).change(add("two"))
    store._database.close()
    return path


def test_an_older_file_is_migrated_and_a_copy_of_it_kept(path: Path, tmp_path: Path) -> None:
    moved_on(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT text, mood FROM bullets ORDER BY rank").fetchall() == [
            ("one", "calm"),
            ("two", "calm"),
        ]
        assert connection.execute("SELECT number, name FROM migrations").fetchall() == [(1, "start"), (2, "mood")]
    connection.close()
    assert texts(tmp_path / "ace.db.schema-1.backup") == ["one", "two"]


def test_a_file_without_any_table_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "ace.db"
    path.touch()
    with Store.open(path) as store:
        assert store.playbooks() == []
        assert store.upkeep.check() == []


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path, tmp_path: Path) -> None:
    def broken(c: Connection) -> None:
        widened(c)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        moved_on(path, (*MIGRATIONS, Migration(2, "mood", broken)))
    assert texts(path) == ["one", "two"]
    with Store.open(path) as store:
        Story(store).change(add("three"))
        assert store.upkeep.check() == []
    moved_on(path)
    assert (tmp_path / "ace.db.schema-1.backup").exists()


def test_a_step_is_taken_once_by_whoever_comes_first(path: Path) -> None:
    moved_on(path)
    moved_on(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (2,)
    connection.close()


def test_a_newer_file_is_not_touched(path: Path) -> None:
    moved_on(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match=r"newer version of ace \(schema 2; this one knows 1\); upgrade ace"):
        Store.open(path)
    assert path.read_bytes() == before


def test_an_older_file_that_may_only_be_read_says_what_to_do(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match="open it for writing once"):
        moved_on(path, read_only=True)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match="not one made by ace"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_new_file_has_the_tables_that_the_code_works_with(tmp_path: Path) -> None:
    """Statement by statement: the first schema is written out by hand, and the row classes are what reads and writes it."""
    statements: list[str] = []

    def told(statement: object, *_: object, **__: object) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))  # type: ignore[attr-defined]

    engine = create_mock_engine("sqlite://", told)
    metadata: MetaData = work_tables.RunRow.metadata
    assert metadata is tables.metadata
    metadata.create_all(engine, checkfirst=False)
    wanted = {" ".join(s.split()) for s in statements}
    assert {" ".join(s.split()) for s in start.TABLES.split(";")} == wanted
