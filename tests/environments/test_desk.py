"""The returns desk: its rules are worth learning, cannot be known, and nothing gives them away."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from ace.environments.check import check
from ace.environments.desk import CAME, Desk
from ace.environments.desk.facts import RECORDS, Facts
from ace.environments.desk.levels import LEVELS, Level
from ace.environments.desk.texts import STORIES
from ace.environments.floors import measure_floors, play
from ace.errors import BadSetting
from ace.types import Observation, Outcome, Task

WORLDS = range(40, 52)


def cases(desk: Desk, n: int = 400, split: str = "test") -> list[Task]:
    return list(islice(desk.tasks(split), n))  # type: ignore[arg-type]


def facts(task: Task) -> Facts:
    return task.data


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_keeps_the_contract(level: Level) -> None:
    report = check(Desk(level=level, world=5), n=10)
    assert [c for c in report.checks if not c.ok] == []


@pytest.mark.parametrize("world", WORLDS)
def test_the_normal_level_is_as_hard_as_it_says(world: int) -> None:
    desk = Desk(world=world)
    rules = desk.rules.rules[:-1]
    assert len(desk.difficulty.resolutions) >= 6
    assert len(desk.difficulty.facts) >= 6
    assert all(len({facts(t)[f.name] for t in cases(desk)}) >= 3 for f in desk.difficulty.facts)
    assert len(rules) >= 5
    assert 2 * sum(len(r.conditions) == 2 for r in rules) >= len(rules)
    assert sum(bool(r.step) for r in rules) == 1
    assert any(
        set(wide.conditions) < set(narrow.conditions) and wide.resolution != narrow.resolution
        for i, narrow in enumerate(rules)
        for wide in rules[i + 1 :]
    )


@pytest.mark.parametrize("world", WORLDS)
def test_neither_the_commonest_resolution_nor_a_single_fact_goes_far(world: int) -> None:
    desk = Desk(world=world)
    found = cases(desk, 2000)
    right = [desk.rules.deciding(facts(t)).resolution for t in found]
    assert Counter(right).most_common(1)[0][1] <= 0.40 * len(found)
    for fact in desk.difficulty.facts:
        values = sorted({facts(t)[fact.name] for t in found}, key=str)
        if isinstance(values[0], int):
            best = max(_split(found, right, fact.name, int(v)) for v in values)
        else:
            best = sum(_commonest([r for t, r in zip(found, right, strict=True) if facts(t)[fact.name] == v]) for v in values)
        assert best <= 0.55 * len(found), fact.name


def _commonest(resolutions: list[str]) -> int:
    return Counter(resolutions).most_common(1)[0][1] if resolutions else 0


def _split(found: list[Task], right: list[str], name: str, cut: int) -> int:
    low = [r for t, r in zip(found, right, strict=True) if int(facts(t)[name]) < cut]
    high = [r for t, r in zip(found, right, strict=True) if int(facts(t)[name]) >= cut]
    return _commonest(low) + _commonest(high)


def test_worlds_differ_and_a_seed_is_the_same_world_everywhere() -> None:
    drawn = [[str(r) for r in Desk(world=w).rules.rules] for w in WORLDS]
    assert len({tuple(d) for d in drawn}) == len(drawn)
    assert drawn[0] == [str(r) for r in Desk(world=WORLDS[0]).rules.rules]


def test_the_same_cases_come_whatever_the_world_so_nothing_in_them_tells_its_rules() -> None:
    assert [(t.id, t.text) for t in cases(Desk(world=1), 50)] == [(t.id, t.text) for t in cases(Desk(world=2), 50)]


def test_the_oracle_is_always_right_and_doing_nothing_never() -> None:
    desk = Desk(world=3)
    floors = measure_floors(desk, cases(desk, 200), 0)
    assert floors.oracle is not None
    assert floors.random is not None
    assert floors.nothing is not None
    assert floors.oracle.success == 1.0
    assert 0.03 < floors.random.success < 0.25
    assert floors.nothing.success == 0.0


def test_a_step_that_is_called_for_must_come_first_and_one_that_is_not_is_a_mistake() -> None:
    desk = Desk(world=3)
    for task in cases(desk, 200):
        rule = desk.rules.deciding(facts(task))
        other = next(s for s in CAME if s in desk.difficulty.possible and s != rule.step)
        assert _plays(desk, task, *([rule.step] if rule.step else []), rule.resolution)
        assert not _plays(desk, task, other, rule.resolution)
        if rule.step:
            assert not _plays(desk, task, rule.resolution)


def _plays(desk: Desk, task: Task, *actions: str) -> bool:
    left = list(actions)
    return play(desk, task, lambda seen: left.pop(0), 0).success


def test_facts_are_shown_only_where_they_are_looked_up() -> None:
    desk = Desk()
    task = cases(desk, 1)[0]
    scene = desk.open(task, 0)
    assert "Membership" not in scene.first.text
    for look, shown in RECORDS.items():
        seen = scene.act(look)
        assert isinstance(seen, Observation)
        assert all(f"{f.name}: {facts(task)[f.name]}" in seen.text for f in shown)


def test_flipped_verdicts_are_of_training_alone_and_as_many_as_asked_for() -> None:
    desk = Desk(noise=0.2)
    for split, least, most in (("train", 0.12, 0.28), ("test", 0.0, 0.0)):
        tasks = cases(desk, 400, split)
        flipped = sum(not play(desk, t, desk.oracle(t), seed).success for seed, t in enumerate(tasks)) / len(tasks)
        assert least <= flipped <= most


def test_a_case_that_is_settled_stays_so() -> None:
    desk = Desk()
    task = cases(desk, 1)[0]
    rule = desk.rules.deciding(facts(task))
    scene = desk.open(task, 0)
    wrong = next(r for r in desk.difficulty.resolutions if r != rule.resolution)
    for action in (wrong, rule.resolution):
        came = scene.act(action)
        assert isinstance(came, Outcome)
        assert not came.success


def test_letters_are_varied_and_agree_with_the_records() -> None:
    desk = Desk()
    found = cases(desk, 300)
    assert len({t.text for t in found}) == len(found)
    for task in found:
        stories = STORIES[str(facts(task)["Product"]), str(facts(task)["Item condition"])]
        assert any(story in task.text for story in stories)


def test_noise_out_of_range_is_refused() -> None:
    with pytest.raises(BadSetting, match=r"noise=0\.6"):
        Desk(noise=0.6)


DRIFTED = range(12)


@pytest.mark.parametrize("level", LEVELS)
def test_a_world_whose_rules_change_keeps_the_contract(level: Level) -> None:
    report = check(Desk(level=level, world=5, drift=4), n=10)
    assert [c for c in report.checks if not c.ok] == []


@pytest.mark.parametrize("world", DRIFTED)
def test_one_rule_chooses_another_resolution_and_nothing_else_changes(world: int) -> None:
    desk, before = Desk(world=world, drift=100), Desk(world=world).rules.rules
    changed = [i for i, (a, b) in enumerate(zip(before, desk.rules.rules, strict=True)) if a != b]
    [i] = changed
    assert i < len(before) - 1, "the rule for every other case stays"
    assert before[i].resolution != desk.rules.rules[i].resolution
    assert (before[i].conditions, before[i].step) == (desk.rules.rules[i].conditions, desk.rules.rules[i].step)
    assert cases(desk, 20, "train") == cases(Desk(world=world), 20, "train")


def test_the_rule_changes_after_the_case_that_is_named_and_for_all_held_out_ones() -> None:
    desk, old = Desk(world=3, drift=100), Desk(world=3)
    for split, early in (("train", 100), ("val", 0), ("test", 0)):
        for n, task in enumerate(cases(desk, 200, split), 1):
            rules = old.rules if n <= early else desk.rules
            assert desk.deciding(task) == rules.deciding(facts(task))
            assert play(desk, task, desk.oracle(task), 0).success
    told = {desk.deciding(t) != old.deciding(t) for t in cases(desk, 200)}
    assert told == {True, False}


def test_what_is_told_of_such_a_world_says_what_changes_and_when() -> None:
    desk = Desk(world=3, drift=1000)
    assert "after training case 1,000, and in all held-out cases" in str(desk.describe()["drift"])
    assert desk.stated_rules()[2:] != Desk(world=3).stated_rules()[2:]
    assert "drift" not in Desk(world=3).describe()


@pytest.mark.parametrize("wrong", [0, -3])
def test_a_change_at_no_case_is_refused(wrong: int) -> None:
    with pytest.raises(BadSetting, match=f"drift={wrong} is out of range; it must be the number of a training case"):
        Desk(drift=wrong)
