"""What a task, an action or a model says reaches the terminal as text, and printing never decides whether work succeeded."""

from __future__ import annotations

import io
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

from ace.cli import main
from ace.memory.store import Store
from ace.playbooks.visible import visible
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


def test_a_flag_of_tag_characters_is_shown_and_other_tags_are_not() -> None:
    england, words = ("\U0001f3f4" + "".join(chr(0xE0000 + ord(c)) for c in t) + "\U000e007f" for t in ("gbeng", "gbobey"))
    assert visible(f"a{england}{england}b\x1b") == f"a{england}{england}b\u241b"
    assert visible(words) == "\U0001f3f4" + "\ufffd" * 7


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


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_what_is_exported_to_a_pipe_is_the_text_itself_in_any_encoding(folder: Path, encoding: str) -> None:
    text = "Smile \U0001f600 at \u653f\u7b56."
    ran(folder, "playbook", "add", "smiles", "-s", "\u653f", "-t", text)
    assert text in ran(folder, "playbook", "export", "smiles", encoding=encoding).stdout.decode()
    as_json = ran(folder, "playbook", "export", "smiles", "-f", "json", encoding=encoding).stdout
    assert json.loads(as_json)["bullets"][0]["text"] == text


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


READING = [
    "--help", "--version", "run --help", "run list", "run list --json", "run show {run}", "run show {run} --json",
    "run export {run}", "run --dry-run", "run --show-prompt --json", "episode list", "episode export", "episode export -f csv",
    "playbook list", "playbook show {book}", "playbook log {book} --json", "playbook diff {book}@0 {book}",
    "playbook stats {book}", "playbook blame {book}", "playbook verify {book}", "playbook export {book}",
    "playbook export {book} -f json -o -",
    "env list", "env show desk", "env check desk", "model check novice", "config show", "store check", "store check --json",
]  # fmt: skip
KEPT = [
    "playbook add {book} -s A -t one", "playbook add new -s A -t one --json", "playbook fork {book} twig", "store compact",
    "playbook import a.md other", "store backup", "playbook export {book} -o out.md", "episode export -o e.csv -f csv",
    "run export {run} -o r.jsonl", "prompts export", "store restore", "playbook rollback {book} 0",
]  # fmt: skip
NOWHERE = {None: "standard output is closed", "/dev/full": "the disk it goes to is full"}
"""Standard outputs that take nothing, and why."""
nowhere = pytest.mark.parametrize("output", [to for to in NOWHERE if to is None or Path(to).exists()])


@nowhere
def test_what_was_asked_for_alone_and_could_not_be_written_is_status_1(
    folder: Path, output: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in READING:
        said = f"ace: the output could not be written: {NOWHERE[output]}\n"
        assert called(folder, filled(folder, words), output, monkeypatch) == (1, said), words


@nowhere
def test_work_that_is_kept_is_done_whatever_its_output_takes(
    folder: Path, output: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.md").write_text("## A\n- one\n")
    for words in KEPT:
        status, said = called(folder, filled(folder, words), output, monkeypatch)
        assert status == 0, words
        assert output or "could not be written" not in said, words


@pytest.mark.parametrize(("words", "status"), [("--help", 0), ("run list", 0), ("run show r-no", 2), ("playbook", 2)])
def test_a_reader_that_left_changes_no_status(folder: Path, words: str, status: int) -> None:
    done = ran(folder, *words.split(), before=onto_a_pipe_that_was_left)
    assert (done.returncode, done.stderr) == (status, b"")


@pytest.mark.parametrize(("words", "status"), [("run show r-no", 2), ("playbook", 2), ("env list", 0)])
def test_a_stream_for_messages_that_takes_nothing_changes_no_status(folder: Path, words: str, status: int) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    done = ran(folder, *words.split(), before=partial(onto, "/dev/full", 2))
    assert (done.returncode, done.stderr) == (status, b"")


def filled(folder: Path, words: str) -> list[str]:
    """`words` with the ids of what the first run in the store of `folder` made."""
    with Store.open(folder / "ace.db", create=False) as store:
        run = store.runs()[0]
    return words.format(run=run.id, book=run.result["playbook"]).split()


def called(folder: Path, words: list[str], output: str | None, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The status of `ace` with `words` whose standard output is the file `output` (closed from the beginning without one), and
    what it complained of."""
    with monkeypatch.context() as here, open(output or os.devnull, "w") as stream:
        here.chdir(folder)
        here.setattr(sys, "stdin", io.StringIO())
        here.setattr(sys, "stdout", stream if output else None)
        here.setattr(sys, "stderr", complaints := io.StringIO())
        with pytest.raises(SystemExit) as ended:
            main(words)
        return int(ended.value.code or 0), complaints.getvalue()


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
