"""Whatever is wrong with what was asked is said in one line, ends with status 2, and leaves nothing behind."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

import ace as library
from ace.errors import BadSetting
from ace.memory.database.refs import check_name
from ace.memory.store import Store
from ace.strategies.registry import strategy_names
from tests.command import WORLDS
from tests.commands.said import Ace, Said

ROW = {"prompt": "Which tag?", "answer": "Cash"}
NINES = "9" * 5000
EXPERTS = ("--strategy=experts", "--strategy-set=experts=a,b", "--strategy-set=fallback=empty")
DATA = ("run", "dataset", "--set", "train=train.jsonl", "--set", "eval=eval.jsonl")


def refused(said: Said, *parts: str) -> None:
    assert said.status == 2
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("ace: ")
    for part in parts:
        assert part in lines[0]


def write(**rows: object) -> None:
    """JSON Lines files in the working directory; text is written as it is."""
    for name, value in rows.items():
        text = value if isinstance(value, str) else "\n".join(json.dumps(r) for r in value)  # type: ignore[attr-defined]
        Path(f"{name}.jsonl").write_text(text, encoding="utf-8")


ASKED = {
    "environment": (("run", "dsk"), ("'dsk'", "did you mean 'desk'?", "dataset")),
    "strategy": (("run", "--strategy", "acee"), ("'acee'", "did you mean 'ace'?", "reflexion")),
    "model": (("run", "--model", "novise"), ("'novise'", "did you mean 'novice'?", "provider/model")),
    "setting": (("run", "--set", "wrld=3"), ("'wrld'", "did you mean 'world'?", "noise")),
    "strategy setting": (("run", "--strategy-set", "tokns=3"), ("'tokns'", "did you mean 'tokens'?")),
    "shown twice": (
        ("run", "-s", "frozen", "--strategy-set", "without=a-1,b-2 a-1"),
        ("without='a-1,b-2 a-1': a-1 is there twice",),
    ),
    "shots twice": (("compare", "--shots", "4,04"), ("--shots '4,04': 4 is there twice; name it once",)),
    "seeds twice": (("compare", "--seed", "3,3"), ("seed 3 is there twice",)),
    "numbers twice": (("power", "--n", "50,50"), ("--n '50,50': 50 is there twice; name it once",)),
    "local twice": (("run", "-m", "local:x.gguf,slots=1,slots=2"), ("local:x.gguf,slots=1,slots=2: slots is there twice",)),
    "no pair": (("run", "--set", "world"), ("key=value",)),
    "world": (("run", "--set", "world=abc"), ("world='abc'", "whole number")),
    "level": (("run", "--set", "level=hrd"), ("easy, normal, hard",)),
    "noise": (("run", "--set", "noise=2"), ("0 to 0.5",)),
    "seed": (("run", "--seed", "abc"), ("ace: --seed is 'abc'", "whole number")),
    "episodes": (("run", "--episodes", "0"), ("ace: --episodes is 0", "1 or more")),
    "eval": (("run", "--eval", "-1"), ("eval is -1", "1 or more")),
    "batch": (("run", "--batch", "0"), ("ace: --batch is 0",)),
    "epochs": (("run", "--epochs", "0"), ("epochs is 0",)),
    "concurrency": (("run", "--concurrency", "0"), ("concurrency is 0",)),
    "timeout": (("run", "--timeout", "0"), ("ace: --timeout is 0",)),
    "budget": (("run", "--max-calls", "-1"), ("-1", "more than 0")),
    "unpriced": (("run", "--max-usd", "1", "--model", "openai/x", "--api-base", "http://127.0.0.1:1/v1"), ("price", "unknown")),
    "playbook name": (("run", "--playbook", "a/b", "--episodes", "2", "--eval", "2"), ("'a/b'", "slashes")),
    "file": (("run", "nowhere.py:Shop"), ("nowhere.py", "does not exist")),
    "module": (("run", "no_such_package:Shop"), ("no module",)),
    "not one": (("run", "json:JSONDecoder"), ("not an environment", "ace.Environment")),
    "folder": (("run", "--store", "nowhere/ace.db"), ("no folder nowhere",)),
    "command": (("playbok",), ("No such command", "playbook")),
    "subcommand": (("playbook", "shwo", "x"), ("No such command", "show")),
    "option": (("run", "--epsodes", "3"), ("No such option: --epsodes; did you mean --episodes?",)),
    "option of another command": (
        ("playbook", "list", "--origin", "person"),
        ("No such option: --origin (ace playbook list --help lists the options)",),
    ),
    "no store": (("playbook", "list"), ("there is no store", "ace run")),
    "dataset": (("run", "dataset"), ("needs train", "--set train=")),
    "limit": (("learn", "x", "--limit", "-1"), ("ace: --limit is -1; it must be a whole number, 1 or more",)),
    "threshold": (("learn", "x", "--from", "y", "--at-least", "5"), ("ace: --at-least is 5; it must be a score",)),
    "seeds": (("compare", "desk", "--seeds", "0"), ("ace: --seeds is 0; it must be 1 or more",)),
    "holdout": (("run", "--holdout", "2"), ("ace: --holdout is 2", "a chance")),
    "no pair, before what is named is opened": (("env", "show", "nosuch", "--set", "tasks"), ("write key=value",)),
    "port": (
        ("run", "--model", "openai/x", "--api-base", "http://127.0.0.1:99999/v1"),
        ("the port of the api base is out of range; a port is a number from 1 to 65535",),
    ),
    "no number": (("run", "--episodes", "x"), ("episodes is 'x'; it must be a whole number",)),
    "no share": (("run", "--max-usd", "much"), ("max-usd is 'much'; it must be a number",)),
    "too few": (("run", "list", "-n", "0"), ("--limit is 0; it must be 1 or more",)),
    "split": (
        ("eval", "desk", "--playbook", "p", "--split", "tst"),
        ("split is 'tst'; did you mean test?", "test, val, train"),
    ),
    "no argument": (("run", "show"), ("'RUN'", "write: ace run show RUN")),
    "no option": (("eval", "desk"), ("'--playbook'", "write: ace eval ENV --playbook ...")),
    "more": (("run", "desk", "easy"), ("(easy)", "write: ace run [ENV]")),
    "empty playbook": (("run", "--playbook", ""), ("--playbook", "empty", "leave it out")),
    "empty store": (("run", "--store", ""), ("--store", "empty")),
    "empty in a list": (("run", "--gate", "trial", "--gate", ""), ("--gate", "empty", "leave it out")),
    "empty sender": (("episode", "purge", "--origin", ""), ("--origin", "empty")),
    "empty file": (("learn", "any", "--from", ""), ("--from", "empty")),
    "empty settings file": (("run", "--config", ""), ("--config", "empty")),
    "empty settings file before": (("--config", "", "run"), ("--config", "empty")),
    "empty run": (("run", "resume", ""), ("RUN", "empty")),
    **{
        f"thousands of digits, {arguments[1]}": (arguments, parts)
        for arguments, parts in (
            (
                ("run", "--seed", NINES),
                ("seed is '99999999999999999999... (5,000 digits)'; it must be a whole number, of fewer digits",),
            ),
            (("run", "--episodes", NINES), ("episodes is ", "too many digits")),
            (("run", "--timeout", NINES), ("timeout is inf", "finite")),
            (("run", "--context", f"curator={NINES}"), ("context is 'curator=9", "number of tokens")),
            (("run", "--set", f"world={NINES}"), ("world='9", "it must be a whole number, of at most 300 digits")),
            (("run", "--model-set", f"a={NINES}"), ("a=9", "it holds a number with too many digits")),
            (("run", "--model", f"local:x.gguf,threads={NINES}"), ("threads is '9", "from 1 to 1,024")),
            (("compare", "--shots", NINES), ("--shots '9", "(5,000 digits)")),
        )
    },
    "an arm's stronger model": (
        ("compare", "desk", "--arm", "x=route:strong=openai/y"),
        ("arm x: model openai/y needs a key",),
    ),
    "review in an experiment": (
        ("compare", "desk", "--review"),
        ("No such option: --review; ace run has it:", "wait for no person"),
    ),
    "a playbook of an experiment": (("compare", "desk", "--playbook", "x"), ("a playbook of its own",)),
    "learning while measuring": (("eval", "desk", "--batch", "3"), ("ace run has it: an evaluation learns nothing",)),
    "a place in no store": (
        ("playbook", "add", "new", "-s", "a", "--text", "b", "--after", "rul-1"),
        ("there is no playbook 'new' yet",),
    ),
    "experts of no store": (("run", *EXPERTS), ("there is no store at ace.db",)),
    "experts of no store, compared": (
        ("compare", "desk", "--arm=e=experts:experts=a,b,fallback=empty"),
        ("there is no store",),
    ),
    "a ceiling of a strategy without settings": (("ceiling", "desk", "--strategy", "experts"), ("needs experts",)),
    "temperature": (("run", "--temperature", "nan"), ("temperature is nan", "0 or more")),
    "top p": (("run", "--top-p", "1.5"), ("--top-p is 1.5", "from 0 to 1")),
    "max tokens": (("run", "--max-tokens", "0"), ("--max-tokens is 0", "1 or more")),
}


@pytest.mark.parametrize(("arguments", "parts"), ASKED.values(), ids=ASKED)
def test_a_wrong_argument_is_named_with_what_would_do(ace: Ace, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    refused(ace(*arguments), *parts)
    assert [p.name for p in Path().iterdir() if p.suffix == ".db"] == []


LEARNED = {
    "name": (("a/b",), ("'a/b'", "slashes")),
    "no key": (("any", "--model", "openai/x"), ("needs a key",)),
    "gate": (("any", "--gate", "trial"), ("no environment to play in",)),
    "strategy that learns nothing": (("any", "--strategy", "frozen"), ("learns nothing",)),
}


@pytest.mark.parametrize(("arguments", "parts"), LEARNED.values(), ids=LEARNED)
def test_learning_that_is_refused_makes_no_store(ace: Ace, arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    said = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "x"}]
    write(rows=[{"messages": said, "outcome": "success"}])
    refused(ace("learn", *arguments, "--from", "rows.jsonl"), *parts)
    with pytest.raises(BadSetting):
        library.open("a/b", store="ace.db")
    assert [p.name for p in Path().iterdir() if p.suffix == ".db"] == []


FILES = {
    "not json": ({"train": '{"prompt": "a", "answer": "b"}\nnot json\n', "eval": [ROW]}, (), ("train.jsonl, line 2", "JSON")),
    "no answer": ({"train": [{"prompt": "a"}], "eval": [ROW]}, (), ("train.jsonl, line 1", "'answer'")),
    "no prompt": ({"train": [{"answer": "a"}], "eval": [ROW]}, (), ("train.jsonl, line 1", "'prompt'")),
    "empty": ({"train": "", "eval": [ROW]}, (), ("train.jsonl is empty",)),
    "overlap": ({"train": [ROW], "eval": [{**ROW, "id": "other"}]}, (), ("eval.jsonl, line 1", "train.jsonl, line 1")),
    "binary": ({"train": "\0\0", "eval": [ROW]}, (), ("train.jsonl, line 1", "binary")),
    "unlisted": (
        {"train": [{"prompt": "b", "answer": "Csh"}], "eval": [ROW], "choices": '["Cash"]'},
        ("--set", "choices=choices.jsonl", "--set", "scorer=choice"),
        ("train.jsonl, line 1", "'Csh'", "'Cash'"),
    ),
    "scorer": ({"train": [ROW], "eval": [ROW]}, ("--set", "scorer=exat"), ("'exat'", "did you mean 'exact'?")),
}


@pytest.mark.parametrize(("files", "more", "parts"), FILES.values(), ids=FILES)
def test_a_row_that_cannot_be_used_is_named_by_file_and_line(
    ace: Ace, files: dict[str, object], more: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    write(**files)
    refused(ace(*DATA, *more), *parts)
    assert not Path("ace.db").exists()


def test_a_store_that_is_none_is_left_as_it_is(ace: Ace) -> None:
    Path("notes.txt").write_text("my notes, not a database at all")
    refused(ace("run", "--store", "notes.txt"), "notes.txt is not a database")
    assert Path("notes.txt").read_text() == "my notes, not a database at all"


def test_somebody_elses_database_is_left_as_it_is(ace: Ace) -> None:
    with sqlite3.connect("shop.db") as other:
        other.execute("CREATE TABLE orders (id INTEGER)")
    other.close()
    before = Path("shop.db").read_bytes()
    refused(ace("run", "--store", "shop.db"), "not one made by ace")
    assert Path("shop.db").read_bytes() == before


def test_a_store_of_a_newer_version_is_not_touched(ace: Ace) -> None:
    Store.open("ace.db").close()
    with sqlite3.connect("ace.db") as newer:
        newer.execute("INSERT INTO migrations VALUES (999, 'later', '2030-01-01')")
    newer.close()
    refused(ace("run", "--episodes", "2", "--eval", "2"), "newer version", "999")


def test_a_read_only_store_is_said_before_anything_is_run(ace: Ace) -> None:
    Store.open("ace.db").close()
    Path("ace.db").chmod(0o444)
    refused(ace("run", "--episodes", "2", "--eval", "2"), "ace.db is read-only", "--store")


def test_what_is_not_in_the_store_is_answered_with_what_is(ace: Ace) -> None:
    assert ace("run", f"{WORLDS}:Gate", "--episodes", "4", "--eval", "2", "--playbook", "gatekeeping").status == 0
    refused(ace("playbook", "show", "gatekeepin"), "did you mean 'gatekeeping'")
    refused(ace("playbook", "show", "gatekeeping@99"), "no revision 99", "0 to")
    refused(ace("playbook", "show", "gatekeeping@zz"), "names no revision")
    refused(ace("eval", f"{WORLDS}:Gate", "--playbook", "nothing"), "there is no playbook 'nothing'")
    refused(ace("run", "show", "r-nothing"), "there is no run")
    refused(ace("run", "resume", "r-nothing"), "there is no run")
    refused(ace("run", "resume"), "no run is left to resume")
    refused(ace("episode", "show", "e-nothing"), "there is no episode", "`ace episode list` shows the newest (--run RUN,")


def test_a_reader_that_leaves_has_seen_enough(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    from tests.command import ENVIRONMENT

    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", "from ace.cli import main; main()", "env", "list"]
    left = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (left.returncode, left.stderr) == (0, "")


def test_a_full_disk_behind_the_output_is_said_in_one_line(tmp_path: Path) -> None:
    import subprocess
    import sys

    from tests.command import ENVIRONMENT

    if not Path("/dev/full").exists():
        pytest.skip("this machine has no /dev/full")
    command = [sys.executable, "-c", "from ace.cli import main; main()", "env", "list"]
    with open("/dev/full", "w") as full:
        left = subprocess.run(
            command, cwd=tmp_path, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert left.returncode == 1
    assert left.stderr.splitlines() == ["ace: the output could not be written: the disk it goes to is full"]


@pytest.mark.parametrize("command", [(), ("playbook",), ("store",)])
def test_a_command_without_its_command_shows_what_there_is(ace: Ace, command: tuple[str, ...]) -> None:
    said = ace(*command)
    assert (said.status, said.err) == (2, "")
    assert said.out.splitlines()[0].startswith("Usage: ")
    assert "Commands:" in said.out.splitlines()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("run desk --show-prompt foo", ["foo", "generator, reflector, curator or all"]),
        ("eval desk --playbook p --split foo", ["split is 'foo'; it must be one of test, val, train"]),
        (
            "run desk --answering likelyhood",
            ["answering is 'likelyhood'; did you mean likelihood? (valid: json, likelihood, auto)"],
        ),
        (
            "run desk --model novice --answering likelihood",
            ["ace: --answering likelihood is not possible, because novice gives no"],
        ),
        ("run --strategy foo", ["'foo'", ", ".join(strategy_names())]),
        ("playbook export p --format foo", ["'foo'", "markdown"]),
        ("playbook import rules.md p --near foo", ["'foo'", "ignore, report, merge"]),
        ("episode list --verdict foo", ["'foo'", "success"]),
    ],
)
def test_a_word_that_is_none_of_a_few_is_refused_with_those_that_are(ace: Ace, command: str, words: list[str]) -> None:
    Path("rules.md").write_text("## A\n- one\n")
    assert ace("playbook", "add", "p", "-s", "A", "-t", "one").status == 0
    said = ace(*command.split())
    refused(said, *words)
    assert "Value error" not in said.err


def test_a_name_of_another_type_is_refused_in_python_too() -> None:
    with pytest.raises(BadSetting, match="a playbook's name is 3; it must be a text"):
        check_name(3)  # type: ignore[arg-type]
