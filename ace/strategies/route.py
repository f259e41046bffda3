"""The strategy `route`: a cheap model acts, and a stronger one takes the steps where something says that it is needed.

What is shown and learned is another strategy's. While learning the cheap model acts alone, so that what is measured is the
routing. The counterpart, step by step and by what is read, of hybrid models that steer a base model at a share of its tokens
(Venhoff et al. 2025, arXiv:2510.07364); no activation is touched, and its figures are of another thing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from ace.attempt import Briefing
from ace.errors import BadSetting, NotUsable
from ace.memory.view import View
from ace.options import Least, Most, parse_pairs
from ace.playbooks.triggers.grammar import read_trigger
from ace.roles.routing import RoutedLesson, Routing, When
from ace.statistics.intervals import paired
from ace.strategies.contract import (
    MEASURED,
    TRIED,
    Cautioning,
    Checking,
    Draw,
    Learned,
    Lesson,
    Roles,
    Spends,
    Trying,
    without_effect,
)
from ace.strategies.registry import made, open_strategy
from ace.types import JSON, Episode, Reflection, Task

OFFERS = {"route": "Route"}


def _require_share(when: When, share: float | None) -> None:
    """Raise `BadSetting` for a share that `when` does not go with, or that is none."""
    if when == "random" and share is None:
        raise BadSetting("when=random needs share=, the share of steps that the stronger model takes, from 0 to 1")
    if when != "random" and share is not None:
        raise BadSetting(f"share={share:g} is for when=random alone, and when is {when}; leave one of the two out")
    if share is not None and not 0 <= share <= 1:
        raise BadSetting(f"share={share:g} is out of range; it must be from 0 to 1")


def pairs_in(text: str) -> dict[str, str]:
    """The pairs that `of_settings` states. Raises `BadSetting`."""
    return parse_pairs([p for p in re.split(r"[,;\s]+", text) if p])


class Route:
    """Lets a stronger model take the steps that bullets, samples or repetition call for."""

    wraps: ClassVar[str] = "of"

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        strong: Annotated[str, "The stronger model, named as for --model; the run's own model is the cheap one."],
        of: Annotated[
            Literal["frozen", "ace", "reflexion", "addonly", "rewrite"], "The strategy that decides what is shown and learned."
        ] = "frozen",
        of_settings: Annotated[str, "Settings of that strategy, KEY=VALUE, several with blanks, semicolons or commas."] = "",
        playbook: Annotated[str, "with of=frozen: the playbook that is shown, NAME or NAME@REVISION; the run's if empty."] = "",
        when: Annotated[When, "Which model takes a step: routed (the stronger one for a reason), or a control."] = "routed",
        share: Annotated[float | None, "when=random: the share of steps that the stronger model takes, 0 to 1."] = None,
        triggers: Annotated[bool, "Ask the stronger model where an escalated bullet applies."] = True,
        samples: Annotated[
            int | None, Least(2), "Ask it where this many samples of the cheap one disagree; never if none."
        ] = None,
        agreement: Annotated[float, "The share of the samples that must agree, more than 0 to 1."] = 1.0,
        repeats: Annotated[bool, "Ask it where an observation repeats an earlier one of the attempt."] = True,
        cases: Annotated[
            int, Least(0), Most(TRIED), "Validation cases on which it must be better than the cheap one; 0 skips this check."
        ] = 40,
    ) -> None:
        self._told, self._cases, self._strong, self._triggers = roles.surroundings, cases, strong.strip(), triggers
        if not self._strong:
            raise BadSetting(
                "strong is empty; it must name a model, as --model does: route needs one that is better than the run's"
            )
        if not 0 < agreement <= 1:
            raise BadSetting(f"agreement={agreement:g} is out of range; it must be more than 0 and at most 1")
        _require_share(when, share)
        if playbook and of != "frozen":
            raise BadSetting(f"playbook={playbook} is shown by of=frozen alone; of={of} shows the playbook that it learns")
        routed = when == "routed"
        told = {"triggers": triggers, "samples": samples is None, "repeats": repeats, "cases": cases == 40}
        self._idle = without_effect({name: (stock, routed) for name, stock in told.items()}, f"when={when}")
        alone = "one sample of the cheap model; set samples"
        self._idle += without_effect({"agreement": (agreement == 1, samples is not None)}, alone)
        self._routing = Routing(when, share or 0.0, (), samples or 1, agreement, repeats)
        self._inner = made(open_strategy(of, pairs_in(of_settings)), roles, of)
        self._idle += list(self._inner.cautions()) if isinstance(self._inner, Cautioning) else []
        self.checks = self._inner.checks if isinstance(self._inner, Checking) else ()
        self._playbook, self._playbooks = playbook, roles.playbooks
        self.reads = (playbook,) if playbook else ()
        self.models = {"strong": self._strong}
        self._read: dict[tuple[str, int], RoutedLesson] = {}
        if of == "frozen":
            self.spends = Spends(900, votes=samples or 1, before=lambda kinds: 2 * cases if when == "routed" else 0)

    def require(self) -> None:
        if self._told is not None and self._told.model == self._strong:
            raise BadSetting(f"strong={self._strong} is the model that acts already; route needs a stronger one: name it")

    def cautions(self) -> Sequence[str]:
        return self._idle

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        return self._shown(task, book, earlier, draw, None if draw.learning else self._routing)

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return await self._inner.learn(lesson, book)

    def _shown(
        self,
        task: Task,
        book: View,
        earlier: Sequence[tuple[Episode, Reflection]],
        draw: Draw,
        routing: Routing | None,
    ) -> Briefing:
        view = book
        if self._playbook and self._playbooks is not None and draw.phase != "before":
            view = self._playbooks(self._playbook).at(book.trust)
        briefing = self._inner.context(task, view, earlier, draw)
        if routing is None:
            return briefing
        shown = [x.bullet for x in briefing.render.exposures if x.shown] if self._triggers and routing.when == "routed" else []
        return replace(briefing, routing=replace(routing, lessons=self._lessons(view, shown)))

    def _lessons(self, view: View, ids: Sequence[str]) -> tuple[RoutedLesson, ...]:
        """The bullets `ids` of `view`; none where none of them is escalated."""
        bullets = [b for b in map({b.id: b for b in view.bullets()}.get, ids) if b is not None]
        if not any(b.escalated for b in bullets):
            return ()
        for b in bullets:
            if (b.text, b.escalated) not in self._read:
                self._read[b.text, b.escalated] = RoutedLesson(b.id, b.escalated, read_trigger(b.text))
        return tuple(replace(self._read[b.text, b.escalated], id=b.id) for b in bullets)

    async def tune(self, trying: Trying) -> JSON:
        """How often the cheap and the stronger model win the same validation cases. Raises `NotUsable` where the stronger one
        is not better by more than chance: there is then no gap to recover."""
        if self._routing.when != "routed" or not self._cases:
            return None
        tasks = trying.tasks(self._cases)
        if not tasks:
            raise NotUsable(
                "route is not usable: there are no validation cases to compare the models on; cases=0 leaves that out"
            )

        async def played(when: When) -> Sequence[Episode]:
            def context(task: Task, book: View, draw: Draw) -> Briefing:
                return self._shown(task, book, (), draw, Routing(when))

            return await trying.play(tasks, f"route/{when}", context)

        both = [p for p in zip(await played("never"), await played("always"), strict=True) if all(e.outcome.valid for e in p)]
        cheap, strong = ([p[side].outcome.success for p in both] for side in (0, 1))
        difference, low, high = paired(cheap, strong)
        found = {"cases": len(both), "cheap": sum(cheap), "strong": sum(strong), "interval": [low, high]}
        if low <= 0:
            told = f"{self._strong} won {sum(strong)} of {len(both)} validation cases and the cheap model {sum(cheap)}"
            why = f"no better than chance allows (a difference of {low:+.2f} to {high:+.2f}); there is no gap to recover"
            raise NotUsable(f"route is not usable: {told}, {why}")
        return {**found, "difference": difference}

    def tuned(self, found: JSON) -> None:
        """Nothing depends on it."""
