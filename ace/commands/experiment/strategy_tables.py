"""`ace compare experts` and `ace compare routes`: what an experiment says of the arms of one strategy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ace.commands.terminal.common import console, interval, opened, points, print_json, share
from ace.commands.terminal.prose import say
from ace.commands.terminal.tables import Column, print_table
from ace.experiments.answer import Contrast
from ace.experiments.dispatch import ExpertsReport, ExpertsRow, experts_report
from ace.experiments.routes import RouteRow, RoutesReport, routes_report
from ace.memory.store import Store
from ace.memory.values import Experiment

if TYPE_CHECKING:
    from rich.console import Console

R = TypeVar("R", ExpertsReport, RoutesReport)

_EXPERTS = (
    *map(Column, ("arm", "dispatch")),
    *(Column(name, right=True) for name in ("success", "right", "fallback", "regret")),
    Column("95 %"),
    *(Column(name, right=True) for name in ("calls a case", "tokens a case", "tried before")),
)
_KINDS = (Column("kind"), *(Column(name, right=True) for name in ("expert", "merged", "interference")), Column("95 %"))
_ROUTES = (
    *map(Column, ("arm", "when")),
    Column("success", right=True),
    Column("95 %"),
    *(Column(name, right=True) for name in ("steps by strong", "gap recovered")),
    Column("95 %"),
    *(Column(name, right=True) for name in ("strong calls", "strong tokens")),
)


def show_experts(id: str, store: str, as_json: bool) -> None:
    """Print the arms of the strategy experts in one experiment."""
    _show(id, store, as_json, experts_report, _print_experts)


def show_routes(id: str, store: str, as_json: bool) -> None:
    """Print the arms of the strategy route in one experiment."""
    _show(id, store, as_json, routes_report, _print_routes)


def _show(
    id: str, store: str, as_json: bool, report: Callable[[Store, Experiment], R], printed: Callable[[Console, R], str]
) -> None:
    with opened(store) as db:
        found = report(db, db.experiments.one(id))
    if as_json:
        print_json(found.as_json())
        return
    screen = console()
    legend = printed(screen, found)
    say(screen, legend, style="dim")


def _print_experts(screen: Console, found: ExpertsReport) -> str:
    screen.print(f"Experts in experiment {found.experiment}", style="bold")
    print_table(screen, _EXPERTS, map(_expert_cells, found.rows))
    if found.interference:
        rows = [[i.kind, share(i.expert), share(i.merged), *_lost(i.change)] for i in found.interference]
        screen.print()
        print_table(screen, _KINDS, rows, title="Interference: an expert on its own cases, less one playbook of all experts")
    screen.print()
    for note in found.notes:
        say(screen, f"{note}.", style="yellow")
    told = "right: the share of cases dispatched to the expert of their kind, or to the fallback where their kind has none"
    lost = "regret: success with oracle dispatch, less that of the arm, in points"
    cost = "calls and tokens are those of the first pass; tried before: attempts at validation cases"
    missing = "" if found.interference else " Arms with dispatch=oracle and with dispatch=merged would show interference."
    return f"{told}; {lost}; {cost}.{missing}"


def _expert_cells(row: ExpertsRow) -> list[str]:
    n = max(1, row.cases)
    first = row.first.prompt_tokens + row.first.completion_tokens
    accuracy = "" if row.accuracy is None else share(row.accuracy)
    cost = (f"{row.first.calls / n:.2f}", f"{first / n:,.0f}", f"{row.before:,}")
    return [row.arm, row.dispatch, share(row.success), accuracy, share(row.fallback / n), *_lost(row.regret), *cost]


def _lost(change: Contrast | None) -> tuple[str, str]:
    """What is lost where `change` is gained, in points, with its interval."""
    if change is None:
        return "", ""
    bounds = change.interval and [-bound for bound in reversed(change.interval)]
    return points(-change.difference).removeprefix("+"), interval(bounds)


def _print_routes(screen: Console, found: RoutesReport) -> str:
    screen.print(f"Routing in experiment {found.experiment}", style="bold")
    print_table(screen, _ROUTES, map(_route_cells, found.rows))
    screen.print()
    for note in found.notes:
        say(screen, note, style="yellow")
    told = "gap recovered: (arm - cheap model) / (strong model - cheap model) in success on the same cases"
    return f"{told}, with Fieller's interval. Compare it with random routing at the same share of steps."


def _route_cells(row: RouteRow) -> list[str]:
    gap, tokens = row.recovered, row.usage.prompt_tokens + row.usage.completion_tokens
    part = share(row.share) if row.steps else ""
    recovered = ("", "") if gap is None else (share(gap.ratio), interval(gap.interval))
    success = (share(row.success), interval(row.interval))
    return [row.arm, row.when, *success, part, *recovered, f"{row.usage.calls:,}", f"{tokens:,}"]
