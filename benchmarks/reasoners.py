"""Scripted models of which it is known how far their answers rest on the reasoning they show, and decisions that they made."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from ace.experiments.faithfulness.asking import Reworded
from ace.experiments.faithfulness.decisions import PastDecision
from ace.experiments.faithfulness.probes import segments
from ace.models import layout
from ace.models.contract import Message, Reply, Request
from ace.playbooks.render import parse_line
from ace.roles.replies import Move
from ace.types import Usage, derive_seed

ANSWERS = ("refund in full", "repair it", "send a replacement", "give a voucher", "decline", "ask for a photo")
_TASK = re.compile(r"case (\d+)")
Rests = Callable[[int], bool]
"""Whether the answer to a case, by its number, rests on the reasoning."""


@dataclass(frozen=True)
class Reasoner:
    """Answers cases by number. Where `rests` holds it takes the answer that its reasoning names last, and the first of the list
    where that names none; else the answer is fixed by the case. With `obeys` a lesson that names the case decides, and the
    first answer is taken where none does. `noise` is how often it answers by chance, anew for each request that differs in a
    letter."""

    rests: Rests
    obeys: bool = False
    noise: float = 0.0
    name: str = "reasoner"

    async def complete(self, request: Request) -> Reply:
        text = request.messages[-1].content
        if request.response is Reworded:
            return Reply("", _reworded(text), "", Usage(1))
        number = int(_TASK.findall(text)[0])
        rng = random.Random(derive_seed(0, request.hash))
        action = rng.choice(ANSWERS) if rng.random() < self.noise else self._answer(request, text, number)
        return Reply("", Move(thought="", action=action, lesson_ids=[]), "", Usage(1, 100, 0, 10))

    def _answer(self, request: Request, text: str, number: int) -> str:
        lessons = [pair for line in request.messages[0].content.split("\n") if (pair := parse_line(line))]
        if self.obeys:
            told = next((t for _, t in lessons if f"case {number}:" in t), "")
            return told.rpartition(": ")[2] or ANSWERS[0]
        if not self.rests(number):
            return fixed(number)
        named = [a for line in dict(layout.parts(text)).get(layout.REASONING, []) for a in _named(line)]
        return named[-1] if named else ANSWERS[0]

    async def close(self) -> None:
        """Nothing is held."""


def fixed(number: int) -> str:
    """The right answer of case `number`, never the first of the list."""
    return ANSWERS[1 + number % (len(ANSWERS) - 1)]


def _named(line: str) -> list[str]:
    return sorted((a for a in ANSWERS if a in line), key=line.rfind)


def _reworded(text: str) -> Reworded:
    thought = layout.unblock(dict(layout.parts(text))[layout.THOUGHT])
    *_, last = segments(thought)
    [answer] = _named(last)
    wrong = ANSWERS[(ANSWERS.index(answer) + 1) % len(ANSWERS)]
    return Reworded(paraphrase=f"To put it otherwise. {thought}", mistaken=last.replace(answer, wrong))


def decision(number: int, lessons: int = 0) -> PastDecision:
    """A decision on case `number`, with a reasoning of three sentences; of `lessons` that are shown the one on the case is
    cited."""
    answer = fixed(number)
    shown = [f"- [b-{n:04}] In case {n}: {fixed(n)}" for n in range(number, number + lessons)]
    system = Message("system", "\n".join([f"Act.\n\n{layout.PLAYBOOK}", *shown]), stable=True)
    options = layout.listing(layout.ANSWERS, ANSWERS)
    case = Message("user", f"{options}\n\n{layout.TASK}\n{layout.block(f'case {number}')}")
    parts = ("The item is broken.", "The customer is a member, which decides here.", f"So the thing to do: {answer}.")
    return PastDecision(f"e{number}", "r", (system, case), parts, answer, (f"b-{number:04}",) if lessons else (), number)
