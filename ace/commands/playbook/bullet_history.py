"""Printing a bullet's whole life on one page.

First what it says and whether it still holds, then what caused it, what was done to it, and what happened with it and without
it. What was observed is called that; votes are called opinion.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.blame import (
    blamed_json,
    headed,
    heading,
    print_again,
    print_judgements,
    print_reason,
    print_sources,
    print_witness,
    touches_json,
    widest,
    witness_json,
    wording,
)
from ace.commands.playbook.effects import bullet_effect_json
from ace.commands.playbook.effects import told as effect_told
from ace.commands.playbook.fit import UNREAD, fit_json, told
from ace.commands.playbook.trust import standing_json
from ace.commands.terminal.common import count, opened, paged, print_json, share
from ace.commands.terminal.palette import CAME, MARKED, WENT
from ace.commands.terminal.prose import attempt, day, facts, line, say
from ace.commands.terminal.tables import Column, print_table
from ace.memory.database.prefixes import IdKind
from ace.memory.log.lineage import BulletChange, BulletHistory, WinsAndLosses
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op
from ace.statistics.intervals import wilson

if TYPE_CHECKING:
    from rich.console import Console

    from ace.evidence.effects import BulletEffect
    from ace.evidence.fit import BulletFit

MOST = 8
"""Episodes behind a bullet that its page names."""
_TALLIES = (
    Column(),
    Column("won", right=True, style=CAME),
    Column("lost", right=True, style=WENT),
    Column("success", right=True),
    Column("95 % interval"),
)
_OBSERVED = (
    "Observed, not controlled: it was not drawn at random which of these episodes were shown the bullet or followed it, "
    "so they may differ in other ways too."
)


def show_life(name: str, id: str, store: str, as_json: bool) -> None:
    """The life of bullet `id` of playbook `name`; without a name, of the one playbook that has it."""
    with opened(store) as db:
        id = db.whole(IdKind.BULLET, id, name)
        life = db.past.life(name or db.past.holder(id), id)
        view = db.view(life.playbook)
        found, effect = view.fit().of(id), view.effects().of(id)
        standing = db.trust(life.playbook, [id])[id]
    if as_json:
        print_json(
            {
                **_json(life),
                "fit": None if found is None else fit_json(found),
                "effect": _effect_json(effect),
                "trust": standing_json(standing),
            }
        )
        return
    with paged() as screen:
        _print_head(screen, life)
        _print_origin(screen, life)
        _title(screen, "Trust")
        say(screen, f"{line(standing.why)}.", 2, style=WENT if standing.distrusted else "")
        _print_changes(screen, life)
        _print_outcomes(screen, life)
        _print_effect(screen, life, effect)
        _print_fit(screen, life, found)
        _print_seen(screen, life)


def _title(screen: Console, text: str) -> None:
    screen.print()
    screen.print(text, style="bold")


def _wide(life: BulletHistory) -> int:
    return widest([*life.blamed.touches, *headed(life.blamed)])


def _print_head(screen: Console, life: BulletHistory) -> None:
    from rich.text import Text

    b = life.bullet
    marks = [b.state.value] if b.state is not State.ACTIVE else []
    marks += ["pinned"] if b.pinned else []
    marks += ["escalated"] if b.escalated else []
    facts(screen, [Text(b.id, style="bold cyan"), f"{life.playbook}@{life.head}", line(b.section), *marks])
    say(screen, line(b.text), style="bold" if b.state is not State.RETIRED else "dim strike")
    gone = next((t for t in reversed(life.blamed.touches) if t.retired), None)
    if b.state is State.RETIRED and gone:
        say(screen, retirement(gone), style=WENT)
    if demoted := _demotion(life):
        say(screen, demotion(demoted), style=MARKED)


def _demotion(life: BulletHistory) -> BulletChange | None:
    """The change that made a lesson the guess that it is; `None` where it is none, or was never more."""
    now = life.bullet.state is State.CANDIDATE
    last = next((t for t in reversed(life.blamed.touches) if t.before and t.before.state is not t.after.state), None)
    return last if now and last is not None and last.before and last.before.state is State.ACTIVE else None


def demotion(t: BulletChange) -> str:
    """When, by whom and why a lesson was made a guess."""
    why = f": {line(' '.join(t.reasons))}" if t.reasons else ""
    return f"made a guess at revision {t.cause.revision}, {day(t.cause.at)} UTC, by {line(t.cause.who)}{why}"


def retirement(t: BulletChange) -> str:
    """When, by whom and why a bullet was retired."""
    merged = next((o.new_id for o in t.operations if o.op is Op.MERGE), "")
    how = f"merged into {merged}" if merged else "retired"
    why = f": {line(' '.join(t.reasons))}" if t.reasons else ""
    return f"{how} at revision {t.cause.revision}, {day(t.cause.at)} UTC, by {line(t.cause.who)}{why}"


def _print_origin(screen: Console, life: BulletHistory) -> None:
    _title(screen, "Where it came from")
    if not life.blamed.touches:
        screen.print("  The store has no record of it.")
        return
    made, wide = life.blamed.touches[0], _wide(life)
    facts(screen, heading(made, wide), 2)
    if made.after.text != life.bullet.text:
        say(screen, line(made.after.text), 4)
    for reason in dict.fromkeys(line(r) for r in (*made.reasons, made.cause.reason) if r):
        say(screen, reason, 4, style="dim")
    print_judgements(screen, made, 4, life.blamed.touches[1:])
    _print_behind(screen, life)
    print_again(screen, life.blamed, 2, wide)
    print_sources(screen, life.blamed, wide)


def _print_behind(screen: Console, life: BulletHistory) -> None:
    if not life.behind:
        return
    failed = sum(w.verdict == "failure" for w in life.behind)
    whose = "It was first made from" if life.behind[0].named else "Its delta was learned from"
    say(screen, f"{whose} {count(len(life.behind), 'episode')}, {failed} of them failed:", 4)
    told = set[str]()
    for w in life.behind[:MOST]:
        print_witness(screen, replace(w, lesson="" if w.lesson in told else w.lesson), 4)
        told.add(w.lesson)
    if len(life.behind) > MOST:
        screen.print(f"    … and {len(life.behind) - MOST} more; --json has them all", style="dim")


def _print_changes(screen: Console, life: BulletHistory) -> None:
    _title(screen, "What was done to it since")
    later, wide = life.blamed.touches[1:], _wide(life)
    if not later:
        screen.print("  Nothing.")
    for n, t in enumerate(later, 1):
        facts(screen, heading(t, wide), 2)
        if t.reworded:
            say(screen, wording(screen, t), 4)
        print_reason(screen, t, 4)
        print_judgements(screen, t, 4, later[n:])


def _print_outcomes(screen: Console, life: BulletHistory) -> None:
    tallies = _tallies(life)
    n = sum(t.n for _, t in tallies)
    if not n:
        return
    _title(screen, f"What happened in the {count(n, 'training episode')} while it was live")
    print_table(screen, _TALLIES, [_tally_cells(name, t) for name, t in tallies], indent=2)
    f = life.followed
    if f.others:
        this, other = f"won {f.won}, lost {f.lost}", f"won {f.other_won}, lost {f.other_lost}"
        say(screen, f"Followed with the text it has: {this}; with other texts: {other}.", 2)
    if life.observed.withheld:
        say(screen, f"It was left out by chance, or masked, in {life.observed.withheld} of those not shown it.", 2)
    say(screen, _OBSERVED, 2, style="dim")


def _tallies(life: BulletHistory) -> list[tuple[str, WinsAndLosses]]:
    o = life.observed
    return [("shown and followed", o.followed), ("shown, not followed", o.ignored), ("not shown", o.absent)]


def _tally_cells(name: str, t: WinsAndLosses) -> tuple[str, ...]:
    low, high = wilson(t.won, t.n)
    interval = f"{100 * low:.1f} to {100 * high:.1f} %" if t.n else ""
    return name, str(t.won), str(t.lost), share(t.won / t.n if t.n else None), interval


def _print_effect(screen: Console, life: BulletHistory, found: BulletEffect | None) -> None:
    """What draws say that showing it does; nothing where it was never drawn."""
    if found is None or (found.effect is None and not found.before):
        return
    _title(screen, "What showing it does, from draws")
    say(screen, effect_told(found), 2)
    say(screen, f"Beside the others: ace playbook effects {life.playbook}", 2, style="dim")


def _effect_json(found: BulletEffect | None) -> dict[str, Any] | None:
    """`null` where it is retired, or was never drawn."""
    return None if found is None or (found.effect is None and not found.before) else bullet_effect_json(found)


def _print_fit(screen: Console, life: BulletHistory, found: BulletFit | None) -> None:
    """What attempts say of its text as it stands, whether they followed it or not; a retired bullet decides nothing."""
    if found is None:
        return
    _title(screen, "What past attempts say of its text")
    say(screen, told(found) if found.read else UNREAD, 2)
    if found.alone.count:
        say(screen, f"Which ones: ace playbook fit {life.playbook} --bullet {life.bullet.id}", 2, style="dim")


def _print_seen(screen: Console, life: BulletHistory) -> None:
    from rich.text import Text

    o, r = life.observed, life.record
    trained = o.followed.n + o.ignored.n
    _title(screen, "Who saw it")
    if not any((trained, o.evaluated, o.last, r.helpful, r.harmful, r.neutral)):
        say(screen, "No episode has seen it yet.", 2)
        return
    last = "; the last to learn:" if o.last else "."
    say(screen, f"{count(trained, 'training episode')} and {count(o.evaluated, 'evaluation episode')}{last}", 2)
    for w in o.last:
        first, told = attempt(w, 100)
        say(screen, told, 2, first=Text("followed  " if w.followed else "          ").append_text(first))
    votes = f"{r.helpful} helpful, {r.harmful} harmful, {r.neutral} neutral"
    say(screen, f"The reflector's votes (opinion, not evidence): {votes}.", 2)


def _json(life: BulletHistory) -> dict[str, Any]:
    b, r = life.bullet, life.record
    gone = next((t for t in reversed(life.blamed.touches) if t.retired), None) if b.state is State.RETIRED else None
    return {
        "playbook": life.playbook,
        "revision": life.head,
        "id": b.id,
        "section": b.section,
        "text": b.text,
        "state": b.state.value,
        "pinned": b.pinned,
        "escalated": b.escalated,
        "version": b.version,
        "live": [{"from": low, "until": high} for low, high in life.live],
        "retired": None if gone is None else touches_json([gone])[0],
        "demoted": None if (demoted := _demotion(life)) is None else touches_json([demoted])[0],
        "behind": [witness_json(w) for w in life.behind],
        "changes": touches_json(life.blamed.touches),
        "taught_again": touches_json(life.blamed.again),
        "merged_from": blamed_json(life.blamed)["merged_from"],
        "observed": {name.replace(",", "").replace(" ", "_"): _tally_json(t) for name, t in _tallies(life)},
        "followed_with_this_text": {"won": life.followed.won, "lost": life.followed.lost},
        "withheld": life.observed.withheld,
        "evaluated": life.observed.evaluated,
        "last": [{**witness_json(w), "followed": w.followed} for w in life.observed.last],
        "votes": {"helpful": r.helpful, "harmful": r.harmful, "neutral": r.neutral},
    }


def _tally_json(t: WinsAndLosses) -> dict[str, Any]:
    return {"won": t.won, "n": t.n, "interval": [round(x, 4) for x in wilson(t.won, t.n)] if t.n else None}
