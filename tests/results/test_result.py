"""The result of a run says what its episodes say."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ace.memory.store import Store
from ace.memory.values import Batch, Run, RunStatus
from ace.results.result import Gain, Result, result_of, view_of
from ace.results.score import Score
from ace.statistics.intervals import paired
from ace.types import Episode
from tests.doing import do
from tests.memory.log.test_learned_from import Shaky
from tests.starting import started
from tests.strategies.lessons import lived
from tests.worlds import Gate


@dataclass
class Told:
    """A run of which everything is made up."""

    store: Store
    run: Run
    _played: int = 0

    def phase(self, name: str, *won: bool | None, tasks: int = 0, epoch: int = 0, attempt: int = 1) -> None:
        """Attempts at tasks one after the other, beginning with task number `tasks`."""
        made: list[Episode] = []
        for n, w in enumerate(won, tasks):
            self._played += 1
            e = lived(n, w)
            made.append(replace(e, id=f"{self.run.id}-{self._played}", phase=name, epoch=epoch, attempt=attempt))
        self.store.commit(Batch(tuple(made), playbook="made-up" if name == "learn" else "", run=self.run.id))

    def result(self) -> Result:
        return result_of(self.store, self.store.run(self.run.id))


@pytest.fixture
def told(store: Store) -> Told:
    store.ensure_playbook("made-up")
    run = started(store, {"environment": "e", "model": "m", "strategy": "ace", "seed": 3, "batch": 2})
    store.set_run(run.id, RunStatus.DONE, {"playbook": "made-up", "start": 0, "revision": 0, "seconds": 1.5})
    return Told(store, run)


def test_success_before_and_after_is_of_valid_cases(told: Told) -> None:
    told.phase("before", False, True, None, False)
    told.phase("after", True, True, True, None)
    result = told.result()
    assert (result.before, result.after, result.start) == (Score(1, 3, 1), Score(3, 3, 1), None)


def test_the_gain_is_over_the_cases_that_were_valid_both_times(told: Told) -> None:
    told.phase("before", False, True, None, False, True)
    told.phase("after", True, True, True, None, False)
    difference, low, high = paired([False, True, True], [True, True, False])
    assert told.result().gain == Gain(difference, 3, (low, high))


def test_without_a_case_that_was_valid_both_times_there_is_no_gain(told: Told) -> None:
    told.phase("before", False, None)
    told.phase("after", None, True)
    assert told.result().gain is None


def test_where_the_run_went_on_with_a_playbook_its_start_is_told(told: Told) -> None:
    told.phase("start", True, False)
    run = told.store.run(told.run.id)
    told.store.set_run(run.id, run.status, {**run.result, "start": 2})
    assert told.result().start == Score(1, 2)


def test_the_curve_has_a_point_for_every_batch(told: Told) -> None:
    """Batches are of two; three tasks make two batches in each epoch."""
    told.phase("learn", True, False, True)
    told.phase("learn", False, True, True, epoch=1)
    assert told.result().curve == (0.5, 1.0, 0.5, 1.0)


def test_a_batch_is_counted_by_case_and_invalid_ones_do_not_count(told: Told) -> None:
    told.phase("learn", False, None)
    told.phase("learn", True, attempt=2)
    told.phase("learn", None, None, tasks=2)
    told.phase("learn", False, tasks=4)
    result = told.result()
    assert result.curve == (0.0, 0.0)
    assert (result.cases, result.first, result.within, result.most) == (5, Score(0, 2, 3), Score(1, 2, 3, 2), 2)
    assert (result.episodes, result.attempted, result.invalid) == (6, 6, 3)


def test_attempts_made_elsewhere_are_counted_by_the_run_that_learned_from_them(told: Told) -> None:
    run = told.store.run(told.run.id)
    told.store.set_run(run.id, run.status, {**run.result, "episodes": 7, "reflections": 5})
    result = told.result()
    assert (result.episodes, result.reflections, result.attempted, result.seconds) == (7, 5, 0, 1.5)


def test_a_real_run_is_summed_up_as_its_store_has_it(store: Store) -> None:
    run = do(store, Shaky(), episodes=24, eval=9).run
    result = result_of(store, run)
    learned = store.episodes(run=run.id, phase="learn", limit=None)
    book = store.view(result.playbook)
    deltas = store.log(result.playbook)
    assert (result.run, result.status, result.environment, result.seed) == (run.id, RunStatus.DONE, "shaky", 0)
    assert (result.before.n, result.after.n, result.before.invalid, result.after.invalid) == (6, 6, 3, 3)
    assert (result.episodes, result.attempted, result.invalid) == (24, 42, 14)
    assert result.reflections == sum(bool(store.reflections(e.id)) for e in learned) == 16
    assert (result.revision, result.bullets) == (book.revision.number, len(book.bullets()))
    assert result.accepted == sum(len(d.operations) for d in deltas) > 0
    assert result.refused == sum(len(d.refusals) for d in deltas)
    assert (len(result.curve), result.usage) == (3, store.usage(run.id))


def test_a_result_is_of_the_playbook_as_the_run_left_it(store: Store) -> None:
    first = do(store, Gate(), episodes=20, eval=4, playbook="gates").run
    then = result_of(store, first)
    second = do(store, Gate(), episodes=30, eval=4, playbook="gates", seed=1).run
    assert result_of(store, first) == then
    assert view_of(store, first).revision.number < view_of(store, second).revision.number
    # The second run's edits are not the first one's.
    all_of_them = sum(len(d.operations) for d in store.log("gates"))
    assert then.accepted + result_of(store, second).accepted == all_of_them
