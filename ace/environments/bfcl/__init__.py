"""`bfcl`: tool use over several turns, on the stateful back ends of the Berkeley Function Calling Leaderboard.

A user asks for something, turn by turn; the agent calls tools, and says `done` when a turn is finished. Won is what leaves the
back ends as the accepted calls do, after every turn. A scenario comes in four categories, so the split is the scenario's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Annotated, ClassVar

from ace.environments.accepted import MOST_STEPS, names_among, require_within
from ace.environments.bfcl.rows import CATEGORIES, DONE, ScenarioRow, scenarios, told_task
from ace.environments.contract import Environment, Limits, Policy, Scene
from ace.environments.splitting import SHARES, SHARES_HELP, shares_of, split_by_content
from ace.environments.workers.pool import WorkerPool, longest
from ace.types import Split, Task

OFFERS = {"bfcl": "FunctionCalling"}
HELP = {
    "bfcl": "Tool use over several turns on stateful back ends (Berkeley Function Calling Leaderboard), judged by their state."
}
NEEDS = {"modules": "bfcl_eval mpmath", "install": "pip install --no-deps 'bfcl-eval>=2026.3.23,<2027' 'mpmath>=1.3,<2'"}

SECONDS = 30.0
INSTRUCTIONS = f"""A user asks for something in several turns, and you have tools. An action is one call or several, one a line:
mkdir(dir_name='temp')
cd(folder='temp')
Arguments have plain values: texts, numbers, True, False, None, lists and dictionaries. What the calls give is shown, and you
may call again. When you have done what the user asks in this turn, or cannot do it yet because a tool or a fact is missing, the
action is the word {DONE}: the user's next turn follows, or the end. Nothing is asked of you but the calls."""


class FunctionCalling(Environment):
    """Multi-turn tasks of BFCL: call tools until the user's wish of each turn is done."""

    name: ClassVar[str] = "bfcl"

    def __init__(
        self,
        *,
        category: Annotated[str, "all, or some with commas: " + ", ".join(CATEGORIES)] = "all",
        steps: Annotated[int, "actions after which an attempt is lost"] = 40,
        shares: Annotated[str, SHARES_HELP] = SHARES,
    ) -> None:
        self.categories = names_among(CATEGORIES, category=category)
        require_within(1, MOST_STEPS, steps=steps)
        self.shares, self.limits = shares_of(shares), Limits(steps=steps, seconds=longest(SECONDS) + 30)
        self.instructions = f"{INSTRUCTIONS} {self.limits.told()}"
        self._pool = WorkerPool("ace.environments.bfcl.player:ToolPlayer", {}, SECONDS)

    def tasks(self, split: Split) -> Iterable[Task]:
        """The scenarios of the split, in each category by turns."""
        first = scenarios("base")
        for number, row in enumerate(first):
            if split_by_content(row.turns[0], self.shares) == split:
                for category in self.categories:
                    found = scenarios(category)[number]
                    if not found.sound:
                        continue
                    yield Task(found.id, told_task(found), split, {"category": category, "number": number}, kind=category)

    def open(self, task: Task, seed: int) -> Scene:
        return self._pool.scene(task.data, seed)

    def oracle(self, task: Task) -> Policy:
        """Makes the accepted calls, all of a turn at once."""
        left = iter(self._actions(scenarios(task.data["category"])[task.data["number"]]))
        return lambda observation: next(left, DONE)

    def random(self, task: Task, rng: random.Random) -> Policy | None:
        return None

    def describe(self) -> dict[str, object]:
        """How many tasks there are, and of what categories."""
        return {
            "categories": ", ".join(self.categories),
            "tasks": sum(row.sound for c in self.categories for row in scenarios(c)),
        }

    def _actions(self, row: ScenarioRow) -> Iterable[str]:
        for calls in row.accepted:
            if calls:
                yield "\n".join(calls)
            yield DONE
