"""Leaving bullets out by chance: of attempts that are learned from alone, by the attempt's own draw, and on the record."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ace.budget import Budget
from ace.errors import BadSetting, LimitReached
from ace.memory.store import Store
from ace.memory.view import View
from ace.playbooks.operations import Op, Operation
from ace.runs.lifecycle import ready, work
from ace.settings import RunSettings
from ace.strategies.ace import Ace
from ace.strategies.addonly import AddOnly
from ace.strategies.contract import LEARNING, Draw
from ace.strategies.frozen import Frozen
from ace.strategies.gepa import Gepa
from ace.strategies.reflexion import Reflexion
from ace.strategies.rewrite import Rewrite
from ace.strategies.shown import briefing
from ace.types import Episode, Exposure
from tests.doing import checked, do
from tests.stories import NAME, Story, add
from tests.strategies.lessons import lived, pupil, roles
from tests.worlds import Gate

TASK = lived(0, False, about="the printers").task
SHOWING = (Ace, AddOnly, Frozen, Gepa, Reflexion, Rewrite)


@pytest.fixture
def view(store: Store) -> View:
    story = Story(store)
    ids = story.added(*(add(f"About parcel {n}: ask first.") for n in range(6)))
    story.change(Operation(Op.PIN, id=ids[2]), author="person")
    return store.view(NAME)


def drawn(view: View, draw: Draw, tokens: int = 1800) -> tuple[Exposure, ...]:
    return briefing(TASK, view, tokens, draw=draw).render.exposures


def left_out(exposures: tuple[Exposure, ...]) -> list[str]:
    return [x.bullet for x in exposures if not x.shown]


@pytest.mark.parametrize("phase", ["before", "start", "after", "eval", "gate", "waiting"])
def test_nothing_is_left_out_when_measuring(view: View, phase: str) -> None:
    assert all(drawn(view, Draw(seed, phase, 0.9)) == drawn(view, Draw()) for seed in range(20))


def test_each_is_left_out_as_often_as_is_said_and_by_itself(view: View) -> None:
    found = [frozenset(left_out(drawn(view, Draw(seed, LEARNING, 0.3)))) for seed in range(1000)]
    ids = [b.id for b in view.bullets() if not b.pinned]
    alone, pairs = Counter(b for out in found for b in out), Counter(len(out) for out in found)
    assert all(240 <= alone[b] <= 360 for b in ids)
    # Five independent draws at 0.3: none is left out in 0.168 of attempts, all are in 0.002.
    assert 120 <= pairs[0] <= 220
    assert pairs[5] <= 12


def test_a_pinned_bullet_is_always_shown_and_nothing_is_drawn_of_it(view: View) -> None:
    [pinned] = [b.id for b in view.bullets() if b.pinned]
    for seed in range(50):
        exposures = drawn(view, Draw(seed, LEARNING, 0.9))
        assert [(x.shown, x.probability) for x in exposures if x.bullet == pinned] == [(True, 1.0)]


def test_what_is_left_out_stands_on_the_record_and_not_in_the_prompt(view: View) -> None:
    made = briefing(TASK, view, 1800, draw=Draw(4, LEARNING, 0.5))
    assert left_out(made.render.exposures)
    bullets = {b.id: b for b in view.bullets()}
    for x in made.render.exposures:
        assert (f"[{x.bullet}]" in made.stable) is x.shown
        assert x.probability == (1.0 if bullets[x.bullet].pinned else 0.5)
    assert made.stable == made.render.text
    shown = [x.position for x in made.render.exposures if x.shown]
    assert shown == list(range(len(shown)))


def test_which_bullets_concern_a_task_does_not_depend_on_the_draw(view: View) -> None:
    for seed in range(20):
        few = drawn(view, Draw(seed, LEARNING, 0.5), tokens=30)
        assert [x.bullet for x in few] == [x.bullet for x in drawn(view, Draw(), tokens=30)]
        assert {x.policy for x in few} == {"relevant"}


@pytest.mark.parametrize("kind", SHOWING)
def test_every_strategy_that_shows_bullets_leaves_them_out(view: View, kind: Any) -> None:
    draw = Draw(4, LEARNING, 0.5)
    render = kind(roles(pupil())).context(TASK, view, [], draw).render
    assert render.exposures == drawn(view, draw)
    assert left_out(render.exposures)


def exposures(store: Store) -> list[tuple[str, tuple[Exposure, ...]]]:
    return sorted((e.id, e.render.exposures) for e in store.episodes(limit=1000))


def test_a_run_that_is_resumed_draws_the_same(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"episodes": 30, "eval": 6, "batch": 10, "holdout": 0.4}
    with Store.open(tmp_path / "whole.db") as store:
        do(store, Gate(), **settings)
        whole = exposures(store)
    with Store.open(tmp_path / "cut.db") as store:
        with pytest.raises(LimitReached):
            do(store, Gate(), **settings, budget=Budget(calls=70))
        assert 0 < len(exposures(store)) < len(whole)
        prepared, [run] = checked(Gate(), {**settings, "budget": Budget(calls=10_000)}), store.runs()
        asyncio.run(work(prepared, store, ready(prepared, store, run)))
        assert exposures(store) == whole
    assert any(not x.shown for _, found in whole for x in found)


def test_a_run_leaves_out_while_learning_and_never_while_measuring(store: Store) -> None:
    do(store, Gate(), episodes=30, eval=10, batch=10, holdout=0.5)
    found = store.episodes(limit=1000)

    def out(phases: set[str]) -> set[bool]:
        return {x.shown for e in found if e.phase in phases for x in e.render.exposures}

    assert out({"before", "after"}) == {True}
    assert out({"learn"}) == {True, False}


def test_what_was_left_out_counts_neither_as_shown_nor_as_cited(store: Store) -> None:
    do(store, Gate(), episodes=30, eval=4, batch=10, holdout=0.5)
    learned = [e for e in store.episodes(limit=1000) if e.phase == "learn"]
    [book] = store.playbooks()
    view = store.view(book.name)

    def count(e: Episode, id: str) -> bool:
        return any(x.bullet == id and x.shown for x in e.render.exposures)

    for b in view.bullets(include_retired=True):
        record = view.records([b.id]).get(b.id)
        assert (record.shown_won + record.shown_lost if record else 0) == sum(count(e, b.id) for e in learned)
    assert all(x.shown for e in learned for x in e.render.exposures if x.cited)


@pytest.mark.parametrize("wrong", [-0.1, 1, 1.0, 2, float("nan"), float("inf"), True, "0.2"])
def test_what_is_not_such_a_chance_is_refused(wrong: Any) -> None:
    with pytest.raises(BadSetting, match="it must be a chance, at least 0 and less than 1"):
        RunSettings("desk", holdout=wrong)


def test_a_run_keeps_its_id_where_nothing_is_left_out() -> None:
    row = RunSettings("desk").as_json()
    assert replace(RunSettings("desk"), holdout=0.0).as_json() == row
    assert RunSettings("desk", holdout=0.2).as_json() == {**row, "holdout": 0.2}
