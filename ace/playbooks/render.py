"""Bullets as the lines that stand in prompts, and back.

A bullet is one line, its id in brackets before it; sections are headings. No counters: they change at every step and would
break the provider's prefix cache for everything that follows. A candidate is marked behind its text, after two blanks, which no
text holds: words of a text can never be taken for its state.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ace.playbooks.bullet import Bullet, State, clean, is_id

GUESS = "(a guess)"
"""How a prompt says that a bullet is a candidate."""
_MARK = f"  {GUESS}"
_LINE = re.compile(rf"- \[([^\]\s]+)\] (.*?)(?:{re.escape(_MARK)})?")


def bullet_line(bullet: Bullet) -> str:
    return f"- [{bullet.id}] {clean(bullet.text)}{_MARK if bullet.state is State.CANDIDATE else ''}"


def by_section(bullets: Iterable[Bullet]) -> list[Bullet]:
    """The bullets with those of one section together: sections in the order of their first bullets, bullets in theirs."""
    groups: dict[str, list[Bullet]] = {}
    for b in bullets:
        groups.setdefault(b.section, []).append(b)
    return [b for group in groups.values() for b in group]


def render_bullets(bullets: Iterable[Bullet]) -> str:
    """The bullets by section, each under its heading. Empty text for no bullets."""
    lines: list[str] = []
    section = None
    for b in by_section(bullets):
        if b.section != section:
            section = b.section
            lines.append(f"## {clean(section)}")
        lines.append(bullet_line(b))
    return "\n".join(lines)


def parse_line(line: str) -> tuple[str, str] | None:
    """Id and text of a bullet's line, without the mark of a candidate, or `None` where `line` is none."""
    match = _LINE.fullmatch(line.rstrip("\n"))
    return (match[1], match[2]) if match and is_id(match[1]) else None


def estimate_tokens(text: str) -> int:
    """Tokens of `text`, estimated at four characters each."""
    return (len(text) + 3) // 4
