"""The generator: what an agent is asked at each turn, and what its reply means.

What is stable comes first (instructions, then the playbook), what changes comes last (lessons picked for this task, earlier
attempts, the task), and a conversation only ever grows at its end, so that prefix caches hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.models import layout
from ace.models.contract import Message
from ace.roles.instructions import STOCK, Prompts
from ace.types import Observation

EMPTY = "(The playbook is empty so far.)"
REPEATED = 40
"""A list that has not changed is given again once this many times its length was said since: a conversation grows by at most
2.5 % of its length by that."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier attempt at the same task, as its reflection told it."""

    won: bool
    situation: str
    choice: str
    diagnosis: str
    lesson: str


def system_message(playbook: str, prompts: Prompts = STOCK, form: str = "") -> Message:
    """Instructions, and the playbook's stable part: rendered bullets, attempts at other cases, or nothing. `form` names another
    form of reply (`scored`)."""
    lessons, others = ("", playbook) if playbook.startswith(layout.OTHERS) else (playbook, "")
    part = "\n\n".join(filter(None, [f"{layout.PLAYBOOK}\n{lessons or EMPTY}", others]))
    return Message("system", prompts.filled("generator", form, playbook=part), stable=True)


def opening_message(first: Observation, picked: str, earlier: Sequence[Earlier], exploring: str = "") -> Message:
    """The first user message: options, lessons or attempts `picked` for this task, earlier attempts at it, what is said of
    `exploring` (parts laid out already), then the task."""
    parts = [_options(first, None, ())]
    if picked:
        parts.append(picked if picked.startswith(layout.OTHERS) else f"{layout.PICKED}\n{picked}")
    if earlier:
        parts.append("\n".join([layout.ATTEMPTS, *(_earlier(i + 1, e) for i, e in enumerate(earlier))]))
    parts += [exploring, f"{layout.TASK}\n{layout.block(first.text)}"]
    return Message("user", "\n\n".join(p for p in parts if p))


def next_message(
    seen: Observation, before: Observation, exploring: str = "", said: Sequence[Message] = (), left: int | None = None
) -> Message:
    """What the agent sees after an action: the options where they changed, or were listed long ago in the conversation
    so far, `said`; what is said of `exploring` where that changed; and how many actions are `left`, where a bound is told."""
    told = [layout.OBSERVATION, layout.block(seen.text), *([] if left is None else [layout.left(left)])]
    parts = ["\n".join(told), _options(seen, before, said), exploring]
    return Message("user", "\n\n".join(p for p in parts if p))


def _options(now: Observation, before: Observation | None, said: Sequence[Message]) -> str:
    parts = []
    for heading, items, old in (
        (layout.ACTIONS, now.actions, before.actions if before else None),
        (layout.ANSWERS, now.answers, before.answers if before else None),
    ):
        listed = layout.listing(heading, items)
        if items and items == old and not _far(listed, said):
            parts.append(f"{heading}\n{layout.AS_LISTED}")
        elif items or old:
            parts.append(listed)
    return "\n".join(parts)


def _far(listed: str, said: Sequence[Message]) -> bool:
    """Whether so much was said since the list `listed` that it is given again."""
    since = 0
    for message in reversed(said):
        if listed in message.content:
            break
        since += len(message.content)
    return since > REPEATED * len(listed)


def _earlier(number: int, e: Earlier) -> str:
    rows = [("situation", e.situation), ("done", e.choice), ("diagnosis", e.diagnosis), ("lesson", e.lesson)]
    lines = [f"{name}: {layout.item(text)}" for name, text in rows if text]
    return "\n".join([f"## Attempt {number}: {'success' if e.won else 'failure'}", *lines])
