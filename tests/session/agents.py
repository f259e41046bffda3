"""Agents and models for the tests of the library door."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from ace.memory.values import Batch
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.playbooks.operations import Delta, Op, Operation
from ace.session.playbook import Playbook

Facts = dict[str, str]


def case(number: int) -> tuple[str, Facts]:
    """A task with facts in it."""
    draw = random.Random(number)
    facts = {"Tier": draw.choice(["gold", "silver"]), "Region": draw.choice(["north", "south"])}
    return f"Case {number}.\n" + "\n".join(f"{name}: {value}" for name, value in facts.items()), facts


def right(facts: Facts) -> str:
    return "refuse" if facts["Tier"] == "gold" else "approve"


def guess(number: int) -> str:
    """What an agent answers that knows nothing."""
    return random.Random(f"guess {number}").choice(["refuse", "approve"])


def play(playbook: Playbook, numbers: Sequence[int]) -> None:
    """One finished attempt for each number."""
    for number in numbers:
        task, facts = case(number)
        with playbook.episode(task) as ep:
            answer = guess(number)
            ep.finish(answer == right(facts), transcript=answer)


def add(playbook: Playbook, *texts: str) -> list[str]:
    """Put bullets into a playbook, as a person would; gives their ids."""
    operations = tuple(Operation(Op.ADD, section="Rules", text=text) for text in texts)
    done = playbook.store.commit(Batch(playbook=playbook.name, delta=Delta("", operations, "person", "a test")))
    return [change.after.id for change in done.changes]


class Counting:
    """The novice, with a list of what it was asked; `before` is called before it answers."""

    name = "counting"

    def __init__(self, before: Callable[[Request, int], object] = lambda request, number: None) -> None:
        self.asked: list[Request] = []
        self.closed = 0
        self._novice, self._before = Novice(), before

    def count(self, role: str) -> int:
        return sum(r.role == role for r in self.asked)

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request)
        self._before(request, len(self.asked))
        return await self._novice.complete(request)

    async def close(self) -> None:
        self.closed += 1
