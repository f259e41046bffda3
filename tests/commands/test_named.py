"""`ace strategy`, `ace gate` and `ace env` list what can be named, and show the settings of one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ace.strategies.registry import strategy_names
from tests.commands.said import Ace

VALID = ", ".join(strategy_names())

OWN = '''
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from ace.runs.gates.contract import passed
from ace.strategies.frozen import Frozen


class Pace(Enum):
    SLOW = "slow"


class Mine(Frozen):
    """Shows what is newest.

    In two paragraphs."""

    def __init__(
        self,
        roles,
        /,
        *,
        share: Annotated[float, "Share of bullets that are left out."] = 0.2,
        mode: Annotated[Literal["a", "b"], "How."] = "b",
        file: Annotated[Path | None, "A file."] = None,
        word: str = "",
        pace: Pace = Pace.SLOW,
    ):
        super().__init__(roles)


class Bare(Frozen):
    pass


class Needy(Frozen):
    """Cannot be made without a setting."""

    def __init__(self, roles, /, *, size: Annotated[int, "How many."]):
        super().__init__(roles)


class Unbarred(Frozen):
    """Takes its roles as people write it first."""

    def __init__(self, roles, size: Annotated[int, "How many."] = 3):
        super().__init__(roles)


class Mute:
    """Has no methods."""

    def __init__(self, roles, /):
        pass


def made(roles, /, *, size: Annotated[int, "How many."] = 3):
    """A function that makes one."""
    return Frozen(roles)


class Short:
    """Refuses nothing."""

    def __init__(self, *, most: Annotated[int, "Characters of a bullet."] = 200):
        self.most = most

    async def judge(self, proposal, ways):
        return passed()


class Long(Short):
    def __init__(self, *, size: Annotated[int, "How many."]):
        pass


async def small(proposal, ways):
    """A function that judges."""
    return passed()


ready = Short()
number = 3
'''


@pytest.fixture
def here(ace: Ace, tmp_path: Path) -> Ace:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    return ace


@pytest.fixture
def installed(here: Ace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ace:
    info = tmp_path / "theirs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    groups = (("strategies", "Mine"), ("gates", "Short"))
    lines = [f"[ace.{group}]\ntheirs = own:{name}\nbroken = no_such_module:X\n" for group, name in groups]
    (info / "entry_points.txt").write_text("".join(lines) + "[ace.environments]\nbroken = no_such_module:X\n")
    monkeypatch.delitem(sys.modules, "own", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return here


@pytest.mark.parametrize(
    ("noun", "names"),
    [("strategy", ["ace", "frozen", "reflexion"]), ("gate", ["guards"]), ("env", ["dataset", "desk"])],
)
def test_ours_are_listed_with_a_sentence_and_their_source(here: Ace, noun: str, names: list[str]) -> None:
    rows = here(noun, "list", "--json").json
    assert set(names) <= {r["name"] for r in rows}
    assert {r["source"] for r in rows} == {"ace"}
    assert all(r["about"].endswith(".") for r in rows)
    printed = [line for line in here(noun, "list").out.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in printed[:-1]] == [r["name"] for r in rows]
    assert "./file.py:Class" in printed[-1]


@pytest.mark.parametrize("noun", ["strategy", "gate", "env"])
def test_what_an_installed_package_offers_is_listed_also_where_it_cannot_be_imported(installed: Ace, noun: str) -> None:
    said = installed(noun, "list", "--json")
    assert said.status == 0
    rows = {r["name"]: r for r in said.json}
    assert "could not be imported: ModuleNotFoundError" in rows["broken"]["about"]
    assert rows["broken"]["source"] == "package theirs"
    if noun != "env":
        assert rows["theirs"]["source"] == "package theirs"
        assert installed(noun, "show", "theirs", "--json").json["source"] == "package theirs"
        assert "(from package theirs)" in installed(noun, "list").out


def test_the_settings_of_ours_are_shown_with_type_default_sentence_and_how_to_give_them(here: Ace) -> None:
    told = here("strategy", "show", "ace", "--json").json
    assert (told["name"], told["source"]) == ("ace", "ace")
    settings = {s["name"]: s for s in told["settings"]}
    assert settings["curate"]["accepts"] == "true or false"
    assert settings["curate"]["default"] == "true"
    assert all(s["about"].endswith(".") for s in told["settings"])
    said = here("strategy", "show", "ace").out
    assert "Settings (--strategy-set KEY=VALUE):" in said
    assert "tokens = ... under [run.strategy-set]" in said
    assert 'strategy_settings={"tokens": ...}' in said
    assert here("gate", "show", "guards").out.endswith("It has no settings.\n")


def test_a_strategy_of_ones_own_is_shown(here: Ace, tmp_path: Path) -> None:
    told = here("strategy", "show", "./own.py:Mine", "--json").json
    assert told["about"] == "Shows what is newest.\n\nIn two paragraphs."
    assert told["source"] == str(tmp_path / "own.py")
    assert [(s["name"], s["accepts"], s["default"], s["about"]) for s in told["settings"]] == [
        ("share", "a finite number", "0.2", "Share of bullets that are left out."),
        ("mode", "one of a, b", "b", "How."),
        ("file", "a path or none", "none", "A file."),
        ("word", "text", "", ""),
        ("pace", "one of slow", "slow", ""),
    ]
    said = here("strategy", "show", "./own.py:Mine").out
    assert "./own.py:Mine: Shows what is newest. In two paragraphs.\n" in said
    assert "  word: (text; default empty)\n" in said


def test_each_default_that_is_shown_is_accepted_as_it_stands(here: Ace) -> None:
    for name in ("ace", "frozen", "reflexion", "./own.py:Mine", "./own.py:Unbarred"):
        settings = here("strategy", "show", name, "--json").json["settings"]
        given = [word for s in settings for word in ("--strategy-set", f"{s['name']}={s['default']}")]
        said = here("run", "desk", "--strategy", name, *given, "--dry-run")
        assert said.status == 0, said.err


@pytest.mark.parametrize(
    ("noun", "place", "about", "settings"),
    [
        ("strategy", "./own.py:Bare", "", ["tokens", "without", "keep"]),
        ("strategy", "./own.py:Needy", "Cannot be made without a setting.", ["size"]),
        ("strategy", "./own.py:made", "A function that makes one.", ["size"]),
        ("strategy", "./own.py:Unbarred", "Takes its roles as people write it first.", ["size"]),
        (
            "strategy",
            "ace.strategies.frozen:Frozen",
            "Shows the playbook as it is, or a part of it, to find out what the rest does.",
            ["tokens", "without", "keep"],
        ),
        ("gate", "./own.py:Short", "Refuses nothing.", ["most"]),
        ("gate", "./own.py:ready", "Refuses nothing.", []),
        ("gate", "./own.py:small", "A function that judges.", []),
    ],
)
def test_every_form_that_a_run_takes_is_shown(here: Ace, noun: str, place: str, about: str, settings: list[str]) -> None:
    told = here(noun, "show", place, "--json").json
    assert (told["about"], [s["name"] for s in told["settings"]]) == (about, settings)
    said = here(noun, "show", place)
    assert (said.status, said.err) == (0, "")
    assert "required" in said.out or "Needy" not in place


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("strategy", "show", "acee"), f"unknown strategy 'acee'; did you mean 'ace'? (valid: {VALID})"),
        (("strategy", "show", ""), "unknown strategy ''"),
        (
            ("strategy", "show", "./own.py"),
            "needs the name of what to use, as in ./own.py:NAME; it has: Mine, Bare, Needy, Unbarred, made",
        ),
        (("strategy", "show", "./own.py:Mien"), "./own.py has no 'Mien'; it has: Mine"),
        (("strategy", "show", "./own.py:Mute"), "strategy ./own.py:Mute has no method context"),
        (("strategy", "show", "./own.py:number"), "is not a strategy; a strategy is a class with the methods"),
        (("strategy", "show", "./absent.py:Mine"), "strategy file ./absent.py does not exist"),
        (("gate", "show", "guard"), "unknown gate 'guard'; did you mean 'guards'?"),
        (("gate", "show", "./own.py:Bare"), "gate ./own.py:Bare could not be made"),
        (("gate", "show", "./own.py:number"), "is not a gate; a gate is a class"),
        (("strategy", "shwo", "ace"), "shwo"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(here: Ace, words: tuple[str, ...], message: str) -> None:
    said = here(*words)
    assert (said.status, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert message in line


@pytest.mark.parametrize(("option", "place"), [("strategy", "./own.py:Needy"), ("gate", "./own.py:Long")])
def test_a_setting_that_is_missing_is_told_with_the_option_that_takes_it(here: Ace, option: str, place: str) -> None:
    said = here("run", "desk", f"--{option}", place, "--dry-run")
    assert said.status == 2
    assert f"{option} {place} needs size (how many); write --{option}-set size=..." in said.err


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        (("strategy", "show"), "strategy show [OPTIONS] NAME"),
        (("env", "check"), "env check [OPTIONS] ENV"),
        (("playbook", "merge"), "playbook merge [OPTIONS] NAME REF"),
        (("run",), "run [OPTIONS] [ENV]"),
    ],
)
def test_a_usage_line_names_arguments_as_messages_do(here: Ace, words: tuple[str, ...], usage: str) -> None:
    assert here(*words, "--help").out.splitlines()[0].endswith(f" {usage}")
