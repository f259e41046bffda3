"""The wrappers that a run's models stand behind.

The order is fixed here, once. Retries are outermost, so each try is counted, charged and limited by itself; one slot is held
for one request, not for the wait between two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ace.budget import Ledger
from ace.models.contract import Model
from ace.models.errors.too_long import Fitted
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.limits import Limited
from ace.models.wrappers.retry import Retrying


def stacked(
    models: Mapping[str, Model], ledger: Ledger, concurrency: int, context: Mapping[str, int] | None = None
) -> dict[str, Retrying]:
    """`models` by role, each behind its retries, the budget, a limit on requests at the same time, and the `context` that is
    stated for it, in tokens. Roles that share a model and a context size share what it stands behind."""
    slots = asyncio.Semaphore(concurrency)
    sizes = context or {}
    stack: dict[tuple[int, int], Retrying] = {}
    for role, m in models.items():
        key = id(m), sizes.get(role, 0)
        if key not in stack:
            inner: Model = Limited(Budgeted(m, ledger), slots)
            if own := getattr(m, "slots", 0):
                # Waiting for a place in a local model does not count as a request's time.
                inner = Limited(inner, asyncio.Semaphore(own))
            stack[key] = Retrying(Fitted(inner, key[1]) if key[1] else inner, no_time=ledger.is_late)
    return {role: stack[id(m), sizes.get(role, 0)] for role, m in models.items()}
