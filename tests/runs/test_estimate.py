"""What a run is expected to cost is never less than what it costs, as far as that can be known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from ace.environments.contract import Environment
from ace.memory.store import Store
from ace.runs.estimate import Expectation, Share, expected
from ace.runs.tasks import held_out_tasks, train_tasks
from ace.settings import RunSettings
from tests.doing import do
from tests.spying import Spy
from tests.worlds import Ferry, Gate, Greenhouse


def expect(environment: Environment, measured: int = 2, **settings: Any) -> Expectation:
    s = RunSettings(environment.name, **{"episodes": 20, "eval": 10, "retries": 0, **settings})
    return expected(s, environment, train_tasks(environment, s), held_out_tasks(environment, s), measured)


@pytest.mark.parametrize("retries", [0, 2])
@pytest.mark.parametrize("environment", [Greenhouse(), Ferry(), Gate()], ids=lambda e: e.name)
def test_a_run_makes_no_more_calls_than_expected(store: Store, environment: Environment, retries: int) -> None:
    spy = Spy()
    done = do(store, environment, spy, episodes=20, eval=10, retries=retries)
    asked, shares = Counter(r.role for r in spy.seen), expect(environment, retries=retries).shares
    for role, share in zip(("generator", "reflector", "curator"), shares, strict=True):
        assert 0 < asked[role] <= share.calls, role  # type: ignore[index]
    assert store.usage(done.run.id).calls == len(spy.seen) <= sum(s.calls for s in shares)


@pytest.mark.parametrize(
    ("strategy", "expected_calls"),
    [
        ("empty", [10 * 4 * 2 + 20 * 4, 0, 0]),
        ("retry", [10 * 4 * 2 * 4 + 20 * 4, 0, 0]),
        ("vote", [10 * 4 * 2 * 5 + 20 * 4, 0, 0]),
        ("majority", [20 * 4 * 4, 0, 0]),
        ("history", [10 * 4 * 2 + 20 * 4 * 4, 0, 0]),
        ("episodic", [10 * 4 * 2 + 20 * 4 * 4, 0, 0]),
        ("fewshot", [10 * 4 * 2 + 20 * 4 * 4, 0, 0]),
    ],
)
def test_an_arm_is_expected_to_make_the_calls_that_it_makes_at_most(
    store: Store, strategy: str, expected_calls: list[int]
) -> None:
    spy = Spy()
    shares = expect(Greenhouse(), strategy=strategy, retries=None).shares
    assert [s.calls for s in shares] == expected_calls
    do(store, Greenhouse(), spy, strategy=strategy, episodes=20, eval=10, retries=None)
    asked = Counter(r.role for r in spy.seen)
    assert 0 < asked["generator"] <= shares[0].calls
    assert set(asked) == {"generator"}


def test_epochs_retries_measurements_and_smaller_batches_cost_more() -> None:
    once = expect(Ferry())
    assert [s.calls for s in once.shares] == [40, 4, 2]
    assert [s.calls for s in expect(Ferry(), epochs=3).shares] == [80, 12, 6]
    assert [s.calls for s in expect(Ferry(), retries=2).shares] == [80, 4, 2]
    reflected = expect(Ferry(), retries=2, strategy_settings={"chains": "false"})
    assert [s.calls for s in reflected.shares] == [80, 44, 2]
    assert [s.calls for s in expect(Ferry(), retries=None).shares] == [100, 4, 2]
    assert [s.calls for s in expect(Ferry(), 3).shares] == [50, 4, 2]
    assert [s.calls for s in expect(Ferry(), batch=3).shares] == [40, 7, 7]
    assert [s.calls for s in expect(Ferry(), strategy_settings={"joint": "false"}).shares] == [40, 20, 2]
    assert expect(Ferry(), epochs=3).prompt_tokens > once.prompt_tokens


@pytest.mark.parametrize(
    ("batch", "sampling", "requests"), [(10, {}, 4), (12, {}, 5), (20, {}, 4), (10, {"max_tokens": 1000}, 8)]
)
def test_cases_share_a_request_within_their_batch_alone(
    store: Store, batch: int, sampling: dict[str, Any], requests: int
) -> None:
    spy = Spy()
    do(store, Ferry(), spy, episodes=20, eval=10, retries=0, batch=batch, sampling=sampling)
    assert Counter(r.role for r in spy.seen)["reflector"] == requests
    assert expect(Ferry(), batch=batch, sampling=sampling).shares[1].calls == requests


def test_no_more_turns_are_expected_than_a_case_may_take() -> None:
    short = Greenhouse()
    assert expect(short).shares[0].calls == 40 * 4
    short.limits = replace(short.limits, steps=2)
    assert expect(short).shares[0].calls == 40 * 2


def test_each_role_is_priced_by_its_own_model() -> None:
    shares = expect(Ferry(), model="novice", curator_model="openai/gpt-4o-mini").shares
    assert [s.model for s in shares] == ["novice", "novice", "openai/gpt-4o-mini"]
    assert shares[0].usd == 0
    assert shares[2].usd is not None
    assert shares[2].usd > 0


def test_where_one_price_is_unknown_the_sum_is() -> None:
    known, unknown = Share("novice", 1, 100, 10), Share("openai/nobody-sells-this", 1, 100, 10)
    assert unknown.usd is None
    assert Expectation((known, unknown)).usd is None
    assert Expectation((known, known)).usd == 0
