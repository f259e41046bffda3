"""What of a playbook is shown for a task.

A playbook that fits its share of the prompt is shown whole, in its order, in the stable part of the prompt. A larger one stays
out of it: the bullets that concern the task are picked, in the playbook's order, and stand just before the task, so that what
is stable stays cacheable. What was shown is recorded either way.
"""

from __future__ import annotations

from collections.abc import Sequence

from ace.attempt import Briefing
from ace.memory.view import View
from ace.playbooks.bullet import Bullet
from ace.playbooks.render import bullet_line, by_section, estimate_tokens, render_bullets
from ace.roles.generator import Earlier
from ace.types import Exposure, Render, Task

CANDIDATES = 60
"""Bullets that search may bring before the token budget cuts."""


def briefing(task: Task, book: View, tokens: int, earlier: Sequence[Earlier] = ()) -> Briefing:
    """The briefing for `task` from `book`, within about `tokens` tokens of bullets."""
    whole = book.tokens <= tokens
    bullets = by_section(book.bullets() if whole else pick(task.text, book, tokens))
    text = render_bullets(bullets)
    policy = "all" if whole else "relevant"
    exposures = tuple(Exposure(b.id, b.version, i, policy=policy) for i, b in enumerate(bullets))
    render = Render(text, (book.revision.hash,), exposures)
    return Briefing(text if whole else "", "" if whole else text, tuple(earlier), render)


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
