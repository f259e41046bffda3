"""`ace compare routes`: the steps that a stronger model took, and how much of the gap that recovered."""

from __future__ import annotations

from ace.commands.terminal.common import console, opened, print_json, share
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.experiments.routes import RouteRow, routes_report

_COLUMNS = (
    Column("arm"),
    Column("when"),
    Column("success", right=True),
    Column("95 %"),
    Column("steps by strong", right=True),
    Column("gap recovered", right=True),
    Column("95 %"),
    *(Column(name, right=True) for name in ("strong calls", "strong tokens")),
)


def show_routes(id: str, store: str, as_json: bool) -> None:
    """The arms of routing in one experiment."""
    with opened(store) as db:
        found = routes_report(db, db.experiments.one(id))
    if as_json:
        print_json(found.as_json())
        return
    screen = console()
    screen.print(f"Routing in experiment {found.experiment}", style="bold")
    print_table(screen, _COLUMNS, map(_cells, found.rows))
    screen.print()
    for note in found.notes:
        say(screen, note, style="yellow")
    told = "gap recovered: (arm - cheap model) / (strong model - cheap model) in success on the same cases"
    say(screen, f"{told}, with Fieller's interval. Compare it with random routing at the same share of steps.", style="dim")


def _cells(row: RouteRow) -> list[str]:
    gap, tokens = row.recovered, row.usage.prompt_tokens + row.usage.completion_tokens
    success = "" if row.interval is None else f"{100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f}"
    part = share(row.share) if row.steps else ""
    recovered = ("", "") if gap is None else (share(gap.ratio), " to ".join(f"{100 * b:.1f}" for b in gap.interval))
    return [row.arm, row.when, share(row.success), success, part, *recovered, f"{row.usage.calls:,}", f"{tokens:,}"]
