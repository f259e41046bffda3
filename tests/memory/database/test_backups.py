"""Copies of a store, made by hand and by themselves, and a broken store brought back from one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ace.errors import AceError, BadSetting, StoreDamaged, StoreUnusable
from ace.memory.database.sqlite import place
from ace.memory.maintenance.restore import Restored, restore
from ace.memory.store import Store
from ace.memory.values import RunStatus
from tests.memory.acts import alone
from tests.starting import started
from tests.stories import NAME, Story, add


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of one lesson that was closed."""
    path = tmp_path / "ace.db"
    with Store.open(path) as store:
        Story(store).change(add("one"))
    return path


def change(path: Path, *texts: str) -> None:
    with Store.open(path) as store:
        Story(store).change(*(add(text) for text in texts))


def texts(path: Path) -> list[str]:
    with Store.open(path, create=False) as store:
        assert store.upkeep.check() == []
        return [b.text for b in store.view(NAME).bullets()]


def back(path: Path, source: Path | None = None) -> Restored:
    return restore(place(path), source)


def older(path: Path, seconds: float) -> None:
    """Make a file older."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def overwrite(path: Path) -> None:
    path.write_bytes(b"\x00\xffjunk" * 5000)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_head(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


def cut_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zero_inside(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


BREAKS = [overwrite, empty, cut_head, cut_half, zero_inside]


@pytest.mark.parametrize("damage", BREAKS)
def test_a_broken_store_says_so_and_comes_back_from_the_last_automatic_backup(
    path: Path, damage: Callable[[Path], None]
) -> None:
    change(path, "two")
    damage(path)
    broken = path.read_bytes()
    with pytest.raises(AceError, match="ace store restore") as caught, Store.open(path) as store:
        store.view(NAME).bullets()
    assert "\n" not in str(caught.value)
    done = back(path)
    assert done.source.name == "ace.db.auto-1.backup"
    assert texts(path) == ["one", "two"]
    assert done.aside is not None
    assert done.aside.read_bytes() == broken


def test_where_no_backup_stands_beside_a_broken_store_none_is_promised(path: Path) -> None:
    change(path, "two")
    whole = path.read_bytes()
    for copy in path.parent.glob("*.backup"):
        copy.unlink()
    path.write_bytes(whole[:5000])
    with pytest.raises(StoreDamaged, match=r"no backup stands beside it; .* kept elsewhere with: ace store restore .* FILE$"):
        Store.open(path)
    path.with_name(f"{path.name}.auto-1.backup").write_bytes(whole)
    with pytest.raises(StoreDamaged, match=r"bring back the last backup with: ace store restore --store \S+$"):
        Store.open(path)


def test_a_store_that_was_deleted_is_not_begun_anew_while_its_backups_are_there(path: Path) -> None:
    path.unlink()
    with pytest.raises(StoreUnusable, match="there are backups of one"):
        Store.open(path)
    assert back(path).aside is None
    assert texts(path) == ["one"]


def test_a_log_that_was_left_behind_does_not_spoil_the_restored_file(path: Path) -> None:
    store = Store.open(path)
    Story(store).change(add("not in the backup"))
    log = path.with_name("ace.db-wal")
    assert log.stat().st_size
    kept = log.read_bytes()
    store._database.close()
    log.write_bytes(kept)
    overwrite(path)
    done = back(path)
    assert texts(path) == ["one"]
    assert done.aside is not None
    assert done.aside.with_name(done.aside.name + "-wal").read_bytes() == kept


CUT_SHORT = """
import os, sys
from ace.memory.database.sqlite import place
from ace.memory.maintenance.restore import restore
from tests.starting import started

step, replace, link = int(sys.argv[2]), os.replace, os.link

def until(act):
    def counted(*arguments):
        global step
        step -= 1
        if step == 0:
            os._exit(9)
        act(*arguments)
    return counted

os.replace, os.link = until(replace), until(link)
restore(place(sys.argv[1]))
"""


STEPS = 6
"""Files that a restore renames or gives a second name."""


@pytest.mark.parametrize("step", range(1, STEPS + 2))
def test_a_restore_that_is_killed_at_any_step_loses_nothing_and_is_done_again(path: Path, step: int) -> None:
    """A broken file whose log holds what was committed last: the two belong together, wherever the restore was stopped."""
    store = Store.open(path)
    Story(store).change(add("not in the backup"))
    log = path.with_name("ace.db-wal")
    kept = log.read_bytes()
    store._database.close()
    log.write_bytes(kept)
    overwrite(path)
    broken = path.read_bytes()
    killed = subprocess.run([sys.executable, "-c", CUT_SHORT, str(path), str(step)], check=False).returncode == 9
    assert killed == (step <= STEPS)
    assert path.exists()
    if killed and not log.exists():
        with pytest.raises(StoreUnusable, match="was cut short, and its log"):
            Store.open(path)
    if path.read_bytes() == broken:
        back(path)
    assert texts(path) == ["one"]
    assert broken in [p.read_bytes() for p in path.parent.iterdir()]
    assert kept in [p.read_bytes() for p in path.parent.iterdir()]


def test_the_newest_whole_backup_is_taken(path: Path) -> None:
    change(path, "two")
    with Store.open(path) as store:
        own = store.upkeep.backup()
    change(path, "three")
    overwrite(path.with_name("ace.db.auto-1.backup"))
    older(path.with_name("ace.db.auto-2.backup"), 60)
    overwrite(path)
    assert back(path).source == own.path
    assert texts(path) == ["one", "two"]


def test_one_is_brought_back_from_the_file_that_is_named(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        store.upkeep.backup(tmp_path / "mine.db")
    change(path, "two")
    done = back(path, tmp_path / "mine.db")
    assert texts(path) == ["one"]
    assert done.aside is not None
    assert texts(done.aside) == ["one", "two"]


def test_what_cannot_be_restored_from_is_refused_and_nothing_is_moved(path: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    (tmp_path / "junk").write_bytes(b"junk" * 1000)
    newer = tmp_path / "newer.db"
    shutil.copy(path, newer)
    with sqlite3.connect(newer) as connection:
        connection.execute("INSERT INTO migrations (number, name, at) SELECT max(number) + 1, 'later', max(at) FROM migrations")
    connection.close()
    before = path.read_bytes()
    for source, why in (
        (newer, "written by a newer version of ace"),
        (foreign, "not a store made by ace"),
        (tmp_path / "junk", "not a store made by ace"),
        (tmp_path / "none.db", "there is no file"),
        (path, "is the store itself"),
    ):
        with pytest.raises(StoreUnusable, match=why):
            back(path, source)
    assert path.read_bytes() == before
    with pytest.raises(StoreUnusable, match="no backup stands beside it"):
        back(tmp_path / "other.db")
    with pytest.raises(BadSetting, match="in memory"):
        restore(place(":memory:"))


def test_a_store_that_somebody_has_open_is_not_taken_away_from_under_them(path: Path) -> None:
    with Store.open(path) as store:
        Story(store).change(add("two"))
        with pytest.raises(StoreUnusable, match="open in another program"):
            back(path)
    assert texts(path) == ["one", "two"]


def test_a_backup_by_hand_is_whole_while_others_write(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store, Store.open(path) as other:
        Story(other).change(add("two"))
        kept = store.upkeep.backup(tmp_path / "copy.db")
        Story(other).change(add("three"))
    assert kept.size == (tmp_path / "copy.db").stat().st_size
    assert texts(tmp_path / "copy.db") == ["one", "two"]


def test_a_backup_replaces_no_file_and_says_what_is_wrong_with_its_place(path: Path, tmp_path: Path) -> None:
    with Store.open(path) as store:
        for target, why in ((path, "there is a file"), (tmp_path / "no" / "copy.db", "there is no folder")):
            with pytest.raises(BadSetting, match=why):
                store.upkeep.backup(target)
    with Store.open(":memory:") as memory, pytest.raises(BadSetting, match="in memory"):
        memory.upkeep.backup()


def test_a_backup_is_made_when_a_run_ends_though_the_store_stays_open(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        run = started(store, {"model": "m"})
        Story(store).change(add("one"))
        assert not (tmp_path / "ace.db.auto-1.backup").exists()
        store.set_run(run.id, RunStatus.DONE, {})
        assert texts(tmp_path / "ace.db.auto-1.backup") == ["one"]


def test_reading_makes_no_backup(path: Path) -> None:
    copy = path.with_name("ace.db.auto-1.backup")
    older(copy, 10)
    then = copy.stat().st_mtime
    texts(path)
    with Store.open(path, read_only=True) as store:
        store.view(NAME).bullets()
    assert copy.stat().st_mtime == then


def test_two_automatic_backups_are_kept_one_of_them_up_to_an_hour_older(path: Path) -> None:
    last, second = path.with_name("ace.db.auto-1.backup"), path.with_name("ace.db.auto-2.backup")
    change(path, "two")
    assert (texts(last), texts(second)) == (["one", "two"], ["one"])
    change(path, "three")
    assert (texts(last), texts(second)) == (["one", "two", "three"], ["one"])
    older(second, 4000)
    change(path, "four")
    assert (texts(last), texts(second)) == (["one", "two", "three", "four"], ["one", "two", "three"])
    assert sorted(p.name for p in path.parent.iterdir()) == ["ace.db", last.name, second.name]


def test_a_large_store_is_not_copied_again_and_again(path: Path) -> None:
    copy = path.with_name("ace.db.auto-1.backup")
    with Store.open(path) as store:
        Story(store).change(*(add(f"lesson {i} " + "x" * 1900) for i in range(1500)), author="import")
    assert path.stat().st_size > 5_000_000
    assert len(texts(copy)) == 1501
    change(path, "two")
    assert len(texts(copy)) == 1501
    older(copy, 4000)
    change(path, "three")
    assert len(texts(copy)) == 1503


def test_a_good_backup_is_never_replaced_by_a_copy_of_a_broken_store(path: Path) -> None:
    good = path.with_name("ace.db.auto-1.backup").read_bytes()
    store = Store.open(path)
    Story(store).change(add("two"))
    with alone(store) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        # Pages of tables that closing does not read.
        file.seek(30 * 4096)
        file.write(b"\xa5" * 4096 * 12)
    with pytest.warns(RuntimeWarning, match="no backup of .* was made: the store is damaged"):
        store.close()
    assert path.with_name("ace.db.auto-1.backup").read_bytes() == good
    assert sorted(p.name for p in path.parent.iterdir()) == ["ace.db", "ace.db.auto-1.backup"]


def test_what_a_killed_copy_left_behind_is_cleared_away(path: Path) -> None:
    left = path.with_name("ace.db.auto-1.backup.new-99999.part-99999")
    shutil.copy(path, left)
    change(path, "two")
    assert left.exists()
    older(left, 3600)
    change(path, "three")
    assert not left.exists()


def test_where_no_backup_can_be_made_the_work_goes_on_and_it_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(RuntimeWarning, match="No space left"):
        change(path, "two")
    monkeypatch.undo()
    assert texts(path) == ["one", "two"]


def test_a_backup_never_takes_the_last_of_a_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=path.stat().st_size))
    change(path, "two")
    assert texts(path.with_name("ace.db.auto-1.backup")) == ["one"]


def test_a_process_that_never_closes_its_store_makes_a_backup_every_hour(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, began = path.with_name("ace.db.auto-1.backup"), time.monotonic()
    with Store.open(path) as store:
        Story(store).change(add("two"))
        assert texts(copy) == ["one"]
        monkeypatch.setattr(time, "monotonic", lambda: began + 4000)
        Story(store).change(add("three"))
        assert texts(copy) == ["one", "two", "three"]


def test_a_damaged_file_is_told_apart_from_a_file_that_never_was_a_store(tmp_path: Path, path: Path) -> None:
    overwrite(path)
    with pytest.raises(StoreDamaged, match="is not a database, but its backup"):
        Store.open(path)
    overwrite(tmp_path / "notes.txt")
    with pytest.raises(StoreUnusable, match="there is no backup of one beside it"):
        Store.open(tmp_path / "notes.txt")
