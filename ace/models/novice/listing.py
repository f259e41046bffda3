"""The novice's answer where the whole list is asked for: its edits, done to the lessons it was shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ace.models.novice.editing import Edits

Entries = list[dict[str, Any]]


def as_list(sections: Mapping[str, str], edits: Edits) -> dict[str, Entries]:
    """The list that `edits` make of the lessons with these `sections` (by id, in order), and what it retires."""
    # It keeps what it cannot judge: a lesson that is a guess stays one.
    entries = [_entry({"lesson_id": id, "section": section, "guess": True}) for id, section in sections.items()]
    gone = {r["lesson_id"] for r in edits["retire"]}
    for merge in edits["merge"]:
        first, *others = merge["source_ids"]
        _replace(entries, first, {**_of(merge), "lesson_id": "", "section": sections.get(first, "")})
        gone |= {first, *others}
    for revised in edits["revise"]:
        _replace(entries, revised["lesson_id"], {**_of(revised), "section": sections.get(revised["lesson_id"], "")})
    entries = [e for e in entries if e["lesson_id"] not in gone]
    for move in edits["move"]:
        entry = next(e for e in entries if e["lesson_id"] == move["lesson_id"])
        entries.remove(entry)
        _insert(entries, {**entry, "reason": entry["reason"] or move["reason"]}, move["after_id"])
    for added in reversed(edits["add"]):
        _insert(entries, _entry({**_of(added), "section": added["section"], "guess": not added["attempts"]}), added["after_id"])
    return {"lessons": entries, "retire": edits["retire"]}


def as_text(texts: Mapping[str, str], sections: Mapping[str, str], edits: Edits) -> str:
    """The whole playbook as a text, after `edits`: lessons have these `texts` and `sections` by id."""
    lines: list[str] = []
    section = None
    for entry in as_list(sections, edits)["lessons"]:
        if entry["section"] != section:
            section = entry["section"]
            lines.append(f"## {section}")
        lines.append(f"- {entry['text'] or texts[entry['lesson_id']]}")
    return "\n".join(lines)


def _entry(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"lesson_id": "", "section": "", "text": "", "guess": False, "reason": "", "attempts": [], **said}


def _of(edit: Mapping[str, Any]) -> dict[str, Any]:
    return {name: edit[name] for name in ("lesson_id", "text", "reason", "attempts") if name in edit}


def _replace(entries: Entries, id: str, said: Mapping[str, Any]) -> None:
    at = next(n for n, e in enumerate(entries) if e["lesson_id"] == id)
    entries[at] = _entry(said)


def _insert(entries: Entries, entry: dict[str, Any], after: str) -> None:
    """Put `entry` behind the lesson `after`, at the top of its section, or at its end where `after` is empty. Adds come last
    first, so those for the end stand before the ones put there already."""
    own = [n for n, e in enumerate(entries) if e["section"] == entry["section"]]
    behind = next((n + 1 for n, e in enumerate(entries) if after and e["lesson_id"] == after), None)
    if behind is None and after:
        behind = own[0] if own else 0
    entries.insert(_end(entries, own) if behind is None else behind, entry)


def _end(entries: Entries, own: list[int]) -> int:
    """The end of a section, before new lessons that stand there already; a new section comes last."""
    kept = [n for n in own if entries[n]["lesson_id"]]
    return kept[-1] + 1 if kept else own[0] if own else len(entries)
