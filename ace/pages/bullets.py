"""The bullets of a playbook with what came of them: how often they were followed, what past attempts say of them, and where
they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.evidence.effects import BulletEffect
from ace.evidence.fit import BulletFit, Fit
from ace.memory.log.lineage import BlamedBullet, BulletChange
from ace.memory.store import Store
from ace.memory.values import Followed
from ace.memory.view import View
from ace.pages.charts import stacked
from ace.pages.document import Section
from ace.pages.html import Html, el, together
from ace.pages.tables import Head, folded, table, within
from ace.pages.words import count, cut, moment
from ace.playbooks.bullet import Bullet, State

MOST = 1000
"""Bullets of a playbook up to which their fit and provenance are told; both read all bullets."""
_TEXT, _REASON, _CHANGES = 2000, 600, 12
"""Characters of a bullet's text and of a reason, and changes of a bullet, that are shown."""
HEAVIEST, _FIRST, _ALL = 8, 60_000, 260_000
"""Bullets shown first, and bytes of these and of the list of all."""
_ABOUT = (
    "Followed: the agent said that it used the bullet, in a valid training attempt. Right and wrong: what all past attempts "
    "say of the bullet by its text, in the playbook's order, whether or not it was there at the time."
)
_RIGHT, _WRONG = "show the playbook's decision right", "show its decision wrong"
_SILENT = "show neither: that choice was not tried, or no bullet covers the case"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A bullet with how often attempts followed it, and whether it is distrusted; its fit, effect and provenance are `None` in
    a playbook of more than `MOST`."""

    bullet: Bullet
    followed: Followed
    fit: BulletFit | None
    blamed: BlamedBullet | None
    effect: BulletEffect | None = None
    distrusted: bool = False

    @property
    def decided(self) -> int:
        """Attempts that it decides, rightly or wrongly."""
        return 0 if self.fit is None else len(self.fit.decided.right) + len(self.fit.decided.wrong)


@dataclass(frozen=True, slots=True)
class Weighing:
    """All live bullets of a playbook in its order, and its fit as a whole."""

    bullets: tuple[Weighed, ...]
    fit: Fit | None

    @property
    def heaviest(self) -> list[Weighed]:
        """Those that attempts decided by or followed, the most first: a bullet that is followed in every case, such as one that
        says what to look up, is told by fewer attempts than one that decides them."""
        return sorted((w for w in self.bullets if w.followed.n or w.decided), key=lambda w: (-w.decided, -w.followed.n))


def weighed(store: Store, view: View) -> Weighing:
    """The bullets of `view` with all that the store knows of them."""
    bullets = view.bullets()
    followed, ref = view.followed(bullets), f"{view.revision.playbook}@{view.revision.number}"
    few = len(bullets) <= MOST
    fit = view.fit() if few else None
    fits = {b.bullet.id: b for b in fit.bullets} if fit else {}
    blamed = {b.bullet.id: b for b in store.past.blame(ref)} if few else {}
    effects = {b.bullet.id: b for b in view.effects().bullets} if few else {}
    made = (
        Weighed(b, followed.get(b.id, Followed()), fits.get(b.id), blamed.get(b.id), effects.get(b.id), b.id in view.distrusted)
        for b in bullets
    )
    return Weighing(tuple(made), fit)


def bullet_section(found: Weighing, book: str) -> Section:
    """The bullets that attempts decided by or followed most, and all bullets of `book` in their order."""
    if not found.bullets:
        return Section("bullets", "What was learned", el("p", "The playbook has no bullets."), link="Bullets")
    rest = f"ace playbook show {book}"
    heaviest = found.heaviest[:HEAVIEST]
    first = _listed(heaviest, "heaviest", _FIRST, rest) if heaviest else el("p", "No attempt has followed a bullet yet.")
    every = together([_filter("all"), _listed(found.bullets, "all", _ALL, rest)])
    body = together([first, folded(f"All {count(len(found.bullets), 'bullet')} in their order", every)])
    return Section("bullets", "The bullets that carry most weight", body, _ABOUT, "Bullets")


def fit_section(fit: Fit | None) -> list[Section]:
    """What past attempts say of a playbook as a whole; nothing where there is no attempt to match."""
    if fit is None or not fit.attempts or not fit.bullets:
        return []
    sides = ((fit.right, "right", _RIGHT), (fit.wrong, "wrong", _WRONG), (fit.silent, "silent", _SILENT))
    bar = stacked([(len(ids), kind) for ids, kind, _ in sides], f"Of {count(len(fit.attempts), 'past attempt')}")
    rows = [(together([el("span", class_=f"key {kind}"), kind]), f"{len(ids):,}", words) for ids, kind, words in sides]
    numbers = table("Past attempts by what they say of the playbook", (Head(""), Head("attempts", True), Head("meaning")), rows)
    about = f"The newest {count(len(fit.attempts), 'past attempt')}, matched with the bullets by their texts as they stand."
    return [Section("fit", "What past attempts say", el("figure", bar, numbers), about, "Fit")]


def retired_section(view: View) -> list[Section]:
    """The bullets that were retired, which `restore` brings back; nothing where there is none."""
    gone = [b for b in view.bullets(include_retired=True) if b.state is State.RETIRED] if view.count <= MOST else []
    if not gone:
        return []
    rows = (el("li", el("p", cut(b.text, _REASON), class_="said", dir="auto"), _place(b), class_="bullet") for b in gone)
    kept, left = within(_FIRST, rows)
    more = el("p", f"{count(left, 'more bullet')}: ace playbook show --retired", class_="about") if left else None
    body = folded(count(len(gone), "retired bullet"), el("ol", *kept, class_="list"), more)
    return [Section("retired", "Retired", body, "Kept with their history; ace playbook restore brings one back.")]


def _listed(bullets: Sequence[Weighed], id: str, allowance: int, rest: str) -> Html:
    kept, left = within(allowance, map(_item, bullets))
    more = el("p", f"{count(left, 'more bullet')}: {rest}", class_="about") if left else None
    return together([el("ol", *kept, class_="list", id=id), more])


def _filter(id: str) -> Html:
    """A field that filters the list `id`; shown only where scripts run."""
    field = el("input", type="search", id=f"{id}-f", autocomplete="off", spellcheck="false")
    label = el("label", "Filter bullets", for_=f"{id}-f")
    return el("div", label, field, el("output", class_="soft", for_=f"{id}-f"), class_="filter", data_list=id, hidden="")


def _item(w: Weighed) -> Html:
    b = w.bullet
    found = (("distrusted", w.distrusted), ("candidate", b.state is State.CANDIDATE), ("pinned", b.pinned))
    marks = [name for name, holds in found if holds]
    said = el("p", *(el("span", mark, class_="mark soft") for mark in marks), cut(b.text, _TEXT), class_="said", dir="auto")
    left = el("div", said, _place(b), _origin(w.blamed))
    return el("li", left, el("div", _followed(w.followed), _effect(w.effect), _fit(w.fit), class_="numbers"), class_="bullet")


def _place(b: Bullet) -> Html:
    return el("p", f"{b.section} · {b.id}", class_="meta", dir="auto")


def _followed(f: Followed) -> Html:
    if not f.n:
        return el("p", "Never followed")
    others = f"; with other texts {f.other_won:,} won, {f.other_lost:,} lost" if f.others else ""
    return el(
        "p", f"Followed in {count(f.won + f.lost, 'attempt')}: ", el("strong", f"{f.won:,} won"), f", {f.lost:,} lost{others}"
    )


def _effect(found: BulletEffect | None) -> Html | None:
    """What draws say that showing it does; nothing where it was never left out by chance."""
    e = found.effect if found else None
    if e is None or e.raw is None:
        return None
    low, high = e.interval
    points = f"{100 * e.mean:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    kinds = ", ".join(kind or "tasks without a kind" for kind in found.masked) if found else ""
    masked = f"; masked for {kinds}: not shown there with --mask" if kinds else ""
    return el("p", "Estimated effect of showing it: ", el("strong", points), f", chance of harm {100 * e.harm:.0f} %{masked}")


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
