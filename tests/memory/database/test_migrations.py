"""Older files are brought up to date with a copy kept, newer ones and other people's are left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from ace.errors import StoreUnusable
from ace.memory.database.migrations import FIRST, MIGRATIONS, Migration, migrate
from ace.memory.database.sqlite import SQLite, place
from ace.memory.maintenance.sqlite import SQLiteFile
from ace.memory.store import Store
from ace.playbooks.formats.fields import load
from ace.playbooks.formats.history import parse_history
from tests.memory.kept.make import KEPT
from tests.stories import NAME, Story, add

EARLIER = sorted(int(path.stem.removeprefix("schema-")) for path in KEPT.glob("schema-*.sql"))


def texts(path: Path) -> list[str]:
    with Store.open(path, create=False) as store:
        return [b.text for b in store.view(NAME).bullets()]


def widened(c: Connection) -> None:
    """A step of a later version."""
    c.exec_driver_sql("ALTER TABLE bullets ADD COLUMN mood VARCHAR NOT NULL DEFAULT 'calm'")


NEXT = (MIGRATIONS[-1].number if MIGRATIONS else FIRST) + 1
LATER = (*MIGRATIONS, Migration(NEXT, "mood", widened))


def moved_on(path: Path, steps: tuple[Migration, ...] = LATER, *, read_only: bool = False) -> None:
    database = SQLite(place(path), read_only=read_only)
    try:
        migrate(database, SQLiteFile(database).keep_before_change, steps)
    finally:
        database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of the present schema that was not closed: half of it stands in the write-ahead log."""
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
        assert connection.execute("SELECT number, name FROM migrations").fetchall() == [(NEXT - 1, "start"), (NEXT, "mood")]
    connection.close()
    assert texts(tmp_path / f"ace.db.schema-{NEXT - 1}.backup") == ["one", "two"]


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
        moved_on(path, (*MIGRATIONS, Migration(NEXT, "mood", broken)))
    assert texts(path) == ["one", "two"]
    with Store.open(path) as store:
        Story(store).change(add("three"))
        assert store.upkeep.check() == []
    moved_on(path)
    assert (tmp_path / f"ace.db.schema-{NEXT - 1}.backup").exists()


def test_a_step_is_taken_once_by_whoever_comes_first(path: Path) -> None:
    moved_on(path)
    moved_on(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM migrations").fetchone() == (2,)
    connection.close()


def test_a_newer_file_is_not_touched(path: Path) -> None:
    moved_on(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match=rf"newer version of ace \(schema {NEXT}; this one knows {NEXT - 1}\); upgrade ace"):
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


# Stores of earlier schemas


def tables_of(path: Path) -> dict[str, set[tuple[object, ...]]]:
    """What a file's schema says, whatever order it was written in: by table, its columns, references and indexes."""
    found: dict[str, set[tuple[object, ...]]] = {}
    with closing(sqlite3.connect(path)) as c:
        for (table,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [
                (name, kind, required, key) for _, name, kind, required, _, key in c.execute(f"PRAGMA table_info({table})")
            ]
            references = [tuple(row[2:]) for row in c.execute(f"PRAGMA foreign_key_list({table})")]
            indexes = [
                (index, unique, partial, *(row[:1] + row[2:] for row in c.execute(f"PRAGMA index_xinfo({index})")))
                for _, index, unique, _, partial in c.execute(f"PRAGMA index_list({table})")
                if not index.startswith("sqlite_autoindex")
            ]
            rowid = "WITHOUT ROWID" in c.execute("SELECT sql FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
            found[table] = {*columns, *references, *indexes, ("rowid", not rowid)}
    return found


def kept_store(schema: int, path: Path) -> Path:
    with closing(sqlite3.connect(path)) as c:
        c.executescript((KEPT / f"schema-{schema}.sql").read_text(encoding="utf-8"))
    return path


@pytest.mark.parametrize("schema", EARLIER)
def test_a_store_of_an_earlier_schema_opens_and_verifies(schema: int, tmp_path: Path) -> None:
    with Store.open(kept_store(schema, tmp_path / "ace.db")) as store:
        assert store.upkeep.check() == []
        assert {b.name: store.verify(b.name) for b in store.playbooks()} == {NAME: [], "branch": []}
        assert len(store.episodes(limit=None)) == 6
        assert [d.by for d in store.log(NAME) if d.by] == ["Zoë"]
        Story(store).change(add("a new lesson"))
        store.branches.fork(NAME, "another")
        assert store.upkeep.check() == []


@pytest.mark.parametrize("schema", EARLIER)
def test_a_store_of_an_earlier_schema_comes_to_have_the_tables_of_a_new_one(schema: int, tmp_path: Path) -> None:
    Store.open(kept_store(schema, tmp_path / "old.db")).close()
    Store.open(tmp_path / "new.db").close()
    assert tables_of(tmp_path / "old.db") == tables_of(tmp_path / "new.db")


@pytest.mark.parametrize("schema", EARLIER)
def test_a_history_of_an_earlier_schema_can_be_imported(schema: int) -> None:
    text = (KEPT / f"schema-{schema}.history.json").read_text(encoding="utf-8")
    with Store.open(":memory:") as store:
        store.histories.bring_in(parse_history(load(text)))
        assert {b.name: store.verify(b.name) for b in store.playbooks()} == {NAME: [], "branch": []}


def test_the_mark_that_tokens_are_estimated_leaves_the_place_of_an_error(tmp_path: Path) -> None:
    path = kept_store(2, tmp_path / "ace.db")
    with closing(sqlite3.connect(path)) as c:
        mark = '"the server counts no tokens; they are estimated"'
        c.execute("UPDATE calls SET error = ? WHERE reply IS NOT NULL", [mark])
        c.commit()
    with Store.open(path) as store:
        [(_, call), *_] = store.calls_of("learn/0/t-1")
    assert (call.error, call.usage.estimated) == ("", call.usage.prompt_tokens + call.usage.completion_tokens)


def test_every_schema_before_this_one_is_kept() -> None:
    newest = MIGRATIONS[-1].number if MIGRATIONS else FIRST
    assert [m.number for m in MIGRATIONS] == list(range(FIRST + 1, newest + 1))
    assert set(EARLIER) >= set(range(FIRST, newest))
