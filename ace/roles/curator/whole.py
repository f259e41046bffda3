"""The curator's list as a whole, and the smallest edits that lead there.

Where answers are listed and the playbook is short the curator is asked for the ordered list it would have now: one coherent
list in the mind. What is committed are operations as ever: a lesson that stays in its order keeps its place, one with another
text is revised, and one that stands in no entry is retired only where the reply covers the others, so that a short or empty
reply never wipes a playbook.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ace.playbooks.bullet import Bullet, State, clean
from ace.playbooks.operations import Op, Operation
from ace.playbooks.render import by_section
from ace.roles.curator.edits import bare_id, bare_text, section_name, why
from ace.roles.curator.request import CuratorRequest
from ace.roles.replies import ListedLesson, Retired, WholeList

SECTION = "Rules"
"""The section of a list's first lesson, where it names none."""
_IN_ORDER = "Lessons are read in order; it must come here."
_LEFT_OUT = "It stands in no place of the list that explains the attempts."


@dataclass(frozen=True, slots=True)
class _Place:
    """One place of the wanted list: the lesson that is kept there, or `None` for a new one."""

    entry: ListedLesson
    section: str
    bullet: Bullet | None


def list_operations(value: WholeList, asked: CuratorRequest) -> list[Operation]:
    """The smallest edits that lead from the lessons shown in `asked` to the list of `value`, in the order in which they are
    done. Numbers that stand for no attempt are dropped."""
    present = by_section(asked.bullets)
    wanted = _wanted(value.lessons, present)
    if not wanted:
        return []
    kept = [p for p in wanted if p.bullet is not None]
    moved = _moved(kept, present)
    return [
        *_retired(value, wanted, asked),
        *_reworded(kept, asked),
        *(_move(p, kept, moved, asked) for p in kept if p.bullet is not None and p.bullet.id in moved),
        *_added(wanted, present, asked),
    ]


def _wanted(entries: Sequence[ListedLesson], present: Sequence[Bullet]) -> list[_Place]:
    """The places of the list, in its order. A lesson is found by its id, or by its text; an entry that
    names none and says nothing is left out."""
    named = {bare_id(e.lesson_id) for e in entries}
    free = {b.id: b for b in present}
    by_text = {_said(b.text): b.id for b in reversed(present) if b.id not in named}
    sections = {b.section.casefold(): b.section for b in present}
    places: list[_Place] = []
    for e in entries:
        text = bare_text(e.text)
        bullet = free.pop(bare_id(e.lesson_id), None) or free.pop(by_text.get(_said(text), ""), None)
        if bullet is None and not text:
            continue
        said = clean(section_name(e.section))
        before = bullet.section if bullet else places[-1].section if places else next(iter(sections.values()), SECTION)
        section = before if bullet and bullet.pinned else said or before
        places.append(_Place(e, sections.setdefault(section.casefold(), section), bullet))
    places = _in_order(places)
    order = list(dict.fromkeys(p.section for p in places))
    return sorted(places, key=lambda p: order.index(p.section))


def _in_order(places: Sequence[_Place]) -> list[_Place]:
    """The places with sections that keep their order: sections are read one after the other, so a lesson that would return to
    one that another has followed stands in the section of the lesson before it. A pinned lesson keeps its own."""
    made: list[_Place] = []
    for p in places:
        pinned = p.bullet is not None and p.bullet.pinned
        returns = bool(made) and p.section != made[-1].section and any(m.section == p.section for m in made)
        made.append(replace(p, section=made[-1].section) if returns and not pinned else p)
    return made


def _said(text: str) -> str:
    """A text as it is compared: letter case and the mark at its end do not count."""
    return clean(text).casefold().rstrip(" .!")


def _moved(kept: Sequence[_Place], present: Sequence[Bullet]) -> set[str]:
    """The ids of the lessons that must change places: those outside a longest run in the present order. One that changes its
    section moves, a pinned one never does."""
    at = {b.id: n for n, b in enumerate(present)}
    lessons = [(p.bullet, p.section) for p in kept if p.bullet is not None]
    runs: list[tuple[int, list[str]]] = []
    for b in (b for b, section in lessons if b.pinned or b.section == section):
        weight, before = max((r for r in runs if at[r[1][-1]] < at[b.id]), key=lambda r: r[0], default=(0, []))
        runs.append((weight + (len(lessons) if b.pinned else 1), [*before, b.id]))
    stays = max(runs, key=lambda r: r[0])[1] if runs else []
    return {b.id for b, _ in lessons if not b.pinned} - set(stays)


def _retired(value: WholeList, wanted: Sequence[_Place], asked: CuratorRequest) -> list[Operation]:
    """Lessons that the list leaves out. Those without a reason go only where the reply names half of the present ones, or has
    as many lessons as there are."""
    kept = {p.bullet.id for p in wanted if p.bullet}
    reasons = {bare_id(r.lesson_id): r for r in value.retire}
    gone = [b for b in asked.bullets if b.id not in kept and not b.pinned]
    said = [b for b in gone if b.id in reasons]
    covers = 2 * (len(kept) + len(said)) >= len(asked.bullets) or len(wanted) >= len(asked.bullets)
    unsaid = Retired(lesson_id="", reason=_LEFT_OUT, attempts=[])
    return [
        Operation(Op.RETIRE, id=b.id, **why(reasons.get(b.id, unsaid), asked.numbers))
        for b in gone
        if b.id in reasons or covers
    ]


def _reworded(kept: Sequence[_Place], asked: CuratorRequest) -> list[Operation]:
    """Lessons that get another text, and candidates that the list, with a reason, calls guesses no longer. What is reworded
    stays a guess until its new text has been confirmed."""
    found = []
    for p in kept:
        b, text = p.bullet, bare_text(p.entry.text)
        if b is None or b.pinned:
            continue
        if text and text != b.text:
            found.append(Operation(Op.REVISE, id=b.id, text=text, **why(p.entry, asked.numbers)))
        elif b.state is State.CANDIDATE and not p.entry.guess and p.entry.reason.strip():
            found.append(Operation(Op.ACTIVATE, id=b.id, **why(p.entry, asked.numbers)))
    return found


def _move(place: _Place, kept: Sequence[_Place], moved: set[str], asked: CuratorRequest) -> Operation:
    """The move of a kept lesson right after the one before it. Those before it stand in their places by then."""
    bullet = place.bullet
    id = bullet.id if bullet else ""
    at = kept.index(place)
    before = [p.bullet.id for p in kept[:at] if p.bullet and p.section == place.section]
    behind = [p for p in kept[at + 1 :] if p.bullet and p.bullet.id not in moved and p.bullet.section == place.section]
    if before:
        after = before[-1]
    elif behind:
        after = "first"
    else:
        after = next((p.bullet.id for p in reversed(kept[:at]) if p.bullet), "top")
    told = why(place.entry, asked.numbers)
    section = place.section if bullet and bullet.section != place.section else ""
    return Operation(Op.MOVE, id=id, section=section, after=after, **{**told, "reason": told["reason"] or _IN_ORDER})


def _added(wanted: Sequence[_Place], present: Sequence[Bullet], asked: CuratorRequest) -> list[Operation]:
    """New lessons, each right after the kept one before it: of several after the same one the last is placed first."""
    made = []
    for at, p in enumerate(wanted):
        if p.bullet is None:
            state = "candidate" if p.entry.guess else "active"
            after = _anchor(wanted, at) if present else ""
            text = bare_text(p.entry.text)
            made.append(
                Operation(Op.ADD, section=p.section, text=text, after=after, state=state, **why(p.entry, asked.numbers))
            )
    return made[::-1] if present else made


def _anchor(wanted: Sequence[_Place], at: int) -> str:
    section = wanted[at].section
    before = [p for p in wanted[:at] if p.bullet]
    own = [p.bullet.id for p in before if p.bullet and p.section == section]
    if own:
        return own[-1]
    if any(p.bullet and p.section == section for p in wanted[at + 1 :]):
        return "first"
    return next((p.bullet.id for p in reversed(before) if p.bullet), "top")
