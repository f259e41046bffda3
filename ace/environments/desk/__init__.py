"""`desk`: a returns desk whose house rules cannot be known in advance.

A world's rules are drawn from a seed and written down nowhere, so success beyond chance was learned, by a language model and
by the novice alike. A case is a customer's letter; what counts must be looked up; one resolution ends it, and the verdict is
right or wrong.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

from ace.environments.accepted import require_within
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.desk.attackers import NOTE, Attack, Senders, SentLetter, lie_for
from ace.environments.desk.departments import DESK, House, desk_of, names_of, seed_of, told
from ace.environments.desk.facts import LOOK_CUSTOMER, RECORDS, draw_facts, shown
from ace.environments.desk.levels import COURIER, LEVELS, PHOTO, VERIFY, Level
from ace.environments.desk.texts import letter
from ace.environments.desk.world import HouseRule, World, draw_world, drifted
from ace.environments.scorers import chosen
from ace.errors import BadSetting
from ace.types import SPLITS, Observation, Outcome, Split, Task, derive_seed, failure, success

OFFERS = {"desk": "Desk"}

OPEN_FILE = "open the file"
ABOUT = (
    "You settle cases at the returns desk of a shop. Looking things up is free. Anything else that can be done before a "
    "resolution is a step: some cases need one first, and where the house rules do not call for it, taking one is a mistake. "
    "One resolution ends the case. The house rules are written down nowhere, and what the customer asks for is not what "
    "decides. A letter has come in:"
)
SEVERAL = (
    "The shop has several returns desks, each with house rules of its own. Letters do not name their desk; where the customer "
    "bought the item tells it."
)
CAME = {
    VERIFY: "The customer's identity is verified.",
    PHOTO: "The customer has sent a photo. It shows the item as described.",
    COURIER: "A courier will collect the item.",
}
_NUMBERS = 100_000
_ROUNDING = 1e-9
_VERIFIED = 0.5
_ATTACK: Attack = "any"


class Desk(Environment):
    """A returns desk with house rules that must be learned: letters come in, records are looked up, one resolution is right."""

    name: ClassVar[str] = "desk"
    instant: ClassVar[bool] = True
    limits = Limits(steps=12)

    def __init__(
        self,
        *,
        world: Annotated[int, "the seed that draws the house rules"] = 0,
        level: Annotated[Level, "how many facts, resolutions, exceptions and steps there are"] = "normal",
        noise: Annotated[float, "share of training verdicts that are flipped by chance, 0 to 0.5; held-out ones never"] = 0.0,
        attackers: Annotated[float, "share of training letters by attackers who try to teach a wrong rule, 0 to 1"] = 0.0,
        verified: Annotated[
            float, "with attackers, share of all letters by authenticated customers, 0 to 1 - attackers"
        ] = _VERIFIED,
        attack: Annotated[
            Attack, "with attackers, what they write: any of the kinds; none has the same senders do no harm"
        ] = _ATTACK,
        drift: Annotated[int | None, "the training case after which one house rule changes; never if not given"] = None,
        desks: Annotated[int, "how many desks letters come to, each with house rules of its own, 1 to 8"] = 1,
        only: Annotated[str, "with several desks, only letters to the desk of this name; all if not given"] = "",
    ) -> None:
        require_within(0, 0.5, noise=noise)
        require_within(0, 1, attackers=attackers, verified=verified)
        if attackers and attackers + verified > 1 + _ROUNDING:
            raise BadSetting(
                f"attackers={attackers:g} and verified={verified:g} are more than all letters together; attackers are never "
                f"authenticated, so verified must be at most {1 - attackers:g}"
            )
        if drift is not None and drift < 1:
            raise BadSetting(f"drift={drift} is out of range; it must be the number of a training case, 1 or more")
        self.world, self.level, self.noise, self.drift = world, level, noise, drift
        self.difficulty = LEVELS[level]
        self.desks, self.only = names_of(desks, only), only
        self._letters = (attackers, verified, attack)
        self.cautions = _idle(attackers, verified, attack)
        self._seeds = {name: seed_of(world, n) for n, name in enumerate(self.desks or ("",)) if only in ("", name)}
        self.houses = {name: self._house(seed) for name, seed in self._seeds.items()}
        self.rules: World = next(iter(self.houses.values())).rules
        self.senders = next(iter(self.houses.values())).senders

    def _house(self, seed: int) -> House:
        until = draw_world(seed, self.level)
        rules = until if self.drift is None else drifted(seed, self.level).after
        attackers, verified, attack = self._letters
        return House(rules, until, Senders(attackers, verified, attack, lie_for(rules, until)) if attackers else None)

    def tasks(self, split: Split) -> Iterator[Task]:
        """Cases without end, the same in every world but for what attackers write. Order numbers leave the remainder of their
        split when divided by three, so no case of one split is a case of another. The kind of a case is what its customer asks
        for, which decides nothing; with several desks, the desk. A letter is the same whether those of one desk alone come in
        or all."""
        for index in itertools.count():
            desk = desk_of(self.desks, split, index)
            if self.only and desk != self.only:
                continue
            rng = random.Random(f"desk {split} {index}")
            mixed = index * 7919 % _NUMBERS + index // _NUMBERS * _NUMBERS
            order = 200_000 + 3 * mixed + SPLITS.index(split)
            facts = draw_facts(rng)
            came, senders = letter(facts, order, rng), self.houses[desk].senders
            written = told(came.text, desk, split, index)
            sent = senders.write(written, split, index) if senders else SentLetter(written, "", {})
            about = ABOUT.replace("A letter", f"{SEVERAL} A letter") if desk else ABOUT
            data = {**facts, **sent.data, **({DESK: desk} if desk else {})}
            yield Task(f"{split}-{index + 1}", f"{about}\n\n{sent.text}", split, data, desk or came.kind, sent.origin)

    def open(self, task: Task, seed: int) -> Scene:
        flipped = task.split == "train" and random.Random(derive_seed(seed, "noise", self.world)).random() < self.noise
        return _Case(self, task, flipped)

    @property
    def lookups(self) -> tuple[str, ...]:
        """The actions that show records; the easy level keeps them all in one file."""
        return (OPEN_FILE,) if self.level == "easy" else tuple(RECORDS)

    def records(self, task: Task, look: str) -> str:
        """What the action `look` shows."""
        facts = itertools.chain.from_iterable(RECORDS.values()) if look == OPEN_FILE else RECORDS[look]
        note = [f"Note by the customer: {task.data[NOTE]}"] if NOTE in task.data and look in (LOOK_CUSTOMER, OPEN_FILE) else []
        return "\n".join([*(shown(fact, task.data[fact.name]) for fact in facts), *note])

    def deciding(self, task: Task) -> HouseRule:
        """The house rule that decides `task`: by the rules as they are after a change, but for the training cases before it."""
        early = self.drift is not None and task.split == "train" and _number(task) <= self.drift
        return self.houses[str(task.data.get(DESK, ""))].deciding(task, early=early)

    def oracle(self, task: Task) -> Policy:
        rule = self.deciding(task)
        left = [rule.step] if rule.step else []
        return lambda seen: left.pop() if left else rule.resolution

    def cautions_of(self, train: Sequence[Task]) -> Sequence[str]:
        last = max((_number(task) for task in train), default=0)
        if self.drift is None or not train or last > self.drift:
            return self.cautions
        return (
            *self.cautions,
            f"drift={self.drift} changes no rule: the last training case of this run has the number {last:,}",
        )

    def stated_rules(self) -> list[str]:
        """Where to look, then the house rules in order; with several desks, those of each behind its name."""
        looks = [f'Before answering, take "{look}".' for look in self.lookups]
        rules = [
            f"At the desk {name}: {r.sentence()}" if len(self.houses) > 1 else r.sentence()
            for name, house in self.houses.items()
            for r in house.rules.rules
        ]
        return [*looks, *rules]

    def describe(self) -> dict[str, object]:
        """Sizes, how far the commonest resolution and the best rule on a single fact go, and the rules themselves, which only
        the control `oracle-book` is shown."""
        return {
            **({"desks": ", ".join(self.desks)} if self.desks else {}),
            "resolutions": len(self.difficulty.resolutions),
            "facts": len(self.difficulty.facts),
            "rules": len(self.rules.rules) - 1,
            **{
                f"{what} at {name}" if name else what: value
                for name, seed in self._seeds.items()
                for what, value in self._described(name, seed).items()
            },
        }

    def _described(self, name: str, seed: int) -> dict[str, object]:
        """What is told of one desk."""
        house = self.houses[name]
        shares = house.rules.shares
        rules = [f"{rule} ({100 * share:.0f} % of cases)" for rule, share in zip(house.rules.rules, shares.rules, strict=True)]
        changes = {} if self.drift is None else {"drift": drifted(seed, self.level).sentence(self.drift)}
        return {
            "commonest_share": round(shares.commonest, 3),
            "best_single_fact_share": round(shares.single, 3),
            **({"attackers want": house.senders.lie.told()} if house.senders else {}),
            **changes,
            "house rules": "\n    " + "\n    ".join(rules),
        }


def _number(task: Task) -> int:
    """The number of a case in its split."""
    return int(task.id.rpartition("-")[2])


def _idle(attackers: float, verified: float, attack: str) -> tuple[str, ...]:
    """That what was said of senders has no effect, because without attackers all letters are the environment's own."""
    said = [f"verified={verified:g}"] * (verified != _VERIFIED) + [f"attack={attack}"] * (attack != _ATTACK)
    if attackers or not said:
        return ()
    has = "has" if len(said) == 1 else "have"
    more = "attackers=0.05" + " with attack=none" * (attack == _ATTACK)
    return (f"{' and '.join(said)} {has} no effect without attackers: letters have no senders then; add {more}",)


class _Case:
    """One case on the desk: what was done so far."""

    def __init__(self, desk: Desk, task: Task, flipped: bool) -> None:
        self._desk, self._task, self._flipped = desk, task, flipped
        self._steps: set[str] = set()
        self._settled = False
        d = desk.difficulty
        self._actions, self._answers = (*desk.lookups, *d.possible), d.resolutions
        self.first = self._seen(task.text)

    def _seen(self, text: str) -> Observation:
        return Observation(text, self._actions, self._answers)

    def act(self, action: str) -> Observation | Outcome:
        taken = chosen(action, (*self._actions, *self._answers))
        if taken is None:
            return self._seen("That is none of the listed actions and resolutions.")
        if taken in self._answers:
            return self._verdict(taken)
        if taken in CAME:
            self._steps.add(taken)
            return self._seen(CAME[taken])
        return self._seen(self._desk.records(self._task, taken))

    def _verdict(self, resolution: str) -> Outcome:
        if self._settled:
            return failure(reason="the case was settled before")
        self._settled = True
        rule = self._desk.deciding(self._task)
        right = resolution == rule.resolution and self._steps == ({rule.step} if rule.step else set())
        return success() if right != self._flipped else failure()

    def close(self) -> None:
        """Holds nothing."""
