"""What each role of a run cost, as a small table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ace.commands.terminal.common import count, money
from ace.commands.terminal.tables import Column, print_table

if TYPE_CHECKING:
    from rich.console import Console

_NUMBERS = ("calls", "prompt", "cached", "completion", "cost", "waited")
_COLUMNS = (Column("role"), *(Column(name, right=True) for name in _NUMBERS))


def print_roles(screen: Console, roles: Mapping[str, Mapping[str, Any]]) -> None:
    """The tokens, cost and time of each role. Nothing where there was neither cost nor waiting, as with the novice."""
    if all(r["cost_usd"] == 0 and not r["seconds"] and not r["unended"] for r in roles.values()):
        return
    models = {r["model"] for r in roles.values()}
    alike = len(models) == 1
    screen.print()
    title = f"By role, all {models.pop()}" if alike else "By role"
    rows = [_cells(role, r)[: None if not alike else -1] for role, r in roles.items()]
    print_table(screen, _COLUMNS if alike else (*_COLUMNS, Column("model")), rows, title=title)
    screen.print("waited: time in requests, summed; not the pauses before another try", style="dim")
    if any(r["estimated_tokens"] for r in roles.values()):
        screen.print("~: partly or wholly estimated, because the server does not count tokens", style="dim")
    if unended := sum(r["unended"] for r in roles.values()):
        told = f"{count(unended, 'call')} without a recorded end (in flight, or the process was killed): their cost is unknown"
        screen.print(told, style="yellow")


def _cells(role: str, r: Mapping[str, Any]) -> list[str]:
    mark = "~" if r["estimated_tokens"] else ""
    tokens = [f"{mark}{r[f'{name}_tokens']:,}" for name in ("prompt", "cached", "completion")]
    cost = "unknown" if r["cost_usd"] is None else money(r["cost_usd"])
    return [role, f"{r['calls']:,}", *tokens, cost, f"{r['seconds']:,.1f} s", r["model"]]
