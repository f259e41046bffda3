"""Models that answer what a test has them answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from ace.models import layout
from ace.models.clients.own import Own
from ace.models.contract import Reply, Request
from ace.models.replies.parsing import reply
from ace.types import Usage

COST = Usage(1, 100, 0, 10, 0.25, 1.0)
"""What each reply costs."""


class Answering(Own):
    """Answers as `answer` does, which is given the request and its number (from 1), and raises what it raises; keeps what it
    was asked."""

    def __init__(self, answer: Callable[[Request, int], str]) -> None:
        self.asked: list[Request] = []
        self._answer = answer
        super().__init__("answering", self._reply)

    async def _reply(self, request: Request) -> Reply:
        self.asked.append(request)
        return reply(request, self._answer(request, len(self.asked)), "", COST)

    def roles(self) -> list[str]:
        return [r.role for r in self.asked]


def scripted(*replies: str | Exception) -> Answering:
    """Gives `replies` in order and raises those that are exceptions; the last one for ever."""

    def answer(request: Request, number: int) -> str:
        given = replies[min(number, len(replies)) - 1]
        if isinstance(given, Exception):
            raise given
        return given

    return Answering(answer)


def move(action: str, *lessons: str, thought: str = "") -> str:
    return json.dumps({"thought": thought, "action": action, "lesson_ids": lessons})


def diagnosis(**said: Any) -> str:
    return json.dumps({"situation": "s", "choice": "c", "diagnosis": "d", "lesson": "l", "votes": [], **said})


def cases_in(request: Request) -> list[int]:
    """The numbers of the cases in a reflector's request about several; none where it is about one."""
    lines = request.messages[-1].content.split("\n")
    return [int(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{layout.CASE} ")]


def diagnoses(request: Request, **said: Any) -> str:
    """The same diagnosis of each case in `request`, which may have one case or several."""
    each = [{"case": number, **json.loads(diagnosis(**said))} for number in cases_in(request)]
    return json.dumps({"diagnoses": each}) if each else diagnosis(**said)


def curation(reasoning: str = "", **lists: Sequence[dict[str, Any]]) -> str:
    filled = {name: [{"reason": "", "attempts": [], **row} for row in rows] for name, rows in lists.items()}
    empty: dict[str, Any] = {name: [] for name in ("retire", "revise", "merge", "move", "add")}
    return json.dumps({"reasoning": reasoning, **empty, **filled})
