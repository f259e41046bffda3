"""A guess stays one until it is confirmed: what is made of a candidate is a candidate.

A bullet that waits for evidence keeps waiting when it is reworded or moved. There are ways around that: a merge makes a new
bullet, and a text may be retired as a guess and written anew as a lesson, by itself or over another lesson. So what is made of
a guess, or says what a guess says, is a candidate, unless the same delta confirms that guess.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from ace.playbooks.apply import Shelf
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op, Operation

Guesses = Callable[[Collection[str]], Mapping[str, Collection[str]]]
"""For each of the given texts that a guess says too, waiting or retired, the ids of those guesses."""


def with_guesses_kept(operations: Iterable[Operation], shelf: Shelf, guesses: Guesses) -> tuple[Operation, ...]:
    """`operations`, so that none lifts a guess but `activate`. A merge of a candidate of `shelf`, and what writes the text of
    one of `guesses` as a lesson, makes a candidate. An active lesson that is reworded so is retired, and the guess stands in
    its place, which is the one that it is moved to where it is moved as well."""
    operations = tuple(operations)
    confirmed = {o.id for o in operations if o.op is Op.ACTIVATE}
    texts = [_written(o, shelf) for o in operations]
    known = guesses([text for text in texts if text])
    waiting = {text for text, ids in known.items() if confirmed.isdisjoint(ids)}
    kept: list[Operation] = []
    # What takes a lesson's place comes last: until then the lesson is there to be moved, and for others to stand behind.
    last: list[Operation] = []
    for o, text in zip(operations, texts, strict=True):
        lesson = shelf.get(o.id) if o.op is Op.REVISE and text in waiting else None
        if lesson is None or lesson.state is not State.ACTIVE or lesson.pinned:
            kept.append(_kept(o, shelf, guessed=text in waiting))
            continue
        section = next(
            (m.section for m in reversed(operations) if m.op is Op.MOVE and m.id == o.id and m.section), lesson.section
        )
        last.append(Operation(Op.RETIRE, id=o.id, reason=o.reason, episodes=o.episodes))
        last.append(replace(o, op=Op.ADD, id="", section=section, after=o.id, state=State.CANDIDATE.value))
    return (*kept, *last)


def _written(o: Operation, shelf: Shelf) -> str:
    """The text that a bullet has by `o`; "" where it keeps its text."""
    restored = shelf.get(o.id) if o.op is Op.RESTORE else None
    return restored.text if restored is not None else o.text


def _kept(o: Operation, shelf: Shelf, *, guessed: bool) -> Operation:
    """`o`, making a candidate where it writes what is `guessed`, or merges one."""
    waits = o.op in (Op.ADD, Op.MERGE, Op.RESTORE) and guessed
    if waits or (o.op is Op.MERGE and any(_waits(shelf, id) for id in o.sources)):
        return replace(o, state=State.CANDIDATE.value)
    return o


def _waits(shelf: Shelf, id: str) -> bool:
    bullet = shelf.get(id)
    return bullet is not None and bullet.state is State.CANDIDATE
