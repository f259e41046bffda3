"""Plain lists of lessons, as people keep them: `-`, `*` or numbered items, headings as sections.

This is the format of files that were not made for us, so it is read generously: items within items are bullets of their own,
wrapped lines belong to the item above them. Prose between the lists is refused, because it may be a lesson or not, and so is a
block of code, because it cannot be kept on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ace.errors import BadInput
from ace.playbooks.bullet import MAX_SECTION, clean
from ace.playbooks.formats.contract import Format
from ace.playbooks.formats.escaping import escape, unescape
from ace.playbooks.formats.fences import opening
from ace.playbooks.formats.line import Copy, Line, joined, no_code, numbered, short
from ace.playbooks.render import by_section

OFFERS = {"plain": "PLAIN"}
PLACE = 900

SECTION = "General"
"""The section of bullets that stand under no heading."""

_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*)$")
_ITEM = re.compile(r"\s*(?:[-*+•‣–]|\d{1,9}[.)])\s+(.*)$")
BOX = re.compile(r"^\[[ xX]\]\s+")
OWN = re.compile(r"\[([a-z]{1,4}-[0-9a-z]{4,16})\]\s+")
_SIMPLE = re.compile(rf"#{{1,6}}\s.{{1,{MAX_SECTION}}}$|[-*+]\s(?!\s*[-*+>|`~<#\s])(?!.*(?:<!--|[:：][*_]*$))")
_COMMENT = re.compile(r"\s*<!--.*-->$")


def render_plain(copy: Copy) -> str:
    """Sections and texts alone: what a person would type."""
    lines: list[str] = []
    section = None
    for b in by_section(copy.bullets):
        if b.section != section:
            section = b.section
            lines += ["", f"## {escape(clean(section))}", ""] if lines else [f"## {escape(clean(section))}", ""]
        lines.append(f"- {escape(clean(b.text))}")
    return "".join(line + "\n" for line in lines)


def parse_plain(text: str) -> list[Line]:
    """The bullets of a list. Raises `BadInput` naming the line."""
    section = SECTION
    found: list[Line] = []
    seen: dict[str, int] = {}
    for number, heading, said in _pieces(text):
        if heading:
            section = clean(unescape(said)) or section
            continue
        bare = BOX.sub("", said, count=1)
        own = OWN.match(bare)
        lesson = clean(unescape(bare[own.end() :] if own else bare))
        if not lesson:
            raise BadInput(f"line {number}: the bullet has no text")
        if own and seen.setdefault(own[1], number) != number:
            raise BadInput(f"line {number}: the id {own[1]} is that of line {seen[own[1]]} already")
        found.append(Line(number, section, own[1] if own else "", lesson))
    return found


def is_simple(text: str) -> bool:
    """Whether a list has no structure but its headings: every other line is an item of its own that leads to no other."""
    return all(not line.strip() or _SIMPLE.match(line.rstrip()) for line in text.removeprefix("\ufeff").split("\n"))


def _pieces(text: str) -> Iterator[tuple[int, bool, str]]:
    """Headings (true) and items, each with its line's number; wrapped lines are joined to their items."""
    item: tuple[int, list[str]] | None = None
    for number, line in numbered(text):
        if opening(line):
            raise no_code(number)
        heading, begun, comment = _HEADING.match(line), _ITEM.match(line), _COMMENT.match(line)
        goes_on = item is not None and line and not (heading or begun or comment)
        if item is not None and goes_on:
            item[1].append(line.strip())
            continue
        if item is not None:
            yield item[0], False, joined(*item)
        item = (number, [begun[1]]) if begun else None
        if heading:
            yield number, True, _title(heading[1])
        elif line and not begun and not comment:
            raise BadInput(f"line {number}: this is neither a list item ('- text') nor a heading ('## section'): {short(line)}")
    if item is not None:
        yield item[0], False, joined(*item)


def _title(heading: str) -> str:
    """A heading without the signs that may close it."""
    bare = heading.rstrip("#")
    return bare.rstrip() if bare != bare.rstrip() else heading


PLAIN = Format("plain", "a list under headings", render_plain, parse_plain, comment="<!-- {} -->")
