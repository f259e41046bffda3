"""What of a file goes into a playbook, and what is there already.

An import adds. What a playbook says already is passed over, what it says in other words under the same id is left as it is
unless an update was asked for, and what it has retired stays retired; each is told. So the same file can be imported twice,
and an old file cannot undo what was learned since.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ace.errors import BadInput
from ace.playbooks.book import Book
from ace.playbooks.bullet import MAX_TEXT, Bullet, State, new_id
from ace.playbooks.formats.line import Line
from ace.playbooks.guards.judge import check_delta, check_text
from ace.playbooks.operations import Op, Operation

_HARMLESS = "Ask first."
"""Signs that a reader does not see and a model reads: variation selectors, of which a character has one, and blank letters."""


@dataclass(frozen=True, slots=True)
class Intake:
    """The lines of a file sorted out: to be added; there already; said by an earlier line of the file; under the id of a bullet
    that says something else (with that bullet); under the id of a retired bullet."""

    added: tuple[Line, ...]
    present: tuple[Line, ...]
    repeated: tuple[Line, ...]
    differing: tuple[tuple[Line, Bullet], ...]
    retired: tuple[tuple[Line, Bullet], ...]


@dataclass(frozen=True, slots=True)
class Vetted:
    """Lines that guards let pass, and those they did not, each with the first reason."""

    lines: tuple[Line, ...]
    bad: tuple[tuple[Line, str], ...] = ()


def vet(lines: Iterable[Line], *, skip_bad: bool = False) -> Vetted:
    """`lines` without those that no playbook may have: forged, standing in for text, broken off, too long. Raises `BadInput`
    with the first of them, unless they are to be skipped."""
    sections: dict[str, str] = {}
    good: list[Line] = []
    bad: list[tuple[Line, str]] = []
    for x in lines:
        if x.section not in sections:
            sections[x.section] = _section_fault(x.section)
        reason = sections[x.section] or _text_fault(x.text)
        if reason:
            bad.append((x, reason))
        else:
            good.append(x)
    if bad and not skip_bad:
        more = "" if len(bad) == 1 else "; one more is refused" if len(bad) == 2 else f"; {len(bad) - 1} more are refused"
        raise BadInput(f"{bad[0][0].place}: {bad[0][1]}{more}")
    return Vetted(tuple(good), tuple(bad))


def _section_fault(section: str) -> str:
    found = check_delta([Operation(Op.ADD, section=section, text=_HARMLESS)], Book())
    return found[0][1] if found else ""


def _text_fault(text: str) -> str:
    if len(text) > MAX_TEXT:
        # Looking for what else is wrong takes as long as the text is, and a file may hold one that was made to take longer.
        return f"it has {len(text):,} characters; a bullet may have {MAX_TEXT:,}"
    return next(iter(check_text("", text)), "")


def sorted_out(lines: Sequence[Line], there: Iterable[Bullet], unseen: Container[str] = ()) -> Intake:
    """`lines` compared with the bullets that are `there`, tombstones included: by id, and by section and text; with those
    whose ids are `unseen`, by id alone.

    Texts are the same here if they differ in case, spacing or the full stop alone. Of lines that say the same as one another
    the first counts, but for those with ids of their own, which were different bullets where they come from. Of sections whose
    names are the same characters in two encodings there is one.
    """
    known = {b.id: b for b in there}
    spelt: dict[str, str] = {unicodedata.normalize("NFC", b.section): b.section for b in known.values()}
    said = {_key(b.section, b.text) for b in known.values() if b.state is not State.RETIRED and b.id not in unseen}
    fresh: set[tuple[str, str]] = set()
    added: list[Line] = []
    present: list[Line] = []
    repeated: list[Line] = []
    differing: list[tuple[Line, Bullet]] = []
    retired: list[tuple[Line, Bullet]] = []
    for line in lines:
        x = _spelt(line, spelt)
        key, twin = _key(x.section, x.text), known.get(x.id) if x.id else None
        if twin is not None and twin.state is State.RETIRED:
            retired.append((x, twin))
        elif twin is not None and (twin.section, twin.text) != (x.section, x.text):
            differing.append((x, twin))
        elif twin is not None or key in said:
            present.append(x)
        elif key in fresh and not x.id:
            repeated.append(x)
        else:
            added.append(x)
            fresh.add(key)
    return Intake(tuple(added), tuple(present), tuple(repeated), tuple(differing), tuple(retired))


def operations_for(intake: Intake, taken: Mapping[str, Bullet] | set[str], origin: str, *, update: bool) -> list[Operation]:
    """The operations that bring a file in: its new bullets last, in its order; with `update` the texts and sections of those
    that differ, pinned ones excepted. `taken` are the ids in use, `origin` is the digest of the revision they build on."""
    ids = {*taken, *(x.id for x in intake.added if x.id)}
    made: list[Operation] = []
    for place, x in enumerate(intake.added):
        id = x.id or _fresh(ids, x, origin, place)
        ids.add(id)
        made += _adding(x, id)
    for x, b in intake.differing if update else ():
        made += [] if b.pinned else _updating(x, b)
    return made


def _adding(x: Line, id: str) -> Iterator[Operation]:
    yield Operation(Op.ADD, section=x.section, text=x.text, sources=x.parents, reason=x.note, new_id=id, state=x.state.value)
    if x.pinned:
        yield Operation(Op.PIN, id=id)
    if x.escalated:
        yield Operation(Op.ESCALATE, id=id)


def _updating(x: Line, b: Bullet) -> Iterator[Operation]:
    if x.text != b.text:
        yield Operation(Op.REVISE, id=b.id, text=x.text)
    if x.section != b.section:
        yield Operation(Op.MOVE, id=b.id, section=x.section)


def _fresh(taken: set[str], x: Line, origin: str, place: int) -> str:
    """An id that is not in use. It would take two equal 50-bit numbers for the second try to be needed."""
    id, tries = new_id(x.section, origin, place, x.text), 0
    while id in taken:
        tries += 1
        id = new_id(x.section, origin, place, x.text, tries)
    return id


def _spelt(x: Line, known: dict[str, str]) -> Line:
    """`x` with its section as it is spelt in `known`, which learns it where it is new."""
    section = known.setdefault(unicodedata.normalize("NFC", x.section), x.section)
    return x if section == x.section else replace(x, section=section)


def _key(section: str, text: str) -> tuple[str, str]:
    return _normal(section), _normal(text).rstrip(" .;")


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
