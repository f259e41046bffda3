"""Attempts whose outcome becomes known later: when a customer answers, a test suite ends, a person has looked.

The attempt is kept in the store under a key of the program's own, so that any process that learns the outcome can report it.
It belongs to no playbook; reporting stores the episode that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ace.errors import Conflict, NotFound
from ace.events import EpisodeEnded
from ace.memory.values import Batch
from ace.session.episode import FAULT, EpisodePlace, unspoiled, waiting_id, with_citations, with_cited
from ace.session.outcomes import named
from ace.types import Episode, Outcome


def report(place: EpisodePlace, key: str, came: Outcome, cited: Iterable[str] | None) -> Episode:
    """Store the attempt that waits under `key` with its outcome, and give it. The same report twice changes nothing. Raises
    `NotFound`, `BadSetting`, and `Conflict` where another outcome was reported before."""
    waiting = waiting_id(place.name, key)
    try:
        kept = place.store.episode(waiting)
    except NotFound:
        what = f"no attempt waits for its outcome under {key!r} in playbook {place.name!r}"
        raise NotFound(f"{what}; give what `later` gave, or the id of a response that an integration has seen") from None
    spoiled = kept.outcome.reason if kept.outcome.reason.startswith(FAULT) else ""
    came = unspoiled(came, spoiled)
    steps = with_cited(kept.steps, named(cited, place.store, place.name))
    id, render = f"e-{waiting.removeprefix('w-')}", with_citations(kept.render, steps)
    made = replace(kept, id=id, phase="learn", outcome=came, steps=steps, render=render)
    try:
        place.store.commit(Batch((made,), playbook=place.name))
    except Conflict:
        said = place.store.episode(id).outcome.verdict.value
        raise Conflict(f"the outcome of {key!r} was reported before, as {said}; an episode is never overwritten") from None
    place.hear(EpisodeEnded(made))
    return made
