"""Fit: what past attempts say of the bullets of a playbook by their texts as they stand now.

The facts of each attempt are matched against the triggers of the bullets in the playbook's order, and the first that covers
the attempt decides it. Whether the agent followed or was shown a bullet does not count, so a bullet that is new, or was
reworded, is judged by everything that happened before. A bullet whose text states no trigger is not read: it has no fit and
decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ace.evidence.cases import PastCase
from ace.evidence.dictionary import dictionary, told
from ace.evidence.masks import Masks, bits, chosen
from ace.playbooks.bullet import Bullet, clean
from ace.playbooks.render import by_section
from ace.playbooks.triggers.grammar import read_trigger
from ace.playbooks.triggers.trigger import Plan, Trigger
from ace.playbooks.triggers.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Said:
    """What attempts say of a choice, as ids of their episodes, oldest first: those that show it right, those that show it
    wrong, and those that show neither."""

    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many attempts these are."""
        return len(self.right) + len(self.wrong) + len(self.silent)


@dataclass(frozen=True, slots=True)
class BulletFit:
    """The fit of one bullet: its `trigger` (`None`: not read), what the attempts say that it decides in the playbook's order
    (`decided`), and all that it covers (`alone`: as if no other bullet stood before it)."""

    bullet: Bullet
    trigger: Trigger | None = None
    decided: Said = Said()
    alone: Said = Said()

    @property
    def read(self) -> bool:
        return self.trigger is not None


@dataclass(frozen=True, slots=True)
class Fit:
    """The fit of a playbook to `attempts` (ids, oldest first): its bullets in order, those not read among them, and the
    attempts that no bullet covers (`undecided`)."""

    bullets: tuple[BulletFit, ...]
    attempts: tuple[str, ...]
    undecided: tuple[str, ...] = ()

    @property
    def right(self) -> tuple[str, ...]:
        """The attempts that the playbook explains."""
        return self._in_turn(id for b in self.bullets for id in b.decided.right)

    @property
    def wrong(self) -> tuple[str, ...]:
        """The attempts that speak against the playbook."""
        return self._in_turn(id for b in self.bullets for id in b.decided.wrong)

    @property
    def silent(self) -> tuple[str, ...]:
        """The attempts that say nothing of it: the choice for them was not tried, or no bullet covers them."""
        return self._in_turn([*(id for b in self.bullets for id in b.decided.silent), *self.undecided])

    def _in_turn(self, ids: Iterable[str]) -> tuple[str, ...]:
        wanted = set(ids)
        return tuple(id for id in self.attempts if id in wanted)

    def of(self, id: str) -> BulletFit | None:
        """The fit of bullet `id`; `None` where the playbook does not have it."""
        return next((b for b in self.bullets if b.bullet.id == id), None)


def fit(bullets: Iterable[Bullet], cases: Sequence[PastCase]) -> Fit:
    """The fit of `bullets`, in the order in which a playbook is read (section by section), to `cases`."""
    return Grounds(cases).fit(bullets)


class Grounds:
    """Cases prepared once for any number of fits: the vocabulary of lessons, and what the cases' own words tell by it."""

    def __init__(self, cases: Sequence[PastCase]) -> None:
        self._words = vocabulary(cases)
        read = told(cases, self._words)
        self._masks, self._verdicts = Masks([c.view for c in read]), _Verdicts(read)
        self._ids = tuple(c.episode for c in read)
        self._triggers: dict[str, Trigger | None] = {}

    def fit(self, bullets: Iterable[Bullet]) -> Fit:
        """The fit of `bullets`, in the order in which a playbook is read (section by section)."""
        left = self._masks.everything
        found = []
        for b in by_section(bullets):
            trigger = self._trigger(b.text)
            if trigger is None:
                found.append(BulletFit(b))
                continue
            covered = self._masks.covered(trigger)
            decided, alone = self._said(trigger, covered & left), self._said(trigger, covered)
            found.append(BulletFit(b, trigger, decided, alone))
            left &= ~covered
        return Fit(tuple(found), self._ids, chosen(self._ids, left))

    def _trigger(self, text: str) -> Trigger | None:
        if text not in self._triggers:
            self._triggers[text] = read_trigger(text, self._words)
        return self._triggers[text]

    def _said(self, trigger: Trigger, among: int) -> Said:
        right, wrong = self._verdicts.on(trigger.plan)
        return Said(*(chosen(self._ids, among & mask) for mask in (right, wrong, ~(right | wrong))))


def vocabulary(cases: Sequence[PastCase]) -> Vocabulary:
    """The names, values, choices and steps of `cases`, which a text may use without quoting them."""
    plans = [c.plan for c in cases]
    choices = dict.fromkeys([*(p.choice for p in plans if p.choice), *(c.revealed for c in cases if c.revealed)])
    return dictionary(cases).vocabulary(tuple(choices), tuple(dict.fromkeys(p.step for p in plans if p.step)))


class _Verdicts:
    """What cases say of plans. Letter case, quotes and marks at the ends of a choice do not count."""

    def __init__(self, cases: Sequence[PastCase]) -> None:
        self._cases = [replace(c, plan=_folded_plan(c.plan), revealed=_folded(c.revealed)) for c in cases]
        self._known: dict[Plan, tuple[int, int]] = {}

    def on(self, plan: Plan) -> tuple[int, int]:
        """The cases that show `plan` right, and those that show it wrong."""
        if plan not in self._known:
            wanted = _folded_plan(plan)
            verdicts = [c.says(wanted) for c in self._cases]
            self._known[plan] = bits(v is True for v in verdicts), bits(v is False for v in verdicts)
        return self._known[plan]


def _folded_plan(plan: Plan) -> Plan:
    return Plan(_folded(plan.choice), _folded(plan.step))


def _folded(text: str) -> str:
    return clean(text).casefold().replace('"', "'").strip("' .")


@dataclass(frozen=True, slots=True)
class FitChange:
    """What a change of a playbook does to its fit: attempts that it explained and now decides wrongly (`contradicted`), those
    that it explains and did not (`gained`), and those it cannot be judged by (`unjudged`): they were decided by a bullet that
    went while one was written whose text is not read."""

    before: Fit
    after: Fit
    contradicted: tuple[str, ...]
    gained: tuple[str, ...]
    unjudged: tuple[str, ...] = ()

    @property
    def worse(self) -> bool:
        """More attempts are contradicted than gained."""
        return len(self.contradicted) > len(self.gained)

    @property
    def clearly_worse(self) -> bool:
        """Worse by more than chance lets expect: of the attempts whose side changed, so many are contradicted that McNemar's
        statistic (1947), (contradicted - gained)^2 / (contradicted + gained), is above 4, about two standard deviations. Five
        against none are; four are not."""
        lost, won = len(self.contradicted), len(self.gained)
        return lost > won and (lost - won) ** 2 > 4 * (lost + won)


def changed(before: Fit, after: Fit) -> FitChange:
    """What differs between two fits to the same attempts."""
    explained, wrong = set(before.right), set(after.wrong)
    stood = {b.bullet.id: b.bullet.text for b in before.bullets}
    unread = any(not b.read and stood.get(b.bullet.id) != b.bullet.text for b in after.bullets)
    kept = {b.bullet.id for b in after.bullets if b.read}
    gone = [b.decided for b in before.bullets if b.bullet.id not in kept] if unread else []
    unjudged = {id for said in gone for id in (*said.right, *said.wrong, *said.silent)}
    contradicted = tuple(id for id in before.right if id in wrong and id not in unjudged)
    gained = tuple(id for id in after.right if id not in explained and id not in unjudged)
    return FitChange(before, after, contradicted, gained, tuple(id for id in before.attempts if id in unjudged))
