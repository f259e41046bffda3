"""Opening gates: the guards are always first; others by name, module, file, entry point, or as objects; their settings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ace.errors import AceError, BadInput, BadSetting, UnknownName
from ace.runs.gates.contract import Proposal, Ruling, Ways, passed
from ace.runs.gates.guards import Guards
from ace.runs.gates.registry import gate_names, open_gates

SOURCE = """
from typing import Annotated
from ace.runs.gates.contract import passed, refused


class Few:
    def __init__(self, *, most: Annotated[int, "Operations that a delta may have."] = 3):
        self.most = most

    async def judge(self, proposal, ways):
        n = len(proposal.delta.operations)
        return passed({"n": n}) if n <= self.most else refused(f"{n} operations", {"n": n})


class Strict(Few):
    def __init__(self, *, most: int = 1, word: str = ""):
        self.most, self.word = most, word


def build(most: int = 9):
    return Few(most=most)


async def plain(proposal, ways):
    return passed()


async def narrow(proposal):
    return passed()


class Blocking:
    def judge(self, proposal, ways):
        return passed()


class Broken(Few):
    def __init__(self):
        raise OSError("no table")


ready = Few(most=7)
number = 3
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module `own_gates`, and an installed package that offers a gate of it as `few`."""
    (tmp_path / "own_gates.py").write_text(SOURCE, encoding="utf-8")
    info = tmp_path / "gates-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gates\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ace.gates]\nfew = own_gates:Few\nguards = own_gates:Few\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield f"{tmp_path}/own_gates.py"
    sys.modules.pop("own_gates", None)


def opened(*gates: object, **settings: str) -> list[tuple[str, object]]:
    """The gates after the guards: their names and `most`."""
    first, *others = open_gates(gates, {key.replace("__", "."): value for key, value in settings.items()})
    assert (first.name, type(first.gate)) == ("guards", Guards)
    return [(o.name, getattr(o.gate, "most", None)) for o in others]


def test_the_guards_are_first_and_there_once_whatever_is_named(own: str) -> None:
    assert opened() == []
    assert opened("guards") == []
    assert opened("own_gates:Few", "guards") == [("own_gates:Few", 3)]
    assert {"guards", "few"} <= set(gate_names())


def test_gates_are_opened_by_module_file_and_entry_point_in_their_order(own: str) -> None:
    named = [f"{own}:build", "few", "own_gates:ready", f"{own}:plain"]
    assert opened(*named) == list(zip(named, [9, 3, 7, None], strict=True))


def test_objects_and_functions_are_gates_and_named_for_themselves() -> None:
    async def careful(proposal: Proposal, ways: Ways) -> Ruling:
        return passed()

    class Named:
        name = "fit"
        most = 2

        async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
            return passed()

    assert opened(careful, Named()) == [("careful", None), ("fit", 2)]


def test_a_setting_goes_to_every_gate_that_has_it_or_to_the_one_it_names(own: str) -> None:
    both = ("few", "own_gates:Strict")
    assert opened(*both, most="5") == [("few", 5), ("own_gates:Strict", 5)]
    assert opened(*both, few__most="5") == [("few", 5), ("own_gates:Strict", 1)]
    assert opened(*both, Strict__most="5", word="x") == [("few", 3), ("own_gates:Strict", 5)]


@pytest.mark.parametrize(
    ("gates", "settings", "error", "told"),
    [
        (["fewer"], {}, UnknownName, "unknown gate 'fewer'; did you mean 'few'?"),
        (["few", "few"], {}, BadSetting, "gate few is named twice"),
        (["few"], {"least": "1"}, UnknownName, "unknown gate setting 'least'"),
        ([], {"most": "1"}, UnknownName, "no gate that is named has settings"),
        (["few"], {"most": "many"}, BadSetting, "most"),
        (["own_gates:number"], {}, BadInput, "own_gates:number is not a gate; a gate is a class with the method async judge"),
        (["own_gates:Blocking"], {}, BadInput, "is not a gate"),
        (["own_gates:narrow"], {}, BadInput, "narrow.proposal. must take .proposal, ways."),
        (["own_gates:Broken"], {}, BadInput, "could not be made: OSError: no table"),
        (["own_gates:Fewer"], {}, BadInput, "own_gates has no 'Fewer'; it has:"),
        ([3], {}, BadInput, "int is not a gate"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    own: str, gates: list[object], settings: dict[str, str], error: type[AceError], told: str
) -> None:
    with pytest.raises(error, match=told) as raised:
        open_gates(gates, settings)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("text", "least"), [("attempts=0", 1), ("attempts=-5", 1), ("shown=-1", 0)])
def test_the_gate_fit_counts_attempts_from_none_on(text: str, least: int) -> None:
    key, _, value = text.partition("=")
    with pytest.raises(
        BadSetting, match=f"{key}='{value}' is not accepted by gate fit; it must be a whole number, {least} or more"
    ):
        open_gates(["fit"], {key: value})
