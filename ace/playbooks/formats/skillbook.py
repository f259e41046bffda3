"""The skillbook files of `ace-framework`: the form of its versions up to 0.9, and that of 0.13 (schema 2).

What its agents are shown becomes the bullet. In the newer form that is an issue and an insight, which make one sentence; its
two fixed sections stay sections, and keywords, reasons and counters become a note, for they are that system's opinions. What
we write, both versions load; what they have no field for, they drop.

Source: `Skillbook.to_dict` and `from_dict` of ace-framework 0.9.7 and 0.13.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.formats.contract import Format
from ace.playbooks.formats.fields import Entry
from ace.playbooks.formats.line import Copy, Line, kept_id, noted, short
from ace.playbooks.render import by_section

OFFERS = {"skillbook": "SKILLBOOK", "skillbook-0.9": "SKILLBOOK_09"}
PLACE = 400

SCHEMA = "2"
_SECTION = "ace_section"
"""Our section in a file of the newer form, whose own sections are fixed. Its loader passes over the field."""
_COUNTERS = ("helpful", "harmful", "neutral", "used")


def render_skillbook(copy: Copy) -> str:
    """Live bullets in the form of 0.13, with the votes on them as its counters."""
    skills = {b.id: _skill(copy, b) for b in by_section(copy.bullets)}
    return _written({"schema_version": SCHEMA, "skills": skills, "sections": {"context": list(skills)} if skills else {}})


def render_skillbook_09(copy: Copy) -> str:
    """Live bullets in the form of 0.9, which has no counters."""
    bullets = by_section(copy.bullets)
    skills = {b.id: {"id": b.id, "section": b.section, "content": b.text, "status": "active", "sources": []} for b in bullets}
    sections: dict[str, list[str]] = {}
    for b in bullets:
        sections.setdefault(b.section, []).append(b.id)
    return _written({"skills": skills, "sections": sections})


def parse_skillbook(file: Entry) -> list[Line]:
    """The skills in use of a skillbook of either form. Raises `BadInput` naming the field."""
    newer = file.has("schema_version")
    if newer and file.value["schema_version"] not in (SCHEMA, int(SCHEMA)):
        raise BadInput(f"schema_version must be {SCHEMA}, or not there in older files")
    kind = "skills" if file.has("skills") else "bullets"
    found = dict(file.named(kind))
    lines = []
    for number, id in enumerate(_in_order(file, found), 1):
        skill = found[id]
        if skill.text("id", id) != id:
            raise BadInput(f"{skill.at('id')} is {short(skill.text('id'))}; it must be the key it stands under, {short(id)}")
        if skill.flag("active", True) and skill.text("status", "active") == "active":
            lines.append(_line(number, id, skill, newer))
    return lines


def _in_order(file: Entry, found: dict[str, Entry]) -> Iterator[str]:
    """The ids, section by section as the file lists them, then those that no section lists."""
    sections = file.value.get("sections") or {}
    listed: dict[str, None] = {}
    if isinstance(sections, dict):
        every = Entry(sections, "sections")
        listed = dict.fromkeys(id for section in sections for id in every.texts(section) if id in found)
    yield from listed
    yield from (id for id in found if id not in listed)


def _line(number: int, id: str, skill: Entry, newer: bool) -> Line:
    section = skill.line(_SECTION, "") or skill.line("section")
    text = _sentence(skill) if newer else skill.line("content")
    if not section or not text:
        raise BadInput(f"{skill.at('section' if not section else 'insight' if newer else 'content')} is empty")
    return Line(number, section, kept_id(id), text, note=_note(id, skill), entry=skill.path)


def _sentence(skill: Entry) -> str:
    """Issue and insight as one: "When the file is large: read it by lines."."""
    issue, insight = skill.line("issue", ""), skill.line("insight", "")
    if not issue or not insight or issue.casefold() == insight.casefold():
        return insight or issue
    return f"{issue} {insight}" if issue[-1] in ".:;!?…" else f"{issue}: {insight}"


def _note(id: str, skill: Entry) -> str:
    counts = {name: skill.number(name, 0) or skill.number(f"{name}_count", 0) for name in _COUNTERS}
    said = [f"it was {clean(id)} there", *(f"{name} {n}" for name, n in counts.items() if n)]
    if keywords := skill.texts("keywords"):
        said.append(f"keywords {clean(' '.join(keywords))}")
    said += [clean(skill.text(name, "")) for name in ("justification", "evidence") if clean(skill.text(name, ""))]
    return noted(said)


def _skill(copy: Copy, b: Bullet) -> dict[str, Any]:
    votes = copy.record(b.id)
    keyword = re.sub(r"\s+", "_", b.section.lower())
    said = {"id": b.id, "section": "context", _SECTION: b.section, "keywords": [keyword], "issue": b.text, "insight": b.text}
    counts = {"helpful_count": votes.helpful, "harmful_count": votes.harmful, "neutral_count": votes.neutral}
    used = {"used_count": votes.shown_won + votes.shown_lost}
    return {**said, "occurrences": [], "active": True, **used, **counts}


def _written(body: dict[str, Any]) -> str:
    return json.dumps({**body, "next_id": len(body["skills"]), "similarity_decisions": {}}, ensure_ascii=False, indent=2) + "\n"


SKILLBOOK = Format(
    "skillbook",
    "the skillbook of ace-framework 0.13",
    render_skillbook,
    json=True,
    read=parse_skillbook,
    fits=lambda file: file.has("skills") or isinstance(file.value.get("bullets"), dict),
    counts=True,
)
SKILLBOOK_09 = Format("skillbook-0.9", "the skillbook of ace-framework up to 0.9", render_skillbook_09, json=True)
