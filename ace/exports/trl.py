"""Rows in the conversational forms that TRL documents (docs, "Dataset formats and types"): SFT and KTO with `prompt` and
`completion`, KTO with a `label`, DPO with `chosen` and `rejected`, GRPO with the `prompt` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from ace.exports.rows import Conversation, Conversations, PromptGroup, Row
from ace.types import Split


def sft(lines: Conversations, split: Split) -> Iterator[Row]:
    """A row for each reply of each attempt that was won: the conversation before it, and the reply."""
    for line in lines.of(split):
        if line.won:
            origin = lines.origin.of(line)
            for number, reply in enumerate(line.dialogue.replies):
                yield {"prompt": line.dialogue.before(number), "completion": [reply], "step": number, **origin}


def kto(lines: Conversations, split: Split) -> Iterator[Row]:
    """A row for the last reply of each attempt, with whether the attempt was won."""
    for line in lines.of(split):
        d, last = line.dialogue, len(line.dialogue.replies) - 1
        row = {"prompt": d.before(last), "completion": [d.replies[last]], "label": line.won, "step": last}
        yield {**row, **lines.origin.of(line)}


def dpo(lines: Conversations, split: Split) -> Iterator[Row]:
    """A row for each way in which a task was lost, beside the attempt that was won and parts from it last: the conversation
    up to the first action in which the two differ, and the two replies there."""
    for group in lines.groups(split):
        if len(set(group.won)) == 2:
            yield from _pairs(lines, group)


def grpo(lines: Conversations, split: Split) -> Iterator[Row]:
    """A row for each task and prompt, with how many of the stored attempts were won, and the last action of one that was."""
    for line, group, answer in prompts(lines, split):
        tally = {"attempts": len(group.won), "won": sum(group.won), "answer": answer}
        yield {"prompt": [*line.dialogue.opening], **lines.origin.of_prompt(line), "seed": line.attempt.episode.seed, **tally}


def prompts(lines: Conversations, split: Split) -> Iterator[tuple[Conversation, PromptGroup, str]]:
    """The first attempt at each task with each prompt, all attempts with it, and the last action of the first that was won
    (empty where none was)."""
    for group in lines.groups(split):
        won = [id for id, yes in zip(group.ids, group.won, strict=True) if yes]
        found = {line.attempt.episode.id: line for line in lines.again({*group.ids[:1], *won[:1]}, playbook=group.playbook)}
        if (line := found.get(group.ids[0])) is not None:
            answered = found.get(won[0]) if won else None
            yield line, group, answered.dialogue.actions[-1] if answered else ""


def _pairs(lines: Conversations, group: PromptGroup) -> Iterator[Row]:
    ways = {True: dict[tuple[str, ...], Conversation](), False: dict[tuple[str, ...], Conversation]()}
    for line in lines.again(group.ids, playbook=group.playbook):
        ways[line.won].setdefault(line.dialogue.actions, line)
    # What was won and lost by the same actions says nothing of either.
    won, lost = ({actions: w for actions, w in ways[v].items() if actions not in ways[not v]} for v in (True, False))
    for line in lost.values():
        parting = [(at, w) for w in won.values() if (at := _parting(w, line)) is not None]
        if parting:
            at, best = max(parting, key=lambda p: p[0])
            yield _pair(lines, best, line, at)


def _parting(a: Conversation, b: Conversation) -> int | None:
    """The number of the first action in which the two differ; `None` where what they saw differs before that."""
    for at, (mine, yours) in enumerate(zip(a.dialogue.actions, b.dialogue.actions, strict=False)):
        if mine != yours:
            return at
        if a.dialogue.seen[at : at + 1] != b.dialogue.seen[at : at + 1]:
            break
    return None


def _pair(lines: Conversations, won: Conversation, lost: Conversation, at: int) -> Row:
    w, e = won.attempt.episode, lost.attempt.episode
    return {
        "prompt": won.dialogue.before(at),
        "chosen": [won.dialogue.replies[at]],
        "rejected": [lost.dialogue.replies[at]],
        "step": at,
        **lines.origin.of_prompt(won),
        "chosen_episode": w.id,
        "rejected_episode": e.id,
        "chosen_seed": w.seed,
        "rejected_seed": e.seed,
        "rejected_playbook": lines.origin.of_prompt(lost)["playbook"],
        "rejected_bullets": lines.origin.of_prompt(lost)["bullets"],
    }


FORMS: Mapping[str, Callable[[Conversations, Split], Iterator[Row]]] = {"sft": sft, "dpo": dpo, "kto": kto, "grpo": grpo}
NONE: Mapping[str, str] = {
    "sft": "none of these attempts was won",
    "dpo": "no task has attempts that were won and others that were lost with the same prompt",
    "kto": "no attempt has a reply",
    "grpo": "no attempt has a prompt",
}
"""Why a form may have no rows of attempts that leave."""
COLUMNS: Mapping[str, Sequence[str]] = {
    "sft": ("prompt", "completion"),
    "dpo": ("prompt", "chosen", "rejected"),
    "kto": ("prompt", "completion", "label"),
    "grpo": ("prompt",),
}
"""The columns that a trainer of TRL reads."""
