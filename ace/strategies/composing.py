"""What is shown of several playbooks in one prompt: of each a share of its bullets, the first ones, under its name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ace.attempt import Briefing
from ace.memory.view import View
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import bullet_line, by_section, estimate_tokens, render_bullets
from ace.roles.generator import Earlier
from ace.strategies.contract import Draw
from ace.strategies.shown import CANDIDATES, exposures
from ace.types import Render, Task


@dataclass(frozen=True, slots=True)
class Part:
    """A playbook `view` with the `name` that it is shown under, and the `share` of its bullets that is shown, in [0, 1]."""

    name: str
    view: View
    share: float = 1.0

    @property
    def count(self) -> int:
        """How many bullets that are; half a bullet is one."""
        return math.floor(self.share * self.view.count + 0.5)

    def bullets(self) -> list[Bullet]:
        return by_section(self.view.bullets())[: self.count]


def composed(task: Task, parts: Sequence[Part], tokens: int, earlier: Sequence[Earlier], draw: Draw) -> Briefing:
    """The briefing for `task` from `parts`, the first of them first, within about `tokens` tokens of bullets: all of them where
    they fit, else those nearest to the task. Sections are named after the part that they come from."""
    listed = [(part, b) for part in parts for b in part.bullets()]
    # Branches of one playbook have bullets in common: each is shown once, where it comes first.
    first = {b.id: n for n, (_, b) in reversed(list(enumerate(listed)))}
    listed = [row for n, row in enumerate(listed) if first[row[1].id] == n]
    whole = sum(len(b.text) for _, b in listed) // 4 <= tokens
    if not whole:
        chosen = _nearest(task.text, parts, {b.id for _, b in listed}, tokens)
        listed = [row for row in listed if row[1].id in chosen]
    bullets = [replace(b, section=f"{part.name}: {b.section}") for part, b in listed]
    masks = {id: kinds for part in parts for id, kinds in part.view.masks().items()} if draw.mask else {}
    masked = {id for id, kinds in masks.items() if task.kind in kinds}
    text = render_bullets([b for b in bullets if draw.shows(b, b.id in masked)])
    recorded = tuple(exposures(bullets, draw, masked, "all" if whole else "relevant"))
    revisions = tuple(dict.fromkeys(part.view.revision.hash for part in parts if part.count))
    render = Render(text, revisions, recorded)
    return Briefing(text if whole else "", "" if whole else text, tuple(earlier), render)


def _nearest(text: str, parts: Sequence[Part], among: set[str], tokens: int) -> set[str]:
    """The bullets `among` those of `parts` that are nearest to `text`, as many as fit."""
    hits = [hit for part in parts for hit in part.view.relevant(text, CANDIDATES) if hit.bullet.id in among]
    chosen: set[str] = set()
    for hit in sorted(hits, key=lambda hit: -hit.score):
        cost = estimate_tokens(bullet_line(hit.bullet)) + 1
        if hit.bullet.id not in chosen and cost <= tokens:
            tokens -= cost
            chosen.add(hit.bullet.id)
    return chosen
