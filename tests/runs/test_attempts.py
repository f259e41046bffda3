"""Several independent attempts at each held-out case: an ordinary evaluation, in which no attempt knows of another one."""

from __future__ import annotations

import asyncio

import pytest

from ace.errors import BadSetting, Interrupted
from ace.memory.store import Store
from ace.memory.values import Run
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.results.attempts import attempts_of, numbers, pass_at_each
from ace.runs.lifecycle import begin, ready, work
from ace.settings import RunSettings
from ace.types import Episode
from tests.doing import checked
from tests.worlds import Gate

CASES, ATTEMPTS = 6, 4


class Counting(Novice):
    """A novice that is stopped before its `most`th call, and keeps what it was asked."""

    def __init__(self, most: int = 10**9) -> None:
        super().__init__()
        self.most, self.asked = most, list[Request]()

    async def complete(self, request: Request) -> Reply:
        if len(self.asked) >= self.most:
            raise Interrupted("interrupted")
        self.asked.append(request)
        return await super().complete(request)


def measured(store: Store, attempts: int = ATTEMPTS, model: Novice | None = None, run: Run | None = None) -> Run:
    store.ensure_playbook("empty")
    asked = {"playbook": "empty@0", "strategy": "frozen", "split": "test", "eval": CASES, "attempts": attempts}
    prepared = checked(Gate(), {**asked, "concurrency": 2}, model)
    return asyncio.run(work(prepared, store, ready(prepared, store, run) if run else begin(prepared, store)))


def played(store: Store, run: Run) -> list[Episode]:
    return store.episodes(run=run.id, phase="eval", limit=None)[::-1]


def seen(episodes: list[Episode]) -> list[tuple[str, int, int, tuple[str, ...]]]:
    return sorted((e.task.key, e.epoch, e.seed, tuple(s.action for s in e.steps)) for e in episodes)


def test_each_case_is_played_so_often_with_a_seed_of_its_own_each_time() -> None:
    with Store.open(":memory:") as store:
        episodes = played(store, measured(store))
        assert len({e.id for e in episodes}) == len({e.seed for e in episodes}) == CASES * ATTEMPTS
        assert {e.attempt for e in episodes} == {1}
        assert [t.n for t in attempts_of(episodes)] == [ATTEMPTS] * CASES


def test_the_first_attempt_is_that_of_an_evaluation_with_one() -> None:
    with Store.open(":memory:") as store:
        once, often = played(store, measured(store, 1)), played(store, measured(store))
        assert seen(once) == seen([e for e in often if e.epoch == 0])


def test_no_attempt_is_shown_another_one() -> None:
    model = Counting()
    with Store.open(":memory:") as store:
        measured(store, model=model)
    first_turns = [r for r in model.asked if len(r.messages) == min(len(r.messages) for r in model.asked)]
    assert len({str([m.content for m in r.messages]) for r in first_turns}) == CASES


@pytest.mark.parametrize("most", [1, 7, 20])
def test_stopped_anywhere_and_resumed_it_has_the_same_attempts(most: int) -> None:
    with Store.open(":memory:") as store:
        unbroken = seen(played(store, measured(store)))
        with pytest.raises(Interrupted):
            measured(store, model=Counting(most))
        done = measured(store, run=store.runs()[-1])
        assert seen(played(store, done)) == unbroken


def test_the_id_of_a_run_with_one_attempt_is_as_it_was_before_there_were_more() -> None:
    assert "attempts" not in RunSettings().as_json()
    assert RunSettings.from_json(RunSettings(attempts=3).as_json()).attempts == 3


def test_no_attempt_at_all_is_refused() -> None:
    with pytest.raises(BadSetting, match="attempts is 0; it must be 1 or more"):
        RunSettings(attempts=0)


@pytest.mark.parametrize(("most", "expected"), [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (8, [1, 2, 4, 8]), (9, [1, 2, 4, 8, 9])])
def test_pass_at_k_is_told_for_powers_of_two_and_for_all_attempts(most: int, expected: list[int]) -> None:
    assert numbers(most) == expected


def test_pass_at_k_grows_with_k_and_lies_in_its_interval() -> None:
    with Store.open(":memory:") as store:
        told = pass_at_each(attempts_of(played(store, measured(store))), ATTEMPTS)
    assert [p.k for p in told] == [1, 2, 4]
    assert sorted(p.success for p in told) == [p.success for p in told]
    for p in told:
        assert p.interval is not None
        assert p.interval[0] <= p.success <= p.interval[1]
