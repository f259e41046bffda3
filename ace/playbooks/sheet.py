"""A playbook as a sheet that a person has edited, read back as the bullets it is to have.

An id is how a line says which bullet it is, so it may be taken out with its line and nothing else. A line without one is a new
bullet, unless it says in the same section what a bullet said whose id is gone from the sheet: then it is that bullet. An id
that the playbook does not have, and what is left of a comment that once held one, is refused by its line, because it would
retire a bullet that was not taken out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from ace.errors import BadInput
from ace.playbooks.bullet import Bullet, State, clean, new_id
from ace.playbooks.formats.line import Line, flags_of
from ace.playbooks.render import by_section

_ID = re.compile(r"[a-z]{1,4}-[0-9a-z]{4,16}")
_MARKS = ("<!--", "-->")


def read_sheet(lines: Iterable[Line], bullets: Mapping[str, Bullet], origin: str) -> list[Bullet]:
    """The bullets that `lines` describe, in order. `bullets` are those that the sheet was made of, tombstones included; the ids
    of new ones derive from `origin`. Raises `BadInput` naming the line."""
    written = list(lines)
    named = {line.id for line in written}
    live = sorted((b for b in bullets.values() if b.state is not State.RETIRED), key=lambda b: (b.rank, b.id))
    found = _recovered(written, [b for b in live if b.id not in named])
    _require_whole(written, {b.id: b for b in live}, found)
    wanted = list(_read(written, bullets, found, origin))
    return _in_turn(wanted, live) if found else wanted


def _recovered(lines: Iterable[Line], missing: Iterable[Bullet]) -> dict[int, Bullet]:
    """By place among `lines`, the bullets of `missing` that lines without an id say word for word."""
    said: dict[tuple[str, str], list[Bullet]] = {}
    for b in missing:
        said.setdefault((b.section, b.text), []).append(b)
    found = {}
    for place, line in enumerate(lines):
        same = [] if line.id else said.get((clean(line.section), clean(line.text)), [])
        if same:
            found[place] = same.pop(0)
    return found


def _require_whole(lines: Iterable[Line], live: Mapping[str, Bullet], found: Mapping[int, Bullet]) -> None:
    """Raise `BadInput` for a line with what is left of an id comment in its text."""
    named = {line.id for line in lines} | {b.id for b in found.values()}
    for place, line in enumerate(lines):
        old = live.get(line.id) or found.get(place)
        # A bullet may name others, as long as they have lines of their own.
        ids = live.keys() - named if old else live.keys()
        if hit := _remains(line.text, old.text if old else "", ids):
            b = live.get(hit)
            comment = f"put back {_comment(b)}" if b else "put it back whole, as <!-- ID -->,"
            raise BadInput(
                f"line {line.number}: the id comment is damaged; {comment} at the end of the line, or take all of it out: "
                "a line without an id is a new bullet"
            )


def _remains(text: str, before: str, ids: Collection[str]) -> str:
    """The id of `ids`, or else the mark of a comment, that `text` holds and `before` does not."""
    if text == before:
        return ""
    stood = set(_ID.findall(before))
    hit = next((id for id in _ID.findall(text) if id in ids and id not in stood), "")
    return hit or next((mark for mark in _MARKS if text.count(mark) > before.count(mark)), "")


def _comment(b: Bullet) -> str:
    return f"<!-- {' '.join([b.id, *flags_of(b)])} -->"


def _read(lines: Iterable[Line], bullets: Mapping[str, Bullet], found: Mapping[int, Bullet], origin: str) -> Iterator[Bullet]:
    new = 0
    for place, line in enumerate(lines):
        old = found.get(place)
        if old is not None:
            # The flags were lost with the id, and are kept.
            state = State.CANDIDATE if line.state is State.CANDIDATE else old.state
            escalated = old.escalated or line.escalated
            yield replace(old, state=state, pinned=old.pinned or line.pinned, escalated=escalated)
        elif not line.id:
            id = new_id(line.section, origin, new, line.text)
            yield Bullet(id, line.section, line.text, line.state, pinned=line.pinned, escalated=line.escalated)
            new += 1
        else:
            old = _named(line, bullets)
            told = replace(old, section=line.section, text=line.text, state=line.state)
            yield replace(told, pinned=line.pinned, escalated=line.escalated)


def _named(line: Line, bullets: Mapping[str, Bullet]) -> Bullet:
    old = bullets.get(line.id)
    if old is None:
        raise BadInput(
            f"line {line.number}: there was no bullet {line.id} on the sheet, and an id cannot be changed or made up; "
            "a line without an id is a new bullet"
        )
    if old.state is State.RETIRED:
        raise BadInput(f"line {line.number}: {line.id} is retired; restore brings it back, and a sheet does not")
    return old


def _in_turn(wanted: list[Bullet], live: list[Bullet]) -> list[Bullet]:
    """`wanted` in the order of `live` where that looks the same: how sections take turns is told by ids, and some are gone."""
    known, stood = {b.id: b for b in wanted}, {b.id for b in live}
    behind: dict[str, list[Bullet]] = {}
    last = ""
    for b in wanted:
        if b.id in stood:
            last = b.id
        else:
            behind.setdefault(last, []).append(b)
    stay = [known[b.id] for b in live if b.id in known]
    turned = [*behind.get("", ()), *(x for b in stay for x in (b, *behind.get(b.id, ())))]
    return turned if by_section(turned) == by_section(wanted) else wanted
