"""What `ace compare` prints of static demonstrations: success over their number, and what they do not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ace.commands.terminal.common import count, interval, points, share
from ace.commands.terminal.prose import line, say
from ace.commands.terminal.tables import Column, print_table
from ace.experiments.demonstrations.figures import BesideArm, Interval, StaticDemonstrations, UncoveredTasks

if TYPE_CHECKING:
    from rich.console import Console

_CURVE = (
    Column("demonstrations", right=True),
    Column("success", right=True),
    Column("from there", right=True),
    Column("95 %"),
)
_BESIDE = (
    Column("demonstrations", right=True),
    Column("success", right=True),
    Column("beside"),
    Column("success", right=True),
    Column("change", right=True),
    Column("95 %"),
)
_NAMED = 6
"""What is covered is named up to so many."""


def print_demonstrations(screen: Console, found: StaticDemonstrations) -> None:
    """Print how success goes with the number of demonstrations, and success on tasks that none of them covers."""
    if any(c.slope is not None for c in found.curve):
        screen.print()
        rows = [[f"{c.shots}", share(c.success), points(c.slope), _told(c.slope, c.interval)] for c in found.curve]
        print_table(screen, _CURVE, rows, title="Static demonstrations: points of success for each doubling, from there on")
        say(screen, _plateau(found))
    if not found.need:
        say(
            screen, "Which tasks the demonstrations cover is not known: the environment gives neither kinds nor listed answers."
        )
        return
    screen.print()
    told = [u for u in found.uncovered if u.cells]
    what = "answer" if found.need == "operator" else "kind"
    if told:
        rows = [row for u in told for row in _rows(u)]
        print_table(screen, _BESIDE, rows, title=f"Tasks whose {what} no demonstration shows, beside other arms on the same")
    for u in found.uncovered:
        if u.cells:
            covered = ", ".join(line(c, 30) for c in u.covered[:_NAMED]) + (" ..." if len(u.covered) > _NAMED else "")
            say(
                screen,
                f"{u.arm}: {count(u.tasks, 'task')}, {u.cells:,} over the seeds; its demonstrations show {covered}.",
                style="dim",
            )
        else:
            say(screen, f"{u.arm}: its demonstrations show every {what} that a task needs.", style="dim")


def _plateau(found: StaticDemonstrations) -> str:
    if found.plateau is None:
        return "Success rises at every number of demonstrations that was tried: no plateau was found."
    at = next(c for c in found.curve if c.shots == found.plateau)
    bounds = f" (95 % interval {interval(at.interval, '+.1f')})" if at.interval else ""
    told = f"beyond {at.shots} no further rise is found: {points(at.slope)} points for each doubling{bounds}"
    return f"k* = {at.shots}: {told}."


def _rows(u: UncoveredTasks) -> list[list[str]]:
    rows = [_row(u, b) for b in u.beside]
    return [rows[0], *(["", "", *row[2:]] for row in rows[1:])] if rows else [[f"{u.shots}", share(u.success), "", "", "", ""]]


def _row(u: UncoveredTasks, b: BesideArm) -> list[str]:
    return [f"{u.shots}", share(u.success), b.arm, share(b.success), points(b.difference), _told(b.difference, b.interval)]


def _told(value: float | None, bounds: Interval | None) -> str:
    """The interval, or that nothing varied, which tells of no interval."""
    return interval(bounds, "+.1f") or ("" if value is None else "the same everywhere")
