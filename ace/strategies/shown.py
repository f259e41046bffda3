"""What of a playbook is shown for a task.

A playbook that fits its share of the prompt is shown whole, in its order, in the stable part of the prompt. A larger one stays
out of it: the bullets that concern the task are picked, in the playbook's order, and stand just before the task, so that what
is stable stays cacheable. What was shown is recorded either way, and what was left out by chance or by a mask.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Annotated

from ace.attempt import Briefing
from ace.memory.view import View
from ace.options import Least
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import bullet_line, by_section, estimate_tokens, render_bullets
from ace.roles.generator import Earlier
from ace.strategies.contract import MEASURED, Draw
from ace.types import Exposure, Render, Task

BulletTokens = Annotated[int, Least(0), "Tokens of the prompt that bullets may take; a larger playbook is searched."]
"""The setting `tokens` of the strategies that show a playbook."""
MASKED = "masked"
"""The policy of an exposure of a bullet that is masked for the kind of its task."""
CANDIDATES = 60
"""Bullets that search may bring before the token budget cuts."""


def briefing(task: Task, book: View, tokens: int, earlier: Sequence[Earlier] = (), draw: Draw = MEASURED) -> Briefing:
    """The briefing for `task` from `book`, within about `tokens` tokens of bullets; those that `draw` leaves out are picked and
    not shown, so that which others are does not depend on them; nor are those that are masked for the kind of the task, where
    `draw` says so."""
    whole = book.tokens <= tokens
    bullets = by_section(book.bullets() if whole else pick(task.text, book, tokens))
    masks = book.masks() if draw.mask else {}
    masked = {id for id, kinds in masks.items() if task.kind in kinds}
    text = render_bullets([b for b in bullets if draw.shows(b, b.id in masked)])
    recorded = tuple(exposures(bullets, draw, masked, "all" if whole else "relevant"))
    render = Render(text, (book.revision.hash,), recorded)
    return Briefing(text if whole else "", "" if whole else text, tuple(earlier), render)


def exposures(bullets: Sequence[Bullet], draw: Draw, masked: Container[str], policy: str) -> Iterator[Exposure]:
    """What is recorded of `bullets`, in their order, eligible by `policy`. A bullet that is left out has the position that it
    would have had."""
    position = 0
    for b in bullets:
        hidden = b.id in masked
        shown = draw.shows(b, hidden)
        yield Exposure(b.id, b.version, position, shown, draw.chance(b, hidden), MASKED if hidden else policy)
        position += shown


def pick(text: str, book: View, tokens: int) -> list[Bullet]:
    """The bullets nearest to `text` that fit into about `tokens` tokens, in the playbook's order."""
    chosen: list[Bullet] = []
    left = tokens
    for hit in book.relevant(text, CANDIDATES):
        cost = estimate_tokens(bullet_line(hit.bullet)) + 1
        if cost <= left:
            left -= cost
            chosen.append(hit.bullet)
    return sorted(chosen, key=lambda b: b.rank)
