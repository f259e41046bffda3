"""The text format of the ACE paper's reference code (github.com/ace-agent/ace): `## SECTION`, then lines of
`[id] helpful=N harmful=N :: text`.

Its counters are a model's opinions on its own bullets. On the way in they become a note in the bullet's reason, never
evidence; on the way out stand the votes of our reflectors, which are the same kind of thing.
"""

from __future__ import annotations

import re

from ace.errors import BadInput
from ace.playbooks.bullet import clean
from ace.playbooks.formats.contract import Format, ending
from ace.playbooks.formats.line import Copy, Line, joined, kept_id, noted, numbered, short
from ace.playbooks.formats.seal import EXPORT
from ace.playbooks.render import by_section

OFFERS = {"ace": "REFERENCE"}
PLACE = 300

SECTION = "General"
"""The section of bullets above the first heading, as in the reference code."""

_BULLET = re.compile(r"(?:[-*+]\s+)?\[([^\]\s]+)\]\s*helpful=(\d+)\s*harmful=(\d+)\s*::\s*(.*)")
_BROKEN = re.compile(r"(?:[-*+]\s+)?\[[a-z_]{1,40}-\d{3,}\]|\[[^\]\s]+\]\s*(?:helpful|harmful)=")
_MOST_DIGITS = 9


def looks_like_reference(text: str) -> bool:
    """Whether a file has a bullet of this format."""
    return any(_BULLET.match(line.strip()) for line in text.split("\n"))


def render_reference(copy: Copy) -> str:
    """Live bullets with the votes on them as counters."""
    lines: list[str] = []
    section = None
    for b in by_section(copy.bullets):
        if b.section != section:
            section = b.section
            lines += ["", f"## {clean(section)}"] if lines else [f"## {clean(section)}"]
        votes = copy.record(b.id)
        lines.append(f"[{b.id}] helpful={votes.helpful} harmful={votes.harmful} :: {clean(b.text)}")
    return "".join(line + "\n" for line in lines)


def parse_reference(text: str) -> list[Line]:
    """The bullets of such a file; lines that go on with a bullet's text are joined to it. Raises `BadInput` naming the line."""
    section = SECTION
    found: list[tuple[int, str, re.Match[str]]] = []
    texts: list[list[str]] = []
    going_on, blank = False, True
    for number, line in numbered(text):
        bare, above, blank = line.strip(), blank, not line
        if bullet := _BULLET.fullmatch(bare):
            found.append((number, section, bullet))
            texts.append([bullet[4]])
            going_on = True
        elif bare.startswith("##"):
            section = clean(bare.lstrip("#")) or section
            going_on = False
        elif bare.startswith("#") and EXPORT.is_on(bare):
            going_on = False
        elif line.startswith("# ") and above:
            going_on = False  # a title; within a bullet's code it would be a comment
        elif bare and (not going_on or _BROKEN.match(bare)):
            wanted = "neither a heading ('## SECTION') nor a bullet ('[id] helpful=0 harmful=0 :: text')"
            raise BadInput(f"line {number}: this is {wanted}: {short(bare)}")
        elif bare:
            texts[-1].append(bare)
    seen: dict[str, int] = {}
    return [_line(*where, joined(where[0], pieces), seen) for where, pieces in zip(found, texts, strict=True)]


def _line(number: int, section: str, bullet: re.Match[str], written: str, seen: dict[str, int]) -> Line:
    id = bullet[1]
    if seen.setdefault(id, number) != number:
        raise BadInput(f"line {number}: the id {short(id)} is that of line {seen[id]} already")
    text = clean(written)
    if not text:
        raise BadInput(f"line {number}: the bullet has no text")
    return Line(number, section, kept_id(id), text, note=_note(number, bullet))


def _note(number: int, bullet: re.Match[str]) -> str:
    id, helpful, harmful = bullet[1], bullet[2], bullet[3]
    if len(max(helpful, harmful, key=len)) > _MOST_DIGITS:
        raise BadInput(f"line {number}: {short(max(helpful, harmful, key=len))} is not a count of votes")
    return noted([f"it was {clean(id)} there", f"helpful {int(helpful)}", f"harmful {int(harmful)}"])


def counted(number: int, item: str) -> tuple[str, str, str] | None:
    """The id, the note and the text of an item of a list that is a bullet of this format; `None` for another item. Raises
    `BadInput`."""
    bullet = _BULLET.fullmatch(item)
    return None if bullet is None else (kept_id(bullet[1]), _note(number, bullet), bullet[4])


def is_among_rules(text: str) -> bool:
    """Whether the bullets of this format are items of a list in a file that is otherwise a person's own Markdown."""
    found = [line.strip() for line in text.split("\n") if _BULLET.match(line.strip())]
    if not all(line[0] in "-*+" for line in found):
        return False
    try:
        parse_reference(text)
    except BadInput:
        return True
    return False


REFERENCE = Format(
    "ace",
    "the text format of the ACE reference code",
    render_reference,
    parse_reference,
    looks_like_reference,
    files=ending(".txt"),
    counts=True,
    comment="# {}",
)
