"""When a stronger model takes a step of an attempt: at marked bullets, where samples disagree, where something is seen again.

What decides is looked at in an order that spends least: what is known before any model is asked, then what the agent's own
model says. Who took a step stands at the beginning of its thought, before anything that a model wrote.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ace.playbooks.triggers.conditions import CaseView, Condition
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.trigger import Trigger
from ace.roles.replies import Move
from ace.types import Episode, derive_seed

When = Literal["routed", "never", "always", "random"]
STRONG, OWN = "strong model", "own model"
_TAKEN = re.compile(rf"(?:{STRONG} \([^)]*\)|{OWN}): ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RoutedLesson:
    """A bullet that was shown: its id, whether it is `escalated`, and its `trigger`, where its text states one."""

    id: str
    escalated: bool
    trigger: Trigger | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """Who takes the steps of an attempt: `routed` to the stronger model for a reason, or controls: `never`, `always`, or by
    `random` a `share` of all steps. Reasons are the escalated among `lessons` (in the order in which they are read), fewer than
    `agreement` of so many `samples` of the agent's own model for one move, and with `repeats` an observation that was seen in
    the attempt before."""

    when: When = "routed"
    share: float = 0.0
    lessons: tuple[RoutedLesson, ...] = ()
    samples: int = 1
    agreement: float = 1.0
    repeats: bool = True

    def before(self, texts: Sequence[str], seed: int) -> str:
        """Why the stronger model takes the step after `texts` were seen, without asking the agent's own; empty where nothing
        says so. `seed` is the step's."""
        if self.when != "routed":
            drawn = derive_seed("route", seed) / 2**63 < self.share
            return self.when if self.when == "always" or (self.when == "random" and drawn) else ""
        if self.repeats and texts[-1] in texts[:-1]:
            return "seen before"
        decides = self._decides(texts)
        return f"escalated {decides.id}" if decides is not None and decides.escalated else ""

    def _decides(self, texts: Sequence[str]) -> RoutedLesson | None:
        """The first lesson whose trigger covers what was seen; none while facts are unseen that an earlier one turns on."""
        if not any(lesson.escalated for lesson in self.lessons):
            return None
        view = CaseView.of(read_facts(texts))
        for lesson in self.lessons:
            if lesson.trigger is None:
                continue
            if lesson.trigger.covers(view):
                return lesson
            conditions = lesson.trigger.conditions
            if not any(_fails(c, view) for c in conditions) and any(_unseen(c, view) for c in conditions):
                return None
        return None

    def after(self, moves: Sequence[Move], actions: Sequence[str]) -> str:
        """Why the stronger model takes the step for which the agent's own gave `moves`, as listed `actions`; empty where
        nothing says so."""
        if self.when != "routed":
            return ""
        top = max(Counter(actions).values(), default=0)
        if top < self.agreement * self.samples:
            return f"{top} of {self.samples} samples agree"
        marked = {lesson.id for lesson in self.lessons if lesson.escalated}
        cited = {id.strip("[] ") for m, a in zip(moves, actions, strict=True) if actions.count(a) == top for id in m.lesson_ids}
        return f"escalated {sorted(marked & cited)[0]}" if marked & cited else ""


def _unseen(c: Condition, view: CaseView) -> bool:
    """Whether the fact that `c` is about was not seen."""
    return c.kind not in ("mentions", "lacks", "count at least", "count below") and c.name not in view.named


def _fails(c: Condition, view: CaseView) -> bool:
    return not _unseen(c, view) and not c.holds(view)


def told(thought: str, why: str) -> str:
    """`thought` with who had it: the stronger model, where `why` says why, else the agent's own."""
    return f"{STRONG} ({why}): {thought}" if why else f"{OWN}: {thought}"


def steps_taken(episode: Episode) -> tuple[int, int]:
    """How many steps of `episode` the stronger model took, and how many there were that were routed."""
    routed = [s.thought for s in episode.steps if _TAKEN.match(s.thought)]
    return sum(thought.startswith(STRONG) for thought in routed), len(routed)
