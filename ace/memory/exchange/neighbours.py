"""The bullets that a new text is like: those that say nearly the same, and those that contradict it.

Full-text search proposes a few, because it costs the same in any playbook; what they are to the text is then decided by
comparing them with it (`ace.playbooks.similarity.compare`). Who adds the text decides what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ace.memory.view import View
from ace.playbooks.bullet import Bullet
from ace.playbooks.similarity.compare import Kind, Likeness, compare

PROPOSED = 24
"""Bullets that search may propose for one text."""
_ORDER = {Kind.SAME: 0, Kind.CONTRADICTS: 1, Kind.ALIKE: 2}
_SAYS = {
    Kind.SAME: "it says the same as",
    Kind.CONTRADICTS: "it contradicts",
    Kind.ALIKE: "it is much like",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A live bullet and what it is to the text that was asked about."""

    bullet: Bullet
    likeness: Likeness


def neighbours(view: View, text: str, limit: int = 5) -> list[Neighbour]:
    """The live bullets of `view` that are the same as `text`, contradict it or are like it: these kinds in this order, the
    nearest first. At most `limit`, in the time of one search."""
    compared = [Neighbour(hit.bullet, compare(text, hit.bullet.text)) for hit in view.relevant(text, PROPOSED, PROPOSED)]
    found = [n for n in compared if n.likeness.kind in _ORDER]
    return sorted(found, key=lambda n: (_ORDER[n.likeness.kind], -n.likeness.score, n.bullet.rank))[:limit]


def warnings_for(view: View, text: str) -> list[str]:
    """What a person should know who adds `text`: which bullets say the same, contradict it or are much like it, a line each."""
    return [_warning(n) for n in neighbours(view, text)]


def _warning(n: Neighbour) -> str:
    why = f" ({n.likeness.why})" if n.likeness.kind is Kind.CONTRADICTS else ""
    return f"{_SAYS[n.likeness.kind]} [{n.bullet.id}]{why}: {n.bullet.text}"
