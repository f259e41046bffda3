"""What differs between two states of a playbook, bullet by bullet and word by word.

A difference is told as a reader of the playbook would tell it. A bullet is moved when it was given another place or section,
not when its neighbours came and went; one made out of others is merged, and those are retired.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, get_args

from ace.playbooks.bullet import Bullet, State
from ace.playbooks.render import by_section
from ace.playbooks.rewrites import longest_run

Kind = Literal[
    "added",
    "merged",
    "revised",
    "moved",
    "retired",
    "restored",
    "activated",
    "demoted",
    "pinned",
    "unpinned",
    "escalated",
    "deescalated",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Mark = Literal["same", "removed", "added"]

_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+")
_MOST_PAIRS = 60_000
"""Pairs of equal words in what differs; beyond them it is shown as replaced whole. Comparing repetitive texts takes minutes."""


@dataclass(frozen=True, slots=True)
class BulletDiff:
    """How one bullet changed. `kinds` are the `KINDS` that apply, the telling one first; `before` or `after` is `None` where
    the bullet was not there at all."""

    bullet: str
    kinds: tuple[Kind, ...]
    before: Bullet | None
    after: Bullet | None


def diff(before: Iterable[Bullet], after: Iterable[Bullet], *, whole: bool = False) -> list[BulletDiff]:
    """What changed from `before` to `after`, in the order in which a reader of `after` comes to the bullets; those that are
    gone stand where they stood.

    Both may hold the bullets that changed alone, as long as they hold the same ones. Where they are `whole` playbooks, a bullet
    whose rank is another one but which kept its place among the others is not counted as moved; this lets playbooks of
    different descent be compared.
    """
    old, new = {b.id: b for b in before}, {b.id: b for b in after}
    kept = _kept_places(old, new) if whole else frozenset()
    found: dict[str, BulletDiff] = {}
    for id in old.keys() | new.keys():
        kinds = tuple(_kinds(old.get(id), new.get(id), id in kept))
        if kinds:
            found[id] = BulletDiff(id, kinds, old.get(id), new.get(id))
    return [found[b.id] for b in by_section(sorted(map(_standing, found.values()), key=lambda b: (b.rank, b.id)))]


def stat(diffs: Iterable[BulletDiff]) -> dict[Kind, int]:
    """How many bullets changed in each way. A bullet that changed in two ways counts in both."""
    counts = dict.fromkeys(KINDS, 0)
    for d in diffs:
        for kind in d.kinds:
            counts[kind] += 1
    return counts


def word_diff(a: str, b: str) -> list[tuple[Mark, str]]:
    """How `b` came from `a`, word by word. The pieces marked `same` and `removed` make up `a`, those marked `same` and `added`
    make up `b`, white space included."""
    old, new = _TOKEN.findall(a), _TOKEN.findall(b)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces: list[tuple[Mark, Sequence[str]]] = [("same", old[:head]), *middle, ("same", old[len(old) - tail :])]
    return [(mark, "".join(tokens)) for mark, tokens in pieces if tokens]


def _live(b: Bullet | None) -> bool:
    return b is not None and b.state is not State.RETIRED


def _kinds(old: Bullet | None, new: Bullet | None, kept: bool) -> Iterator[Kind]:
    if new is None or not _live(new):
        # A bullet that was added and retired in between is not listed.
        if _live(old):
            yield "retired"
        return
    if old is None:
        yield "merged" if new.parents else "added"
        return
    if not _live(old):
        yield "restored"
    if old.text != new.text:
        yield "revised"
    if old.section != new.section or (old.rank != new.rank and not kept):
        yield "moved"
    if _live(old) and old.state is not new.state:
        yield "activated" if new.state is State.ACTIVE else "demoted"
    if old.pinned != new.pinned:
        yield "pinned" if new.pinned else "unpinned"
    if old.escalated != new.escalated:
        yield "escalated" if new.escalated else "deescalated"


def _kept_places(old: dict[str, Bullet], new: dict[str, Bullet]) -> frozenset[str]:
    """The bullets that are in both and kept their order."""
    ids = [b.id for b in sorted(new.values(), key=lambda b: (b.rank, b.id)) if b.id in old]
    order = sorted(ids, key=lambda id: (old[id].rank, id))
    places = {id: place for place, id in enumerate(order)}
    return frozenset(longest_run(ids, [places[id] for id in ids]))


def _standing(d: BulletDiff) -> Bullet:
    """The bullet where a reader looks for it."""
    here = d.before if d.after is None or (d.before is not None and not _live(d.after)) else d.after
    if here is None:
        raise ValueError(f"the difference of {d.bullet!r} has no bullet on either side")
    return here


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many elements `a` and `b` start with in common."""
    return next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _middle(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Mark, Sequence[str]]]:
    counts = Counter(old)
    if sum(counts[token] for token in new) > _MOST_PAIRS:
        yield "removed", old
        yield "added", new
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", old[i1:i2]
        else:
            yield "removed", old[i1:i2]
            yield "added", new[j1:j2]
