"""What a run may spend: said at the start, checked before every request, exact where it can be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ace.budget import Budget, Ledger
from ace.errors import BadSetting, LimitReached, ModelError
from ace.models.clients.prices import Price, price, require_prices
from ace.models.wrappers.budgeted import Budgeted
from ace.models.wrappers.limits import Limited
from ace.models.wrappers.retry import Patience, Retrying
from ace.types import Usage
from tests.models.asking import Word, arrived, request, served
from tests.models.server import ModelServer, hang, says, status


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["usd", "tokens", "calls", "seconds"])
def test_a_budget_of_nothing_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(BadSetting, match=f"^{name}= is .*more than 0"):
        Budget(**{name: value})


@pytest.mark.parametrize("name", ["usd", "tokens", "calls", "seconds"])
def test_a_limit_that_is_no_finite_number_is_refused_as_that(name: str) -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(BadSetting, match=f"is {value:g}; it must be a finite number, more than 0, or not given"):
            Budget(**{name: value})  # type: ignore[arg-type]
    with pytest.raises(BadSetting, match=f"^{name}= is a number of hundreds of digits; it must be a finite number"):
        Budget(**{name: 10**320})


@pytest.mark.parametrize("name", ["usd", "tokens", "calls"])
def test_a_limit_that_is_passed_already_is_refused_before_it_is_kept(name: str) -> None:
    spent = Usage(40, 30, 0, 10, 40.0)
    with pytest.raises(BadSetting, match=rf"^{name}= is \$?40, and run r has spent \$?40 already, which count; give more"):
        Budget(**{name: 40}).require_room({}, spent, "run r")
    Budget(**{name: 41}).require_room({}, spent, "run r")
    # The limit that it had is met as before; what a time took before, and a cost that is unknown, count for nothing.
    Budget(**{name: 40}).require_room({name: 40}, spent, "run r")
    Budget(usd=1.0, seconds=1).require_room({}, Usage(40, 30, 0, 10, None), "run r")


@pytest.mark.parametrize(
    ("budget", "spent", "says"),
    [
        (
            Budget(usd=0.5),
            Usage(3, 100, 0, 20, 0.5),
            "the limit of $0.5 is reached: 3 calls and 120 tokens were spent, for $0.5000",
        ),
        (
            Budget(usd=5),
            Usage(3, 100, 0, 20, None),
            "the limit of $5 can no longer be kept (the cost of a call is unknown; max_usd= stated anew",
        ),
        (Budget(tokens=120), Usage(3, 100, 0, 20), "the limit of 120 tokens is reached"),
        (Budget(calls=3), Usage(3), "the limit of 3 calls is reached: 3 calls"),
        (
            Budget(calls=1371),
            Usage(1371, 2_000_000, 0, 30_309, 0.0),
            "the limit of 1,371 calls is reached: 1,371 calls and 2.0 M tokens were spent, for $0, in",
        ),
    ],
)
def test_a_limit_that_is_reached_is_named_with_what_was_spent(budget: Budget, spent: Usage, says: str) -> None:
    with pytest.raises(LimitReached) as caught:
        Ledger(budget, spent).reserve()
    assert str(caught.value).startswith(says)
    assert caught.value.exit_status == 3


def test_where_the_cost_so_far_is_unknown_a_limit_on_dollars_stated_anew_counts_from_then_on() -> None:
    ledger = Ledger(Budget(usd=1), Usage(3, 100, 0, 20, None), anew=True)
    ledger.reserve()
    ledger.settle(Usage(1, cost_usd=1.0))
    with pytest.raises(LimitReached, match=r"the limit of \$1 is reached: 4 calls .* at a cost that is not known"):
        ledger.reserve()


def test_time_is_counted_from_when_the_work_goes_on() -> None:
    now = [100.0]
    ledger = Ledger(Budget(seconds=60), Usage(1, seconds=500.0), lambda: now[0])
    now[0] = 159.9
    ledger.reserve()
    now[0] = 160.0
    with pytest.raises(LimitReached, match="60 seconds"):
        ledger.reserve()


def test_a_resumed_run_goes_on_from_what_it_had_spent() -> None:
    ledger = Ledger(Budget(calls=5), Usage(4, 10, 0, 1))
    ledger.reserve()
    ledger.settle(Usage(1, 10, 0, 1))
    assert ledger.spent.calls == 5
    with pytest.raises(LimitReached):
        ledger.reserve()


async def test_a_limit_on_calls_is_exact_with_sixteen_in_flight() -> None:
    with ModelServer(seconds=0.05) as server:
        ledger = Ledger(Budget(calls=21))
        model = Limited(Budgeted(served(server), ledger), asyncio.Semaphore(16))
        ended = await asyncio.gather(*(model.complete(request()) for _ in range(60)), return_exceptions=True)
        await model.close()
    assert len(server.seen) == ledger.spent.calls == 21
    assert sum(isinstance(e, LimitReached) for e in ended) == 39


async def test_failed_requests_count_and_a_try_too_many_is_not_sent() -> None:
    with ModelServer(always=status(503, "busy", {"retry-after": "0"})) as server:
        ledger = Ledger(Budget(calls=3))
        model = Retrying(Budgeted(served(server), ledger), Patience(tries=9))
        with pytest.raises(LimitReached, match="3 calls") as caught:
            await model.complete(request())
        await model.close()
    assert len(server.seen) == ledger.spent.calls == 3
    fault = caught.value.__cause__
    assert isinstance(fault, ModelError)
    assert fault.usage is not None
    assert fault.usage.calls == 3


async def test_a_reply_that_cannot_be_read_is_paid_for_all_the_same() -> None:
    with ModelServer(always=says("no json")) as server:
        ledger = Ledger(Budget(tokens=200))
        model = Budgeted(served(server), ledger)
        assert (await model.complete(request(Word))).parsed is None
        await model.complete(request(Word))
        with pytest.raises(LimitReached, match="200 tokens is reached: 2 calls and 220 tokens"):
            await model.complete(request(Word))
        await model.close()


async def test_a_request_that_is_cancelled_under_way_was_sent() -> None:
    with ModelServer(always=hang) as server:
        ledger = Ledger(Budget(calls=1))
        model = Budgeted(served(server), ledger)
        call = asyncio.create_task(model.complete(request()))
        await arrived(server)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await model.close()
    assert ledger.spent.calls == 1
    with pytest.raises(LimitReached):
        ledger.reserve()


def test_prices_are_per_token_and_cached_tokens_have_their_own() -> None:
    known = price("openai/gpt-5-mini")
    assert known == Price(0.25e-6, 0.025e-6, 2e-6)
    assert known.expected_cost(1000, 100) == pytest.approx(450e-6)
    assert known.expected_cost(1000, 100, cached_tokens=400) == pytest.approx(360e-6)


@pytest.mark.parametrize("name", ["openai/no-such-model", "hosted_vllm/qwen", "mine.py:Mine", "groq/gpt-5-mini"])
def test_an_unknown_price_is_not_zero(name: str) -> None:
    assert price(name) is None
    with pytest.raises(BadSetting, match=f"the price of {name} is unknown.*limit tokens or calls"):
        require_prices(["novice", name])


@pytest.mark.parametrize("name", ["novice", "manual:folder", "replay:file"])
def test_what_no_provider_sells_costs_nothing(name: str) -> None:
    assert price(name) == Price(0.0, 0.0, 0.0)
    require_prices([name])
