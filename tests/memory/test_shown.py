"""What the store says was shown is what the model was sent."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ace.memory.store import Store
from ace.models.contract import Request
from ace.playbooks.render import bullet_line
from ace.types import Episode, digest
from tests.doing import do
from tests.spying import Spy
from tests.worlds import Gate

RUN = {"episodes": 60, "eval": 20, "batch": 5}


def openings(spy: Spy) -> dict[str, Request]:
    """The first request of every attempt, by the hash of its messages."""
    first = [r for r in spy.seen if r.role == "generator" and len(r.messages) == 2]
    return {digest([[m.role, m.content] for m in r.messages]): r for r in first}


def bullets_in(store: Store, e: Episode) -> list[str]:
    """The lines of the bullets that the store says `e` was shown, at the versions it was shown them, in their positions."""
    [revision] = e.render.revisions
    names = {r.hash: r for b in store.playbooks() for r in store.revisions(b.name)}
    then = {b.id: b for b in store.view(names[revision]).bullets()}
    shown = sorted((x for x in e.render.exposures if x.shown), key=lambda x: x.position)
    assert [then[x.bullet].version for x in shown] == [x.version for x in shown]
    return [bullet_line(then[x.bullet]) for x in shown]


@pytest.mark.parametrize("tokens", ["1800", "40"], ids=["shown whole", "picked for the task"])
def test_the_bullets_that_are_recorded_stand_in_the_prompt_in_their_order(store: Store, tokens: str) -> None:
    spy = Spy()
    do(store, Gate(), spy, **RUN, strategy_settings={"tokens": tokens})
    sent, shown = openings(spy), 0
    for e in store.episodes(limit=None):
        prompt = "\n".join(m.content for m in sent[e.prompt_hash].messages)
        lines = bullets_in(store, e)
        places = [prompt.index(f"\n{line}\n") for line in lines]
        assert all(a < b for a, b in pairwise(places))
        assert e.render.text in prompt
        shown += len(lines)
    assert shown > 60
    policies = {x.policy for e in store.episodes(limit=None) for x in e.render.exposures}
    assert policies == ({"all"} if tokens == "1800" else {"all", "relevant"})


def test_a_bullet_that_is_not_recorded_is_not_in_the_prompt(store: Store) -> None:
    spy = Spy()
    do(store, Gate(), spy, **RUN, strategy_settings={"tokens": "40"})
    sent, left_out = openings(spy), 0
    names = {r.hash: r for b in store.playbooks() for r in store.revisions(b.name)}
    for e in store.episodes(limit=None):
        prompt = "\n".join(m.content for m in sent[e.prompt_hash].messages)
        for b in store.view(names[e.render.revisions[0]]).bullets():
            if b.id not in {x.bullet for x in e.render.exposures}:
                left_out += 1
                assert f"[{b.id}]" not in prompt
    assert left_out > 0


def test_what_was_used_is_what_the_model_named(store: Store) -> None:
    do(store, Gate(), Spy(), **RUN)
    used = {b for e in store.episodes(limit=None) for b in e.cited}
    [book] = store.playbooks()
    records = store.view(book.name).records(used)
    learned = store.episodes(phase="learn", limit=None)
    for id, record in records.items():
        won = sum(id in e.cited and e.outcome.success for e in learned)
        lost = sum(id in e.cited and not e.outcome.success for e in learned)
        assert (record.cited_won, record.cited_lost) == (won, lost)
    assert sum(r.cited_won for r in records.values()) > 0
