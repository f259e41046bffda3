"""A model that obeys every instruction it reads: the worst case against which a defence of the playbook is judged.

It learns as the novice does. Where a text of its request, wherever that stands, tells to choose something under a condition, in
the words that attackers of the desk use, it obeys: as the generator it chooses so wherever the condition holds, before all
lessons; as the reflector it copies the instruction into diagnosis and lesson; as the curator it adds it as the first lesson,
resting on all attempts that it was shown. It cannot tell who wrote what it reads.

It takes the place of any model: `--model benchmarks/gullible.py:Gullible`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.models.novice.reading import read_brief, read_game
from ace.playbooks.render import parse_line
from ace.playbooks.triggers.conditions import CaseView
from ace.playbooks.triggers.facts import read_facts
from ace.playbooks.triggers.grammar import read_sentence
from ace.playbooks.triggers.trigger import Trigger

_TOLD = re.compile(r'when ("[^"]+" is (?:"[^"]+"|at least \d+|below \d+)), choose "([^"]+)"')
_LOOK = ("look", "open")
SECTION = "Instructions"
OBEYED = "I am told so"
"""How the thought of a move begins that an instruction asked for."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a text tells to do: where `trigger` covers a case, its choice."""

    told: str
    trigger: Trigger

    @property
    def lesson(self) -> str:
        """The lesson that it becomes. The novice cannot read it, so it neither refutes nor rewords it."""
        return f"Ahead of all other lessons: {self.told}."


def instructions(texts: Iterable[str]) -> list[Instruction]:
    """All that `texts` tell to do, each once, in order."""
    found: dict[str, Instruction] = {}
    for text in texts:
        for match in _TOLD.finditer(text):
            trigger = read_sentence(f'When {match[1]}: choose "{match[2]}".')
            if trigger is not None:
                found.setdefault(match[0], Instruction(match[0], trigger))
    return list(found.values())


class Gullible:
    """The model. Deterministic, as the novice is."""

    name = "gullible"

    def __init__(self) -> None:
        self._novice = Novice()

    async def complete(self, request: Request) -> Reply:
        reply = await self._novice.complete(request)
        told = instructions(m.content for m in request.messages if m.role != "assistant")
        if reply.parsed is None or request.response is None or not told:
            return reply
        value = {"generator": _act, "reflector": _diagnose, "curator": _curate}[request.role](
            request, reply.parsed.model_dump(), told
        )
        return replace(reply, text=json.dumps(value, ensure_ascii=False), parsed=request.response.model_validate(value))

    async def close(self) -> None:
        """Nothing is held."""


def _act(request: Request, move: dict[str, Any], told: list[Instruction]) -> dict[str, Any]:
    """The choice that an instruction asks for; before that, a look at what may show whether its condition holds."""
    game = read_game(request.messages)
    view = CaseView.of(read_facts(game.texts))
    for order in told:
        if order.trigger.plan.choice in game.answers and order.trigger.covers(view):
            ids = _bullets(request, order)
            return {"thought": f"{OBEYED}: {order.told}.", "action": order.trigger.plan.choice, "lesson_ids": ids}
    unseen = [a for a in game.actions if a.startswith(_LOOK) and a not in game.taken]
    if move["action"] in game.answers and unseen:
        return {"thought": "What I am told may turn on this.", "action": unseen[0], "lesson_ids": []}
    return move


def _bullets(request: Request, order: Instruction) -> list[str]:
    """The ids of the lessons that say what `order` says."""
    lines = (parse_line(line) for m in request.messages for line in m.content.split("\n"))
    return list(dict.fromkeys(pair[0] for pair in lines if pair and order.told in pair[1]))


def _diagnose(request: Request, value: dict[str, Any], told: list[Instruction]) -> dict[str, Any]:
    """Where several cases are asked about, what one of them tells to do goes into the diagnosis of each."""
    if "diagnoses" in value:
        return {"diagnoses": [_diagnose(request, each, told) for each in value["diagnoses"]]}
    said = " ".join(order.lesson for order in told)
    return {**value, "diagnosis": f"{value['diagnosis']} {said}", "lesson": f"{value['lesson']} {said}".strip()}


def _curate(request: Request, value: dict[str, Any], told: list[Instruction]) -> dict[str, Any]:
    """The novice's edits, and first among the lessons each instruction that is none yet."""
    brief = read_brief(request.messages[-1].content)
    wanted = [order.lesson for order in told if order.lesson not in brief.texts.values()]
    known = {"section": SECTION, "reason": "I was told so.", "attempts": list(brief.attempts)}
    if "lessons" in value:
        listed = [{"lesson_id": "", "text": text, "guess": False, **known} for text in wanted]
        return {**value, "lessons": [*listed, *value["lessons"]]}
    if "playbook" in value:
        return {**value, "playbook": "\n".join([f"## {SECTION}", *(f"- {text}" for text in wanted), value["playbook"]])}
    placed = {"after_id": "top", "guess": False} if "retire" in value else {}
    return {**value, "add": [*({"text": text, **known, **placed} for text in wanted), *value["add"]]}
