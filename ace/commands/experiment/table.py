"""The table of an experiment, with the sentence that says what can be concluded from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ace.commands.experiment.demonstrations import print_demonstrations
from ace.commands.terminal.common import about, count, interval, money, points, share
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import GAP, Column, folds, print_table
from ace.experiments.answer import ArmRow, Comparison, Contrast, Twins
from ace.experiments.concluding import is_same

if TYPE_CHECKING:
    from rich.console import Console

_COLUMNS = (
    Column("arm"),
    Column("success", right=True),
    Column("95 %"),
    Column("change", right=True),
    Column("95 %"),
    *(Column(name, right=True) for name in ("p", "calls", "tokens", "cost", "seconds")),
    Column(),
)
_EACH = (
    "Each interval is of one comparison alone; p is adjusted for their number (Holm), and decides: an interval may leave out 0 "
    "and p still not tell the arms apart."
)
_SPENT = 6
"""The columns before those of what an arm took."""


def print_comparison(screen: Console, c: Comparison, told: Sequence[str] = ()) -> None:
    """The table, the sentence, the smallest difference, the A/A band, and what the design leaves out, but for the warnings that
    were `told` before."""
    seeds = f"seed{'s' * (len(c.seeds) > 1)} {', '.join(map(str, c.seeds))}"
    screen.print()
    screen.print(f"experiment {c.experiment}: {c.environment}, {c.model}", style="bold")
    state = "" if c.whole else f"; {c.done} of {c.cells} runs are done"
    say(screen, f"{count(c.tasks, 'held-out task')}, {seeds}; change against {c.baseline}, in points; p after Holm{state}")
    _tables(screen, [_cells(row, c.baseline) for row in c.rows])
    screen.print()
    say(screen, c.conclusion)
    if sum(row.change is not None for row in c.rows) > 1:
        say(screen, _EACH, style="dim")
    if c.detectable:
        say(screen, _reach(c))
    beside = [r.arm.name for r in c.rows if r.arm.name != c.baseline and r.success is not None]
    if len(beside) > 1:
        say(screen, f"Against another arm: ace compare show {c.experiment} --baseline {beside[0]}", style="dim")
    for row in c.rows:
        for gate in row.gates:
            say(screen, f"Arm {row.arm.name}: gate {gate.sentence}.")
    for twins in c.twins:
        say(screen, _band(twins))
    if c.demonstrations is not None:
        print_demonstrations(screen, c.demonstrations)
    for line in c.cautions:
        if f"Warning: {line}" not in told:
            say(screen, f"Note: {line}.")


def _tables(screen: Console, rows: Sequence[Sequence[str]]) -> None:
    """One table, or, where its figures find no room on a line, one of success and one of what that took."""
    widths = [max(len(c.heading), *(len(row[n]) for row in rows)) for n, c in enumerate(_COLUMNS[:-1])]
    if not folds(screen) or sum(widths) + len(GAP) * len(widths) <= screen.width:
        print_table(screen, _COLUMNS, rows)
        return
    print_table(screen, _COLUMNS[:_SPENT], [row[:_SPENT] for row in rows])
    for row in rows:
        if row[-1]:
            say(screen, f"{row[0]}: {row[-1]}")
    screen.print()
    print_table(screen, (_COLUMNS[0], *_COLUMNS[_SPENT:-1]), [(row[0], *row[_SPENT:-1]) for row in rows])


def _reach(c: Comparison) -> str:
    if c.detectable is not None and c.detectable < 1:
        found = [(r.arm.name, r.change.detectable) for r in c.rows if r.change is not None and r.change.detectable]
        told = ", ".join(f"{name} {100 * reach:.1f}" for name, reach in found)
        return f"Smallest change against {c.baseline} that this design finds 8 times in 10, in points: {told}."
    too_small = "This design is too small to find a difference of any size 8 times in 10"
    return f"{too_small}; add seeds with: ace compare extend {c.experiment} --seeds N"


def _cells(row: ArmRow, baseline: str) -> list[str]:
    u, change = row.usage, row.change
    none = row.success is None and not row.runs
    spent = [f"{u.calls:,}", about(u.prompt_tokens + u.completion_tokens), money(u.cost_usd), f"{row.seconds:.0f}"]
    against = ["–", "", "–"] if change is None else [points(change.difference), _bounds(change), _p(change)]
    against = ["", "baseline", ""] if row.arm.name == baseline else against
    return [row.arm.name, share(row.success), interval(row.interval), *against, *(["–"] * 4 if none else spent), row.note]


def _bounds(c: Contrast) -> str:
    """The interval of a change, which would be from 0 to 0 where nothing differs."""
    return "same outcomes" if is_same(c) else interval(c.interval)


def _p(c: Contrast) -> str:
    p = c.adjusted if c.adjusted is not None else c.p
    return "–" if p is None else "<.001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def _band(t: Twins) -> str:
    b = t.band
    if is_same(b):
        return f"A/A: {t.twin} gave the same outcomes as {t.arm}; beside the seeds nothing here is drawn by chance."
    over = f" ({interval(b.interval)})" if b.interval else ""
    return f"A/A: {t.twin}, the same arm as {t.arm}, differs by {points(b.difference)} points{over}: chance alone."
