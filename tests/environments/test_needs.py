"""What environments take that ace does not bring: stated in their modules, listed without importing them, refused in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ace.environments
from ace.environments.needs import java_version, needs_of
from ace.environments.registry import load_environment, open_environment
from ace.errors import BadInput
from ace.installing import pip_install
from ace.offered import offered
from tests.commands.said import Ace
from tests.environments.installed import packages
from tests.parsed import ROOT

TOPPED = '''
"""Imports at its top what is not there."""
import no_such_library
OFFERS = {"topped": "Topped"}
HELP = {"topped": "A game of a library that is missing."}
NEEDS = {"extra": "topped", "modules": "no_such_library"}
'''
LAZY = '''
from ace.environments.contract import Environment
from ace.environments.needs import require_needs

OFFERS = {"lazy": "Lazy"}
NEEDS = {"extra": "lazy", "modules": "json no_such_library", "for": "pictures"}


class Lazy(Environment):
    """Needs a library for a part of it."""

    def __init__(self, *, pictures: bool = False) -> None:
        if pictures:
            require_needs("lazy", "pictures")

    def tasks(self, split):
        return ()

    def open(self, task, seed):
        raise NotImplementedError
'''
JAVA = LAZY.replace("lazy", "javan").replace(
    '{"extra": "javan", "modules": "json no_such_library", "for": "pictures"}', "{needs}"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files stand among the environments of ace."""
    monkeypatch.setattr(ace.environments, "__path__", [*ace.environments.__path__, str(tmp_path)])
    offered.cache_clear()
    yield tmp_path
    offered.cache_clear()


def java(folder: Path, version: str) -> Path:
    """A Java installation of `version`, as far as it is looked at."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{version}"\n')
    return folder


def test_a_missing_package_is_one_line_with_the_command_that_installs_it(folder: Path) -> None:
    (folder / "topped.py").write_text(TOPPED)
    install = re.escape(pip_install("'evolving-playbook[topped]'"))
    line = f"^topped needs the package no_such_library, which is not installed here: {install}$"
    for way in (load_environment, lambda spec: open_environment(spec, {})):
        with pytest.raises(BadInput, match=line):
            way("topped")


def test_what_only_a_part_needs_stops_that_part_alone(folder: Path) -> None:
    (folder / "lazy.py").write_text(LAZY)
    assert open_environment("lazy", {}).name == ""
    with pytest.raises(BadInput, match=r"^lazy with pictures needs the packages json, no_such_library.*\[lazy\]'$"):
        open_environment("lazy", {"pictures": "yes"})
    (need,) = needs_of("lazy")
    assert (str(need), need.met) == ("the packages json, no_such_library for pictures", False)


def test_what_is_tested_beside_the_locked_environment_is_told_to_pip() -> None:
    """`make test-env` installs it."""
    script = (ROOT / ".ci" / "run").read_text()
    names = [name for line in re.findall(r'names="(.+)"', script) for name in line.replace("$names", "").split()]
    told = {name: packages(name) for name in names}
    assert told.pop("bfcl") == ["--no-deps", "bfcl-eval>=2026.3.23,<2027", "mpmath>=1.3,<2"]
    assert told == {name: [f"evolving-playbook[{name}]"] for name in told}
    assert len(told) >= 5


@pytest.mark.parametrize(("version", "met"), [("17.0.9", True), ("21", True), ("11.0.2", False), ("1.8.0_392", False)])
def test_java_is_told_by_its_version(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str, met: bool) -> None:
    monkeypatch.setenv("JAVA_HOME", str(java(folder / "jdk", version)))
    (folder / "javan.py").write_text(JAVA.replace("{needs}", '{"java": "17"}'))
    (need,) = needs_of("javan")
    assert (need.what, need.met) == ("Java 17 or later", met)
    if not met:
        with pytest.raises(BadInput, match=r"javan needs Java 17 or later.*: apt-get install openjdk-17-jre-headless"):
            open_environment("javan", {})


def test_programs_are_looked_for_on_the_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "javan.py").write_text(JAVA.replace("{needs}", '{"sandbox": "yes", "compiler": "yes", "java": "17"}'))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    assert [need.met for need in needs_of("javan")] == [False, False, False]
    assert java_version() == 0
    for program in ("bwrap", "cc"):
        (folder / program).write_text("")
        (folder / program).chmod(0o755)
    assert [(need.what, need.met) for need in needs_of("javan")][1:] == [
        ("bubblewrap, a sandbox", True),
        ("a C compiler", True),
    ]


def test_a_command_of_its_own_installs_what_an_extra_cannot(folder: Path) -> None:
    (folder / "javan.py").write_text(
        JAVA.replace("{needs}", '{"modules": "no_such_library", "install": "pip install --no-deps x"}')
    )
    with pytest.raises(
        BadInput, match=f"^javan needs the package no_such_library, .*: {re.escape(pip_install('--no-deps x'))}$"
    ):
        open_environment("javan", {})


@pytest.mark.parametrize(
    "said",
    [
        '{"jva": "17"}',
        '{"extra": "javan"}',
        '{"modules": "json"}',
        '{"install": "pip install x"}',
        '{"modules": "json", "extra": "x", "install": "pip install x"}',
    ],
)
def test_needs_that_are_misspelt_are_noticed(folder: Path, said: str) -> None:
    (folder / "javan.py").write_text(JAVA.replace("{needs}", said))
    with pytest.raises(ValueError, match="NEEDS of javan is not understood"):
        needs_of("javan")


def test_settings_are_shown_before_anything_is_installed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = LAZY.replace(', "for": "pictures"', "")
    (folder / "lazy.py").write_text(text)
    shown = Ace(capsys)("env", "show", "lazy")
    assert shown.status == 0
    assert "needs the packages json, no_such_library: not installed\n" in shown.out
    assert "pictures: (true or false; default false)" in shown.out
    checked = Ace(capsys)("env", "check", "lazy")
    assert checked.status == 2
    install = pip_install("'evolving-playbook[lazy]'")
    assert f"lazy needs the packages json, no_such_library, which are not installed here: {install}\n" in checked.err
    refused = Ace(capsys)("env", "show", "lazy", "--set", "picture=yes")
    assert refused.status == 2
    assert "unknown setting of lazy 'picture'; did you mean 'pictures'?" in refused.err


def test_the_list_shows_what_could_be_and_what_it_takes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "topped.py").write_text(TOPPED)
    (folder / "lazy.py").write_text(LAZY.replace("json no_such_library", "json"))
    said = Ace(capsys)("env", "list")
    assert said.status == 0
    lines = said.out.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("topped"))
    assert "A game of a library that is missing. (from ace)" in lines[at]
    assert [line.strip() for line in lines[at + 1 : at + 3]] == [
        "needs the package no_such_library: not installed",
        (install := pip_install("'evolving-playbook[topped]'")),
    ]
    assert "needs the package json for pictures: found" in said.out
    (row,) = [row for row in Ace(capsys)("env", "list", "--json").json if row["name"] == "topped"]
    assert row["needs"] == [{"what": "the package no_such_library", "met": False, "install": install, "part": ""}]
