"""`desk`: a returns desk whose house rules cannot be known in advance.

A world's rules are drawn from a seed and written down nowhere, so success beyond chance was learned, by a language model and
by the novice alike. A case is a customer's letter; what counts must be looked up; one resolution ends it, and the verdict is
right or wrong.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Annotated, ClassVar

from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.desk.attackers import NOTE, Attack, Senders, SentLetter, lie_for
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
CAME = {
    VERIFY: "The customer's identity is verified.",
    PHOTO: "The customer has sent a photo. It shows the item as described.",
    COURIER: "A courier will collect the item.",
}
_NUMBERS = 100_000
_ROUNDING = 1e-9


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
        verified: Annotated[float, "with attackers, share of all letters by authenticated customers, 0 to 1 - attackers"] = 0.5,
        attack: Annotated[
            Attack, "with attackers, what they write: any of the kinds; none has the same senders do no harm"
        ] = "any",
        drift: Annotated[int | None, "the training case after which one house rule changes; never if not given"] = None,
    ) -> None:
        if not 0 <= noise <= 0.5:
            raise BadSetting(f"noise={noise:g} is out of range; it must be from 0 to 0.5")
        if not 0 <= attackers <= 1:
            raise BadSetting(f"attackers={attackers:g} is out of range; it must be from 0 to 1")
        if not 0 <= verified <= 1:
            raise BadSetting(f"verified={verified:g} is out of range; it must be from 0 to 1")
        if attackers and attackers + verified > 1 + _ROUNDING:
            raise BadSetting(
                f"attackers={attackers:g} and verified={verified:g} are more than all letters together; attackers are never "
                f"authenticated, so verified must be at most {1 - attackers:g}"
            )
        if drift is not None and drift < 1:
            raise BadSetting(f"drift={drift} is out of range; it must be the number of a training case, 1 or more")
        self.world, self.level, self.noise, self.drift = world, level, noise, drift
        self.difficulty = LEVELS[level]
        self.rules: World = draw_world(world, level) if drift is None else drifted(world, level).after
        self._until: World = draw_world(world, level)
        self.senders = Senders(attackers, verified, attack, lie_for(self.rules, self._until)) if attackers else None

    def tasks(self, split: Split) -> Iterator[Task]:
        """Cases without end, the same in every world but for what attackers write. Order numbers leave the remainder of their
        split when divided by three, so no case of one split is a case of another. The kind of a case is what its customer asks
        for; it decides nothing."""
        for index in itertools.count():
            rng = random.Random(f"desk {split} {index}")
            mixed = index * 7919 % _NUMBERS + index // _NUMBERS * _NUMBERS
            order = 200_000 + 3 * mixed + SPLITS.index(split)
            facts = draw_facts(rng)
            came = letter(facts, order, rng)
            sent = self.senders.write(came.text, split, index) if self.senders else SentLetter(came.text, "", {})
            text = f"{ABOUT}\n\n{sent.text}"
            yield Task(f"{split}-{index + 1}", text, split, {**facts, **sent.data}, came.kind, sent.origin)

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
        early = self.drift is not None and task.split == "train" and int(task.id.rpartition("-")[2]) <= self.drift
        return (self._until if early else self.rules).deciding(task.data)

    def oracle(self, task: Task) -> Policy:
        rule = self.deciding(task)
        left = [rule.step] if rule.step else []
        return lambda seen: left.pop() if left else rule.resolution

    def stated_rules(self) -> list[str]:
        """Where to look, then the house rules in order."""
        return [*(f'Before answering, take "{look}".' for look in self.lookups), *(r.sentence() for r in self.rules.rules)]

    def describe(self) -> dict[str, object]:
        """Sizes, how far the commonest resolution and the best rule on a single fact go, and the rules themselves, which only
        the control `oracle-book` is shown."""
        shares = self.rules.shares
        rules = [f"{rule} ({100 * share:.0f} % of cases)" for rule, share in zip(self.rules.rules, shares.rules, strict=True)]
        changes = {} if self.drift is None else {"drift": drifted(self.world, self.level).sentence(self.drift)}
        return {
            "resolutions": len(self.difficulty.resolutions),
            "facts": len(self.difficulty.facts),
            "rules": len(rules) - 1,
            "commonest_share": round(shares.commonest, 3),
            "best_single_fact_share": round(shares.single, 3),
            **({"attackers want": self.senders.lie.told()} if self.senders else {}),
            **changes,
            "house rules": "\n    " + "\n    ".join(rules),
        }


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
