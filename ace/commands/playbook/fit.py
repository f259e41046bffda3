"""Printing what past attempts say of each bullet, by its text as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.listing import title
from ace.commands.terminal.common import count, opened, paged, print_json
from ace.commands.terminal.palette import CAME, MARKED, VERDICTS, WENT
from ace.commands.terminal.prose import facts, line, say
from ace.commands.terminal.tables import Column, print_table
from ace.errors import NotFound
from ace.memory.database.prefixes import IdKind
from ace.memory.view import NEWEST
from ace.playbooks.bullet import State

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.evidence.fit import BulletFit, Fit, Said
    from ace.memory.store import Store
    from ace.memory.values import Revision
    from ace.memory.view import View
    from ace.types import Past

MOST = 20
"""Attempts behind one number that are printed for people."""
SIDES = (Column("right", right=True, style=CAME), Column("wrong", right=True, style=WENT), Column("silent", right=True))
_BULLETS = (*SIDES, Column("bullet", style="dim"), Column())
_ATTEMPTS = (Column(), Column(style="dim"), Column())
UNREAD = (
    "Not read: the text states no condition and choice that can be told apart, so no attempt can be matched with it. "
    'One that can be read: When "tier" is "gold" and "amount" is at least 200: choose "refund".'
)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A playbook at a revision with its fit; `attempts` by id where those behind a bullet are to be shown."""

    revision: Revision
    past: bool
    fit: Fit
    chosen: BulletFit | None = None
    attempts: dict[str, Past] | None = None


def show_fit(ref: str, bullet: str, store: str, as_json: bool) -> None:
    """The fit of the bullets of a playbook; with `bullet`, of that one, with the attempts behind each number."""
    with opened(store) as db:
        shown = _fitted(db, ref, bullet)
    if as_json:
        print_json(_json(shown))
        return
    with paged() as screen:
        facts(screen, title(shown.revision))
        if shown.past:
            say(screen, "Attempts are as of now, not of this revision.", style="dim")
        screen.print()
        if shown.chosen is not None:
            _print_one(screen, shown, shown.chosen)
        else:
            _print_all(screen, shown)


def _fitted(db: Store, ref: str, bullet: str) -> _Fitted:
    view = db.view(ref)
    name, found = view.revision.playbook, view.fit()
    past = db.head(name).number != view.revision.number
    if not bullet:
        return _Fitted(view.revision, past, found)
    id = db.whole(IdKind.BULLET, bullet, name)
    chosen = found.of(id)
    if chosen is None:
        raise NotFound(_missing(view, id))
    return _Fitted(view.revision, past, found, chosen, {p.episode: p for p in view.attempts()})


def _missing(view: View, id: str) -> str:
    where = f"{view.revision.playbook}@{view.revision.number}"
    if view.get(id) is not None:
        return f"bullet {id} is retired at {where}, and only live bullets decide; its past is in: ace playbook why {id}"
    return f"there is no bullet {id!r} in {where}; its ids are in: ace playbook show {where}"


def _print_all(screen: Console, shown: _Fitted) -> None:
    found = shown.fit
    if not found.bullets:
        screen.print("It has no bullets.")
        return
    print_table(screen, _BULLETS, [_cells(b) for b in found.bullets])
    screen.print()
    say(screen, f"In order, the first that covers an attempt decides it: {_total(found)}.")
    unread = sum(not b.read for b in found.bullets)
    if unread:
        say(screen, f"{count(unread, 'bullet')} {'is' if unread == 1 else 'are'} left out of the order. {UNREAD}", style="dim")


def _total(found: Fit) -> str:
    counts = f"{len(found.right):,} right, {len(found.wrong):,} wrong, {len(found.silent):,} silent"
    covered = f"; {len(found.undecided):,} of the silent ones are covered by no bullet" if found.undecided else ""
    many = "the newest " if len(found.attempts) >= NEWEST else ""
    return f"{counts} of {many}{count(len(found.attempts), 'attempt')}{covered}"


def _cells(b: BulletFit) -> tuple[str | Text, ...]:
    from rich.text import Text

    text = Text(line(b.bullet.text))
    for mark, holds in (
        ("pinned", b.bullet.pinned),
        ("candidate", b.bullet.state is State.CANDIDATE),
        ("not read", not b.read),
    ):
        if holds:
            text.append(f"  ({mark})", style=MARKED)
    return *_numbers(b.decided if b.read else None), b.bullet.id, text


def _numbers(said: Said | None) -> tuple[str, str, str]:
    if said is None:
        return "–", "–", "–"
    right, wrong, silent = (f"{len(ids):,}" if ids else "·" for ids in (said.right, said.wrong, said.silent))
    return right, wrong, silent


def _print_one(screen: Console, shown: _Fitted, b: BulletFit) -> None:
    say(screen, line(b.bullet.text), style="bold")
    if not b.read:
        say(screen, UNREAD, style="dim")
        return
    say(screen, told(b), style="dim")
    for name, ids in (("right", b.decided.right), ("wrong", b.decided.wrong), ("silent", b.decided.silent)):
        screen.print()
        rows = [_attempt(id, shown) for id in ids[-MOST:]]
        print_table(screen, _ATTEMPTS, rows, title=f"{name}: {len(ids):,}", indent=2)
        if len(ids) > MOST:
            screen.print(f"  … and {len(ids) - MOST:,} earlier ones; --json has all ids", style="dim")


def _attempt(id: str, shown: _Fitted) -> tuple[Text, str, Text]:
    from rich.text import Text

    past = (shown.attempts or {}).get(id)
    if past is None:
        return Text(), id, Text()
    verdict = "success" if past.won else "failure"
    told = Text(line(past.situation)).append(" → ").append(line(past.choice, 80) or "nothing", style="bold")
    return Text(verdict, style=VERDICTS[verdict]), id, told


def told(b: BulletFit) -> str:
    """What attempts say of a bullet that is read, in words."""
    d, a = b.decided, b.alone
    sides = f"{len(d.right):,} right, {len(d.wrong):,} wrong, {len(d.silent):,} silent"
    decides = f"In the playbook's order it decides {count(d.count, 'attempt')}: {sides}."
    if a == d:
        return decides
    others = f"{len(a.right):,} right, {len(a.wrong):,} wrong, {len(a.silent):,} silent"
    return f"{decides} Alone it would decide {a.count:,}: {others}."


def _json(shown: _Fitted) -> dict[str, Any]:
    found = shown.fit
    return {
        "playbook": shown.revision.playbook,
        "revision": shown.revision.number,
        "attempts": len(found.attempts),
        "right": list(found.right),
        "wrong": list(found.wrong),
        "silent": list(found.silent),
        "undecided": list(found.undecided),
        "bullets": [_bullet_json(b) for b in ([shown.chosen] if shown.chosen else found.bullets)],
    }


def _bullet_json(b: BulletFit) -> dict[str, Any]:
    own = {"id": b.bullet.id, "section": b.bullet.section, "text": b.bullet.text, "state": b.bullet.state.value}
    return {**own, **fit_json(b)}


def fit_json(b: BulletFit) -> dict[str, Any]:
    """The fit of a bullet as JSON: whether it is read, and ids of episodes."""
    return {"read": b.read, **_said_json(b.decided), "alone": _said_json(b.alone)}


def _said_json(said: Said) -> dict[str, list[str]]:
    return {"right": list(said.right), "wrong": list(said.wrong), "silent": list(said.silent)}
