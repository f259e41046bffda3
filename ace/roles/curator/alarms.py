"""The part of the request that tells of lessons in alarm, with the newest attempts that speak against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ace.evidence.drift import BulletDrift
from ace.models import layout
from ace.roles.curator.brief import Brief
from ace.types import Past

_NEWEST = 8
"""Attempts against a lesson that are shown."""
_MEANS = (
    "(Attempts that followed them were right and have begun to be wrong, so the rules may have changed. They are guesses from "
    "now on. Say what holds now, or leave a lesson as it is where the verdicts are likely to be noise.)"
)


def alarmed(brief: Brief, numbers: Mapping[str, int]) -> str:
    """The lessons in alarm; empty where there are none and no attempt is left out."""
    known = {p.episode: p for p in brief.flat.all} if brief.alarms else {}
    return alarm_lines(brief.alarms, brief.stale, known, numbers)


def alarm_lines(alarms: Sequence[BulletDrift], stale: int, known: Mapping[str, Past], numbers: Mapping[str, int]) -> str:
    """The same for `alarms`; `known` are attempts by id, `numbers` those of the attempts that stand in the request."""
    lines = [line for a in alarms for line in _lines(a, known, numbers)]
    if lines:
        lines.insert(0, _MEANS)
    if stale:
        lines.append(f"({stale} earlier attempts are left out: lessons decided them that have stopped being right since)")
    return "\n".join([layout.ALARM, *lines]) if lines else ""


def _lines(a: BulletDrift, known: Mapping[str, Past], numbers: Mapping[str, int]) -> list[str]:
    against = a.against[-_NEWEST:]
    rows = " ".join(f"#{numbers[id]}" for id in against if id in numbers)
    pinned = f" ({layout.PINNED})" if a.bullet.pinned else ""
    told = [f"[{a.bullet.id}] {a.told()}{pinned}.{f' Against it: {rows}' if rows else ''}"]
    others = [known[id] for id in against if id not in numbers and id in known]
    return [*told, *(layout.row(["- against it", layout.item(p.situation), layout.item(p.choice)]) for p in others)]
