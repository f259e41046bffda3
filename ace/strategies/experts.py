"""The strategy `experts`: several playbooks, of which a first pass chooses one for each case, and a second one answers with it
(after Transformer squared, Sun, Cetin and Tang 2025, arXiv:2501.06252, with playbooks in place of singular-value vectors).

Experts are playbooks of the store, each learned in a run of its own, and read here at revisions that the run records; nothing
is learned. A case that belongs to none goes to the fallback. `merged`, `oracle` and `random` are the controls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, ClassVar, Literal

from ace.attempt import Briefing, FirstPass
from ace.errors import BadSetting, NotUsable
from ace.memory.view import View
from ace.options import Least, Most
from ace.strategies.composing import Part, composed
from ace.strategies.contract import MEASURED, TRIED, Draw, Learned, Lesson, Roles, Spends, Trying, without_effect
from ace.strategies.dispatching import Classifier, experts_of, folded, shares_of
from ace.strategies.reflecting import kept, told
from ace.strategies.remembering import NOTHING_YET
from ace.strategies.sharing import SearchEffort, Shares, searched
from ace.strategies.shown import BulletTokens, briefing
from ace.types import JSON, Episode, Reflection, Task, Trust, derive_seed

OFFERS = {"experts": "Experts"}

EMPTY, MERGED, OWN = "empty", "merged", "own"
"""Fallbacks: nothing is shown; all experts are; the run's own playbook is."""
FALLBACK = ""
"""The label of the fallback."""
TASKS, KINDS = "tasks", "kinds"
"""What a run keeps: how many past tasks were known, or the shares by kind."""
_LISTED = 60
"""Validation cases that are looked at for each one that a search plays of a kind."""

_MANY = 5000
"""Attempts of a search; from so many on, their number is told before."""


class Experts:
    """Shows the playbook that a first pass chooses for the case."""

    learns: ClassVar[bool] = False

    def __init__(
        self,
        roles: Roles,
        /,
        *,
        experts: Annotated[str, "The playbooks, two or more with commas: NAME, NAME@REVISION, or KIND:NAME."],
        fallback: Annotated[str, "What is shown for a case that fits no expert: empty, merged, own, or a playbook."],
        dispatch: Annotated[
            Literal["classifier", "prompt", "shares", "merged", "oracle", "random"],
            "How a case's expert is chosen: by past tasks, by asking the model, by shares of all; or a control.",
        ] = "classifier",
        tokens: BulletTokens = 1800,
        margin: Annotated[
            float, Least(0), "classifier: the least lead of the best expert's BM25 score over the next one's."
        ] = 1.0,
        examples: Annotated[int, Least(0), "prompt: past tasks that are listed for each expert."] = 3,
        shares: Annotated[
            str, "shares: one number from 0 to 1 for each expert, with commas; searched on validation cases if empty."
        ] = "",
        cases: Annotated[int, Least(1), Most(TRIED), "shares: validation cases of each kind that each candidate plays."] = 10,
        population: Annotated[int, Least(4), Most(1000), "shares: candidates in each round of the search."] = 16,
        rounds: Annotated[int, Least(1), Most(100), "shares: rounds of the search."] = 4,
    ) -> None:
        self._roles, self._tokens, self._margin, self._most = roles, tokens, margin, examples
        self.dispatch, self.experts = dispatch, experts_of(experts)
        self._fallback = _fallback(fallback)
        self._effort, self._cases = SearchEffort(max(population, len(self.experts) + 2), rounds), cases
        stated = shares_of(shares, self.experts)
        if stated and dispatch != "shares":
            raise BadSetting(f"shares={shares!r} is given and dispatch is {dispatch}; write dispatch=shares, or leave it out")
        self._shares: dict[str, Shares] | None = {"": stated} if stated else None
        self._searches = dispatch == "shares" and not stated
        used = {
            "margin": (margin == 1.0, dispatch == "classifier"),
            "examples": (examples == 3, dispatch == "prompt"),
            **{
                n: (v == stock, self._searches)
                for n, v, stock in (("cases", cases, 10), ("population", population, 16), ("rounds", rounds, 4))
            },
        }
        self._idle = without_effect(used, f"dispatch={dispatch}" + " and stated shares" * bool(stated))
        other = [] if self._fallback in (EMPTY, MERGED, OWN) else [self._fallback]
        self.reads = tuple(dict.fromkeys([*(e.ref for e in self.experts), *other]))
        self._classifiers: dict[Trust, Classifier] = {}
        self._known: Mapping[str, Mapping[str, int]] = {}
        self.spends = Spends(tokens, besides=int(dispatch == "prompt"), before=self._tried)

    def require(self) -> None:
        if self._roles.playbooks is None:
            return
        known: dict[str, str] = {}
        for expert in self.experts:
            hash = self._roles.playbooks(expert.ref).revision.hash
            if hash in known:
                both = f"{known[hash]} and {expert.ref}"
                raise BadSetting(f"experts: {both} are the same revision of one playbook; name one of them")
            known[hash] = expert.ref
        for expert in self.experts if self.dispatch in ("classifier", "prompt") else ():
            if not self._read(expert.ref, Trust.TRUSTED).tasks():
                why = f"playbook {expert.name} was learned from no trusted task, so past tasks do not tell its cases"
                raise NotUsable(f"experts is not usable with dispatch={self.dispatch}: {why}; learn it in a run, or use shares")

    def cautions(self) -> Sequence[str]:
        told = self._roles.surroundings
        if told is None:
            return ()
        lines, kinds = [*self._idle], {folded(kind) for kind in told.kinds()}
        # Only a label that was named is to be a kind, but oracle dispatch goes by labels alone.
        meant = [e for e in self.experts if self.dispatch == "oracle" or e.label != e.name]
        lacking = [e.label for e in meant if folded(e.label) not in kinds]
        if lacking:
            listed = f"; their kinds are {', '.join(told.kinds())}" if kinds else ", and they have no kinds"
            so = ", so each goes to the fallback" if self.dispatch == "oracle" and len(lacking) == len(self.experts) else ""
            lines.append(f"no case of this run has the kind {' or '.join(lacking)}{so}{listed}")
        if (tried := self._tried(max(1, len(kinds)))) > _MANY:
            lines.append(f"the search plays up to {tried:,} attempts at validation cases before anything is measured")
        return lines

    def _tried(self, kinds: int) -> int:
        """The attempts of the search at cases of so many kinds, at most."""
        candidates = self._effort.population * self._effort.rounds if self._searches else 0
        return candidates * min(kinds * self._cases, TRIED)

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw = MEASURED) -> Briefing:
        if draw.phase == NOTHING_YET:
            return Briefing()
        if self.dispatch == "shares":
            return self._by_shares(task, book, earlier, draw)
        if self.dispatch == "merged":
            return self._composed((1.0,) * len(self.experts), task, book, earlier, draw)
        shown = partial(self._shown, task=task, book=book, earlier=earlier, draw=draw)
        if self.dispatch == "prompt":
            known = self._classifier(book.trust).known(self._most)
            return Briefing(first=FirstPass(known, FALLBACK, shown))
        return shown(self._label(task, book.trust, draw))

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        return Learned(kept(lesson))

    def _label(self, task: Task, trust: Trust, draw: Draw) -> str:
        """The label of the expert that `task` is dispatched to."""
        if self.dispatch == "random":
            return self.experts[derive_seed("dispatch", draw.seed) % len(self.experts)].label
        if self.dispatch == "oracle":
            return next((e.label for e in self.experts if folded(e.label) == folded(task.kind)), FALLBACK)
        return self._classifier(trust).nearest(task.text, self._margin)

    def _shown(self, label: str, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        """What a case is shown that was dispatched to `label`."""
        expert = next((e for e in self.experts if e.label == label), None)
        if expert is None and self._fallback == EMPTY:
            return Briefing(earlier=told(earlier))
        if expert is None and self._fallback == MERGED:
            return self._composed((1.0,) * len(self.experts), task, book, earlier, draw)
        ref = self._fallback if expert is None else expert.ref
        view = book if expert is None and ref == OWN else self._read(ref, book.trust)
        return briefing(task, view, self._tokens, told(earlier), draw)

    def _by_shares(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        found = self._shares or {}
        shares = found.get(task.kind) if self._searches else found.get("")
        if shares is None:
            return self._shown(FALLBACK, task, book, earlier, draw)
        return self._composed(shares, task, book, earlier, draw)

    def _composed(
        self, shares: Shares, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw
    ) -> Briefing:
        return composed(task, self._parts(shares, book.trust), self._tokens, told(earlier), draw)

    def _parts(self, shares: Shares, trust: Trust) -> list[Part]:
        """The experts with their shares, the largest first, of equals as they are listed."""
        parts = [Part(e.label, self._read(e.ref, trust), s) for e, s in zip(self.experts, shares, strict=True)]
        return sorted(parts, key=lambda part: -part.share)

    def _read(self, ref: str, trust: Trust) -> View:
        if self._roles.playbooks is None:
            raise BadSetting("experts are playbooks that a run reads; there is no run here, so this strategy cannot be used")
        return self._roles.playbooks(ref).at(trust)

    def _classifier(self, trust: Trust) -> Classifier:
        if trust not in self._classifiers:
            counts = self._known.get(trust.value, {})
            tasks = {e.label: self._read(e.ref, trust).tasks()[: counts.get(e.label)] for e in self.experts}
            self._classifiers[trust] = Classifier(tasks)
        return self._classifiers[trust]

    async def tune(self, trying: Trying) -> JSON:
        """What the run is to go by, also where it is resumed: the shares for each kind of validation cases, with what they won
        there; or how many past tasks of each expert a classifier knows, by the trust of a case."""
        if self.dispatch in ("classifier", "prompt"):
            counts = {t.value: {e.label: len(self._read(e.ref, t).tasks()) for e in self.experts} for t in Trust}
            return {TASKS: counts}
        if not self._searches:
            return None
        by_kind: dict[str, list[Task]] = {}
        for task in trying.tasks(_LISTED * self._cases):
            of = by_kind.setdefault(task.kind, [])
            if len(of) < self._cases:
                of.append(task)
        if not by_kind:
            raise NotUsable(
                "experts is not usable with dispatch=shares: there are no validation cases to search on; state shares"
            )
        found: dict[str, JSON] = {}
        for kind, tasks in by_kind.items():
            seed = derive_seed("shares", kind, [t.key for t in tasks])
            shares, won = await searched(
                len(self.experts), self._effort, _Tried(trying, tasks, self._parts, self._tokens).won, seed
            )
            found[kind] = {"shares": list(shares), "success": won, "cases": len(tasks)}
        return {KINDS: found}

    def tuned(self, found: JSON) -> None:
        if found is not None and TASKS in found:
            self._known = found[TASKS]
        elif found is not None:
            self._shares = {kind: tuple(of["shares"]) for kind, of in found[KINDS].items()}


@dataclass(slots=True)
class _Tried:
    """Candidates of a search, each played on `tasks`; those that show the same are played once. `parts` are the experts with
    given shares."""

    trying: Trying
    tasks: Sequence[Task]
    parts: Callable[[Shares, Trust], list[Part]]
    tokens: int
    known: dict[tuple[tuple[str, int], ...], tuple[float, int]] = field(default_factory=dict)

    async def won(self, shares: Shares) -> tuple[float, int]:
        parts = self.parts(shares, Trust.TRUSTED)
        key = tuple((part.name, part.count) for part in parts if part.count)
        if key not in self.known:

            def context(task: Task, book: View, draw: Draw) -> Briefing:
                return composed(task, self.parts(shares, book.trust), self.tokens, (), draw)

            episodes = await self.trying.play(self.tasks, "/".join(f"{name}-{count}" for name, count in key), context)
            valid = [e for e in episodes if e.outcome.valid]
            rate = sum(e.outcome.success for e in valid) / len(valid) if valid else 0.0
            self.known[key] = rate, sum(len(b.text) for part in parts for b in part.bullets()) // 4
        return self.known[key]


def _fallback(text: str) -> str:
    said = text.strip()
    if not said:
        raise BadSetting(
            f"fallback is empty; it must be {EMPTY}, {MERGED}, {OWN}, or a playbook: a case that belongs to no expert needs it"
        )
    return said
