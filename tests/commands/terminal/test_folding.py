"""What is too long for a terminal is broken between words, and a command can be copied from it into a shell."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from ace.commands.terminal.folding import in_rows
from tests.command import WORLDS
from tests.terminal import on_terminal

TOLD = "ace: run r-bk0hy8ne stopped; what is done is kept; go on with"
COMMAND = "ace run resume r-bk0hy8ne --max-tokens-total N --store '/tmp/a folder/with a long name/cc.db'"


def in_shell(rows: list[str]) -> list[str]:
    """The words that a shell reads from these lines."""
    return shlex.split("\n".join(rows).replace("\\\n", ""))


@pytest.mark.parametrize("width", range(20, 200, 9))
def test_a_command_is_whole_and_no_word_is_broken(width: int) -> None:
    rows = in_rows(f"{TOLD}: {COMMAND}", width)
    assert all(len(row) <= width or row.strip().removesuffix(" \\") in shlex.split(COMMAND, posix=False) for row in rows)
    if len(rows) > 1:
        start = next(n for n, row in enumerate(rows) if row.startswith("ace run"))
        assert " ".join(rows[:start]) == f"{TOLD}:"
        assert in_shell(rows[start:]) == shlex.split(COMMAND)
    else:
        assert rows == [f"{TOLD}: {COMMAND}"]


def test_a_sentence_about_a_command_is_a_sentence() -> None:
    text = "it is distrusted: ace playbook trust gate-1 says what it rests on; ace playbook show gate-1 shows it"
    assert in_rows(text, 40) == [
        "it is distrusted: ace playbook trust",
        "gate-1 says what it rests on; ace",
        "playbook show gate-1 shows it",
    ]


def test_the_way_on_stands_whole_on_a_terminal(tmp_path: Path) -> None:
    run = (
        "run",
        f"{WORLDS}:Gate",
        "--episodes",
        "20",
        "--eval",
        "10",
        "--max-calls",
        "5",
        "--store",
        "a-store-with-a-long-name.db",
    )
    said = on_terminal(*run, cwd=tmp_path)
    way = next(n for n, line in enumerate(said.lines) if line.startswith("ace run resume r-"))
    id = said.lines[way].split()[3]
    told = f"ace run resume {id} --max-calls N --store a-store-with-a-long-name.db"
    assert in_shell(said.lines[way : way + 2])[: len(told.split())] == told.split()
    assert max(map(len, said.lines[way:])) <= 80
    shown = on_terminal("run", "show", id, "--store", "a-store-with-a-long-name.db", cwd=tmp_path, columns=60)
    way = next(n for n, line in enumerate(shown.lines) if line.startswith("ace run resume r-"))
    assert in_shell(shown.lines[way : way + 2])[: len(told.split())] == told.split()
    assert max(map(len, shown.lines[way : way + 2])) <= 60
