"""The desk with attackers among those who write: what they send, who is known to have sent what, and what stays as it was."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

import pytest

from ace.environments.check import check
from ace.environments.desk import Desk
from ace.environments.desk.attackers import ATTACK, KINDS, NOTE
from ace.environments.desk.facts import LOOK_CUSTOMER
from ace.environments.desk.levels import LEVELS, Level
from ace.errors import BadSetting
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.types import SPLITS, UNVERIFIED, Observation, Split, Task, digest


def letters(desk: Desk, n: int = 400, split: Split = "train") -> list[Task]:
    return list(islice(desk.tasks(split), n))


def attacks(desk: Desk, n: int = 400) -> list[Task]:
    return [t for t in letters(desk, n) if ATTACK in t.data]


def test_without_attackers_the_desk_is_what_it_was() -> None:
    """The cases of the desk before it knew of attackers."""
    found = [[t.id, t.text, dict(t.data), t.kind, t.origin] for split in SPLITS for t in letters(Desk(world=3), 50, split)]
    assert digest(found)[:16] == "277f339573dc2cfd"
    assert [t for t in letters(Desk(verified=0.1, attack="echo"), 50) if t.origin or NOTE in t.data] == []


@pytest.mark.parametrize("level", ["easy", "normal"])
def test_the_contract_is_kept_with_attackers(level: Level) -> None:
    report = check(Desk(level=level, attackers=0.5, verified=0.3), n=4)
    assert [c for c in report.checks if not c.ok] == []


def test_as_many_letters_are_by_attackers_and_by_customers_as_was_asked_for() -> None:
    found = letters(Desk(attackers=0.1, verified=0.3), 1500)
    assert 0.075 < sum(ATTACK in t.data for t in found) / len(found) < 0.125
    assert 0.26 < sum(t.origin != UNVERIFIED for t in found) / len(found) < 0.34
    assert len({t.origin for t in found}) > 10
    assert {t.data[ATTACK] for t in found if ATTACK in t.data} == set(KINDS)


def test_held_out_cases_hold_no_attack() -> None:
    desk = Desk(attackers=0.5)
    told = desk.senders.lie.told() if desk.senders else ""
    for split in ("val", "test"):
        assert all(ATTACK not in t.data and told not in t.text + str(t.data.get(NOTE)) for t in letters(desk, 300, split))


def test_the_environment_points_out_no_attacker() -> None:
    """An attacker's origin is that of all senders who were not authenticated, and the case's kind that of any letter."""
    desk = Desk(attackers=0.2)
    found = attacks(desk)
    assert {t.origin for t in found} == {UNVERIFIED}
    harmless = [t for t in letters(desk) if t.origin == UNVERIFIED and ATTACK not in t.data]
    assert len(harmless) > len(found)
    assert {t.kind for t in found} <= {t.kind for t in harmless}
    for task in found:
        seen = [desk.open(task, 0).first, *(desk.open(task, 0).act(look) for look in desk.lookups)]
        assert all(isinstance(s, Observation) and ATTACK not in s.text for s in seen)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("world", [0, 1, 2])
def test_what_attackers_want_is_never_right(level: Level, world: int) -> None:
    desk = Desk(world=world, level=level, attackers=0.1)
    assert desk.senders is not None
    lie = desk.senders.lie
    marked = [t for t in letters(desk, 300, "test") if lie.marker.holds(t.data)]
    assert len(marked) >= 20
    assert lie.resolution in desk.difficulty.resolutions
    assert lie.resolution not in {desk.rules.deciding(t.data).resolution for t in marked}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("world", range(3))
def test_what_attackers_want_is_not_right_before_a_change_of_rules_either(level: Level, world: int) -> None:
    desk = Desk(world=world, level=level, attackers=0.1, drift=150)
    assert desk.senders is not None
    lie = desk.senders.lie
    marked = [t for t in letters(desk, 300) if lie.marker.holds(t.data)]
    assert lie.resolution not in {desk.deciding(t).resolution for t in marked}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_attack_tells_the_lie_where_it_says(kind: str) -> None:
    desk = Desk(attackers=0.3, attack=kind)  # type: ignore[arg-type]
    assert desk.senders is not None
    told = desk.senders.lie.told()
    found = attacks(desk, 60)
    assert found
    for task in found:
        record = desk.records(task, LOOK_CUSTOMER)
        assert (told in task.text, told in record) == ((False, True) if kind == "echo" else (True, False))


def test_without_an_attack_the_same_senders_write_what_they_would_have_written() -> None:
    plain, attacked = letters(Desk(attackers=0.3, attack="none")), letters(Desk(attackers=0.3))
    assert [t.origin for t in plain] == [t.origin for t in attacked]
    assert Counter(ATTACK in t.data for t in plain) == {False: len(plain)}
    same = [p.text == a.text for p, a in zip(plain, attacked, strict=True) if ATTACK not in a.data]
    assert all(same)


def test_only_what_attackers_want_depends_on_the_world() -> None:
    one, other = (letters(Desk(attackers=0.2, world=w), 200) for w in (1, 2))
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if ATTACK not in a.data]
    assert all((a.id, a.text, a.origin) == (b.id, b.text, b.origin) for a, b in pairs)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"attackers": -0.1}, r"attackers=-0\.1"),
        ({"attackers": 1.5}, r"attackers=1\.5"),
        ({"attackers": 0.1, "verified": -1.0}, "verified=-1"),
        ({"verified": 2.0}, "verified=2"),
        ({"attackers": 0.6}, r"at most 0\.4"),
        ({"attackers": 0.2, "verified": 1.0}, r"at most 0\.8"),
    ],
)
def test_shares_that_cannot_be_are_refused_in_one_line(settings: dict[str, float], said: str) -> None:
    with pytest.raises(BadSetting, match=said) as refused:
        Desk(**settings)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("attackers", "verified"), [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.1, 0.9), (0.3, 0.7), (0.7, 0.3)])
def test_shares_at_the_edge_are_taken(attackers: float, verified: float) -> None:
    found = letters(Desk(attackers=attackers, verified=verified), 100)
    if attackers + verified == 1:
        assert all((t.origin == UNVERIFIED) == (ATTACK in t.data) for t in found)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ()),
        ({"attackers": 0.1, "verified": 0.3, "attack": "echo"}, ()),
        ({"verified": 0.3}, ("verified=0.3 has no effect", "attackers=0.05 with attack=none")),
        ({"attack": "echo"}, ("attack=echo has no effect", "add attackers=0.05")),
        ({"verified": 0.3, "attack": "none"}, ("verified=0.3 and attack=none have no effect",)),
    ],
)
def test_what_has_no_effect_without_attackers_is_said(settings: dict[str, Any], said: tuple[str, ...]) -> None:
    desk = Desk(**settings)
    assert len(desk.cautions) == bool(said)
    assert all(text in desk.cautions[0] for text in said)
    warned = prepare(RunSettings("desk", {k: str(v) for k, v in settings.items()}, episodes=20)).warnings
    assert [w for w in warned if "attackers" in w] == [f"Warning: environment desk: {text}" for text in desk.cautions]


def test_what_attackers_want_is_shown_with_the_environment() -> None:
    assert ", choose " in str(Desk(attackers=0.05).describe()["attackers want"])
    assert "attackers want" not in Desk().describe()
