"""Taking out of a playbook what rests on one origin, and saying what else that origin reached.

What is taken out is retired by a delta in a person's name, so it can be undone; what rests on others too is told and stays,
unless that is asked for. Nothing here keeps the origin from teaching again, and no file that was exported is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from ace.editing.hand import Done, Hand, carry_out, require_fit
from ace.errors import NotFound
from ace.evidence.standing import Standing
from ace.memory.store import Store
from ace.memory.values import StoredDelta
from ace.origins import CHANNELS, ENVIRONMENT, covers
from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.operations import Delta, Op, Operation
from ace.types import Episode

Rests = Callable[[Standing], bool | None]
"""Whether a text rests on what is asked about: alone (true), together with others (`None`), or not."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A live bullet and what it rests on."""

    bullet: Bullet
    standing: Standing


@dataclass(frozen=True, slots=True)
class Reached:
    """What rests on an origin, or on some episodes, in a playbook: `alone`; `partly`, with others; and where one of others
    stood before a rewording (`before`) or taught the same (`support`). `elsewhere` are other playbooks, forks among them, with
    how many live bullets rest on it alone and partly."""

    playbook: str
    alone: tuple[Resting, ...] = ()
    partly: tuple[Resting, ...] = ()
    before: tuple[Resting, ...] = ()
    support: tuple[Resting, ...] = ()
    elsewhere: Mapping[str, tuple[int, int]] | None = None


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The quarantine of `origin`: what it `reached`; the bullets that are taken `out`, and those that are `pinned` and so left;
    deltas that wait for review and rest on it, by their numbers (`held`); and how many of its attempts wait to be learned from
    (`unlearned`). `done` is what was committed; `None` for a dry run, and where there was nothing to take out."""

    origin: str
    reached: Reached
    out: tuple[Resting, ...] = ()
    pinned: tuple[Resting, ...] = ()
    held: tuple[int, ...] = ()
    unlearned: int = 0
    done: Done | None = None


def quarantine(
    store: Store, name: str, origin: str, hand: Hand, *, partly: bool = False, pinned: bool = False, dry_run: bool = False
) -> Quarantine:
    """Retire the live bullets of playbook `name` whose texts rest on `origin` alone; with `partly` those too that rest on it
    together with others; pinned ones only with `pinned`. Raises `NotFound` for a playbook that is not there and for an origin
    that it does not have, with the nearest; `BadInput` where it looks like a mistake."""
    _require_known(store, name, origin)
    found = reached(store, name, lambda s: s.rests_on(origin), origin)
    wanted = (*found.alone, *(found.partly if partly else ()))
    out = tuple(r for r in wanted if pinned or not r.bullet.pinned)
    held = tuple(d.review.number for d in store.log(name) if d.review and not d.review.decided and _names(origin, d))
    waiting = sum(_is_of(origin, e) for e in store.episodes_of(store.unlearned(name)))
    left = tuple(r for r in wanted if r not in out)
    plan = Quarantine(origin, found, out, left, held, waiting)
    if dry_run or not out:
        return plan
    return replace(plan, done=take_out(store, name, out, hand, f"quarantine of the origin {clean(origin)}"))


def take_out(store: Store, name: str, found: Sequence[Resting], hand: Hand, reason: str) -> Done:
    """Retire bullets by a delta of a person's. Raises `BadInput` where that looks like a mistake and was not meant."""
    view = store.view(name)
    operations = tuple(Operation(Op.RETIRE, id=r.bullet.id) for r in found)
    require_fit(operations, view.shelf(), hand, view.count)
    return carry_out(store, name, Delta(view.revision.hash, operations, "person", hand.why(reason)), hand)


def reached(store: Store, name: str, rests: Rests, origin: str = "") -> Reached:
    """What rests on what `rests` asks about in playbook `name`, and in others."""
    every = _resting(store, name)
    elsewhere = {p.name: _counted(store, p.name, rests) for p in store.playbooks() if p.name != name}
    return Reached(
        name,
        tuple(r for r in every if rests(r.standing)),
        tuple(r for r in every if rests(r.standing) is None),
        tuple(r for r in every if rests(r.standing) is False and any(covers(origin, o.name) for o in r.standing.before)),
        tuple(r for r in every if any(covers(origin, o.name) for o in r.standing.support)),
        {other: counts for other, counts in elsewhere.items() if any(counts)},
    )


def reached_by_episodes(store: Store, ids: Set[str]) -> list[Reached]:
    """What rests on these episodes, by playbook that has any."""
    found = (reached(store, p.name, lambda s: s.rests_on_episodes(ids)) for p in store.playbooks())
    return [replace(r, elsewhere=None) for r in found if r.alone or r.partly]


def _resting(store: Store, name: str) -> list[Resting]:
    view = store.view(name)
    bullets = [b for b in view.bullets() if b.state is not State.RETIRED]
    standings = store.trust(f"{name}@{view.revision.number}")
    return [Resting(b, standings[b.id]) for b in bullets]


def _counted(store: Store, name: str, rests: Rests) -> tuple[int, int]:
    found = [rests(r.standing) for r in _resting(store, name)]
    return found.count(True), found.count(None)


def _is_of(origin: str, e: Episode) -> bool:
    return covers(origin, e.origin or ENVIRONMENT)


def _names(origin: str, d: StoredDelta) -> bool:
    of = {e: whose.origin for e, whose in d.origins.items()}
    return any(covers(origin, of.get(e) or ENVIRONMENT) for e in d.episodes)


def _require_known(store: Store, name: str, origin: str) -> None:
    known = set(store.past.senders(name))
    for s in store.trust(name).values():
        known |= {o.name for o in (*s.origins, *s.support, *s.before)}
    if any(covers(origin, each) for each in known) or origin in CHANNELS:
        return
    from rapidfuzz import process, utils

    near = [
        each for each, _, _ in process.extract(origin, sorted(known), limit=3, score_cutoff=50, processor=utils.default_process)
    ]
    has = (
        f"its origins are {', '.join(sorted(known)[:5])}" + (", ..." if len(known) > 5 else "") if known else "it has none yet"
    )
    hint = f"did you mean {' or '.join(near)}?" if near else has
    raise NotFound(f"playbook {name!r} has nothing of the origin {origin[:80]!r}; {hint}")
