"""Past attempts by lesson: for each lesson the cases it won and lost side by side.

Each attempt is written out once, where it stands with the fewest others, and numbered; elsewhere its number stands for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ace.models import layout
from ace.playbooks.render import by_section
from ace.roles.curator.brief import Brief
from ace.roles.curator.lessons import followed
from ace.types import Past


def past_attempts(brief: Brief, numbers: dict[str, int], tokens: int) -> list[str]:
    known = {e.id for e, _ in brief.new}
    covered = _covered(brief)
    groups: list[tuple[str, list[Past]]] = []
    for b in by_section(brief.bullets):
        found = [p for p in brief.evidence.get(b.id, ()) if p.episode not in known]
        found += [p for p in covered if b.id in p.cited]
        counts = followed(b, brief)
        if found or counts:
            groups.append((f"## [{b.id}]" + (f": {counts}" if counts else ""), found))
    live = {b.id for b in brief.bullets}
    rest = [p for p in brief.uncited if p.episode not in known] + [p for p in covered if live.isdisjoint(p.cited)]
    if rest:
        groups.append((f"## {layout.NO_BULLET}", rest))
    _shorten([g[1] for g in groups], tokens)
    # An attempt is written out where it stands with the fewest others: a lesson that every case uses, such as one on what to
    # look at, says least about any of them.
    groups.sort(key=lambda group: len(group[1]))
    lines: list[str] = []
    for heading, found in groups:
        lines.append(heading)
        lines.extend(_grouped(found, numbers))
    return lines


def _covered(brief: Brief) -> list[Past]:
    """The lost attempts of this batch that a reflection on a later one at the same case covers."""
    known = {e.id for e, _ in brief.new}
    cases = {(e.epoch, e.task.key) for e, _ in brief.new}
    covered = {e.id for e in brief.played if (e.epoch, e.task.key) in cases and not e.outcome.success} - known
    return [p for p in brief.flat.new if p.episode in covered]


def _shorten(lists: list[list[Past]], tokens: int) -> None:
    """Take the oldest attempts out of the longest lists until about `tokens` tokens are left. An attempt that stands in
    several lists is written out once."""
    times = Counter(p.episode for found in lists for p in found)
    left = sum({p.episode: _size(p) for found in lists for p in found}.values())
    while left > tokens and any(lists):
        gone = max(lists, key=len).pop(0)
        times[gone.episode] -= 1
        if not times[gone.episode]:
            left -= _size(gone)


def _size(p: Past) -> int:
    return (len(p.situation) + len(p.choice) + len(p.revealed) + 20) // 4


def _grouped(found: Sequence[Past], numbers: dict[str, int]) -> list[str]:
    lines, seen = [], {True: [], False: []}  # type: tuple[list[str], dict[bool, list[int]]]
    for p in found:
        if p.episode in numbers:
            seen[p.won].append(numbers[p.episode])
            continue
        numbers[p.episode] = len(numbers) + 1
        fields = [f"#{numbers[p.episode]}", layout.item(p.situation), layout.item(p.choice)]
        if p.revealed:
            fields.append("the environment said: " + layout.item(p.revealed, 200))
        lines.append(("+ " if p.won else "- ") + layout.FIELD.join(fields))
    lines += [f"also {mark} {' '.join(f'#{n}' for n in seen[won])}" for won, mark in ((True, "+"), (False, "-")) if seen[won]]
    return lines


def evidence_size(brief: Brief) -> int:
    """Tokens that all past attempts take, about."""
    found = [p for past in (*brief.evidence.values(), brief.uncited, _covered(brief)) for p in past]
    return sum({p.episode: _size(p) for p in found}.values())
