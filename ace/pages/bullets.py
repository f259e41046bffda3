"""The bullets of a playbook with what came of them: how often they were followed, what past attempts say of them, and where
they came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ace.evidence.fit import BulletFit, Fit
from ace.memory.log.lineage import BlamedBullet, BulletChange
from ace.memory.store import Store
from ace.memory.values import Followed
from ace.memory.view import View
from ace.pages.charts import stacked
from ace.pages.html import Html, el, together
from ace.pages.tables import folded, within
from ace.pages.words import count, cut, moment
from ace.playbooks.bullet import Bullet, State

MOST = 1000
"""Bullets of a playbook up to which their fit and provenance are told; both read all bullets."""
_TEXT, _REASON, _CHANGES = 2000, 600, 12
"""Characters of a bullet's text and of a reason, and changes of a bullet, that are shown."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A bullet with how often attempts followed it; its fit and provenance are `None` in a playbook of more than `MOST`."""

    bullet: Bullet
    followed: Followed
    fit: BulletFit | None
    blamed: BlamedBullet | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """All live bullets of a playbook in its order, and its fit as a whole."""

    bullets: tuple[Weighed, ...]
    fit: Fit | None

    @property
    def heaviest(self) -> list[Weighed]:
        """Those that were followed at all, most often first."""
        return sorted((w for w in self.bullets if w.followed.n), key=lambda w: -w.followed.n)


def weighed(store: Store, view: View) -> Weighing:
    """The bullets of `view` with all that the store knows of them."""
    bullets = view.bullets()
    followed, ref = view.followed(bullets), f"{view.revision.playbook}@{view.revision.number}"
    few = len(bullets) <= MOST
    fit = view.fit() if few else None
    fits = {b.bullet.id: b for b in fit.bullets} if fit else {}
    blamed = {b.bullet.id: b for b in store.past.blame(ref)} if few else {}
    made = (Weighed(b, followed.get(b.id, Followed()), fits.get(b.id), blamed.get(b.id)) for b in bullets)
    return Weighing(tuple(made), fit)


def listed(bullets: Iterable[Weighed], id: str, allowance: int, rest: str) -> Html:
    """The bullets as a list of at most `allowance` bytes; `rest` says where those that are left out can be read."""
    kept, left = within(allowance, map(_item, bullets))
    more = el("p", f"{count(left, 'more bullet')}: {rest}", class_="about") if left else None
    return together([el("ol", *kept, class_="list", id=id), more])


def filtered(id: str, what: str) -> Html:
    """A field that filters the list `id`; shown only where scripts run."""
    field = el("input", type="search", id=f"{id}-f", autocomplete="off", spellcheck="false")
    label = el("label", f"Filter {what}", for_=f"{id}-f")
    return el("div", label, field, el("output", class_="soft", for_=f"{id}-f"), class_="filter", data_list=id, hidden="")


def _item(w: Weighed) -> Html:
    b = w.bullet
    marks = [name for name, holds in (("candidate", b.state is State.CANDIDATE), ("pinned", b.pinned)) if holds]
    said = el("p", *(el("span", mark, class_="mark soft") for mark in marks), cut(b.text, _TEXT), class_="said", dir="auto")
    left = el("div", said, el("p", f"{b.section} · {b.id}", class_="meta", dir="auto"), _origin(w.blamed))
    return el("li", left, el("div", _followed(w.followed), _fit(w.fit), class_="numbers"), class_="bullet")


def _followed(f: Followed) -> Html:
    if not f.n:
        return el("p", "Never followed")
    others = f"; with other texts {f.other_won:,} won, {f.other_lost:,} lost" if f.others else ""
    return el(
        "p", f"Followed in {count(f.won + f.lost, 'attempt')}: ", el("strong", f"{f.won:,} won"), f", {f.lost:,} lost{others}"
    )


def _fit(b: BulletFit | None) -> Html | None:
    if b is None:
        return None
    if not b.read:
        return el("p", "Not matched with past attempts: its text states no condition and choice")
    if not b.decided.count:
        return el("p", "Decides no past attempt by itself")
    right, wrong, silent = len(b.decided.right), len(b.decided.wrong), len(b.decided.silent)
    told = f"Decides {count(b.decided.count, 'past attempt')}: {right:,} right, {wrong:,} wrong, {silent:,} say neither"
    return el("div", el("p", told), el("p", stacked([(right, "right"), (wrong, "wrong"), (silent, "silent")], told)))


def _origin(blamed: BlamedBullet | None) -> Html | None:
    if blamed is None or not blamed.touches:
        return None
    first, *later = blamed.touches
    changed = f", changed {count(len(later), 'time')} since" if later else ""
    summary = f"Made {_when(first)}{changed}"
    shown = [*blamed.touches[:1], *later[-_CHANGES:]]
    gap = el("li", f"{count(len(later) - _CHANGES, 'change')} in between") if len(later) > _CHANGES else None
    rows = [_change(c) for c in shown]
    return folded(summary, el("ul", *rows[:1], gap, *rows[1:]), class_="plain")


def _when(c: BulletChange) -> str:
    cause = c.cause
    made = f"in revision {cause.revision}" if cause.revision is not None else "before its history here"
    return f"{made} by {cause.who}"


def _change(c: BulletChange) -> Html:
    what = ", ".join(dict.fromkeys(o.op.value for o in c.operations)) or "change"
    source = f", from {count(len(c.cause.episodes), 'episode')}" if c.cause.episodes else ""
    told: list[Html] = [el("div", f"{what} {_when(c)}, {moment(c.cause.at)}{source}")]
    if c.before is not None and c.reworded:
        told.append(el("div", "before: ", el("span", cut(c.before.text, _REASON), dir="auto"), class_="soft"))
    if c.reasons:
        told.append(el("div", cut("; ".join(c.reasons), _REASON), class_="soft", dir="auto"))
    if w := c.witness:
        seen = f"{w.episode} ({w.verdict}): {w.situation} → {w.choice}"
        told.append(el("div", cut(seen, _REASON), class_="soft", dir="auto"))
    return el("li", *told)


def totals(fit: Fit) -> Sequence[tuple[int, str, str]]:
    """What past attempts say of a playbook as a whole: counts with the class and the words of each."""
    return (
        (len(fit.right), "right", "show its decision right"),
        (len(fit.wrong), "wrong", "show it wrong"),
        (len(fit.silent), "silent", "show neither, or no bullet covers them"),
    )
