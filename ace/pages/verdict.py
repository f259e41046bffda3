"""The answer in a sentence: did it help, by how much, and how sure is that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ace.memory.values import Run, RunStatus
from ace.pages.html import Html, el
from ace.pages.words import count, points, share
from ace.results.cautions import WON_BY_NOTHING, won_already
from ace.results.result import Gain, Result

_INVALID = 0.05
"""Share of invalid attempts from which a page warns."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The sentence, and the paragraphs under it."""

    answer: str
    lead: Sequence[Html]


def changed(difference: float, interval: tuple[float, float]) -> str:
    """What a change and its 95 % interval allow to be said."""
    low, high = interval
    if low > 0:
        return f"It helped: {points(difference)} points"
    if high < 0:
        return f"It did harm: {points(difference)} points"
    return f"No change can be told: {points(difference)} points, but anything from {points(low)} to {points(high)} fits"


def verdict(r: Result) -> Finding:
    """The verdict on a learning run."""
    if r.gain is None:
        return _unmeasured(r)
    numbers = el(
        "p", f"Success on the same {count(r.gain.n, 'held-out case')} went from ", el("strong", share(r.before.success)),
        " with an empty playbook to ", el("strong", share(r.after.success)), f" with what was learned. {_interval(r.gain)}",
        class_="lead",
    )  # fmt: skip
    sure = (
        "The interval covers the choice of held-out cases. It does not cover chance in learning: this is one run with one "
        f"seed ({r.seed}). ace compare repeats it with several, beside simple methods."
    )
    return Finding(changed(r.gain.difference, r.gain.interval), [numbers, el("p", sure, class_="soft")])


def _interval(gain: Gain) -> str:
    low, high = gain.interval
    return f"The change is {points(gain.difference)} points, 95 % interval {points(low)} to {points(high)}, paired by case."


def _unmeasured(r: Result) -> Finding:
    learned = f"It holds {count(r.bullets, 'bullet')} learned from {count(r.cases, 'training case')}."
    if r.before.n and not r.after.n:
        told = f"Before learning, {share(r.before.success)} of {count(r.before.n, 'held-out case')} were won. {learned}"
        return Finding("Not measured after learning yet", [el("p", told, class_="lead")])
    if r.after.n and not r.before.n:
        told = f"{learned} Success before it was not measured, so this page tells no change."
        return Finding(f"{share(r.after.success)} of {count(r.after.n, 'held-out case')} won", [el("p", told, class_="lead")])
    told = f"{learned} No held-out case was measured both before and after, so whether it helps is not known."
    both = "No case was valid both before and after learning"
    return Finding(both if r.before.n else "Nothing was measured", [el("p", told, class_="lead")])


def cautions(run: Run, r: Result) -> list[Html]:
    """What a reader has to know before the numbers are used."""
    before = r.before
    told = won_already(before.success, before.n, "the agent with an empty playbook")
    floors = run.result.get("floors")
    nothing = floors.get("nothing") if isinstance(floors, dict) else None
    if isinstance(nothing, dict):
        told = won_already(float(nothing["success"]), int(nothing["n"]), "doing nothing", WON_BY_NOTHING) or told
    if r.attempted and r.invalid / r.attempted > _INVALID:
        told.append(f"{r.invalid:,} of {r.attempted:,} attempts were invalid and count for nothing.")
    return [*not_done(run), *(el("p", text, class_="caution") for text in (*told, *r.alarms))]


def not_done(run: Run) -> list[Html]:
    """That a run is not done, where it is not."""
    if run.status is RunStatus.DONE:
        return []
    why = f": {run.result['stopped']}" if run.result.get("stopped") else ""
    return [
        el("p", f"This run is {run.status.value}, not done{why}. What stands here is as far as it has come.", class_="caution")
    ]
