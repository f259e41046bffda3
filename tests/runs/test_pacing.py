"""What a curator is told of batches to come, where limits leave room for fewer than the training cases would allow."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from ace.budget import Budget, Ledger
from ace.errors import LimitReached
from ace.memory.store import Store
from ace.models import layout
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.runs.lifecycle import begin, work
from ace.runs.pacing import Pace
from ace.types import Usage
from tests.doing import checked
from tests.worlds import Gate


def spend(ledger: Ledger, calls: int, cost: float | None = 0.0) -> None:
    for _ in range(calls):
        ledger.reserve()
        ledger.settle(Usage(1, 8, 0, 2, cost))


@pytest.mark.parametrize(
    "limit", [{"calls": 100}, {"tokens": 1_000}, {"usd": 1.0}, {"calls": 100, "tokens": 100_000, "usd": 50.0, "seconds": 1e6}]
)
def test_as_many_are_left_as_the_limit_pays_for(limit: dict[str, Any]) -> None:
    ledger, result, kept = Ledger(Budget(**limit)), dict[str, Any](), []
    pace = Pace(ledger, result, lambda: kept.append(dict(result)))
    spend(ledger, 10, 0.01)
    told = []
    for n in range(5):
        told.append(pace.left(f"learn/0/{n}", 9 - n))
        spend(ledger, 20 if n < 4 else 0, 0.01)
    # Of the first batch nothing is known; then 70, 50, 30, 10 calls are left for it and those behind it, at 20 a batch.
    assert told == [9, 2, 1, 0, 0]
    assert len(kept) == 5


def test_a_batch_that_is_done_again_is_told_the_same() -> None:
    ledger, result = Ledger(Budget(calls=100)), dict[str, Any]()
    told = []
    for n in (0, 1, 1, 2):
        # A run that is resumed has another object, and what it had spent before.
        told.append(Pace(ledger, result, lambda: None).left(f"learn/0/{n}", 9))
        spend(ledger, 15)
    # What a batch took counts with all that was spent on it, twice here.
    assert told == [9, 4, 4, 0]


def test_without_a_limit_and_where_the_cost_is_unknown_the_cases_alone_count() -> None:
    free, result = Ledger(Budget()), dict[str, Any]()
    unpriced = Ledger(Budget(usd=5.0))
    for ledger in (free, unpriced):
        spend(ledger, 1, None if ledger is unpriced else 0.0)
        assert [Pace(ledger, result, lambda: None).left(f"learn/0/{n}", 4 - n) for n in range(3)] == [4, 3, 2]
    assert result == {}


class Listening(Novice):
    """Keeps what curators are told of batches to come."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    async def complete(self, request: Request) -> Reply:
        if request.role == "curator":
            self.told += re.findall(rf"\(({layout.NO_MORE}|at most .* batch\w*) of attempts", request.messages[-1].content)
        return await super().complete(request)


def test_the_last_curator_before_a_limit_knows_that_it_is_the_last(store: Store) -> None:
    model = Listening()
    ready = checked(Gate(), {"episodes": 40, "batch": 5, "learn_only": True, "budget": Budget(calls=50)}, model)
    with pytest.raises(LimitReached):
        asyncio.run(work(ready, store, begin(ready, store)))
    assert model.told[0] == "at most 7 more batches"
    assert model.told[-1] == layout.NO_MORE
    assert len(model.told) < 8
