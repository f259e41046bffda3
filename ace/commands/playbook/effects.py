"""Printing what showing each bullet does: estimates from draws, beside what was observed."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

from ace.commands.playbook.listing import masked_words, title, unshown
from ace.commands.terminal.common import count, interval, opened, paged, points, print_json
from ace.commands.terminal.palette import MARKED, coloured
from ace.commands.terminal.prose import facts, line, say
from ace.commands.terminal.tables import Column, print_table
from ace.evidence.effects import MASKED, RATE
from ace.playbooks.bullet import State

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ace.evidence.effects import BulletEffect, PlaybookEffects
    from ace.memory.values import Revision
    from ace.statistics.effects import Effect

_COLUMNS = (
    Column("points", right=True),
    Column("95 % interval", right=True),
    Column("P(harm)", right=True),
    Column("shown", right=True),
    Column("left out", right=True),
    Column("bullet", style="dim"),
    Column(),
)
_NOTHING = (
    "No bullet was left out by chance in these attempts, so the effect of showing one cannot be estimated. To begin, learn "
    "with draws: ace run ENV --playbook {name} --holdout 0.2, or ace.open({name!r}, holdout=0.2) in a program. A pinned bullet "
    "is never left out."
)
_LEGEND = (
    "Estimate: points of success that showing it adds, within kinds of tasks, pulled towards 0 where draws are few; P(harm) is "
    "the chance that it lowers success. Observation: attempts won of those that chance showed it to, and left it out of."
)


def show_effects(ref: str, kind: str, store: str, as_json: bool) -> None:
    """The effects of the bullets of a playbook; with `kind`, in tasks of that kind."""
    with opened(store) as db:
        view = db.view(ref)
        revision, found, doubted = view.revision, view.effects(kind), view.distrusted
    if as_json:
        print_json(_json(revision, found, doubted))
        return
    with paged() as screen:
        facts(screen, title(revision))
        _print(screen, revision, found, doubted)


def _print(screen: Console, revision: Revision, found: PlaybookEffects, doubted: Set[str]) -> None:
    of = f" of kind {line(found.kind)}" if found.kind else ""
    say(screen, f"{count(found.attempts, 'training attempt')}{of}, {found.drawn:,} with draws.", style="dim")
    screen.print()
    if not found.drawn:
        say(screen, _NOTHING.format(name=revision.playbook))
        return
    print_table(screen, _COLUMNS, [row for b in found.bullets for row in _rows(b, doubted)])
    screen.print()
    say(screen, _LEGEND, style="dim")
    calls = [f"{b.bullet.id} ({'helps' if b.evidence.help > b.evidence.harm else 'harms'})" for b in found.bullets if b.called]
    if any(b.masked for b in found.bullets):
        say(screen, f"Masked: P(harm) is above {MASKED:.0%} for that kind, so it is not shown there with --mask.", style="dim")
    said = ", ".join(calls) if calls else "none yet"
    say(screen, f"Firm enough for what cannot be undone (e-BH, at most {RATE:.0%} false on average): {said}.", style="dim")


def _rows(b: BulletEffect, doubted: Set[str]) -> list[tuple[str | Text, ...]]:
    from rich.text import Text

    text = Text(line(b.bullet.text))
    for mark, holds in (("pinned", b.bullet.pinned), ("candidate", b.bullet.state is State.CANDIDATE)):
        if holds:
            text.append(f"  ({mark})", style=MARKED)
    for mark in unshown(b.masked, b.bullet.id in doubted):
        text.append(f"  ({mark})", style=MARKED)
    rows: list[tuple[str | Text, ...]] = [(*_numbers(b.effect), *_observed(b), b.bullet.id, text)]
    for before in b.before:
        what = "its earlier texts" if before.id == b.bullet.id else f"before the merge: {before.id}"
        e = before.effect
        rows.append((*_numbers(e), f"{e.shown:,}", f"{e.left_out:,}", "", Text(what, style="dim")))
    return rows


def _numbers(e: Effect | None) -> tuple[str | Text, str, str]:
    if e is None or e.raw is None:
        return "–", "–", "–"
    return coloured(points(e.mean), e.interval), interval(e.interval, "+.1f"), f"{100 * e.harm:.0f} %"


def _observed(b: BulletEffect) -> tuple[str, str]:
    if b.effect is None:
        return "–", "–"
    return f"{b.shown_won:,} of {b.effect.shown:,}", f"{b.left_out_won:,} of {b.effect.left_out:,}"


def told(b: BulletEffect) -> str:
    """What draws say of one bullet, in words."""
    e = b.effect
    if e is None:
        return "It was never left out by chance with the text it has, so its effect is not known."
    without = f"{b.left_out_won:,} of {e.left_out:,} without it"
    seen = f"Observed: won {b.shown_won:,} of {e.shown:,} attempts that chance showed it to, {without}."
    if e.raw is None:
        return f"{seen} Both sides are needed for an estimate."
    masked = f" It is {masked_words(b.masked)}: not shown there with --mask." if b.masked else ""
    estimate = f"{points(e.mean)} points of success ({interval(e.interval, '+.1f')})"
    return f"Estimated: {estimate}, P(harm) {100 * e.harm:.0f} %. {seen}{masked}"


def _json(revision: Revision, found: PlaybookEffects, doubted: Set[str]) -> dict[str, Any]:
    return {
        "playbook": revision.playbook,
        "revision": revision.number,
        "kind": found.kind,
        "attempts": found.attempts,
        "drawn": found.drawn,
        "bullets": [
            {
                "id": b.bullet.id,
                "section": b.bullet.section,
                "text": b.bullet.text,
                "distrusted": b.bullet.id in doubted,
                **bullet_effect_json(b),
            }
            for b in found.bullets
        ],
    }


def bullet_effect_json(b: BulletEffect) -> dict[str, Any]:
    """The effect of a bullet as JSON: what is estimated, what was observed, and what stands beside it."""
    e = b.effect
    observed = {"shown_won": b.shown_won, "left_out_won": b.left_out_won}
    evidence = {"help": round(b.evidence.help, 4), "harm": round(b.evidence.harm, 4), "called": b.called}
    return {
        "estimate": None if e is None else _effect_json(e),
        "observed": {"shown": e.shown if e else 0, "left_out": e.left_out if e else 0, **observed},
        "evidence": evidence,
        "masked": list(b.masked),
        "kinds": {kind: _effect_json(of) for kind, of in b.kinds.items()},
        "before": [{"bullet": x.id, "estimate": _effect_json(x.effect)} for x in b.before],
    }


def _effect_json(e: Effect) -> dict[str, Any]:
    known = e.raw is not None and e.error is not None
    return {
        "effect": round(e.mean, 4) if known else None,
        "interval": [round(x, 4) for x in e.interval] if known else None,
        "harm": round(e.harm, 4) if known else None,
        "raw": None if e.raw is None else round(e.raw, 4),
        "error": None if e.error is None else round(e.error, 4),
        "shown": e.shown,
        "left_out": e.left_out,
    }
