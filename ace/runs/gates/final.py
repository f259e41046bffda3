"""The gate `final`: what a run has made of the playbook stays only where it beats the revision that the run began with.

At the end of the run K of its revisions, chosen before any pair is played, meet that revision on tasks that served no other
judgement. The playbook stays as it is where its E value reaches K / alpha; else it goes back to the newest of the others that
does, else to the revision that the run began with. So a run that learned nothing of use keeps what it learned with a chance of
at most alpha, whichever revision is looked at. Going back is a new revision, and what persons changed meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from ace.options import Least
from ace.runs.gates.contract import Figures, Fresh, Proposal, Ruling, Ways, passed, refused
from ace.runs.gates.pairs import Pairs, compared
from ace.statistics.sequential import Stop, as_float, e_value, fewest, not_worse
from ace.types import JSON

OFFERS = {"final": "Final"}
REVISIONS = 4


class Final:
    """At the end of a run, compares its revisions with the one that it began with; keeps only what clearly wins more often."""

    draws = True
    only_at_end = True

    def __init__(
        self,
        *,
        revisions: Annotated[
            int, Least(1), "The most revisions of the run that are compared with the one it began with."
        ] = REVISIONS,
    ) -> None:
        self._most = revisions

    @staticmethod
    def least(alpha: float) -> int:
        """The fewest pairs that can keep what a run learned, of one revision."""
        return fewest(1 / alpha)

    async def judge(self, proposal: Proposal, ways: Ways, /) -> Ruling:
        """Judges no single delta."""
        return passed()

    async def end(self, proposal: Proposal, ways: Ways, revisions: Sequence[int], /) -> Ruling | None:
        start, head = revisions[0], proposal.book.revision.number
        chosen = spread([*revisions[1:-1], head] if revisions[1:] else [], self._most)
        if not chosen:
            return None
        wanted = len(chosen) / ways.terms.alpha
        fresh = ways.fresh(ways.terms.pairs, start)
        found: dict[int, tuple[Pairs, Stop]] = {}
        for number in reversed(chosen):
            sides = (partial(ways.play, revision=number), partial(ways.play, revision=start))
            found[number] = await compared("final", fresh.tasks, sides, wanted, ways.terms.alpha)
            if found[number][1] is Stop.SUCCESS:
                break
        return _ruling(found, start, head, _figures(found, fresh, wanted, ways.terms.eps), wanted)


def spread(numbers: Sequence[int], most: int) -> list[int]:
    """At most `most` of `numbers`, evenly spread, the last one among them."""
    n = len(numbers)
    k = min(most, n)
    return [numbers[-(-n * i // k) - 1] for i in range(1, k + 1)]


def _ruling(found: dict[int, tuple[Pairs, Stop]], start: int, head: int, figures: Figures, wanted: float) -> Ruling:
    number, (pairs, stop) = list(found.items())[-1]
    kept = number if stop is Stop.SUCCESS else start
    figures = {**figures, "start": start, "head": head, "kept": kept}
    if kept == head:
        return passed(figures)
    first = found[head][0]
    told = f"revision {head} won {first.won} and lost {first.lost} of {first.n} pairs against revision {start}"
    if kept != start:
        then = f"revision {kept} won {pairs.won} and lost {pairs.lost} of {pairs.n}"
        return refused(f"{told}, which does not show that it is better; {then}, which does", figures, back=kept)
    more = f", nor does any other of the {len(found)} revisions that were tried" if len(found) > 1 else ""
    return refused(f"{told}, which does not show that it is better (E {wanted:g} needed){more}", figures, back=start)


def _figures(found: dict[int, tuple[Pairs, Stop]], fresh: Fresh, wanted: float, eps: float) -> Figures:
    pairs = next(iter(found.values()))[0]
    told: dict[str, JSON] = {
        "pairs": sum(p.n for p, _ in found.values()),
        "needed": round(wanted, 3),
        "against the start": {str(number): _counts(p, stop) for number, (p, stop) in found.items()},
        "kinds that got worse": dict(pairs.worse),
        "fresh tasks": len(fresh.tasks),
        "left out": fresh.left_out,
        "used before": fresh.used,
        "prompt alike": fresh.alike,
    }
    if eps:
        told[f"E value of not worse by {eps:g}"] = round(not_worse(pairs.differences, eps), 3)
    return told


def _counts(p: Pairs, stop: Stop) -> dict[str, JSON]:
    told = {"pairs": p.n, "wins": p.won, "losses": p.lost, "E value": round(as_float(e_value(p.won, p.lost)), 3)}
    return {**told, "stopped at": stop.value, **({"invalid pairs": p.invalid} if p.invalid else {})}
