"""The oracle of `desk` as a model: it answers requests of an agent with what the house rules call for.

It reads which case a request is about off the request's text, and what was done so far off the conversation, as any model does,
and looks nothing up. Named as a model: `benchmarks/oracle_model.py:Oracle`, for the desk of world 0; `Oracle.of(desk)` for
another one.
"""

from __future__ import annotations

import json
from itertools import islice

from ace.environments.desk import Desk
from ace.models.contract import Reply, Request
from ace.models.novice.reading import read_game
from ace.models.replies.parsing import reply
from ace.playbooks.bullet import clean
from ace.playbooks.render import estimate_tokens
from ace.types import Task, Usage

CASES = 600
"""Cases of each split that it knows."""


class Oracle:
    """Knows the first cases of each split of a desk."""

    name = "oracle"

    def __init__(self, desk: Desk | None = None) -> None:
        self._desk = desk or Desk()
        listed = (islice(self._desk.tasks(split), CASES) for split in ("train", "val", "test"))
        self._known: dict[str, Task] = {clean(task.text): task for tasks in listed for task in tasks}

    async def complete(self, request: Request) -> Reply:
        game = read_game(request.messages)
        rule = self._desk.deciding(self._known[clean(game.texts[0])])
        action = rule.step if rule.step and rule.step not in game.taken else rule.resolution
        text = json.dumps({"thought": "The house rules call for it.", "action": action, "lesson_ids": []})
        used = sum(estimate_tokens(m.content) for m in request.messages)
        return reply(request, text, "stop", Usage(1, used, 0, estimate_tokens(text), 0.0, 0.0))
