"""`ace compare experts`: where experts were dispatched to, and what it cost not to dispatch them."""

from __future__ import annotations

from ace.commands.terminal.common import console, opened, print_json, share
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.experiments.answer import Contrast
from ace.experiments.dispatch import ExpertsReport, ExpertsRow, experts_report

_ROW = (
    Column("arm"),
    Column("dispatch"),
    *(Column(name, right=True) for name in ("success", "right", "fallback", "regret")),
    Column("95 %"),
    *(Column(name, right=True) for name in ("calls a case", "tokens a case", "tried before")),
)
_INSIDE = (
    Column("kind"),
    *(Column(name, right=True) for name in ("expert", "merged", "interference")),
    Column("95 %"),
)


def show_experts(id: str, store: str, as_json: bool) -> None:
    """The arms of experts in one experiment."""
    with opened(store) as db:
        found = experts_report(db, db.experiments.one(id))
    if as_json:
        print_json(found.as_json())
        return
    screen = console()
    screen.print(f"Experts in experiment {found.experiment}", style="bold")
    print_table(screen, _ROW, map(_cells, found.rows))
    if found.interference:
        rows = [[i.kind, share(i.expert), share(i.merged), *_lost(i.change)] for i in found.interference]
        screen.print()
        print_table(screen, _INSIDE, rows, title="Interference: an expert on its own cases, less one book of all experts")
    screen.print()
    say(screen, _legend(found), style="dim")


def _cells(row: ExpertsRow) -> list[str]:
    n = max(1, row.cases)
    first = row.first.prompt_tokens + row.first.completion_tokens
    accuracy = "" if row.accuracy is None else share(row.accuracy)
    cost = (f"{row.first.calls / n:.2f}", f"{first / n:,.0f}", f"{row.before:,}")
    return [row.arm, row.dispatch, share(row.success), accuracy, share(row.fallback / n), *_lost(row.regret), *cost]


def _lost(change: Contrast | None) -> tuple[str, str]:
    """A loss in points with its interval."""
    if change is None:
        return "", ""
    told = "" if change.interval is None else f"{_points(change.interval[1])} to {_points(change.interval[0])}"
    return _points(change.difference), told


def _points(gain: float) -> str:
    # Without the sign of a zero.
    return f"{round(-100 * gain, 1) + 0.0:.1f}"


def _legend(found: ExpertsReport) -> str:
    told = "right: of the cases, dispatched to the expert of their kind, or to the fallback where their kind has none"
    lost = "regret: success with oracle dispatch, less that of the arm, in points"
    cost = "calls and tokens are those of the first pass; tried before: attempts at validation cases"
    missing = "" if found.interference else " An arm with dispatch=oracle and one with dispatch=merged would show interference."
    return f"{told}; {lost}; {cost}.{missing}"
