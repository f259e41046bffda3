"""A stored attempt as a conversation: the opening, and each reply with what came of it.

The opening is what an attempt that measures is asked: instructions, the playbook as this attempt was shown it (or none), and
the task. What a training attempt is told besides (an answer to try, earlier attempts at the task) is left out, so that all
attempts at one task with one playbook have the same prompt; `as_sent` says whether nothing had to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ace.environments.contract import left_after
from ace.models.contract import Message
from ace.roles.generator import next_message, opening_message, system_message
from ace.roles.instructions import Prompts
from ace.roles.replies import Move
from ace.types import Episode, Observation, digest

Turn = dict[str, str]
"""A message as chat templates take it: `role` and `content`."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`opening` is the prompt; `replies` are the agent's, and `seen[i]` is what it was told after the i-th, one fewer where the
    attempt ended with its last reply. `actions` are what the replies did. `with_playbook` says whether any of a playbook
    stands in the opening, `as_sent` whether the opening is the one that was sent, to the letter."""

    opening: tuple[Turn, ...]
    replies: tuple[Turn, ...]
    seen: tuple[Turn, ...]
    actions: tuple[str, ...]
    with_playbook: bool
    as_sent: bool

    def before(self, number: int) -> list[Turn]:
        """The conversation before reply `number`, from 0."""
        turns = [*self.opening]
        for reply, seen in zip(self.replies[:number], self.seen[:number], strict=True):
            turns += [reply, seen]
        return turns


def dialogue(e: Episode, prompts: Prompts, *, playbook: bool) -> Dialogue:
    """`e` as a conversation, the playbook that it was shown in it or not. Without it, replies name no bullets."""
    text = e.render.text if playbook else ""
    searched = any(x.policy == "relevant" for x in e.render.exposures)
    stable, picked = ("", text) if searched else (text, "")
    opening = [system_message(stable, prompts), opening_message(e.first, picked, ())]
    views = [e.first, *(s.observation for s in e.steps if s.observation)]
    replies = [
        Move(thought=_writable(s.thought), action=_writable(s.action), lesson_ids=list(s.cited) if text else [])
        for s in e.steps
    ]
    return Dialogue(
        tuple(map(_turn, opening)),
        tuple({"role": "assistant", "content": r.model_dump_json()} for r in replies),
        tuple(map(_turn, _seen(views, opening, replies, prompts))),
        tuple(s.action for s in e.steps),
        bool(text),
        digest([[m.role, m.content] for m in opening]) == e.prompt_hash,
    )


def _seen(views: Sequence[Observation], opening: Sequence[Message], replies: Sequence[Move], prompts: Prompts) -> list[Message]:
    """What the agent is told after each of its replies that did not end the attempt."""
    said, told = [*opening], list[Message]()
    for number, (before, now) in enumerate(pairwise(views)):
        said.append(Message("assistant", replies[number].model_dump_json()))
        told.append(next_message(now, before, "", said, left_after(number + 1, prompts.instructions)))
        said.append(told[-1])
    return told


def _turn(m: Message) -> Turn:
    return {"role": m.role, "content": _writable(m.content)}


def _writable(text: str) -> str:
    """`text` with half characters (lone surrogates), which no reader of JSON Lines takes, replaced."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
