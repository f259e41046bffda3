"""Several returns desks at once: rules of their own, told by what letters say, and the letters of one desk as they are among
all."""

from __future__ import annotations

from itertools import islice

import pytest

from ace.environments.check import check
from ace.environments.desk import Desk
from ace.environments.desk.departments import NAMES, SAID
from ace.environments.desk.levels import LEVELS, Level
from ace.environments.floors import play
from ace.errors import BadSetting, UnknownName
from ace.types import SPLITS, Split, Task


def letters(desk: Desk, n: int = 200, split: Split = "test") -> list[Task]:
    return list(islice(desk.tasks(split), n))


@pytest.mark.parametrize("level", LEVELS)
def test_several_desks_keep_the_contract_also_beside_attackers_and_a_change(level: Level) -> None:
    report = check(Desk(level=level, desks=3, attackers=0.2, drift=9), n=10)
    assert [c for c in report.checks if not c.ok] == []


def test_each_desk_has_rules_of_its_own_and_decides_its_letters_alone() -> None:
    desk = Desk(world=3, desks=3)
    rules = {name: house.rules.rules for name, house in desk.houses.items()}
    assert len(set(rules.values())) == 3
    assert rules["web"] == Desk(world=3).rules.rules
    found = letters(desk)
    assert all(desk.deciding(t) in rules[t.kind] for t in found)
    assert all(play(desk, t, desk.oracle(t), 0).success for t in found)
    assert min(sum(t.kind == name for t in found) for name in rules) > 40


@pytest.mark.parametrize("desks", [2, len(NAMES)])
def test_a_letter_tells_its_desk_and_no_other(desks: int) -> None:
    for split in SPLITS:
        for task in letters(Desk(desks=desks), 200, split):
            assert [name for name, said in SAID.items() if any(s in task.text for s in said)] == [task.kind]
            assert task.kind not in task.text.split("A letter has come in:")[0]


@pytest.mark.parametrize("attackers", [0.0, 0.3])
def test_the_letters_of_one_desk_are_the_same_among_all_and_alone(attackers: float) -> None:
    every, alone = Desk(desks=3, attackers=attackers), Desk(desks=3, only="market", attackers=attackers)
    mine = [t for t in letters(every, 300, "train") if t.kind == "market"]
    assert letters(alone, len(mine), "train") == mine
    assert [alone.deciding(t) for t in mine] == [every.deciding(t) for t in mine]
    assert "house rules at market" in alone.describe()
    assert "house rules at web" not in alone.describe()
    assert set(alone.stated_rules()) == {
        s.replace("At the desk market: ", "") for s in every.stated_rules() if "web" not in s and "cat" not in s
    }


def test_no_letter_of_one_split_is_a_letter_of_another() -> None:
    keys = [{t.key for t in letters(Desk(desks=4), 300, split)} for split in SPLITS]
    assert sum(map(len, keys)) == len(set.union(*keys)) == 900


@pytest.mark.parametrize("desks", [0, -1, 9, 1000])
def test_a_number_of_desks_that_is_out_of_range_is_refused(desks: int) -> None:
    with pytest.raises(BadSetting, match=f"desks={desks} is out of range; it must be from 1 to 8"):
        Desk(desks=desks)


def test_a_desk_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'web'"):
        Desk(desks=3, only="wob")
    with pytest.raises(UnknownName, match="set desks to have more of them"):
        Desk(desks=3, only="trade")
    with pytest.raises(BadSetting, match="there is one; set desks to 2 or more"):
        Desk(only="web")
