"""The settings of the curator's evidence, and of what checks its edits, stated once for every strategy that curates."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from ace.errors import BadSetting
from ace.options import Least

DRIFT = 0.05
"""The default of `drift`, as benchmarks/bench_drift.py measured it."""
Drift = Annotated[
    float,
    "A lesson that was right and no longer is becomes a guess again, and the curator is told: the chance, from 0 (off) to "
    "less than 1, that this ever happens to a lesson whose success does not change.",
]
"""The setting `drift` of the strategies that curate."""


def require_drift(drift: object) -> None:
    """Raise `BadSetting` for what is not a chance below 1."""
    if isinstance(drift, bool) or not isinstance(drift, int | float) or not 0 <= drift < 1:
        raise BadSetting(f"drift={drift!r} is out of range; it must be a chance, from 0 (off) to less than 1")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the curator is shown beside the lessons and the new attempts. A strategy takes it as its keyword `shown`; by name
    each field is a setting of that strategy."""

    rows: Annotated[bool, "Show all attempts once in one table; off, past attempts stand by the lesson they used."] = True
    whole: Annotated[
        bool,
        "Where answers are listed and there are at most 40 lessons, ask for the whole list as it should be now and make the "
        "smallest edits that lead there; with a curator prompt of your own, and off, ask for edits.",
    ] = True
    dictionary: Annotated[bool, "Show the reflector the names and commonest values of facts used so far, to be used again."] = (
        True
    )
    last_edits: Annotated[
        bool,
        "Tell what became of the curator's last edits and how many batches are left; leave a rule and its exceptions out of "
        "the pairs that are alike; let a merged lesson be placed.",
    ] = True
    table: Annotated[bool, "Where answers are listed, show wins and losses by the values of facts."] = False
    candidates: Annotated[
        bool, "Where answers are listed, show the best lists of rules that a search finds in the attempts."
    ] = True
    contrasts: Annotated[
        bool, "Where answers are free, set right and wrong attempts of one kind side by side, with what the environment said."
    ] = True
    near: Annotated[
        int,
        Least(0),
        "Where answers are free, how many of the nearest earlier attempts of the same kind the reflector is shown.",
    ] = 0
    fit: Annotated[
        bool,
        "Beside each lesson, how many past attempts show its text right, wrong, or neither, not how often it was followed.",
    ] = True
    evidence: Annotated[
        int, Least(0), "Past wins, and as many losses, shown for each bullet where attempts are not shown as rows."
    ] = 200
    evidence_tokens: Annotated[int, Least(0), "Tokens that past attempts may take in the curator's prompt."] = 20000


@dataclass(frozen=True, slots=True)
class Checked:
    """How lessons are checked by stored attempts. A strategy takes it as its keyword `checked`; by name each field is a setting
    of that strategy."""

    check: Annotated[
        bool,
        "The gate fit judges each delta: the curator is asked once more where attempts contradict it, as calls of its own.",
    ] = False
    lift_right: Annotated[int, Least(0), "Attempts showing a guess right that confirm it; 0: only the curator confirms."] = 3
    lift_wrong: Annotated[int, Least(0), "The most attempts showing a guess wrong with which it is still confirmed."] = 0
    drift: Drift = DRIFT

    def __post_init__(self) -> None:
        require_drift(self.drift)


STOCK_SHOWN = Shown()
STOCK_CHECKED = Checked()


def changed(shown: Shown, checked: Checked) -> dict[str, bool]:
    """By the name of each setting of the two, whether it has its default."""
    sides = ((shown, STOCK_SHOWN), (checked, STOCK_CHECKED))
    return {f.name: getattr(a, f.name) == getattr(b, f.name) for a, b in sides for f in fields(a)}
