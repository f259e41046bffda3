"""No command writes over a store, its logs or its backups, by any name that leads to them, and --force does not change that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.said import Ace

RUN = ("run", "desk", "--episodes", "2", "--eval", "2")
STORES = ("ace.db", "hard.md", "soft.md", "ace.db-wal", "ace.db-shm", "ace.db-journal", "ace.db.kept.backup")
WRITE = {
    "markdown": ("playbook", "export", "support", "-f", "markdown", "--force", "-o"),
    "part": ("playbook", "export", "support", "-f", "agents", "--force", "-o"),
    "report": ("playbook", "report", "support", "--force", "-o"),
    "episodes": ("episode", "export", "-o"),
    "backup": ("store", "backup"),
}


@pytest.fixture
def store(ace: Ace) -> bytes:
    """The bytes of `ace.db`, which has a playbook, a backup, a hard link and a symbolic link."""
    Path("rules.md").write_text("- Refund damaged goods.\n", encoding="utf-8")
    assert ace("playbook", "import", "rules.md", "support").status == 0
    assert ace("store", "backup", "ace.db.kept.backup").status == 0
    Path("hard.md").hardlink_to("ace.db")
    Path("soft.md").symlink_to("ace.db")
    return Path("ace.db").read_bytes()


@pytest.mark.parametrize("way", WRITE)
def test_nothing_is_written_over_a_store(ace: Ace, store: bytes, way: str) -> None:
    kept = Path("ace.db.kept.backup").read_bytes()
    for name in STORES:
        there = Path(name).exists()
        said = ace(*WRITE[way], name)
        assert (said.status, len(said.err.splitlines())) == (2, 1)
        assert name in said.err
        assert Path(name).exists() == there
    assert Path("ace.db").read_bytes() == store
    assert Path("ace.db.kept.backup").read_bytes() == kept


@pytest.mark.parametrize("begin", [RUN, (*RUN, "--dry-run"), ("eval", "desk", "--playbook", "support"), ("compare", "desk")])
def test_a_recording_is_not_the_store(ace: Ace, store: bytes, begin: tuple[str, ...]) -> None:
    for name in STORES:
        said = ace(*begin, "--record", name)
        assert said.status == 2
        assert said.err.startswith(f"ace: --record {name} is ")
        assert "name another file" in said.err
    assert Path("ace.db").read_bytes() == store


@pytest.mark.parametrize(
    ("record", "where"), [("new.db", "new.db"), ("./new.db", "sqlite:///new.db"), ("l.db", "new.db"), ("new.db-wal", "new.db")]
)
def test_nor_is_a_recording_a_store_that_is_to_be_made(ace: Ace, record: str, where: str) -> None:
    Path("l.db").symlink_to("new.db")
    said = ace(*RUN, "--record", record, "--store", where)
    assert said.status == 2
    assert f"--record {record} is " in said.err
    assert not Path("new.db").exists()


def test_a_recording_that_is_played_back_is_not_appended_to(ace: Ace) -> None:
    assert ace(*RUN, "--record", "calls.jsonl").status == 0
    before = Path("calls.jsonl").read_bytes()
    said = ace(*RUN, "--model", "replay:calls.jsonl", "--record", "./calls.jsonl")
    assert (said.status, Path("calls.jsonl").read_bytes()) == (2, before)
    assert "is the recording that is played back" in said.err


def test_a_store_is_not_made_under_the_name_of_a_log(ace: Ace, store: bytes) -> None:
    said = ace(*RUN, "--store", "ace.db-wal")
    assert "is the name of a log of ace.db" in said.err
    assert not Path("ace.db-wal").exists()


def test_a_prompt_is_not_written_through_a_link(ace: Ace, store: bytes) -> None:
    Path("mine").mkdir()
    Path("mine/generator.md").symlink_to("../ace.db")
    assert ace("prompts", "export", "mine", "--force").status == 2
    assert Path("ace.db").read_bytes() == store


def test_the_copy_of_a_store_that_was_replaced_is_named(ace: Ace, store: bytes) -> None:
    for name in ("hard.md", "soft.md", "ace.db.kept.backup"):
        Path(name).unlink()
    for backup in Path().glob("*.backup"):
        backup.unlink()
    Path("ace.db.bak").write_bytes(store)
    Path("ace.db").write_text("{}\n", encoding="utf-8")
    said = ace("playbook", "list")
    assert "ace store restore --store ace.db ace.db.bak" in said.err
    assert ace("store", "restore", "ace.db.bak").status == 0
    assert "support" in ace("playbook", "list").out


def test_a_home_folder_is_found_where_no_shell_expands_it(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd()))
    Path("rules.md").write_text("- Refund damaged goods.\n", encoding="utf-8")
    assert ace("playbook", "import", "~/rules.md", "support", "--store", "~/x.db").status == 0
    assert ace("playbook", "export", "support", "--store", "sqlite:///~/x.db", "--out", "~/out.md").status == 0
    assert Path("x.db").exists()
    assert Path("out.md").exists()
