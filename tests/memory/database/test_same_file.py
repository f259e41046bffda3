"""A store whose file is moved, deleted or replaced while it is open says so before anything is told as kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ace
from ace.errors import StoreUnusable
from ace.memory.database.sqlite import place
from ace.memory.maintenance.restore import restore
from ace.memory.store import Store
from tests.command import ace as command
from tests.stories import NAME, Story, add

# A store whose file has gone cannot be copied when it is closed either; that it says so is not what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:no backup of:RuntimeWarning")


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def deleted(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    shutil.copy(path, path.with_name("copy.db"))
    os.replace(path.with_name("copy.db"), path)


def folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def log_deleted(path: Path) -> None:
    path.with_name(path.name + "-wal").unlink()


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def less_its_end(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def log_emptied(path: Path) -> None:
    os.truncate(path.with_name(path.name + "-wal"), 0)


def log_less_most(path: Path) -> None:
    os.truncate(path.with_name(path.name + "-wal"), 5000)


def index_deleted(path: Path) -> None:
    path.with_name(path.name + "-shm").unlink()


def over(path: Path, content: bytes) -> None:
    """Write over a file in place, as `cp` does: it stays the same file."""
    with path.open("r+b") as file:
        file.write(content)


def another_store(path: Path) -> None:
    other = path.with_name("other.db")
    with Store.open(other) as store:
        store.ensure_playbook("another")
    over(path, other.read_bytes().ljust(path.stat().st_size, b"\0"))


def another_database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path.with_name("other.db"))) as other:
        other.execute("CREATE TABLE notes (text)")
        other.execute("INSERT INTO notes VALUES (zeroblob(1000000))")
        other.commit()
    over(path, path.with_name("other.db").read_bytes())


def renamed_behind_a_link(path: Path) -> None:
    path.rename(path.with_name("renamed.db"))
    path.symlink_to("renamed.db")


def zeros(path: Path) -> None:
    over(path, bytes(path.stat().st_size))


def a_text(path: Path) -> None:
    over(path, b"not a store" * 100_000)


def log_zeros(path: Path) -> None:
    zeros(path.with_name(path.name + "-wal"))


def log_of_another_store(path: Path) -> None:
    with Store.open(path.with_name("other.db")) as other:
        Story(other).change(add("two"))
        log = path.with_name("other.db-wal").read_bytes()
    over(path.with_name(path.name + "-wal"), log.ljust(path.with_name(path.name + "-wal").stat().st_size, b"\0"))


WAYS = [moved, deleted, replaced, folder_moved, log_deleted, emptied, halved, less_its_end, log_emptied, log_less_most]
WAYS += [index_deleted, another_store, another_database, zeros, a_text, log_zeros, log_of_another_store, renamed_behind_a_link]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "stores").mkdir()
    return tmp_path / "stores" / "ace.db"


@pytest.mark.parametrize("go", WAYS)
def test_no_write_is_told_as_done_once_the_file_has_gone(path: Path, go: Callable[[Path], None]) -> None:
    store = Store.open(path)
    Story(store).change(add("one"))
    go(path)
    for _ in range(2):
        with pytest.raises(StoreUnusable, match=r"moved|replaced|renamed|written over"):
            store.ensure_playbook("another")
    store.close()


@pytest.mark.parametrize("again", [False, True], ids=["as it was opened", "as it was meanwhile"])
def test_no_write_is_told_as_done_over_an_earlier_copy_of_the_same_store(path: Path, again: bool) -> None:
    with Store.open(path) as store:
        Story(store).change(add("one"))
    store = Store.open(path)
    if again:
        store.ensure_playbook("two")
        store.upkeep.compact()
    early = path.read_bytes()
    store.ensure_playbook("three")
    store.upkeep.compact()
    store.ensure_playbook("four")
    over(path, early)
    with pytest.raises(StoreUnusable, match="written over"):
        store.ensure_playbook("five")
    store.close()


def test_a_log_that_others_bring_home_is_the_same_log(path: Path) -> None:
    with Store.open(path) as store, Store.open(path) as other:
        for n in range(4):
            store.ensure_playbook(f"a{n}")
            other.ensure_playbook(f"b{n}")
            other.upkeep.compact()
            store.ensure_playbook(f"c{n}")
            with contextlib.closing(sqlite3.connect(path)) as third:
                third.execute(f"PRAGMA wal_checkpoint({('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE')[n]})").fetchall()
        assert len(store.playbooks()) == 12


def test_two_doors_in_one_process_keep_the_log_when_another_process_ends(path: Path) -> None:
    with Store.open(path) as one, Store.open(path) as two:
        one.ensure_playbook("one")
        ends = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM runs').fetchall(); c.close()"
        subprocess.run([sys.executable, "-S", "-c", ends, str(path)], check=True, timeout=60)
        for store, name in ((one, "three"), (two, "four")):
            store.ensure_playbook(name)
        assert [p.name for p in one.playbooks()] == ["four", "one", "three"]


def test_a_link_that_leads_elsewhere_is_another_store(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.db"), Store.open(tmp_path / "b.db"):
        pass
    link = tmp_path / "ace.db"
    link.symlink_to("a.db")
    with Store.open(link) as store:
        store.ensure_playbook("one")
        link.unlink()
        link.symlink_to("b.db")
        with pytest.raises(StoreUnusable, match="replaced"):
            store.ensure_playbook("two")


def test_a_folder_that_is_moved_behind_a_link_is_the_same_store(path: Path) -> None:
    with Store.open(path) as store:
        store.ensure_playbook("one")
        path.parent.rename(path.parent.with_name("disk"))
        path.parent.symlink_to("disk")
        store.ensure_playbook("two")
        with Store.open(path) as other:
            assert [p.name for p in other.playbooks()] == ["one", "two"]


def test_an_episode_is_not_told_as_kept(path: Path) -> None:
    playbook = ace.open("support", store=path)
    with playbook.episode(task="one") as ep:
        ep.finish(success=True)
    moved(path)
    with pytest.raises(StoreUnusable), playbook.episode(task="two") as ep:
        ep.finish(success=True)
    playbook.close()


def test_what_was_written_before_is_all_there_when_the_file_is_put_back(path: Path) -> None:
    store = Store.open(path)
    Story(store).change(add("one"))
    moved(path)
    with pytest.raises(StoreUnusable):
        store.ensure_playbook("another")
    path.with_name("elsewhere.db").rename(path)
    store.ensure_playbook("another")
    store.close()
    with Store.open(path, create=False) as store:
        assert (store.upkeep.check(), [p.name for p in store.playbooks()]) == ([], ["another", NAME])


def test_a_new_store_has_its_tables_in_the_file_itself(path: Path) -> None:
    store = Store.open(path)
    alone = path.with_name("alone.db")
    shutil.copy(path, alone)
    store.close()
    with Store.open(alone, create=False) as copied:
        assert copied.playbooks() == []


def test_a_file_without_its_log_is_told_as_that(path: Path) -> None:
    import sqlite3

    made = sqlite3.connect(path)
    made.execute("PRAGMA journal_mode=WAL")
    made.close()
    done = command("store", "check", "--store", str(path), cwd=path.parent)
    assert done.returncode == 2
    assert "-wal" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_restore_never_leaves_the_name_without_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(path) as store:
        Story(store).change(add("one"))

    def crash(source: Path, target: Path) -> None:
        if target == path:
            assert path.exists()
            raise KeyboardInterrupt
        rename(source, target)

    rename = os.replace
    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        restore(place(path))
    monkeypatch.undo()
    with Store.open(path, create=False) as store:
        assert store.upkeep.check() == []


def test_what_a_crashed_restore_left_is_named(path: Path) -> None:
    path.with_name("ace.db.aside-20260101-000000").write_bytes(b"SQLite format 3\x00")
    with pytest.raises(StoreUnusable, match=r"aside-20260101-000000"):
        Store.open(path)


def test_a_store_whose_making_was_cut_short_is_made_anew(path: Path) -> None:
    import sqlite3

    made = sqlite3.connect(path)
    made.execute("PRAGMA journal_mode=WAL")
    made.close()
    with Store.open(path) as store:
        store.ensure_playbook("one")
    with Store.open(path, create=False) as store:
        assert [p.name for p in store.playbooks()] == ["one"]


def test_a_store_that_another_connection_compacts_is_whole_and_is_written_on(path: Path) -> None:
    with Store.open(path) as store:
        story = Story(store)
        for n in range(40):
            story.change(add(f"A lesson of its own, with the number {n}, that takes some room in the file. " * 4))
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE room (x)")
            other.execute("INSERT INTO room SELECT randomblob(2000000)")
            other.commit()
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.ensure_playbook("between")
        long = path.stat().st_size
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE room")
            other.commit()
            other.execute("VACUUM")
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
        assert path.stat().st_size < long
        store.ensure_playbook("after")
    with Store.open(path, create=False) as store:
        assert {p.name for p in store.playbooks()} >= {"between", "after"}


def test_what_is_in_the_log_is_read_through_a_link_too_and_a_restore_leaves_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, file = tmp_path / "ace.db", tmp_path / "there" / "real.db"
    link.symlink_to(file)
    with Store.open(link) as store:
        store.ensure_playbook("one")
        with Store.open(link, create=False, read_only=True) as reading:
            assert [p.name for p in reading.playbooks()] == ["one"]
        log = file.with_name("real.db-wal")
        log.unlink()
        with pytest.raises(StoreUnusable, match="moved or deleted"):
            store.ensure_playbook("two")
    with Store.open(link) as store:
        store.ensure_playbook("three")
    restore(place(link))
    assert link.is_symlink()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("ace.db.aside")] == []
    with Store.open(file, create=False) as store:
        assert "three" in [p.name for p in store.playbooks()]


@pytest.mark.parametrize("name", ["x" * 300, "file:ace.db", "file:///ace.db", "loop"])
def test_a_name_that_no_store_can_have_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    os.symlink("loop", "loop")
    with pytest.raises(StoreUnusable):
        Store.open(name)
    assert os.listdir() == ["loop"]
