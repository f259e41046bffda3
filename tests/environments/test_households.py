"""Households as they are drawn: things are kept where their kind is, a number is one household, splits share no text."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise

import pytest

from ace.environments.alfworld import Alfworld
from ace.environments.alfworld.household import FAITHFUL, KINDS, habits, household
from ace.environments.alfworld.pddl import problem
from ace.errors import BadSetting
from ace.types import SPLITS


def test_things_are_kept_where_their_kind_is_and_worlds_differ() -> None:
    kept = habits(3)
    found = [(name.split()[0], where.rsplit(" ", 1)[0]) for n in range(200) for name, where in household(3, n).things]
    faithful = [where == kept[thing] for thing, where in found if thing in kept]
    assert FAITHFUL - 0.03 < sum(faithful) / len(faithful) < 1.0
    assert habits(3) != habits(4)
    assert Counter(household(3, n).kind for n in range(300)).keys() == set(KINDS)


def test_a_number_is_one_household_and_splits_share_no_text() -> None:
    assert problem(household(1, 7)) == problem(household(1, 7))
    environment = Alfworld(world=1)
    texts = [t.text for split in SPLITS for t in islice(environment.tasks(split), 100)]
    assert len(set(texts)) == len(texts) == 300


def test_the_way_goes_nowhere_where_one_stands_and_opens_nothing_twice() -> None:
    for number in range(300):
        way = household(0, number).way
        walks = [command for command in way if command.startswith("go to ")]
        opens = [command for command in way if command.startswith("open ")]
        assert all(here != there for here, there in pairwise(walks)), way
        assert len(opens) == len(set(opens)), way


def test_rules_can_be_stated() -> None:
    assert f"Look for apple in a {habits(0)['apple']} first." in Alfworld().stated_rules()


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadSetting, match="steps=0 is out of range"):
        Alfworld(steps=0)
