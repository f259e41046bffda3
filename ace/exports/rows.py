"""What every row says of where it is from, and the attempts at one task with one prompt as a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from ace.exports.choosing import AttemptOfRun, AttemptSource
from ace.exports.dialogue import Dialogue, dialogue
from ace.memory.store import Store
from ace.memory.values import Run
from ace.roles.instructions import STOCK, Prompts
from ace.runs.stored import prompts_of
from ace.types import Split, digest

Row = dict[str, Any]


class PromptForm(StrEnum):
    """Whether the playbook stands in the prompts of rows."""

    WITH = "with"
    WITHOUT = "without"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Conversation:
    """An attempt as a conversation."""

    attempt: AttemptOfRun
    dialogue: Dialogue

    @property
    def won(self) -> bool:
        return self.attempt.episode.outcome.success

    @property
    def prompt(self) -> str:
        """What tells prompts of one task apart."""
        return digest(self.attempt.episode.task.key, [[t["role"], t["content"]] for t in self.dialogue.opening])[:32]


@dataclass(slots=True)
class PromptGroup:
    """The attempts at one task with one prompt: their ids and whether each was won, in the order of playing."""

    playbook: bool
    ids: list[str] = field(default_factory=list)
    won: list[bool] = field(default_factory=list)


class Conversations:
    """The attempts of a source as conversations, with the playbook `shown` or not."""

    def __init__(self, source: AttemptSource, shown: PromptForm) -> None:
        self._source, self._shown = source, shown
        self._prompts: dict[str, Prompts] = {}
        self.origin = RowOrigin(source.store, source.choice.playbook)

    def of(self, split: Split) -> Iterator[Conversation]:
        """Those at tasks of `split`, one after the other; with `both`, those that were shown a playbook twice."""
        for a in self._source.leaving(split):
            yield from (self._line(a, playbook) for playbook in self._ways(a))

    def groups(self, split: Split) -> list[PromptGroup]:
        """Those at tasks of `split` by task and prompt; ids alone, so that memory holds no texts."""
        found: dict[str, PromptGroup] = {}
        for line in self.of(split):
            group = found.setdefault(line.prompt, PromptGroup(line.dialogue.with_playbook))
            group.ids.append(line.attempt.episode.id)
            group.won.append(line.won)
        return list(found.values())

    def again(self, ids: Iterable[str], *, playbook: bool) -> Iterator[Conversation]:
        """The attempts `ids`, as far as they are still there."""
        return (self._line(a, playbook) for id in ids if (a := self._source.attempt(id)) is not None)

    def _ways(self, a: AttemptOfRun) -> tuple[bool, ...]:
        if self._shown is PromptForm.BOTH:
            return (True, False) if a.episode.render.text else (False,)
        return (self._shown is PromptForm.WITH,)

    def _line(self, a: AttemptOfRun, playbook: bool) -> Conversation:
        return Conversation(a, dialogue(a.episode, self._prompts_of(a.run), playbook=playbook))

    def _prompts_of(self, run: Run | None) -> Prompts:
        if run is None:
            return STOCK
        if run.id not in self._prompts:
            self._prompts[run.id] = prompts_of(run)
        return self._prompts[run.id]


class RowOrigin:
    """What rows say of where they are from. `playbook` is that of attempts that no run made."""

    def __init__(self, store: Store, playbook: str) -> None:
        self._playbook_named = playbook
        self._revisions = lru_cache(maxsize=64)(
            lambda playbook: {r.hash: f"{playbook}@{r.number}" for r in store.revisions(playbook)}
        )

    def of(self, line: Conversation) -> Row:
        """The columns of an attempt. No value is ever null, and lists are texts: readers infer a column's type from its first
        rows."""
        e = line.attempt.episode
        return {
            **self.of_prompt(line),
            "outcome": e.outcome.verdict.value,
            "reward": float(e.outcome.success),
            "seed": e.seed,
            "attempt": e.attempt,
            "phase": e.phase,
            "episode": e.id,
            "as_sent": line.dialogue.as_sent,
        }

    def of_prompt(self, line: Conversation) -> Row:
        """The columns of a prompt."""
        a, e = line.attempt, line.attempt.episode
        config: Mapping[str, Any] = a.run.config if a.run else {}
        return {
            "group": e.task.key,
            "task": e.task.id,
            "kind": e.task.kind,
            "split": e.task.split,
            "environment": str(config.get("environment", "")),
            "model": str(config.get("model", "")),
            "run": a.run.id if a.run else "",
            "playbook": self._playbook(line),
            "bullets": " ".join(x.bullet for x in e.render.exposures if x.shown),
            "with_playbook": line.dialogue.with_playbook,
        }

    def _playbook(self, line: Conversation) -> str:
        a = line.attempt
        if not a.episode.render.revisions:
            return ""
        hash = a.episode.render.revisions[0]
        name = str(a.run.result.get("playbook", "")) if a.run else self._playbook_named
        return (self._revisions(name).get(hash) if name else None) or f"@{hash[:12]}"
