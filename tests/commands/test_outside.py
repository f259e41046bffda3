"""What a task, an action or a model says reaches the terminal as text, and printing never decides whether work succeeded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOSTILE = '''import ace
BAD = "\\x1b[31mred \\x1b]0;title\\x07 back\\rover \\u202eright \\x9bC1 \\x08"
@ace.environment(train=[(f"订单 {i} {BAD}", "甲" + BAD) for i in range(6)],
                 test=[(f"测试 {i} \\ud800 {BAD}", "甲" + BAD) for i in range(4)], choices=["甲" + BAD, "乙"])
def hostile(task, reply):
    """Text that a terminal would obey."""
    return ace.success(BAD) if reply == task.data["answer"] else ace.failure(BAD)
'''
ENV = "./hostile.py:hostile"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    assert ran(tmp_path, "run", ENV).returncode == 0
    return tmp_path


def ran(
    folder: Path, *words: str, encoding: str = "utf-8", stdout: int | None = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "ace", *words]
    return subprocess.run(command, cwd=folder, env=environment, stdout=stdout, stderr=subprocess.PIPE, timeout=120, check=False)


def test_no_control_character_of_a_task_reaches_the_terminal(folder: Path) -> None:
    listed = json.loads(ran(folder, "episode", "list", "--json").stdout)
    run = json.loads(ran(folder, "run", "list", "--json").stdout)[0]
    book = run["result"]["playbook"]
    shown = [
        ("run", ENV), ("run", "list"), ("run", "show", run["run"]), ("episode", "list"), ("env", "show", ENV),
        ("playbook", "show", book), ("playbook", "log", book), ("playbook", "blame", book), ("env", "check", ENV),
        *(("episode", "show", e["episode"]) for e in listed[:3]),
    ]  # fmt: skip
    for words in shown:
        done = ran(folder, *words)
        assert done.returncode in (0, 1), done.stderr
        text = (done.stdout + done.stderr).decode("utf-8", "surrogateescape")
        assert not OBEYED.search(text), words


def test_a_name_with_control_characters_is_told_without_them(folder: Path) -> None:
    done = ran(folder, "run", "show", "r-\x1b[31m")
    assert done.returncode == 2
    assert not OBEYED.search(done.stderr.decode())


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-8"])
def test_what_an_encoding_cannot_show_never_fails_the_work(folder: Path, encoding: str) -> None:
    for words in (("run", ENV), ("env", "show", ENV), ("run", "list")):
        done = ran(folder, *words, encoding=encoding)
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
    for words in (("episode", "list", "--json"), ("run", ENV, "--json")):
        json.loads(ran(folder, *words, encoding=encoding).stdout.decode(encoding))


def test_a_closed_output_never_fails_the_work(folder: Path) -> None:
    for closing in (">&-", "2>&-", ">&- 2>&-"):
        command = ["sh", "-c", f"exec {sys.executable} -m ace run {ENV} {closing}"]
        assert subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).returncode == 0
    listed = json.loads(ran(folder, "run", "list", "--json").stdout)
    assert [r["status"] for r in listed] == ["done"] * 4
