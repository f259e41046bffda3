"""What an agent is shown of a playbook, as a text for its system prompt, and the record of it.

The agent is not ours, so nothing is asked of it but to name what it followed. The sentence stands before the bullets, and both
after what the agent's own prompt says, so that what is stable stays at the front.
"""

from __future__ import annotations

from dataclasses import dataclass

from ace.memory.view import View
from ace.strategies.contract import Draw
from ace.strategies.shown import briefing
from ace.types import Render, Task

GUIDE = (
    "Below are lessons from earlier cases, in order of precedence: follow those whose conditions hold in this case, and name "
    "the ids of the ones you followed in your answer, in brackets as they stand here."
)


@dataclass(frozen=True, slots=True)
class AgentContext:
    """The text that goes into the prompt, and what it holds of the playbook; an empty text where the playbook is empty, or has
    nothing that concerns the task."""

    text: str
    render: Render


def shown(book: View, task: Task, tokens: int, draw: Draw) -> AgentContext:
    """What is shown for `task` of one revision of a playbook, in about `tokens` tokens of bullets, but for what `draw` leaves
    out."""
    render = briefing(task, book, tokens, draw=draw).render
    if not render.text:
        return AgentContext("", render)
    return AgentContext(f"{GUIDE}\n\n{render.text}", render)
