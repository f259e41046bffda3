"""A folder may have any name that the system allows: bytes that are not UTF-8, marks of addresses and patterns, line ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.command import ace

NAMES = {
    "not UTF-8": b"caf\xe9",
    "address": b"a?b=c&d#e%41 f",
    "pattern": b"[a]*{b}",
    "line end": b"a\nb",
    "word": "مى‌كتب 中".encode(),
}


@pytest.fixture(params=list(NAMES.values()), ids=list(NAMES))
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + request.param))
    try:
        made.mkdir()
    except OSError:
        pytest.skip("this file system takes no such name")
    return made


def ran(words: list[str]) -> str:
    done = ace(*words, cwd=Path())
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_store_in_any_folder_is_made_read_and_kept(folder: Path) -> None:
    with_store = ["--store", str(folder / "ace.db")]
    ran(["run", "desk", "--episodes", "2", "--eval", "2", *with_store])
    (run,) = json.loads(ran(["run", "list", "--json", *with_store]))
    book, page = run["result"]["playbook"], folder / "book.md"
    ran(["playbook", "export", book, "-o", str(page), *with_store])
    ran(["playbook", "import", str(page), "copy", *with_store])
    kept = json.loads(ran(["store", "backup", "--json", *with_store]))
    assert os.path.exists(kept["backup"])
    for words in (["check"], ["compact"], ["restore"], ["check"]):
        ran(["store", *words, *with_store])


def test_the_command_is_begun_in_any_folder(folder: Path) -> None:
    added = ["playbook", "add", "support", "-s", "A", "-t", "one", "-r", "first"]
    done = subprocess.run([sys.executable, "-m", "ace", *added], cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "ace.db").exists()


def test_the_library_opens_a_store_in_any_folder(folder: Path) -> None:
    places: list[Path | str] = [folder / "a.db", f"sqlite:///{folder}/b.db"]
    for where in places:
        with Store.open(where) as store:
            store.ensure_playbook("support")
    assert (folder / "a.db").exists()
    assert (folder / "b.db").exists()
