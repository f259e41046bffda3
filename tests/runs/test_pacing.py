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
    for n in range(4):
        pace.begin(f"learn/0/{n}")
        spend(ledger, 15, 0.01)
        told.append(pace.left(9 - n))
        spend(ledger, 5, 0.01)
    # Of the first turn nothing is known: 75 calls are left, at 15 a batch. Then 55, 35, 15, of which the turn takes 5, at 20.
    assert told == [5, 2, 1, 0]
    assert len(kept) == 8


@pytest.mark.parametrize("limit", [{"usd": 1e308}, {"seconds": 1e308}, {"calls": 10**300}, {"tokens": 10**300}])
def test_a_limit_may_be_any_number(limit: dict[str, Any]) -> None:
    ledger = Ledger(Budget(**limit))
    pace = Pace(ledger, {}, lambda: None)
    pace.begin("learn/0/0")
    spend(ledger, 1, 1e-9)
    assert pace.left(9) == 9


def test_a_batch_that_took_less_leaves_room_for_more() -> None:
    """The first batches, without lessons, take most."""
    ledger = Ledger(Budget(calls=110))
    pace, told = Pace(ledger, {}, lambda: None), []
    for n, attempts in enumerate((22, 17, 9, 13, 14)):
        pace.begin(f"learn/0/{n}")
        spend(ledger, attempts)
        told.append(pace.left(5 - n))
        spend(ledger, 2)
    assert told == [4, 3, 3, 2, 1]


def test_a_batch_that_is_done_again_is_told_the_same() -> None:
    ledger, result = Ledger(Budget(calls=100)), dict[str, Any]()
    told = []
    for n in (0, 1, 1, 2):
        # A run that is resumed has another object, and what it had spent before.
        pace = Pace(ledger, result, lambda: None)
        pace.begin(f"learn/0/{n}")
        spend(ledger, 10)
        told.append(Pace(ledger, result, lambda: None).left(9))
        spend(ledger, 5)
    # What a turn took counts with all that was spent since the batch was played, here also by playing it again.
    assert told == [9, 4, 4, 0]


def test_a_run_that_an_earlier_version_began_goes_on() -> None:
    result: dict[str, Any] = {"pace": {"unit": "learn/0/3", "from": {"calls": 40}, "left": 1}}
    ledger = Ledger(Budget(calls=100))
    spend(ledger, 45)
    for unit, told in (("learn/0/3", 4), ("learn/0/4", 3)):
        pace = Pace(ledger, result, lambda: None)
        pace.begin(unit)
        spend(ledger, 10)
        assert pace.left(9) == told


def test_without_a_limit_and_where_the_cost_is_unknown_the_cases_alone_count() -> None:
    free, result = Ledger(Budget()), dict[str, Any]()
    unpriced = Ledger(Budget(usd=5.0))
    for ledger in (free, unpriced):
        spend(ledger, 1, None if ledger is unpriced else 0.0)
        pace = Pace(ledger, result, lambda: None)
        pace.begin("learn/0/0")
        assert [pace.left(4 - n) for n in range(3)] == [4, 3, 2]
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
