"""Changes by hand: judged, given their reason and their author, and committed.

The command line and the library change a playbook through the same few functions, so what is refused at one door is refused at
the other. Everything that can be wrong is found before anything is written, the store and the playbook that `add` would make
included. Forbidden texts are refused; an apparent mistake has to be confirmed once.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ace.errors import BadInput, BadSetting, Conflict, NotFound
from ace.memory.database.prefixes import IdKind
from ace.memory.database.refs import check_name, made_new
from ace.memory.exchange.neighbours import warnings_for
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.apply import Shelf
from ace.playbooks.book import Book
from ace.playbooks.bullet import State, clean
from ace.playbooks.guards.judge import check_by_hand
from ace.playbooks.operations import Delta, Op, Operation
from ace.playbooks.typed import typed

PLACES = ("", "first", "top")
_DONE = {
    Op.ADD: "added by hand",
    Op.REVISE: "reworded by hand",
    Op.RETIRE: "retired by hand",
    Op.RESTORE: "restored by hand",
    Op.ACTIVATE: "confirmed by hand",
    Op.DEMOTE: "made a guess by hand",
    Op.PIN: "pinned by hand",
    Op.UNPIN: "unpinned by hand",
    Op.ESCALATE: "escalated by hand",
    Op.DEESCALATE: "no longer escalated, by hand",
}
"""The reason of a change for which none was given."""
EDITED = "edited by hand"


@dataclass(frozen=True, slots=True)
class Hand:
    """The person who changes something: the `author`'s name; `why`, which gives the reason for the log when it is told the one
    that stands there otherwise; and `meant`, which says of a doubt, in words, whether the change is to be made all the
    same. `insist` is how they say so."""

    author: str
    why: Callable[[str], str]
    meant: Callable[[str], bool]
    insist: str = "add --force"


@dataclass(frozen=True, slots=True)
class Done:
    """What was committed, with the reason it got, and what the person should know about it, a line each."""

    committed: Committed
    reason: str
    warnings: Sequence[str] = ()


def nothing_to_follow(name: str, after: str) -> NotFound:
    """That there is no playbook in which a bullet could follow another one."""
    return NotFound(f"there is no playbook {name!r} yet, and so no bullet {clean(after)!r} to follow")


def add(store: Store, name: str, operation: Operation, hand: Hand) -> Done:
    """Add a bullet to playbook `name`, which is made where there is none. Raises `BadInput`, `BadSetting`, `NotFound` and
    `Conflict`."""
    o = check_add(name, operation, hand)
    names = [p.name for p in store.playbooks()]
    if o.after not in PLACES and name not in names:
        raise nothing_to_follow(name, o.after)
    reason = hand.why(_DONE[Op.ADD])
    store.ensure_playbook(name)
    if o.after not in PLACES:
        o = replace(o, after=store.whole(IdKind.BULLET, o.after, name))
    delta = store.edits.add(name, o, reason)
    made = [made_new(name, names)] if names and name not in names else []
    return carry_out(store, name, delta, hand, [*made, *warnings_for(store.view(name), o.text)])


def check_add(name: str, operation: Operation, hand: Hand) -> Operation:
    """The addition with its section and text as they will be stored, checked without the playbook. Raises as
    `add` does."""
    o = replace(operation, section=typed("the section's name", operation.section), text=typed("the text", operation.text))
    check_name(name)
    if not o.section:
        raise BadSetting("a bullet needs a section; name one")
    require_fit([o], Book(), hand)
    return o


def revise(store: Store, name: str, id: str, text: str, hand: Hand) -> Done:
    """Give a bullet another text. Raises `NotFound`, `BadInput`, and `Conflict` where it is retired or reads so already."""
    id = store.whole(IdKind.BULLET, id, name)
    delta = store.edits.revise(name, id, typed("the text", text), "")
    require_fit(delta.operations, store.view(name).shelf(), hand)
    warnings = [w for w in warnings_for(store.view(name), delta.operations[0].text) if f"[{id}]" not in w]
    return _given_reason(store, name, delta, (Op.REVISE, hand), warnings)


def mark(store: Store, name: str, op: Op, ids: Sequence[str], hand: Hand) -> Done:
    """Retire, restore, activate, demote, pin, unpin, escalate or deescalate bullets: all of them, or none where one cannot be.
    Raises `NotFound`, `Conflict` and `BadInput`."""
    delta = store.edits.mark(name, op, [store.whole(IdKind.BULLET, id, name) for id in ids], "")
    view = store.view(name)
    unseen = next((o.id for o in delta.operations if op is Op.ESCALATE and o.id in view.distrusted), None)
    if unseen is not None:
        why = "it is not shown where work is measured or served, so no stronger model would be asked"
        raise Conflict(f"{unseen} is distrusted: {why}; ace playbook trust {name} says what it rests on")
    require_fit(delta.operations, view.shelf(), hand, view.count)
    done = _given_reason(store, name, delta, (op, hand))
    told = still_hidden(store, name, done.committed) if op in (Op.ACTIVATE, Op.RESTORE, Op.PIN) else []
    return replace(done, warnings=(*done.warnings, *told))


def still_hidden(store: Store, name: str, done: Committed) -> list[str]:
    """That bullets which a person has just spoken for are not shown all the same, because they are distrusted; a line each."""
    ids = list(dict.fromkeys(c.after.id for c in done.changes if c.after.state is not State.RETIRED))
    found = store.trust(name, ids) if ids else {}
    way = f"ace playbook revise {shlex.quote(name)}"
    return [
        f"[{id}] stays {s.why}. It is not shown where work is done or measured; {way} {id} would make it a text of yours"
        for id, s in found.items()
        if s.distrusted
    ]


def undo(store: Store, how: str, name: str, revision: str, hand: Hand) -> Done:
    """Undo one revision of a playbook (`revert`), or all after it (`rollback`). Raises `NotFound`, and `Conflict` where later
    changes depend on it or it is undone already."""
    delta = (store.edits.revert if how == "revert" else store.edits.rollback)(name, revision, "")
    return carry_out(store, name, replace(delta, reason=hand.why(delta.reason)), hand)


def _given_reason(store: Store, name: str, delta: Delta, how: tuple[Op, Hand], warnings: Sequence[str] = ()) -> Done:
    op, hand = how
    return carry_out(store, name, replace(delta, reason=hand.why(_DONE[op])), hand, warnings)


def require_fit(operations: Sequence[Operation], shelf: Shelf, hand: Hand, live: int | None = None) -> None:
    """Raise `BadInput` for forbidden texts, and for an apparent mistake unless it was confirmed."""
    empty = next((o for o in operations if o.op in (Op.ADD, Op.REVISE) and not clean(o.text)), None)
    if empty is not None:
        raise BadInput("a bullet needs a text")
    never, doubtful = check_by_hand(operations, shelf, live=live)
    if never:
        raise BadInput(_first(operations, never))
    if doubtful:
        doubt = _first(operations, doubtful)
        if not hand.meant(doubt):
            raise BadInput(f"{doubt}; if that is meant, {hand.insist}")


def _first(operations: Sequence[Operation], faults: Sequence[tuple[int | None, str]]) -> str:
    index, reason = faults[0]
    whose = "" if index is None else f"{operations[index].id or 'the new bullet'}: "
    others = len({i for i, _ in faults} - {index})
    more = f" (and {others} more)" if others else ""
    return f"{whose}{reason}{more}"


def carry_out(store: Store, name: str, delta: Delta, hand: Hand, warnings: Sequence[str] = ()) -> Done:
    """Commit a person's delta. Raises `Conflict` where nothing of it can be applied any more."""
    done = store.commit(Batch(playbook=name, delta=replace(delta, by=hand.author)))
    if not done.changes:
        why = done.refusals[0].reason if done.refusals else "it changes nothing"
        raise Conflict(f"{name!r} was not changed: {why}")
    return Done(done, delta.reason, tuple(warnings))
