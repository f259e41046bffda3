"""Printing what bullets rest on, and the quarantine of an origin."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.changes import ChangeRequest, committed_json
from ace.commands.playbook.listing import masked_words, title
from ace.commands.terminal.common import count, opened, paged, print_json
from ace.commands.terminal.palette import MARKED, WENT
from ace.commands.terminal.prose import facts, line, say
from ace.commands.terminal.tables import Column, print_table
from ace.editing.quarantine import Quarantine, Resting, quarantine
from ace.memory.database.prefixes import IdKind
from ace.playbooks.bullet import State
from ace.playbooks.visible import visible
from ace.types import Trust

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.evidence.standing import OriginCount, Standing
    from ace.memory.values import Revision
    from ace.playbooks.bullet import Bullet

_BULLETS = (Column("standing"), Column("origins"), Column("bullet", style="dim"), Column())
_ORIGINS = (Column("origin"), Column("trust"), Column("alone", right=True), Column("with others", right=True))
_DISTRUSTED = "Distrusted bullets are not shown where work is done or measured, nor to requests of trusted attempts."
_FILES = "Files that were exported before may still hold these texts; export them again."


def show_trust(ref: str, ids: Sequence[str], store: str, as_json: bool) -> None:
    """The origins and the standing of the bullets of a playbook; of `ids` alone where there are any."""
    with opened(store) as db:
        view = db.view(ref)
        revision = view.revision
        wanted = [db.whole(IdKind.BULLET, id, revision.playbook) for id in ids]
        standings = db.trust(f"{revision.playbook}@{revision.number}", wanted or None)
        bullets = {b.id: b for b in view.bullets(include_retired=True)}
        masks = view.masks()
    _require(revision, wanted, bullets)
    live = [b for b in bullets.values() if b.id in standings and (wanted or b.state is not State.RETIRED)]
    found = sorted(((b, standings[b.id]) for b in live), key=lambda pair: _attention(pair[1]))
    if as_json:
        print_json(_json(revision, found, masks))
        return
    with paged() as screen:
        facts(screen, title(revision))
        _print(screen, found, masks)


def _require(revision: Revision, wanted: Iterable[str], bullets: Mapping[str, Bullet]) -> None:
    from ace.errors import NotFound

    for id in wanted:
        if id not in bullets:
            where = f"{revision.playbook}@{revision.number}"
            raise NotFound(f"there is no bullet {id!r} in {where}; its ids are in: ace playbook show {where}")


def _attention(s: Standing) -> tuple[bool, bool, bool, bool]:
    """Sorts first what needs attention: distrusted (with support before others), lifted, and what untrusted texts preceded."""
    touched = any(o.trust is Trust.UNTRUSTED for o in (*s.before, *s.support))
    return not s.distrusted, not s.supported, s.trust is Trust.TRUSTED, not touched


def _print(screen: Console, found: Sequence[tuple[Bullet, Standing]], masks: Mapping[str, Sequence[str]]) -> None:
    out = sum(s.distrusted for _, s in found)
    said = f"{count(out, 'bullet')} distrusted, {len(found) - out:,} trusted." if found else "It has no bullets."
    say(screen, f"{said} {_DISTRUSTED if out else ''}".strip(), style="dim")
    if not found:
        return
    screen.print()
    print_table(screen, _BULLETS, [_row(b, s, masks.get(b.id, ())) for b, s in found])
    screen.print()
    print_table(screen, _ORIGINS, [_share(name, of) for name, of in _by_origin(s for _, s in found).items()])
    for b, s in found if len(found) == 1 else ():
        screen.print()
        say(screen, f"{b.id} is {line(s.why)}.")


def _row(b: Bullet, s: Standing, masked: Sequence[str]) -> tuple[str | Text, ...]:
    from rich.text import Text

    text = Text(line(b.text))
    for mark, holds in (("pinned", b.pinned), ("candidate", b.state is State.CANDIDATE), ("retired", b.state is State.RETIRED)):
        if holds:
            text.append(f"  ({mark})", style=WENT if mark == "retired" else MARKED)
    if masked:
        text.append(f"  ({masked_words(masked)})", style=MARKED)
    return Text(standing_word(s), style=WENT if s.distrusted else ""), _origins(s), b.id, text


def standing_word(s: Standing) -> str:
    """A bullet's standing in a word."""
    if s.trust is Trust.TRUSTED:
        return "trusted"
    return "distrusted" if s.distrusted else "lifted"


def _origins(s: Standing) -> str:
    parts = [_told(s.origins), *([f"again: {_told(s.support)}"] if s.support else [])]
    return "; ".join([*parts, *([f"before: {_told(s.before)}"] if s.before else [])])


def _told(origins: Sequence[OriginCount], most: int = 3) -> str:
    names = ", ".join(line(str(o), 40) for o in origins[:most])
    return f"{names} and {len(origins) - most} more" if len(origins) > most else names


def _by_origin(found: Iterable[Standing]) -> dict[str, tuple[Trust, int, int]]:
    """By origin its trust, and how many texts rest on it alone and with others; the most first."""
    shares: dict[str, tuple[Trust, int, int]] = {}
    for s in found:
        for o in s.origins:
            _, alone, partly = shares.get(o.name, (o.trust, 0, 0))
            only = len({x.name for x in s.origins}) == 1
            shares[o.name] = (o.trust, alone + only, partly + (not only))
    return dict(sorted(shares.items(), key=lambda item: (item[1][0] is Trust.TRUSTED, -item[1][1], -item[1][2], item[0])))


def _share(name: str, of: tuple[Trust, int, int]) -> tuple[str | Text, ...]:
    from rich.text import Text

    trust = Text(of[0].value, style=WENT if of[0] is Trust.UNTRUSTED else "")
    return line(name, 60), trust, f"{of[1]:,}", f"{of[2]:,}"


def _json(revision: Revision, found: Sequence[tuple[Bullet, Standing]], masks: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    rows = [
        {
            "id": b.id,
            "section": b.section,
            "text": b.text,
            "state": b.state.value,
            "masked": list(masks.get(b.id, ())),
            **standing_json(s),
        }
        for b, s in found
    ]
    shares = _by_origin(s for _, s in found).items()
    origins = [{"origin": name, "trust": t.value, "alone": alone, "with_others": some} for name, (t, alone, some) in shares]
    return {"playbook": revision.playbook, "revision": revision.number, "bullets": rows, "origins": origins}


def standing_json(s: Standing) -> dict[str, Any]:
    """What a bullet rests on, as JSON."""
    named = {"origins": s.origins, "support": s.support, "before": s.before}
    counts = {k: [{"origin": o.name, "trust": o.trust.value, "count": o.count} for o in of] for k, of in named.items()}
    speaking = {"independent": len(s.origins_for), "person": s.person, "helped": s.helped}
    return {
        "standing": standing_word(s),
        "distrusted": s.distrusted,
        "trust": s.trust.value,
        "why": s.why,
        **counts,
        **speaking,
    }


def quarantine_origin(name: str, origin: str, how: tuple[bool, bool, bool], asked: ChangeRequest) -> None:
    """Take out of a playbook what rests on `origin`; `how`: what rests on others too, pinned bullets, and a dry run."""
    partly, pinned, dry_run = how
    hand = asked.hand()
    with opened(asked.store) as db:
        done = quarantine(db, name, origin, hand, partly=partly, pinned=pinned, dry_run=dry_run)
    if asked.as_json:
        print_json(_quarantine_json(done, dry_run))
        return
    with paged() as screen:
        _tell(screen, done)


def _tell(screen: Console, q: Quarantine) -> None:
    name, origin = line(q.reached.playbook), line(q.origin, 80)
    if q.done and q.done.committed.revision:
        number = q.done.committed.revision.number
        screen.print(f"{name}@{number}", style="bold")
        say(
            screen, f"{_rest(len(q.out))} on {origin} taken out. Undo: ace playbook revert {_word(q.reached.playbook)} {number}"
        )
    elif q.out:
        say(screen, f"{_rest(len(q.out))} on {origin} would be taken out; nothing was changed.")
    else:
        say(screen, f"Nothing that is to be taken out rests on {origin}; nothing was changed.")
    _list(screen, q.out)
    left = [r for r in q.reached.partly if r not in q.out]
    _group(screen, "Left: it rests on others too (--partly takes it out)", left)
    _group(screen, "Left: pinned (--pinned takes it out)", q.pinned)
    _group(screen, "Left: reworded since by others, who answer for the text", q.reached.before)
    _group(screen, "Left: taught by others, and again by it", [r for r in q.reached.support if r not in q.out])
    _besides(screen, q)


def _rest(n: int) -> str:
    return f"{count(n, 'bullet')} that {'rests' if n == 1 else 'rest'}"


def _word(text: str) -> str:
    """A name as it is typed in a shell."""
    return shlex.quote(visible(text))


def _besides(screen: Console, q: Quarantine) -> None:
    origin = line(q.origin, 80)
    if q.reached.elsewhere or q.held or q.unlearned or q.out:
        screen.print()
    for other, (alone, partly) in (q.reached.elsewhere or {}).items():
        where = f"Playbook {line(other)}: {count(alone, 'bullet')} of it alone, {alone + partly:,} in all"
        say(screen, f"{where}; ace playbook quarantine {_word(other)} --origin {_word(q.origin)}")
    for number in q.held:
        say(screen, f"Delta {number} waits for review and rests on it; ace review refuse {_word(q.reached.playbook)} {number}")
    if q.unlearned:
        waiting = f"To be learned from still: {count(q.unlearned, 'attempt')} of {origin}, which may teach it again"
        say(screen, f"{waiting}; ace episode purge --origin {_word(q.origin)} removes them.")
    if q.out:
        say(screen, _FILES, style="dim")


def _group(screen: Console, what: str, found: Sequence[Resting]) -> None:
    if found:
        screen.print()
        say(screen, f"{what}:")
        _list(screen, found)


def _list(screen: Console, found: Sequence[Resting], most: int = 20) -> None:
    for r in found[:most]:
        say(screen, f"[{r.bullet.id}] {line(r.bullet.text)}  from {_origins(r.standing)}", 2, style="dim")
    if len(found) > most:
        screen.print(f"  … and {len(found) - most:,} more; --json has them all", style="dim")


def _resting_json(r: Resting) -> dict[str, Any]:
    origins = [{"origin": o.name, "trust": o.trust.value, "count": o.count} for o in r.standing.origins]
    return {"id": r.bullet.id, "text": r.bullet.text, "origins": origins}


def _quarantine_json(q: Quarantine, dry_run: bool) -> dict[str, Any]:
    r = q.reached
    groups = {"out": q.out, "pinned": q.pinned, "with_others": [x for x in r.partly if x not in q.out]}
    groups |= {"reworded": r.before, "taught_again": r.support}
    made = committed_json(q.done.committed, q.done.reason) if q.done else {"playbook": r.playbook}
    elsewhere = [{"playbook": p, "alone": a, "with_others": n} for p, (a, n) in (r.elsewhere or {}).items()]
    told = {key: [_resting_json(x) for x in found] for key, found in groups.items()}
    return {
        **made,
        "origin": q.origin,
        "dry_run": dry_run,
        **told,
        "elsewhere": elsewhere,
        "held": list(q.held),
        "unlearned": q.unlearned,
    }
