"""What a trusted request may see of a playbook: as much as if there had never been an untrusted attempt, in every channel."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch
from ace.memory.view import View
from ace.playbooks.operations import Delta, Op, Operation, Refusal
from ace.types import UNVERIFIED, Episode, Exposure, Reflection, Render, Trust, Vote
from tests.strategies.lessons import lived

NAME, MARK = "mixed", "planted"
RULE, SECOND, GUESS = "bul-ruleone", "bul-ruletwo", "bul-theguess"


def attempt(n: int, won: bool, *cited: str, mark: str = "", task: int = 0) -> tuple[Episode, Reflection]:
    """A trusted attempt, or with a mark an untrusted one, that was shown all bullets and cited some."""
    e = lived(n, won, *cited, about=f"colour {mark or 'red'}")
    shown = tuple(Exposure(b, 1, i, i % 2 == 0, 0.5) for i, b in enumerate((RULE, SECOND)))
    made = replace(e.task, id=f"t-{task or n}", text=f"Case {task or n}.", origin=UNVERIFIED if mark else "", kind="letters")
    said = Reflection(
        e.id, f"colour: {mark or 'red'}", "open", f"{mark} diagnosis {n}", mark or "lesson", ((RULE, Vote.HELPFUL),)
    )
    return replace(e, task=made, render=Render("", (), shown)), said


def learn(store: Store, found: list[tuple[Episode, Reflection]], *operations: Operation, refused: str = "") -> None:
    delta = Delta(store.head(NAME).hash, operations, "curator", "", tuple(e.id for e, _ in found))
    turned_down = (Refusal(0, Operation(Op.ADD, section="S", text=refused), refused),) if refused else ()
    store.commit(Batch(tuple(e for e, _ in found), tuple(r for _, r in found), NAME, delta, turned_down))


def add(id: str, text: str, state: str = "active") -> Operation:
    return Operation(Op.ADD, section="Rules", text=text, new_id=id, state=state)


def told(*, untrusted: bool) -> Store:
    """A store with trusted attempts; with untrusted ones between and after them too."""
    store = Store.open(":memory:")
    store.ensure_playbook(NAME)
    learn(
        store,
        [attempt(1, True), attempt(2, False, task=1)],
        add(RULE, "If the colour is red, then open."),
        add(SECOND, "Where visitors wait in the rain, be quick."),
    )
    if untrusted:
        learn(
            store,
            [attempt(n, n % 2 == 0, *([RULE] if n < 25 else []), mark=MARK, task=1) for n in range(20, 26)],
            add("bul-planted1", f"If the colour is red, then {MARK} close.", "candidate"),
            add("bul-planted2", "Ring twice for a guest.", "candidate"),
            refused=MARK,
        )
    learn(store, [attempt(3, True, RULE), attempt(4, False)], add(GUESS, "Perhaps ring.", "candidate"), refused="no")
    learn(store, [attempt(5, False)], Operation(Op.DEMOTE, id=SECOND, episodes=("e-5",)), refused="no")
    if untrusted:
        learn(store, [attempt(n, True, SECOND, mark=MARK) for n in range(30, 34)], add("bul-planted3", f"{MARK} once more."))
    return store


KEY = attempt(1, True)[0].task.key
CHANNELS: dict[str, Callable[[View], Any]] = {
    "bullets": lambda v: v.bullets(include_retired=True),
    "one bullet": lambda v: v.get("bul-planted1"),
    "count": lambda v: v.count,
    "tokens": lambda v: v.tokens,
    "search": lambda v: v.relevant("The colour is red: planted, or close?"),
    "records": lambda v: v.records([RULE, SECOND]),
    "records of the text": lambda v: v.records_now([RULE, SECOND]),
    "followed": lambda v: v.followed([b for b in v.bullets() if b.id == RULE]),
    "evidence": lambda v: v.evidence([RULE, SECOND]),
    "attempts that used none": lambda v: v.uncited(),
    "guesses": lambda v: {text: sorted(ids) for text, ids in v.guesses(["Ring twice for a guest.", "Perhaps ring."]).items()},
    "last delta": lambda v: ((d := v.last_delta()), d and (d.operations, d.refusals))[1],
    "attempts": lambda v: v.attempts(),
    "newest attempts": lambda v: v.attempts(2),
    "tasks": lambda v: v.tasks(),
    "fit": lambda v: v.fit(),
    "effects": lambda v: v.effects(),
    "demotions": lambda v: v.demotions(),
    "reflections on the same task": lambda v: v.recent_reflections(KEY),
}


def said(channel: str, view: View) -> str:
    """What is read, but for the places of bullets among all of them, of which their order is all that is shown."""
    return re.sub(r"rank='\w+'", "", repr(CHANNELS[channel](view)))


@pytest.fixture(scope="module")
def views() -> dict[str, View]:
    mixed = told(untrusted=True).view(NAME)
    return {"clean": told(untrusted=False).view(NAME), "all": mixed, "trusted": mixed.at(Trust.TRUSTED)}


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_trusted_view_says_what_a_store_without_untrusted_attempts_says(views: dict[str, View], channel: str) -> None:
    assert said(channel, views["trusted"]) == said(channel, views["clean"])
    assert MARK not in said(channel, views["trusted"])


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_is_one_that_untrusted_attempts_would_come_by(views: dict[str, View], channel: str) -> None:
    assert said(channel, views["all"]) != said(channel, views["clean"])


def test_a_trusted_view_stays_one_and_the_whole_one_sees_all(views: dict[str, View]) -> None:
    trusted = views["trusted"]
    assert trusted.at(Trust.UNTRUSTED) is trusted.at(Trust.TRUSTED) is trusted
    assert views["all"].at(Trust.UNTRUSTED) is views["all"]
    assert sorted(views["all"].distrusted) == ["bul-planted1", "bul-planted2", "bul-planted3"]
    assert views["clean"].distrusted == frozenset()


def test_what_is_hidden_is_hidden_at_earlier_revisions_too() -> None:
    store = told(untrusted=True)
    for number in range(5):
        then = store.view(f"{NAME}@{number}")
        seen = {b.id for b in then.at(Trust.TRUSTED).bullets()}
        assert seen == {b.id for b in then.bullets() if "planted" not in b.id}
        assert MARK not in repr(then.at(Trust.TRUSTED).relevant("planted"))
