"""The gate `trial`: a delta stays only where attempts with it win clearly more often than the same attempts without it.

Each task is played twice, with the same seed, and only pairs that come out differently count. Over the run's proposals the
share of kept ones that do not help is at most `--gate-alpha` on average (`ace.statistics.sequential`). A task serves one
judgement of a run: an answer that was used before would depend on what it decided. So there is one rule for a pool that runs
out: a delta that could not be accepted even if all tasks left were won is not played, and is held for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ace.playbooks.operations import Judgement
from ace.runs.gates.contract import Figures, Fresh, Proposal, Ruling, Ways, held, passed, refused
from ace.runs.gates.pairs import Pairs, compared
from ace.statistics.sequential import Stop, as_float, e_value, fewest, needed
from ace.types import Trust

OFFERS = {"trial": "Trial"}
PAIRS, SINCE = "pairs", "judged together since revision"
"""Figures of a judgement: of one that played, and of one that waits for those after it."""


@dataclass(frozen=True, slots=True)
class _Level:
    """What proposal number `question` of the run needs."""

    question: int
    accepted: int
    wanted: float

    @classmethod
    def of(cls, earlier: Sequence[Judgement], alpha: float) -> _Level:
        tried = [j for j in earlier if PAIRS in j.figures]
        question, accepted = len(tried) + 1, sum(j.passed for j in tried)
        return cls(question, accepted, needed(alpha, question, accepted))


class Trial:
    """Plays paired attempts at fresh validation tasks, with each delta and without it; refuses what does not clearly help."""

    draws = True
    only_at_end = False

    @staticmethod
    def least(alpha: float) -> int:
        """The fewest pairs that can keep a first delta."""
        return fewest(needed(alpha, 1, 0))

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        if proposal.trust is Trust.UNTRUSTED:
            return passed({"not tried": "it rests on untrusted attempts and is not shown where work is measured"})
        earlier = ways.earlier()
        waiting = _waiting(earlier)
        since = waiting[0] if waiting else proposal.book.revision.number
        if len(waiting) + 1 < ways.terms.every:
            return passed({SINCE: since, "deltas": len(waiting) + 1, "of": ways.terms.every})
        return await self._tried(ways, earlier, since if waiting else None)

    async def end(self, proposal: Proposal, ways: Ways, revisions: Sequence[int], /) -> Ruling | None:
        """The deltas that wait to be judged with others that did not come."""
        earlier = ways.earlier()
        waiting = _waiting(earlier)
        if not waiting or waiting[0] == proposal.book.revision.number:
            return None
        return await self._tried(ways, earlier, waiting[0])

    async def _tried(self, ways: Ways, earlier: Sequence[Judgement], since: int | None) -> Ruling:
        """The ruling on the delta, or with `since` on all that changed since that revision."""
        terms, level = ways.terms, _Level.of(earlier, ways.terms.alpha)
        fresh = ways.fresh(terms.pairs, since)
        figures = _drawn(fresh)
        if (least := fewest(level.wanted)) > len(fresh.tasks):
            return _out_of_tasks(fresh, least, figures, since)
        sides = (ways.play, partial(ways.play, operations=False, revision=since))
        pairs, stop = await compared("trial", fresh.tasks, sides, level.wanted, terms.alpha)
        figures = {**_figures(pairs, level, stop), **figures}
        told = f"{pairs.won} won and {pairs.lost} lost of {pairs.n} pairs, E {_short(pairs)} of {level.wanted:.3g}"
        if stop is Stop.SUCCESS:
            return passed(figures)
        return refused(f"{_WHY[stop]}: {told}", figures, back=since)


_WHY = {Stop.HARM: "it does harm", Stop.FUTILITY: "it does not clearly help"}


def _waiting(earlier: Sequence[Judgement]) -> list[int]:
    """Of each delta that waits to be judged together with the next, the revision since which they wait."""
    found: list[int] = []
    for j in earlier:
        if PAIRS in j.figures or not j.passed:
            found = []
        elif SINCE in j.figures:
            found.append(int(j.figures[SINCE]))
    return found


def _out_of_tasks(fresh: Fresh, least: int, figures: Figures, since: int | None) -> Ruling:
    left = f"{len(fresh.tasks)} fresh validation tasks are left that it changes something for"
    reason = f"{left}, and {least} at least are needed to show that it helps"
    if since is None:
        return held(reason, figures)
    # What came before this delta is in the playbook already, and nothing was shown for it.
    return refused(f"nothing could be shown for the deltas since revision {since}: {reason}", figures, back=since)


def _drawn(fresh: Fresh) -> Figures:
    kept = {"kept back for final": fresh.kept_back} if fresh.kept_back else {}
    drawn = {"fresh tasks": len(fresh.tasks), "left out": fresh.left_out, "used before": fresh.used}
    return {**drawn, **kept, "prompt alike": fresh.alike}


def _figures(pairs: Pairs, level: _Level, stop: Stop) -> Figures:
    return {
        PAIRS: pairs.n,
        "wins": pairs.won,
        "losses": pairs.lost,
        "E value": round(as_float(e_value(pairs.won, pairs.lost)), 3),
        "needed": round(level.wanted, 3),
        "stopped at": stop.value,
        "kinds that got worse": dict(pairs.worse),
        "proposal": level.question,
        "kept before": level.accepted,
        **({"invalid pairs": pairs.invalid} if pairs.invalid else {}),
    }


def _short(pairs: Pairs) -> str:
    return f"{as_float(e_value(pairs.won, pairs.lost)):.3g}"
