"""What the shell proposes at the Tab key: names of playbooks, runs and environments.

Completion reads and never writes, and a store with a fault proposes nothing, because an error cannot be shown while a shell
completes a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ace.memory.store import Store


def playbooks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Playbooks of the store that the line names, or that is found anyway."""
    return _stored(ctx, incomplete, lambda store: (book.name for book in store.playbooks()))


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Runs of that store, the last one first."""
    return _stored(ctx, incomplete, lambda store: (run.id for run in reversed(store.runs())))


def environments(incomplete: str) -> list[str]:
    """Environments that have a short name, those of other packages included."""
    from ace.environments.registry import environment_names

    return [name for name in environment_names() if name.startswith(incomplete)]


def strategies(incomplete: str) -> list[str]:
    """Strategies that have a short name, those of other packages included."""
    from ace.strategies.registry import strategy_names

    return [name for name in strategy_names() if name.startswith(incomplete)]


def gates(incomplete: str) -> list[str]:
    """Gates that have a short name, those of other packages included."""
    from ace.runs.gates.registry import gate_names

    return [name for name in gate_names() if name.startswith(incomplete)]


def _stored(ctx: typer.Context, incomplete: str, names: Callable[[Store], Iterable[str]]) -> list[str]:
    from ace.errors import AceError
    from ace.memory.database.sqlite import store_location
    from ace.memory.store import Store

    with suppress(AceError), Store.open(store_location(ctx.params.get("store") or ""), read_only=True) as store:
        return [name for name in names(store) if name.startswith(incomplete)]
    return []
