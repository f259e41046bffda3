"""A small world in which a test decides what lessons do: a strategy that proposes what it is given, and a model that obeys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ace.attempt import Briefing
from ace.environments.contract import Environment, Scene
from ace.memory.view import View
from ace.models.contract import Reply, Request
from ace.playbooks.operations import Delta, Op, Operation
from ace.roles.replies import Move
from ace.strategies.contract import Draw, Learned, Lesson, Roles
from ace.strategies.shown import briefing
from ace.types import Episode, Observation, Outcome, Reflection, Split, Task, Usage, derive_seed, failure, success

KINDS = ("letter", "call")


class Counter(Environment):
    """A question without end; "yes" is right. `val` gives so many tasks, the first `shared` of them with the content of
    training tasks; `None`: without end."""

    name = "counter"
    instant = True

    def __init__(self, val: int | None = None, shared: int = 0) -> None:
        self.val, self.shared = val, shared

    def tasks(self, split: Split) -> Iterator[Task] | Sequence[Task]:
        def made() -> Iterator[Task]:
            n = 0
            while split != "val" or self.val is None or n < self.val:
                own = "train" if split == "val" and n < self.shared else split
                yield Task(f"{split}-{n}", f"Case {own} {n}.", split, {}, KINDS[n % 2])
                n += 1

        return made() if split != "val" or self.val is None else list(made())

    def open(self, task: Task, seed: int) -> Scene:
        return _Scene(task)


class _Scene:
    def __init__(self, task: Task) -> None:
        self.first = Observation(task.text, (), ("yes", "no"))

    def act(self, action: str) -> Observation | Outcome:
        return success() if action == "yes" else failure()

    def close(self) -> None:
        return None


class Obeying:
    """Half of all cases are won by themselves. A lesson `help N` wins N of ten and `harm N` loses them; it may name a kind:
    `harm 9 in call`."""

    name = "obeying"

    def __init__(self) -> None:
        self.asked = 0

    async def complete(self, request: Request) -> Reply:
        self.asked += 1
        said = "\n".join(m.content for m in request.messages)
        [(case, number)] = re.findall(r"Case (\w+) (\d+)\.", said)[-1:]
        draw = derive_seed("obeying", case, number) % 1000 / 1000
        won, rest = draw < 0.5, derive_seed("rest", case, number) % 1000 / 100
        for what, n, kind in re.findall(r"(help|harm) (\d+)(?: in (\w+))?", said):
            if kind in ("", KINDS[int(number) % 2]) and rest < int(n):
                won = what == "help"
        move = Move(thought="", action="yes" if won else "no", lesson_ids=[])
        return Reply(move.model_dump_json(), move, "", Usage(1, 10, 0, 1, 0.0, 0.0))

    async def close(self) -> None:
        return None


class Proposing:
    """Proposes an addition with each batch: the next of `TEXTS` of a subclass; a text "-" proposes nothing."""

    TEXTS: tuple[str, ...] = ()
    tokens = 1800

    def __init__(self, roles: Roles) -> None:
        self.told: list[str] = []

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        return briefing(task, book, self.tokens, (), draw)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        number = int(lesson.episodes[0].task.id.partition("-")[2]) // len(lesson.episodes)
        text = self.TEXTS[number] if number < len(self.TEXTS) else "-"
        if text == "-":
            return Learned()
        return Learned((), Delta(book.revision.hash, (Operation(Op.ADD, section="rules", text=text),), "curator", text))


def proposing(*texts: str, tokens: int = 1800) -> type[Proposing]:
    """A strategy that proposes `texts`, one with each batch of one case."""
    return type("Given", (Proposing,), {"TEXTS": texts, "tokens": tokens})
