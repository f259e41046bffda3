"""What a task, an action or a model says reaches the terminal as text, and printing never decides whether work succeeded."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.command import ace

HOSTILE = '''import ace
BAD = "\\x1b[31mred \\x1b]0;title\\x07 back\\rover \\u202eright \\x9bC1 \\x08"
@ace.environment(train=[(f"订单 {i} {BAD}", "甲" + BAD) for i in range(6)],
                 test=[(f"测试 {i} \\ud800 {BAD}", "甲" + BAD) for i in range(4)], choices=["甲" + BAD, "乙"])
def hostile(task, reply):
    """Text that a terminal would obey."""
    return ace.success(BAD) if reply == task.data["answer"] else ace.failure(BAD)
'''
ENV = "./hostile.py:hostile"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    assert ran(folder, "run", ENV).returncode == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copy")


def ran(
    folder: Path, *words: str, encoding: str = "utf-8", before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[bytes]:
    done = ace(*words, cwd=folder, before=before, PYTHONIOENCODING=encoding)
    out, err = (text.encode("utf-8", "surrogateescape") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(words, done.returncode, out, err)


def begun(folder: Path, *words: str, encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    """The same in an interpreter that is begun for it, and makes its streams by itself."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run([sys.executable, "-m", "ace", *words], cwd=folder, env=environment, capture_output=True, timeout=120)


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


def test_it_is_the_interpreters_encoding(folder: Path) -> None:
    done = begun(folder, "env", "show", ENV, encoding="cp1252")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == ran(folder, "env", "show", ENV, encoding="cp1252").stdout


@pytest.mark.parametrize("closing", ["<&- >&- 2>&-", ">/dev/full", "2>/dev/full", "| true", "--json 2>&1 | true"])
def test_an_output_that_takes_nothing_never_fails_the_work(folder: Path, closing: str) -> None:
    done = shell(folder, f"run {ENV} --episodes 2 --eval 2 {closing}")
    assert done.stdout.decode().split()[-1] == "status=0"
    assert b"Traceback" not in done.stdout + done.stderr
    listed = json.loads(ran(folder, "run", "list", "--json").stdout)
    assert [r["status"] for r in listed] == ["done", "done"]


@pytest.mark.parametrize(
    ("words", "status"), [("--help", 0), ("run list", 0), ("episode list --json", 0), ("run show r-no", 2), ("playbook", 2)]
)
def test_what_takes_no_output_changes_no_status(folder: Path, words: str, status: int) -> None:
    full = [partial(onto, "/dev/full", n) for n in (1, 2)] if Path("/dev/full").exists() else []
    closings: list[Callable[[], None]] = [partial(os.close, 1), *full, onto_a_pipe_that_was_left]
    for closing in closings:
        done = ran(folder, *words.split(), before=closing)
        assert done.returncode == status, closing
        assert b"Traceback" not in done.stdout + done.stderr


def test_an_export_to_a_full_disk_is_not_told_as_done(folder: Path) -> None:
    book = json.loads(ran(folder, "run", "list", "--json").stdout)[0]["result"]["playbook"]
    done = shell(folder, f"playbook export {book} >/dev/full")
    assert done.stdout.decode().split()[-1] == "status=1"
    assert done.stderr == b"ace: the output could not be written: the disk it goes to is full\n"


def onto(path: str, descriptor: int) -> None:
    os.dup2(os.open(path, os.O_WRONLY), descriptor)


def onto_a_pipe_that_was_left() -> None:
    """What reads both streams has left."""
    read, write = os.pipe()
    os.close(read)
    os.dup2(write, 1)
    os.dup2(write, 2)


def shell(folder: Path, words: str) -> subprocess.CompletedProcess[bytes]:
    """Run `ace` with `words`, which may hold a redirection, in a shell that tells the status last."""
    if "/dev/full" in words and not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    script = f'exec 3>&1; {{ "{sys.executable}" -m ace {words}; }}; echo "status=${{PIPESTATUS[0]}}" >&3'
    if "|" in words:
        script = script.replace("{ ", "").replace("; }", "")
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, timeout=120, check=False)
