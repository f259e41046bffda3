"""Opening strategies: shipped ones by name, a user's own from a file; and the draws that they are given."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import pytest

from ace.errors import BadInput, BadSetting, UnknownName
from ace.memory.store import Store
from ace.models.novice import Novice
from ace.options import convert_settings, settings_of
from ace.roles.curator.settings import STOCK_SHOWN, Shown
from ace.runs.lifecycle import begin, work
from ace.runs.preparing import prepare
from ace.settings import RunSettings
from ace.strategies.contract import Draw, Roles
from ace.strategies.registry import made, open_strategy, strategy_names
from tests.doing import checked
from tests.strategies.lessons import pupil, roles
from tests.worlds import Gate

OWN = """
from ace.attempt import Briefing
from ace.strategies.contract import Learned

SEEN = []


class Drawing:
    def __init__(self, roles, /, *, share: float = 0.5):
        self.share = share

    def context(self, task, book, earlier, draw):
        SEEN.append((draw.phase, draw.learning, task.key, draw.seed))
        return Briefing()

    async def learn(self, lesson, book):
        return Learned()


class Old(Drawing):
    def context(self, task, book, earlier):
        SEEN.append(("", False, task.key, 0))
        return Briefing()


class Broken(Drawing):
    def __init__(self, roles, /):
        raise ValueError("no such table")


class Mute(Drawing):
    learn = None


class Narrow(Drawing):
    def context(self, task):
        return Briefing()


class Eager(Drawing):
    def __init__(self, roles, /):
        roles.curator("c-1")


NOTHING = 3
"""


@pytest.fixture
def own(tmp_path: Path) -> str:
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    return f"{tmp_path}/own.py"


def seen(store: Store, spec: str) -> list[tuple[str, bool, str, int]]:
    ready = checked(Gate(), {"episodes": 4, "eval": 2, "strategy": spec}, Novice())
    asyncio.run(work(ready, store, begin(ready, store)))
    factory = ready.strategy(roles(pupil()))
    module = __import__("sys").modules[type(factory).__module__]
    return list(module.SEEN)


def test_shipped_strategies_are_there() -> None:
    assert {"ace", "reflexion", "frozen"} <= set(strategy_names())


def test_a_name_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownName, match="reflexion"):
        open_strategy("reflexio", {})


def test_a_strategy_is_given_the_draw_of_each_attempt(store: Store, own: str) -> None:
    drawn = seen(store, f"{own}:Drawing")
    assert Counter((phase, learning) for phase, learning, _, _ in drawn) == {
        ("before", False): 2,
        ("learn", True): 4,
        ("after", False): 2,
    }
    seeds = {phase: {key: seed for p, _, key, seed in drawn if p == phase} for phase in ("before", "learn", "after")}
    assert seeds["before"] == seeds["after"]
    assert len({*seeds["learn"].values()}) == 4
    stored = {(e.task.key, e.phase): e.seed for e in store.episodes(limit=None)}
    assert stored == {(key, phase): seed for phase, _, key, seed in drawn}


def test_a_strategy_that_takes_no_draw_is_used_without_it(store: Store, own: str) -> None:
    assert len(seen(store, f"{own}:Old")) == 8


def test_draws_tell_learning_from_measuring() -> None:
    assert [Draw(1, phase).learning for phase in ("learn", "before", "start", "after", "eval")] == [True] + [False] * 4
    assert not Draw().learning


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Broken", "could not be made: ValueError: no such table"),
        ("Mute", "has no method learn"),
        ("Narrow", r"has context\(task\); it must take context\(task, book, earlier, draw\)"),
        ("Eager", "asks a model while it is made"),
        ("NOTHING", "is not a strategy"),
    ],
)
def test_a_strategy_that_cannot_be_used_is_refused_before_anything_is_stored(own: str, name: str, problem: str) -> None:
    settings = RunSettings("desk", episodes=1, eval=1, strategy=f"{own}:{name}")
    with pytest.raises(BadInput, match=problem):
        prepare(settings)


def test_settings_reach_a_users_own_strategy(own: str) -> None:
    strategy = made(open_strategy(f"{own}:Drawing", {"share": "0.25"}), roles(pupil()), "Drawing")
    assert strategy.share == 0.25  # type: ignore[attr-defined]


class AddOnly:
    """Curates with the evidence that `ace` has."""

    def __init__(self, roles: Roles, /, *, most: Annotated[int, "Lessons."] = 3, shown: Shown = STOCK_SHOWN) -> None:
        self.most, self.shown = most, shown


def test_settings_that_strategies_share_are_set_one_by_one() -> None:
    assert {s.name for s in settings_of(AddOnly)} >= {"most", "evidence", "evidence_tokens"}
    assert all(s.help for s in settings_of(AddOnly))
    made = convert_settings(AddOnly, {"most": "2", "evidence": "7", "evidence_tokens": "9"}, "it")
    assert made == {"most": 2, "shown": Shown(evidence=7, evidence_tokens=9)}
    assert convert_settings(AddOnly, {}, "it") == {}
    with pytest.raises(UnknownName, match="evidence"):
        convert_settings(AddOnly, {"shown": "1"}, "it")
    with pytest.raises(BadSetting, match="evidence='x' is not accepted"):
        convert_settings(AddOnly, {"evidence": "x"}, "it")


@pytest.mark.parametrize("text", ["evidence=-1", "evidence_tokens=-1", "lift_right=-1", "lift_wrong=-1", "tokens=-5"])
@pytest.mark.parametrize("strategy", ["ace", "reflexion"])
def test_numbers_of_things_are_not_below_none(strategy: str, text: str) -> None:
    key, _, value = text.partition("=")
    with pytest.raises(
        BadSetting, match=f"{key}='{value}' is not accepted by strategy {strategy}; it must be a whole number, 0 or more"
    ):
        open_strategy(strategy, {key: value})
