"""`ace power`: what a design can find, said before it is paid for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.commands.said import Ace

DOC = Path(__file__).resolve().parents[3] / "docs" / "experiments.md"


def test_the_table_of_the_document_is_what_the_command_prints(ace: Ace) -> None:
    found = re.search(r"^    (ace power[^\n]*)\n\n((?:    [^\n]*\n|\n)+)", DOC.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    shown = [line.strip() for line in found[2].splitlines() if line.strip()]
    printed = [line.strip() for line in ace(*found[1].split()[1:]).out.splitlines() if line.strip()]
    assert shown == printed[: len(shown)]
    assert len(shown) > 10


def test_more_tasks_and_more_seeds_find_smaller_changes(ace: Ace) -> None:
    told = ace("power", "--n", "100,400", "--discordance", "0.3", "--json").json
    small, large = (row["smallest"] for row in told["one_seed"])
    assert small > large
    by_seeds = [row["smallest"] for row in told["seeds"] if row["tasks"] == 400]
    assert sorted(by_seeds, reverse=True) == by_seeds
    assert [row["difference"] for row in told["needed"]] == [0.02, 0.05, 0.1, 0.15, 0.2]


def test_a_design_that_can_find_nothing_says_so(ace: Ace) -> None:
    told = ace("power", "--n", "5", "--discordance", "0.2", "--seeds", "2")
    assert told.status == 0
    assert "–" in told.out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--n", "0"), "--n is '0'; it must be whole numbers from 2"),
        (("--n", "many"), "n is 'many'"),
        (("--n", "1.5"), "n is '1.5'"),
        (("--n", "100,"), "n is '100,'"),
        (("--n", "99999999"), "n is '99999999'"),
        (("--discordance", "0"), "discordance is '0'; it must be shares above 0 and at most 1"),
        (("--discordance", "30"), "discordance is '30'"),
        (("--discordance", "nan"), "discordance is 'nan'"),
        (("--difference", "-0.1"), "difference is '-0.1'"),
        (("--seeds", "1"), "--seeds is '1'; it must be whole numbers from 2"),
        (("--seed-spread", "-1"), "--seed-spread is -1; it must be from 0 to 1"),
        (("--repeated", "2"), "repeated is 2"),
        (("--power", "1"), "power is 1; it must be above 0 and below 1"),
        (("--power", "x"), "power is 'x'"),
        (("--difference", "0.5", "--discordance", "0.3"), "no change of 0.5"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(ace: Ace, arguments: tuple[str, ...], line: str) -> None:
    said = ace("power", *arguments)
    assert (said.status, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1
    assert line in said.err
