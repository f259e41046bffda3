"""Settings from files: what holds, where it is from, and what a file that ace found by itself may not say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from ace.cli import app
from ace.commands.config.settings_keys import leaves, options
from ace.commands.config.settings_trust import HARMLESS, NEVER, SAID
from tests.commands.said import Ace, Said
from tests.commands.test_mistakes import refused

SMALL = '[run]\nepisodes = 4\neval = 3\nconcurrency = 2\n[run.set]\nworld = 3\nlevel = "easy"\n'


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACE_CONFIG", "ACE_STORE", "ACE_AUTHOR"):
        monkeypatch.delenv(name, raising=False)


def write(text: str, name: str = "ace.toml") -> None:
    Path(name).write_text(text, encoding="utf-8")


def sources(ace: Ace, *arguments: str) -> dict[str, tuple[Any, str]]:
    """Value and source by key, as `ace config show` has them."""
    said = ace("config", "show", *arguments, "--json")
    assert said.status == 0, said.err
    return {row["key"]: (row["value"], row["source"]) for row in said.json}


def test_a_run_takes_the_settings_of_the_folder_and_says_so_first(ace: Ace) -> None:
    write(SMALL)
    done = ace("run", "--retries", "0", "--json")
    assert done.status == 0
    assert (done.json["settings"], done.json["episodes"]) == ({"world": "3", "level": "easy"}, 4)
    first = done.err.splitlines()[0]
    assert first.startswith("ace: settings from ace.toml: ")
    assert all(part in first for part in ("episodes=4", "eval=3", "world=3", "level=easy"))


def test_the_command_line_wins_over_the_named_file_over_a_variable_over_the_found_file(
    ace: Ace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('store = "found.db"\n[run]\nepisodes = 1\neval = 1\nbatch = 1\n')
    write("[run]\neval = 2\nbatch = 2\n", "mine.toml")
    got = sources(ace, "run", "--config", "mine.toml")
    assert (got["episodes"], got["eval"], got["epochs"]) == ((1, "ace.toml"), (2, "mine.toml"), (1, "default"))
    assert got["store"] == ("found.db", "ace.toml")
    monkeypatch.setenv("ACE_STORE", "variable.db")
    assert sources(ace, "run")["store"] == ("variable.db", "ACE_STORE")
    write('store = "named.db"', "mine.toml")
    assert sources(ace, "run", "--config", "mine.toml")["store"] == ("named.db", "mine.toml")
    assert ace("run", "--config", "mine.toml", "--store", "line.db", "--episodes", "2", "--eval", "2").status == 0
    assert sorted(p.name for p in Path.cwd().glob("*.db")) == ["line.db"]


@pytest.mark.parametrize(
    ("before", "after"),
    [((), ("--config", "mine.toml")), (("--config", "mine.toml"), ())],
    ids=["at the command", "at the top"],
)
def test_a_file_is_named_at_the_top_or_at_the_command_or_by_a_variable(
    ace: Ace, monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    write("[playbook.search]\nlimit = 7\n", "mine.toml")
    said = ace(*before, "config", "show", "playbook", "search", "--json", *after)
    assert {r["key"]: r["source"] for r in said.json}["limit"] == "mine.toml"
    monkeypatch.setenv("ACE_CONFIG", "mine.toml")
    assert sources(ace, "playbook", "search")["limit"] == (7, "mine.toml")
    write("[playbook.search]\nlimit = 8\n", "other.toml")
    assert sources(ace, "playbook", "search", "--config", "other.toml")["limit"] == (8, "other.toml")


def test_the_found_file_is_left_out_when_asked_and_never_looked_for_above(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    write("[run]\nepisodes = 0\n")
    for arguments in (("run", "--no-config"), ("--no-config", "run")):
        done = ace(*arguments, "--episodes", "2", "--eval", "2", "--json")
        assert (done.status, "ace.toml" in done.err) == (0, False)
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert sources(ace, "run")["episodes"] == (None, "default")


def test_pairs_are_merged_name_by_name_and_belong_to_their_environment(ace: Ace) -> None:
    write('[run]\nenvironment = "desk"\n[run.set]\nworld = 3\nlevel = "easy"\n')
    small = ("--episodes", "2", "--eval", "2", "--json")
    own = ace("run", "--set", "world=4", *small)
    assert own.json["settings"] == {"world": "4", "level": "easy"}
    Path("shop.py").write_text("from ace.environments.desk import Desk as Shop\n", encoding="utf-8")
    other = ace("run", "shop.py:Shop", *small)
    assert (other.status, other.json["settings"]) == (0, {}), other.err


def test_a_value_goes_to_the_provider_as_the_file_has_it(ace: Ace) -> None:
    write('[run.model-set]\nstop = ["a", "1"]\ntop_k = 3\nverbosity = "5"\n')
    assert sources(ace, "run")["model-set"][0] == ['stop=["a", "1"]', "top_k=3", 'verbosity="5"']


def test_a_key_is_spelled_with_either_line_and_the_nearest_table_wins(ace: Ace) -> None:
    write("json = true\n[run]\nmax_calls = 9\njson = false\n[playbook]\nlimit = 3\n[playbook.log]\nlimit = 4\n")
    assert sources(ace, "run")["max-calls"] == (9, "ace.toml")
    assert sources(ace, "run")["json"] == (False, "ace.toml")
    assert sources(ace, "env", "list")["json"] == (True, "ace.toml")
    assert (sources(ace, "playbook", "search")["limit"][0], sources(ace, "playbook", "log")["limit"][0]) == (3, 4)


def test_resuming_keeps_to_what_the_run_was_begun_with(ace: Ace) -> None:
    write('store = "my.db"\n[run]\nepisodes = 20\neval = 5\nretries = 0\nmax-calls = 10\n')
    assert ace("run").status == 3
    write('store = "my.db"\n[run]\nepisodes = 2\nmax-calls = 100000\n')
    assert ace("run", "resume").status == 3
    write('store = "my.db"\n[run.resume]\nmax-calls = 100000\n')
    refused(ace("run", "resume"), "[run.resume] max-calls", "--max-calls", "--config ace.toml")
    done = ace("run", "resume", "--config", "ace.toml", "--json")
    assert (done.status, done.json["episodes"]) == (0, 20)


FOUND = {
    "address": ("run", '[run]\napi-base = "http://127.0.0.1:9/v1"', ("api-base", "an address", "--api-base")),
    "address of a check": ("model check novice", '[model.check]\napi_base = "http://h/v1"', ("api-base",)),
    "address in a model": ("run", '[run]\nmodel = "huggingface/https://h.example/x"', ("model", "an address")),
    "address of a store": ("run list", 'store = "sqlite:////tmp/x.db"', ("store", "an address")),
    "address in a setting": ("run", '[run.set]\nworld = "http://h"', ("set", "an address")),
    "headers": ("run", "[run.model-set]\nextra_headers = { a = 'b' }", ("model-set", "extra_headers")),
    "query": ("run", "[run.model-set]\nextra_query = { a = 'b' }", ("model-set", "extra_query")),
    "body": ("run", "[run.model-set]\nextra_body = { a = 'b' }", ("model-set", "extra_body")),
    "proxy": ("run", "[run.model-set]\nproxy = 'p'", ("model-set", "proxy")),
    "base of a provider": ("run", "[run]\nmodel-set = ['base_url=x']", ("model-set", "base_url")),
    "module of an environment": ("run", '[run]\nenvironment = "antigravity:Env"', ("environment", "code to import")),
    "file of an environment": ("run", '[run]\nenvironment = "./x.py:Env"', ("environment", "code to import")),
    "file of an environment to check": ("env check", '[env.check]\nenvironment = "x.py:Env"', ("environment", "code")),
    "module of a strategy": ("run", '[run]\nstrategy = "m:S"', ("strategy", "--strategy")),
    "module of a gate": ("run", '[run]\ngate = ["fit", "m:Gate"]', ("gate", "code to import", "--gate")),
    "file of a gate": ("run", '[run]\ngate = ["./x.py:Gate"]', ("gate", "code to import")),
    "address in a gate's setting": ("run", '[run.gate-set]\nword = "http://h"', ("gate-set", "an address")),
    "module of a model": ("run", '[run]\nmodel = "m:complete"', ("model", "code to import")),
    "file of a reflector": ("run", '[run]\nreflector-model = "dir/x.py:complete"', ("reflector-model", "code to import")),
    "module of a scorer": ("run dataset", '[run.set]\nscorer = "m:score"', ("set", "code to import")),
    "file of a scorer": ("run dataset", '[run]\nset = ["scorer=./x.py:score"]', ("set", "code to import")),
    "folder of a person": ("run", '[run]\nmodel = "manual:/tmp/x"', ("model", "file or folder")),
    "recording": ("run", '[run]\ncurator-model = "replay:x"', ("curator-model", "file or folder")),
    "record": ("run", '[run]\nrecord = "x.jsonl"', ("record", "a file to write", "--record")),
    "export": ("playbook export a", '[playbook.export]\nout = "AGENTS.md"', ("out", "a file to write")),
    "absolute store": ("run", 'store = "/tmp/ace-elsewhere.db"', ("store", "outside this folder")),
    "store above": ("run", '[run]\nstore = "x/../../y.db"', ("store", "outside this folder")),
    "store at home": ("playbook list", '[playbook]\nstore = "~/y.db"', ("store", "outside this folder")),
    "file elsewhere": ("run dataset", '[run.set]\ntrain = "/etc/passwd"', ("set", "outside this folder")),
    "file through a link": ("run dataset", '[run.set]\ntrain = "link"', ("set", "outside this folder")),
    "reason": ("playbook retire a b", '[playbook]\nreason = "x"', ("reason", "--reason")),
}


@pytest.mark.parametrize(("command", "text", "parts"), FOUND.values(), ids=FOUND)
def test_what_a_found_file_may_not_say_is_refused_with_the_way_to_say_it(
    ace: Ace, command: str, text: str, parts: tuple[str, ...]
) -> None:
    Path("link").symlink_to("/etc/passwd")
    write(text)
    refused(ace(*command.split()), "ace.toml", "--config ace.toml", *parts)
    assert sorted(p.name for p in Path.cwd().iterdir()) == ["ace.toml", "link"]


def test_what_is_refused_is_shown_and_stops_nothing_else(ace: Ace) -> None:
    write('[run]\nepisodes = 3\napi-base = "http://127.0.0.1:9/v1"\n')
    shown = ace("config", "show", "run")
    assert shown.status == 0
    assert "refused: ace.toml: [run] api-base" in shown.out
    assert "http://127.0.0.1:9/v1" not in shown.out
    assert ace("env", "list").status == 0
    assert sources(ace, "run", "--config", "ace.toml")["api-base"] == ("http://127.0.0.1:9/v1", "ace.toml")


def test_a_file_that_is_named_may_say_what_the_command_line_may(ace: Ace) -> None:
    Path("shop.py").write_text("from ace.environments.desk import Desk as Shop\n", encoding="utf-8")
    write('[run]\nenvironment = "shop.py:Shop"\nepisodes = 2\neval = 2\nrecord = "r.jsonl"\n', "mine.toml")
    done = ace("run", "--config", "mine.toml", "--json")
    assert (done.status, done.err.count("settings from")) == (0, 0), done.err
    assert Path("r.jsonl").exists()


WRONG = {
    "table": ("[runn]\nepisodes = 1", ("'runn'", "did you mean 'run'?")),
    "table below": ("[run.sett]\nworld = 1", ("'run.sett'", "run.set")),
    "key": ("[run]\nepisods = 1", ("'episods'", "did you mean 'episodes'?", "[run]", "x.toml")),
    "key of another command": ("[playbook]\nlimmit = 1", ("'limmit'", "did you mean 'limit'?")),
    "key outside tables": ("episodes = 1", ("'episodes'", "store")),
    "a table that is none": ("run = 1", ("[run]",)),
    "text for a number": ("[run]\nepisodes = '1'", ("[run] episodes", "whole number")),
    "truth for a number": ("[run]\nepisodes = true", ("[run] episodes", "whole number")),
    "number for truth": ("[run]\njson = 1", ("[run] json", "true or false")),
    "fraction": ("[run]\nepisodes = 1.5", ("[run] episodes", "whole number")),
    "no number": ("[run]\ntimeout = nan", ("[run] timeout", "finite")),
    "number for text": ("[run]\nmodel = 1", ("[run] model", "text")),
    "list for text": ("[run]\nmodel = ['a']", ("[run] model", "text")),
    "date": ("[run.set]\nworld = 2020-01-01", ("[run.set] world", "text, a number")),
    "pairs as a number": ("[run]\nset = 1", ("[run.set]",)),
    "no pair": ("[run]\nset = ['world']", ("key=value",)),
    "choice": ("[eval]\nsplit = 'tset'", ("[eval] split", "test, val, train")),
    "twice": ("[run]\nmax-calls = 1\nmax_calls = 2", ("max-calls", "twice")),
    "twice in TOML": ("[run]\nbatch = 1\nbatch = 2", ("x.toml:3", "TOML")),
    "two tables": ("[run]\n[run]\n", ("x.toml:2", "TOML")),
    "broken": ("[run]\nbatch =\n", ("x.toml:2", "TOML")),
    "endless number": ("[run]\nbatch = " + "9" * 5000, ("x.toml", "TOML")),
    "deep": ("a = " + "[" * 50_000, ("x.toml",)),
    "key of a provider": ("[run]\napi-key = 'sk-1'", ("api-key", "environment")),
    "secret parameter": ("[run.model-set]\napi_key = 'sk-1'", ("api_key", "environment")),
    "secret in a list": ("[run]\nmodel-set = ['auth_token=1']", ("auth_token", "environment")),
    "confirmation": ("[episode.purge]\nyes = true", ("yes", "command line")),
}


@pytest.mark.parametrize(("text", "parts"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
def test_what_no_command_takes_is_one_line_that_names_file_and_key(
    ace: Ace, text: str, parts: tuple[str, ...], named: bool
) -> None:
    name = "x.toml" if named else "ace.toml"
    write(text, name)
    said = ace("run", *(("--config", name) if named else ()))
    refused(said, *(p.replace("x.toml", name) for p in parts))
    assert "sk-1" not in said.err


@pytest.mark.parametrize(
    "content", [b"[run]\n# \xff\n", b"\xef\xbb\xbf[run]\n", "[run]".encode("utf-16")], ids=["bytes", "mark", "16"]
)
def test_a_file_that_is_not_plain_utf_8_is_refused(ace: Ace, content: bytes) -> None:
    Path("ace.toml").write_bytes(content)
    refused(ace("run"), "ace.toml:", "UTF-8", "--no-config")


def make_link() -> None:
    write("[run]\n", "elsewhere.toml")
    Path("ace.toml").symlink_to("elsewhere.toml")


def make_pipe() -> None:
    os.mkfifo("ace.toml")


def make_folder() -> None:
    Path("ace.toml").mkdir()


def make_huge() -> None:
    write("#" * 1_000_001)


def make_endless() -> None:
    Path("ace.toml").symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [make_link, make_pipe, make_folder, make_huge, make_endless])
def test_a_found_file_that_is_not_a_small_regular_file_is_refused_at_once(ace: Ace, make: Any) -> None:
    make()
    refused(ace("run"), "ace.toml", "--no-config")
    assert ace("env", "list", "--no-config").status == 0


def test_a_named_file_that_cannot_be_read_is_one_line(ace: Ace) -> None:
    os.mkfifo("pipe")
    for name, part in (
        ("nowhere.toml", "nowhere.toml"),
        (".", "is a folder"),
        ("pipe", "regular file"),
        ("/dev/zero", "regular"),
    ):
        refused(ace("run", "--config", name), part)


def test_help_and_completion_need_no_file(ace: Ace) -> None:
    write("broken =")
    assert ace("--help").status == 0
    assert ace("run", "--help").status == 0
    assert "--config" in ace("run", "--help").out


@pytest.mark.parametrize("arguments", [["--help"], ["env", "list"]], ids=str)
def test_no_parser_is_loaded_where_there_is_no_file(tmp_path: Path, arguments: list[str]) -> None:
    code = f"import sys; from ace.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n"
    code += "print('tomllib' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_the_table_of_settings_fits_eighty_columns(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    write('[run]\nmodel = "openai/a-model-with-a-very-long-name-that-goes-on-and-on-and-on-for-ever-and-ever"\n')
    for arguments in (("run",), ()):
        shown = ace("config", "show", *arguments)
        assert shown.status == 0
        assert max(map(len, shown.out.splitlines())) <= 80
        assert "ace.toml" in shown.out


def test_a_model_of_a_found_file_is_named_before_anything_is_sent(ace: Ace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    write('[run]\nepisodes = 3\nmodel = "openai/x"\n')
    said: Said = ace("run")
    assert said.status == 2
    assert said.err.splitlines()[0] == "ace: settings from ace.toml: model=openai/x, episodes=3"


def test_every_option_is_sorted_by_whether_a_found_file_may_say_it() -> None:
    """A new option belongs in a set of `ace.commands.config.settings_trust`; until then the user must say it."""
    root = typer.main.get_command(app)
    keys = {key for _, command in leaves(root) for key in options(command)}
    assert keys - HARMLESS - SAID - NEVER == set()
    assert not HARMLESS & SAID
    assert not (HARMLESS | SAID) & NEVER
