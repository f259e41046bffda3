"""One attempt of a user's own agent, from its start to its outcome: what it is shown, what it did, how it ended.

It is written once, when its outcome is known, and durable when `finish` returns. What was shown is recorded only if it was
asked for, because an exposure that did not happen would be false evidence. An attempt that ends without a verdict is stored as
invalid with the reason, and nothing is ever learned from it.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self, Unpack

from ace.errors import AceError, Conflict
from ace.events import EpisodeEnded, Event
from ace.memory.database.process_fork import mind
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.typed import require_text
from ace.redaction import redact_all
from ace.session.outcomes import OutcomeKeywords, named, outcome
from ace.session.shown import AgentContext, shown
from ace.session.transcript import Line, Transcript, lines_of, opening, steps_of
from ace.strategies.contract import LEARNING, Draw
from ace.types import Episode, Outcome, Render, Step, Task, Trust, Verdict, derive_seed, digest, invalid
from ace.warned import warn

FAULT = "the model's server failed: "
"""How the reason of an attempt begins that a server's fault spoiled."""
WAITING = "waiting"
"""The phase of an attempt whose outcome is not known yet: kept, and no evidence of anything."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What attempts leave out: each bullet with the chance `holdout`, and with `mask` those that harm in such tasks."""

    holdout: float = 0.0
    mask: bool = False


NOT_DRAWN = Drawing()


@dataclass(frozen=True, slots=True)
class EpisodePlace:
    """The playbook that attempts belong to: its store and name, the tokens of a prompt that it may take, who is told, and
    what attempts leave out."""

    store: Store
    name: str
    tokens: int
    hear: Callable[[Event], None]
    drawing: Drawing = NOT_DRAWN


class OpenEpisode:
    """An attempt under way. Use it in a `with` or `async with` block, or call `finish` when it is over; from several threads
    or tasks, if need be."""

    def __init__(self, place: EpisodePlace, task: Task, trust: Trust = Trust.TRUSTED, *, id: str = "") -> None:
        self.place, self.task, self.trust = place, task, trust
        self.id = id or f"e-{secrets.token_hex(8)}"
        self._began = time.monotonic()
        self._guard = threading.Lock()
        self._shown: AgentContext | None = None
        self._heard: list[list[Line]] = []
        self._over = False
        self._fault = ""
        self._entered: Token[tuple[OpenEpisode, ...]] | None = None
        mind(self)

    def let_go(self) -> None:
        """Nothing: an episode has no connection."""

    def begin_anew(self) -> None:
        """In a process that was forked: a new lock, because the old one may be held by a thread that did not come along."""
        self._guard = threading.Lock()

    @property
    def context(self) -> str:
        """What to add to the agent's system prompt: the playbook's bullets (those that concern the task, where it is large)
        below one sentence that says how to use them. Empty while the playbook is. The same text however often it is read; that
        it was shown is recorded. Raises `StoreUnusable`."""
        with self._guard:
            if self._shown is None:
                draw = Draw(derive_seed(self.id), LEARNING, self.place.drawing.holdout, self.place.drawing.mask)
                served = self.place.store.view(self.place.name).at(Trust.TRUSTED)
                self._shown = shown(served, self.task, self.place.tokens, draw)
            return self._shown.text

    async def acontext(self) -> str:
        """`context`, for programs that may not wait for a disk."""
        return await asyncio.to_thread(lambda: self.context)

    @property
    def over(self) -> bool:
        """Whether it has been finished."""
        return self._over

    def finish(
        self,
        success: bool | None,
        *,
        transcript: Transcript = "",
        feedback: str | None = "",
        cited: Iterable[str] | None = (),
        score: float | None = None,
    ) -> Episode:
        """Say what came of it, and store it: durable when this returns.

        `success` is `None` where it cannot be told; nothing is then learned from it. `transcript` is what the agent did: a
        text, chat messages, or any JSON; bullets that it names in brackets count as cited, and so do those in `cited`.
        An id that no bullet of the playbook has is warned of (`ace.AceWarning`) and left out. `feedback` is told to the
        learner; `score` is in [0, 1]. Gives what was stored. Raises `BadSetting` (and it can be
        finished still), `Conflict` where it was finished before, and `StoreUnusable`."""
        came = unspoiled(outcome(success, feedback, score), self._fault)
        return self._end(came, self._told(transcript), named(cited, self.place.store, self.place.name))

    async def afinish(self, success: bool | None, **said: Unpack[OutcomeKeywords]) -> Episode:
        """`finish`, for programs that may not wait for a disk."""
        return await asyncio.to_thread(lambda: self.finish(success, **said))

    def later(self, key: str = "", *, transcript: Transcript = "") -> str:
        """Keep the attempt, and say what came of it later: in this process or another, with `report` of the playbook and the
        key that this gives. `key` is your own for it (a ticket's number, a response's id); raises `Conflict` for one that was
        used before with this playbook."""
        key = require_text("the key", key or self.id)
        waiting = replace(
            self._made(invalid(self._fault or "its outcome is not known yet"), self._told(transcript), ()), phase=WAITING
        )
        self._store(Batch((replace(waiting, id=waiting_id(self.place.name, key)),)), f"the key {key!r} was used before")
        return key

    async def alater(self, key: str = "", *, transcript: Transcript = "") -> str:
        """`later`, for programs that may not wait for a disk."""
        return await asyncio.to_thread(lambda: self.later(key, transcript=transcript))

    def heard(self, messages: Transcript) -> None:
        """Take down a model call that was made in the course of this attempt: its messages, the reply among them. What only
        goes on where an earlier call ended takes its place; without a transcript, `finish` stores what was heard."""
        lines = lines_of(messages)
        self._fault = ""
        with self._guard:
            for i, known in enumerate(self._heard):
                if lines[: len(known)] == known:
                    self._heard[i] = lines
                    return
            self._heard.append(lines)

    def failed(self, why: str) -> None:
        """Note that a model call in the course of this attempt ended in a server's fault. Unless a later call is answered, what
        ends as a failure is stored as invalid: it says nothing of the agent."""
        self._fault = f"{FAULT}{why}"

    def _told(self, transcript: Transcript) -> list[Line]:
        given = lines_of(transcript)
        with self._guard:
            return given or [line for call in self._heard for line in call]

    def _end(self, came: Outcome, lines: Sequence[Line], cited: Sequence[str]) -> Episode:
        made = self._made(came, lines, cited)
        self._store(Batch((made,), playbook=self.place.name))
        self.place.hear(EpisodeEnded(made))
        return made

    def _store(self, batch: Batch, taken: str = "") -> None:
        with self._guard:
            if self._over:
                raise Conflict(f"episode {self.id} is finished; an episode is finished once, begin another one")
            self._over = True
        try:
            self.place.store.commit(batch)
        # Nothing was stored, so the attempt can be ended again: all of it is raised on.
        except BaseException as error:
            self._over = False
            if taken and isinstance(error, Conflict):
                raise Conflict(f"{taken} with playbook {self.place.name!r}; give each attempt a key of its own") from None
            raise

    def _made(self, came: Outcome, lines: Sequence[Line], cited: Sequence[str]) -> Episode:
        render = self._shown.render if self._shown else Render("")
        steps = with_cited(steps_of(lines, render.text, {x.bullet for x in render.exposures if x.shown}), cited)
        return Episode(
            id=self.id,
            task=self.task,
            attempt=1,
            phase=LEARNING,
            epoch=0,
            seed=derive_seed(self.id),
            first=opening(lines, self.task.text),
            steps=steps,
            outcome=came,
            render=with_citations(render, steps),
            prompt_hash=digest(self._shown.text) if self._shown else "",
            seconds=time.monotonic() - self._began,
            trust=self.trust,
        )

    def __enter__(self) -> Self:
        self._entered = _inside.set((*_inside.get(), self))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave()
        if self._over:
            return
        if error is None:
            self._end(invalid("the block ended without a verdict"), self._told(""), ())
            return
        try:
            self._end(invalid(f"{type(error).__name__} ended it: {redact_all(str(error))}"[:500]), self._told(""), ())
        # What the agent's program raised is what it must see.
        except AceError as fault:
            warn(f"an attempt that ended with {type(error).__name__} could not be stored: {fault}")

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        if not self._over:
            await asyncio.to_thread(self.__exit__, kind, error, trace)

    def _leave(self) -> None:
        entered, self._entered = self._entered, None
        if entered is not None:
            # Some frameworks enter and leave in different contexts; the one it was set in is gone then.
            with suppress(ValueError):
                _inside.reset(entered)


_inside: ContextVar[tuple[OpenEpisode, ...]] = ContextVar("ace_inside", default=())


def current(place: EpisodePlace) -> OpenEpisode | None:
    """The innermost attempt for this playbook in whose block we are, if there is one that is not over."""
    for ep in reversed(_inside.get()):
        if not ep.over and (ep.place.store, ep.place.name) == (place.store, place.name):
            return ep
    return None


def unspoiled(came: Outcome, fault: str) -> Outcome:
    """`came`, where no server's fault stands behind it; a failure with one behind it is invalid."""
    if not fault or came.verdict is Verdict.SUCCESS:
        return came
    return replace(came, verdict=Verdict.INVALID, reason=fault)


def waiting_id(playbook: str, key: str) -> str:
    """The id of the attempt that waits for its outcome under `key`."""
    return f"w-{digest(playbook, key)[:16]}"


def with_cited(steps: Sequence[Step], cited: Sequence[str]) -> tuple[Step, ...]:
    """The steps, the last of them citing `cited` too."""
    if not cited:
        return tuple(steps)
    *before, last = steps or (Step(""),)
    return (*before, replace(last, cited=tuple(dict.fromkeys((*last.cited, *cited)))))


def with_citations(render: Render, steps: Sequence[Step]) -> Render:
    """The render, with a mark at what was cited."""
    named_ids = {c for s in steps for c in s.cited}
    marked = tuple(replace(x, cited=True) if x.shown and x.bullet in named_ids else x for x in render.exposures)
    return replace(render, exposures=marked)
