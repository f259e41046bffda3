"""Looking after the store from the command line: copies, damage, size, and what is to be forgotten."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.command import WORLDS
from tests.commands.on_terminal import on_a_terminal
from tests.commands.said import Ace, Said
from tests.memory.acts import alone, holding, keep, played, told
from tests.starting import started
from tests.stories import NAME, Story, add, retire

STORE = Path("ace.db")
LAST = Path("ace.db.auto-1.backup")
MARKER = "Zanzibar-4711"
JUNK = b"\x00\xffjunk" * 5000


@pytest.fixture
def ace(ace: Ace) -> Ace:
    """The command, in a folder with a store that was changed twice, and whose first change is in both automatic backups."""
    for text in ("one", "two"):
        with Store.open("ace.db") as store:
            Story(store).change(add(text))
    return ace


def texts(ace: Ace) -> list[str]:
    said = ace("playbook", "show", NAME, "--json")
    assert said.status == 0, said.err
    return [b["text"] for b in said.json["bullets"]]


def told_in_a_line(said: Said, *words: str, status: int = 2) -> None:
    assert said.status == status, said
    assert said.out == ""
    assert said.err.startswith("ace: ")
    assert said.err.count("\n") == 1
    for word in words:
        assert word in said.err


# Backup


def test_a_backup_is_named_with_its_size_and_holds_everything(ace: Ace) -> None:
    said = ace("store", "backup")
    path, size = said.out.strip().split(": ")
    assert path.startswith("ace.db.20")
    assert path.endswith(".backup")
    assert size.endswith("B")
    other = ace("store", "backup", "mine.db", "--json").json
    assert other == {"backup": "mine.db", "bytes": Path("mine.db").stat().st_size}
    for copy in (path, "mine.db"):
        assert ace("playbook", "show", NAME, "--store", copy, "--json").json == ace("playbook", "show", NAME, "--json").json


def test_a_backup_that_cannot_be_made_says_why_and_leaves_nothing(ace: Ace) -> None:
    Path("notes.txt").write_text("mine")
    Path("locked").mkdir(mode=0o555)
    before = sorted(os.listdir())
    told_in_a_line(ace("store", "backup", "notes.txt"), "there is a file notes.txt already", "name a new one")
    told_in_a_line(ace("store", "backup", "nowhere/copy.db"), "there is no folder nowhere")
    told_in_a_line(ace("store", "backup", "locked/copy.db"), "locked is read-only")
    told_in_a_line(ace("store", "backup", "--store", "other.db"), "there is no store at other.db", "--store")
    assert sorted(os.listdir()) == before
    assert os.listdir("locked") == []
    assert Path("notes.txt").read_text() == "mine"


# Damage, and the way back


def overwritten() -> None:
    STORE.write_bytes(JUNK)


def emptied() -> None:
    STORE.write_bytes(b"")


def cut_in_the_header() -> None:
    os.truncate(STORE, 60)


def cut_in_half() -> None:
    os.truncate(STORE, STORE.stat().st_size // 2)


def junk_behind_the_header() -> None:
    """The tables' names are unreadable, and what SQLite has to say of that is no text either."""
    content = STORE.read_bytes()
    at = content.index(b"CREATE TABLE")
    STORE.write_bytes(content[: at - 60] + b"\x92\xa5" * 200 + content[at + 340 :])


DAMAGES = [overwritten, emptied, cut_in_the_header, cut_in_half, junk_behind_the_header]


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_is_asked_of_a_damaged_store_the_answer_is_one_line_that_names_the_way_back(
    ace: Ace, damage: Callable[[], None]
) -> None:
    damage()
    broken = STORE.read_bytes()
    for asked in (
        ("playbook", "list"),
        ("playbook", "show", NAME),
        ("playbook", "add", NAME, "-s", "Refunds", "-t", "three", "-r", "test"),
        ("episode", "list"),
        ("run", "list"),
        ("run", f"{WORLDS}:Gate", "--episodes", "2", "--eval", "2"),
        ("run", "resume"),
        ("store", "check"),
        ("store", "backup"),
        ("store", "compact"),
    ):
        told_in_a_line(ace(*asked), "ace.db", "ace store restore --store ace.db", status=1)
    assert STORE.read_bytes() == broken


@pytest.mark.parametrize("damage", DAMAGES)
def test_restore_brings_back_the_last_automatic_backup_and_keeps_what_was_there(ace: Ace, damage: Callable[[], None]) -> None:
    damage()
    broken = STORE.read_bytes()
    said = ace("store", "restore")
    assert said.status == 0
    first, second = said.out.splitlines()
    assert first.startswith("ace.db is as it was in ace.db.auto-1.backup, made 20")
    assert first.endswith(" UTC")
    aside = second.removeprefix("the file as it was is kept as ")
    assert Path(aside).read_bytes() == broken
    assert texts(ace) == ["one", "two"]
    assert ace("store", "check").status == 0


def test_a_store_that_was_deleted_comes_back_too(ace: Ace) -> None:
    STORE.unlink()
    told_in_a_line(ace("playbook", "list"), "there is no store at ace.db, but there are backups", "ace store restore")
    said = ace("store", "restore", "--json").json
    assert said["from"] == "ace.db.auto-1.backup"
    assert said["made"].startswith("20")
    assert said["kept"] is None
    assert texts(ace) == ["one", "two"]


def test_a_store_is_brought_back_from_the_file_that_is_named(ace: Ace) -> None:
    assert ace("store", "backup", "mine.db").status == 0
    assert ace("playbook", "add", NAME, "-s", "Refunds", "-t", "three", "-r", "test").status == 0
    said = ace("store", "restore", "mine.db", "--json").json
    assert (said["from"], Path(said["kept"]).exists()) == ("mine.db", True)
    assert texts(ace) == ["one", "two"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE bullets SET text = 'pay' WHERE text = 'two'", "text differs from what the log gives"),
        ("DELETE FROM bullets WHERE text = 'two'", "it is missing; the log has it"),
        ("UPDATE bullet_versions SET text = 'pay' WHERE text = 'one'", "text differs from what the log gives"),
        ("DELETE FROM revisions WHERE number = 1", "revision"),
        ("UPDATE playbooks SET head = 1", "the log goes on to revision"),
    ],
)
def test_a_backup_that_does_not_agree_with_itself_is_not_restored(ace: Ace, change: str, told: str) -> None:
    assert ace("store", "backup", "mine.db").status == 0
    shutil.copy("mine.db", "good.db")
    with closing(sqlite3.connect("mine.db")) as c, c:
        assert c.execute(change).rowcount > 0
    before, files = STORE.read_bytes(), sorted(p.name for p in Path().iterdir())
    told_in_a_line(ace("store", "restore", "mine.db"), "mine.db cannot be restored from", told, "--force")
    assert (STORE.read_bytes(), sorted(p.name for p in Path().iterdir())) == (before, files)
    for own in Path().glob("*.backup"):
        shutil.copy("mine.db", own)
    told_in_a_line(ace("store", "restore"), "none of its", "--force")
    assert ace("store", "restore", "mine.db", "--force").status == 0
    assert ace("store", "check").status == 1
    assert ace("store", "restore", "good.db").status == 0
    assert ace("store", "check").status == 0


def test_what_cannot_be_restored_from_is_refused_and_the_store_stays(ace: Ace) -> None:
    Path("junk.db").write_bytes(JUNK)
    before = STORE.read_bytes()
    told_in_a_line(ace("store", "restore", "junk.db"), "junk.db cannot be restored from", "not a store made by ace")
    told_in_a_line(ace("store", "restore", "none.db"), "there is no file none.db")
    told_in_a_line(ace("store", "restore", "ace.db"), "is the store itself")
    told_in_a_line(ace("store", "restore", "--store", "other.db"), "no backup stands beside it", "ace store restore FILE")
    told_in_a_line(ace("store", "restore", "--store", ":memory:"), "in memory")
    with Store.open("ace.db") as store:
        Story(store).change(add("three"))
        told_in_a_line(ace("store", "restore"), "open in another program")
    assert texts(ace) == ["one", "two", "three"]
    assert before != STORE.read_bytes()


# Check


def test_a_whole_store_is_said_to_be_whole(ace: Ace) -> None:
    said = ace("store", "check")
    assert (said.status, said.out, said.err) == (0, "ace.db: nothing is wrong (1 playbook)\n", "")
    assert ace("store", "check", "--json").json == {"store": "ace.db", "faults": []}


def change(statement: str) -> None:
    with Store.open("ace.db") as store, alone(store) as connection:
        assert connection.execute(statement).rowcount > 0


def test_every_fault_is_a_line_and_the_way_back_is_named(ace: Ace) -> None:
    change("UPDATE bullets SET text = 'pay at once' WHERE text = 'two'")
    change("UPDATE bullets SET rank = 'zz' WHERE text = 'one'")
    said = ace("store", "check")
    assert said.status == 1
    lines = said.out.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"playbook {NAME}: ") for line in lines)
    assert said.err == "Nothing was changed; bring back the last backup with: ace store restore --store ace.db\n"
    told = ace("store", "check", "--json")
    assert (told.status, told.json["faults"]) == (1, lines)
    assert ace("store", "restore").status == 0
    assert ace("store", "check").status == 0


@pytest.mark.parametrize(
    ("statement", "asked"),
    [
        ("UPDATE operations SET body = 'no JSON' WHERE delta = 2", ("playbook", "log", NAME)),
        ("UPDATE operations SET body = CAST(x'7b2292a5' AS TEXT) WHERE delta = 2", ("playbook", "log", NAME)),
        ("UPDATE bullets SET state = 'asleep' WHERE text = 'two'", ("playbook", "show", NAME, "--retired")),
        ("UPDATE episodes SET body = '[]'", ("episode", "show", "e-1")),
        ("UPDATE reflections SET body = '{}'", ("episode", "show", "e-1")),
        ("UPDATE runs SET config = 'no JSON'", ("run", "list")),
        ("UPDATE runs SET status = 'asleep'", ("run", "list")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_any_more_is_said_in_one_line_and_found_by_check(
    ace: Ace, statement: str, asked: tuple[str, ...]
) -> None:
    with Store.open("ace.db") as store:
        keep(store, played("e-1"), told=(told("e-1"),))
        started(store, {"model": "m"})
    change(statement)
    told_in_a_line(ace(*asked), "ace store restore", status=1)
    found = ace("store", "check", "--json")
    assert found.status == 1
    assert found.json["faults"]


# Compact


def test_compacting_says_what_it_saved_and_keeps_everything(ace: Ace) -> None:
    with Store.open("ace.db") as store, store._database.write() as c:
        c.exec_driver_sql("CREATE TABLE junk AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000) "
                          "SELECT i, hex(randomblob(40)) FROM n")  # fmt: skip
        c.exec_driver_sql("DROP TABLE junk")
    before = STORE.stat().st_size
    said = ace("store", "compact", "--json").json
    assert said == {"before": before, "after": STORE.stat().st_size}
    assert said["after"] < before - 500_000
    assert texts(ace) == ["one", "two"]
    again = ace("store", "compact")
    assert again.status == 0
    assert again.out.endswith(" after\n")
    assert " before, " in again.out


# Purge


@pytest.fixture
def episodes(ace: Ace) -> Ace:
    """Two episodes with reflections, one of which says what nobody may keep."""
    with Store.open("ace.db") as store:
        keep(store, played("e-1", MARKER), played("e-2"), told=(told("e-1", MARKER), told("e-2")))
    assert "ace.db" in list(holding(Path(), MARKER)), sorted(path.name for path in Path().iterdir())
    return ace


def test_what_is_purged_is_gone_and_the_rest_verifies(episodes: Ace) -> None:
    said = episodes("episode", "purge", "e-1", "--yes")
    assert said.status == 0, said.err
    assert re.fullmatch(r"1 episode purged; the file had [\d.,]+ k?M?B before, and has [\d.,]+ k?M?B now\n", said.out)
    assert said.err == ""
    assert list(holding(Path(), MARKER)) == []
    shown = episodes("episode", "show", "e-1", "--json").json
    assert shown["reason"].startswith("purged 20") if "reason" in shown else "purged 20" in str(shown)
    assert episodes("playbook", "verify", NAME).status == 0
    assert episodes("store", "check").status == 0
    again = episodes("episode", "purge", "e-1", "--yes")
    assert (again.status, again.out) == (0, "nothing to purge: e-1 was purged already\n")


def test_copies_that_may_still_hold_it_are_named(episodes: Ace) -> None:
    assert episodes("store", "backup", "ace.db.mine.backup").status == 0
    said = episodes("episode", "purge", "e-1", "--yes", "--json").json
    assert said == {"purged": ["e-1"], "copies": ["ace.db.mine.backup"], "log_emptied": True, "bullets": []}
    assert list(holding(Path(), MARKER)) == ["ace.db.mine.backup"]
    told = episodes("episode", "purge", "e-2", "--yes")
    assert "was left alone: ace.db.mine.backup" in told.err


def test_purging_asks_first(episodes: Ace, tmp_path: Path) -> None:
    told_in_a_line(episodes("episode", "purge", "e-1"), "1 episode would be purged", "cannot be brought back", "--yes")
    seen = on_a_terminal("episode", "purge", "e-1", cwd=tmp_path, answers=[("Purge? [y/N]: ", "n")])
    assert seen.status == 0
    assert seen.out.splitlines() == [
        "1 episode would be purged; what they said and saw cannot be brought back.",
        "Purge? [y/N]: n",
        "nothing was purged",
    ]
    assert "ace.db" in holding(tmp_path, MARKER)
    seen = on_a_terminal("episode", "purge", "e-1", cwd=tmp_path, answers=[("Purge?", "y")])
    assert seen.status == 0
    assert "1 episode purged" in seen.out
    assert list(holding(tmp_path, MARKER)) == []


def test_episodes_of_a_run_or_of_a_time_are_purged(ace: Ace) -> None:
    done = ace("run", f"{WORLDS}:Gate", "--episodes", "10", "--eval", "5", "--json").json
    assert len(ace("episode", "purge", "--run", done["run"], "--before", "2020-01-01", "--yes", "--json").json["purged"]) == 0
    assert len(ace("episode", "purge", "--run", done["run"], "--yes", "--json").json["purged"]) == 20
    again = ace("run", "show", done["run"], "--json").json
    assert again["after"] == done["after"]
    assert ace("store", "check").status == 0


def test_a_purge_that_names_nothing_or_what_is_not_there_is_refused(episodes: Ace) -> None:
    told_in_a_line(episodes("episode", "purge", "--yes"), "say which episodes")
    told_in_a_line(episodes("episode", "purge", "e-9", "--yes"), "there is no episode 'e-9'")
    told_in_a_line(episodes("episode", "purge", "e-1", "e-9", "--yes"), "there is no episode 'e-9'")
    told_in_a_line(episodes("episode", "purge", "--run", "r-9", "--yes"), "there is no run 'r-9'")
    told_in_a_line(episodes("episode", "purge", "--before", "soon", "--yes"), "'soon' is not a date", "2026-01-31")
    told_in_a_line(episodes("episode", "purge", "e-1", "--before", "2030-01-01", "--yes"), "say which episodes")
    assert "ace.db" in holding(Path(), MARKER)


# Read-only


@pytest.fixture(params=["file", "folder"])
def locked(request: pytest.FixtureRequest, episodes: Ace) -> Iterator[Ace]:
    """A store that may only be read, or that lies in a folder where nothing may be written."""
    with Store.open("ace.db") as store:
        Story(store).change(retire(store.view(NAME).bullets()[0].id))
        started(store, {"model": "m"})
    path, mode = (STORE, 0o444) if request.param == "file" else (Path(), 0o555)
    path.chmod(mode)
    yield episodes
    path.chmod(0o755)


def test_what_may_only_be_read_can_be_read(locked: Ace, tmp_path_factory: pytest.TempPathFactory) -> None:
    before, there = STORE.read_bytes(), sorted(os.listdir())
    [bullet] = locked("playbook", "show", NAME, "--json").json["bullets"]
    [run] = locked("run", "list", "--json").json
    for asked in (
        ("playbook", "list"),
        ("playbook", "show", f"{NAME}@1"),
        ("playbook", "log", NAME),
        ("playbook", "diff", f"{NAME}@0", NAME),
        ("playbook", "blame", NAME),
        ("playbook", "why", bullet["id"]),
        ("playbook", "search", NAME, "two"),
        ("playbook", "stats", NAME),
        ("playbook", "verify", NAME),
        ("playbook", "export", NAME),
        ("episode", "list"),
        ("episode", "show", "e-1"),
        ("run", "show", run["run"]),
        ("store", "check"),
        ("store", "backup", str(tmp_path_factory.mktemp("elsewhere") / "copy.db")),
    ):
        said = locked(*asked)
        assert (said.status, said.err) == (0, ""), asked
    assert (STORE.read_bytes(), sorted(os.listdir())) == (before, there)


def test_what_would_be_written_is_refused_in_one_line(locked: Ace, tmp_path_factory: pytest.TempPathFactory) -> None:
    before, there = STORE.read_bytes(), sorted(os.listdir())
    [bullet] = locked("playbook", "show", NAME, "--json").json["bullets"]
    lessons = tmp_path_factory.mktemp("elsewhere") / "lessons.txt"
    lessons.write_text("- be kind\n")
    why = ("-r", "test")
    for asked in (
        ("playbook", "add", NAME, "-s", "Refunds", "-t", "three", *why),
        ("playbook", "retire", NAME, bullet["id"], *why),
        ("playbook", "pin", NAME, bullet["id"], *why),
        ("playbook", "revert", NAME, "2", *why),
        ("playbook", "rollback", NAME, "1", *why),
        ("playbook", "fork", NAME, "other"),
        ("playbook", "import", str(lessons), "other"),
        ("episode", "purge", "e-1", "--yes"),
        ("run", f"{WORLDS}:Gate", "--episodes", "2", "--eval", "2"),
        ("run", "resume"),
        ("eval", f"{WORLDS}:Gate", "--playbook", NAME, "--eval", "2"),
        ("store", "compact"),
        ("store", "restore"),
    ):
        told_in_a_line(locked(*asked), "is read-only; make it writable")
    assert (STORE.read_bytes(), sorted(os.listdir())) == (before, there)


def test_a_pipe_in_the_place_of_a_store_is_refused_and_nothing_waits_for_it(ace: Ace, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    for command in ("store check", "playbook list", "run desk --episodes 1 --eval 0", "store restore", "store backup"):
        said = ace(*command.split(), "--store", str(tmp_path / "pipe.db"))
        assert (said.status, len(said.err.splitlines())) == (2, 1), (command, said.err)


@pytest.mark.parametrize("where", [":memory:", "sqlite://", "sqlite:///"])
def test_no_playbook_is_written_into_a_store_that_ends_with_the_command(ace: Ace, where: str) -> None:
    Path("rules.md").write_text("- one\n", encoding="utf-8")
    for command in (
        ("playbook", "add", "p", "-s", "S", "-t", "one", "-r", "x"),
        ("playbook", "import", "rules.md", "p"),
    ):
        said = ace(*command, "--store", where)
        assert (said.status, said.out) == (2, "")
        assert f"the store {where} is in memory and ends with this command" in said.err
    assert ace("playbook", "import", "rules.md", "p", "--dry-run", "--store", where).status == 0


@pytest.mark.parametrize("where", [":memory:", "sqlite://", "sqlite:///"])
def test_a_run_in_memory_says_that_nothing_is_kept_and_names_nothing_to_look_at(ace: Ace, where: str) -> None:
    said = ace("run", "desk", "--episodes", "1", "--eval", "1", "--store", where)
    assert said.status == 0
    assert f"Nothing is kept: the store {where} is in memory" in said.err
    assert f"Nothing is kept: the store {where} is in memory" in " ".join(said.out.split())
    assert "Everything is in" not in said.out
    assert "ace playbook" not in said.out
    for command in ("run list", "run resume", "playbook list", "episode list --json", "eval desk --playbook p", "store check"):
        told_in_a_line(ace(*command.split(), "--store", where), f"the store {where} is in memory")
