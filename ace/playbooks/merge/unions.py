"""Bullets of two branches that say the same, or nearly: which they are, and what makes one of them.

Only the same words with the same numbers and negations are made one without asking; other bullets that are alike are proposed,
because a reader of both can tell which to keep. What contradicts each other is told and never made one. The id of a union
comes from what it is made of, so both branches come to the same bullet, whichever is merged into which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ace.playbooks.bullet import Bullet, State, new_id
from ace.playbooks.operations import Op, Operation
from ace.playbooks.similarity.compare import Kind, Likeness, compare, gist

_WORD = re.compile(r"\w+")
_POSTINGS = 500
"""Bullets that are compared with one bullet, those first that share its rarest words."""

Pair = tuple[Bullet, Bullet]


@dataclass(frozen=True, slots=True)
class Alike:
    """Two bullets of different branches, and how they compare. `operation` makes one of them where that makes sense."""

    pair: Pair
    likeness: Likeness
    operation: Operation | None


def same_text(ours: Iterable[Bullet], theirs: Iterable[Bullet]) -> Iterator[Pair]:
    """The bullets of one section that say the same, each in one pair at most. What is pinned stays by itself."""
    mine: dict[tuple[str, int], list[Bullet]] = {}
    for b in ours:
        if not b.pinned:
            mine.setdefault((b.section, gist(b.text)), []).append(b)
    for b in theirs:
        near = [] if b.pinned else mine.get((b.section, gist(b.text)), [])
        twin = next((a for a in near if compare(a.text, b.text).kind is Kind.SAME), None)
        if twin is not None:
            near.remove(twin)
            yield twin, b


def union(pair: Pair) -> Operation:
    """The operation that makes one of two bullets: the longer text, in the place and section of the one with the lower id; a
    guess where one of them is."""
    first, second = sorted(pair, key=lambda b: b.id)
    waiting = State.CANDIDATE in (first.state, second.state)
    return Operation(
        Op.MERGE,
        text=max(first.text, second.text, key=lambda text: (len(text), text)),
        section=first.section,
        sources=(first.id, second.id),
        new_id=new_id(first.section, "merge", first.id, second.id),
        state=(State.CANDIDATE if waiting else State.ACTIVE).value,
    )


def alike(ours: Sequence[Bullet], theirs: Sequence[Bullet]) -> list[Alike]:
    """The pairs to review, those most alike first. A bullet is proposed for one union at most."""
    words: dict[str, list[int]] = {}
    for i, a in enumerate(ours):
        for word in _words(a.text):
            words.setdefault(word, []).append(i)
    found = []
    for b in theirs:
        for i in _near(_words(b.text), words):
            likeness = compare(ours[i].text, b.text)
            if likeness.kind is not Kind.DIFFERENT:
                found.append(((ours[i], b), likeness))
    return list(_proposed(sorted(found, key=lambda each: (-each[1].score, each[0][0].id, each[0][1].id))))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _near(text: Iterable[str], words: Mapping[str, list[int]]) -> Iterator[int]:
    """Those that share words, as far as looking at the rarest tells."""
    shared: set[int] = set()
    cost = 0
    for postings in sorted((words[w] for w in text if w in words), key=len):
        cost += len(postings)
        if shared and cost > _POSTINGS:
            break
        shared.update(postings)
    return iter(sorted(shared))


def _proposed(found: Iterable[tuple[Pair, Likeness]]) -> Iterator[Alike]:
    used: set[str] = set()
    for pair, likeness in found:
        ids = {b.id for b in pair}
        free = likeness.kind is not Kind.CONTRADICTS and not any(b.pinned for b in pair) and not ids & used
        used |= ids if free else set()
        yield Alike(pair, likeness, union(pair) if free else None)
