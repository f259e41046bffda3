"""How many cases the units of a run hold: of batches as many as were played, whatever else is a unit beside them."""

from __future__ import annotations

from ace.commands.run.progress import Tally
from ace.events import EpisodeEnded, PhaseStarted, Reflected, RunStarted
from ace.runs.counted import batch_unit, cases_learned, cases_measured, halfway, measured_unit
from ace.types import Reflection, Split, Task
from tests.strategies.lessons import lived


def tasks(split: Split, n: int) -> list[Task]:
    return [Task(f"{split}/{i}", f"{split} {i}", split) for i in range(n)]


def test_a_batch_is_as_many_cases_as_it_has_and_the_last_may_be_smaller() -> None:
    train = tasks("train", 25)
    done = {batch_unit(0, 0), batch_unit(0, 1), batch_unit(0, 2), batch_unit(1, 0), "tune", "end/final"}
    assert cases_learned(done, train, 10, 2) == 35
    assert cases_learned(done, train, 10, 1) == 25
    assert cases_learned(set(), train, 10, 2) == 0


def test_a_batch_of_which_the_trusted_half_is_done_has_all_its_attempts_stored_and_counts_once() -> None:
    train = tasks("train", 25)
    half = {batch_unit(0, 0), halfway(batch_unit(0, 0)), halfway(batch_unit(0, 1))}
    assert cases_learned(half, train, 10, 1) == 20


def test_what_is_measured_counts_by_phase_and_attempt() -> None:
    held_out = tasks("test", 3)
    done = {measured_unit("eval", t, epoch) for t in held_out for epoch in (0, 1)} | {measured_unit("after", held_out[0], 0)}
    assert cases_measured(done, "eval", held_out, 4) == 6
    assert cases_measured(done, "after", held_out) == 1
    assert cases_measured(done, "before", held_out) == 0


def test_a_tally_goes_on_from_what_was_done_before() -> None:
    tally = Tally()
    tally.hear(RunStarted("r-1", "book", 660, 160))
    tally.hear(PhaseStarted("learn", 600, 130))
    assert tally.line().startswith("learning: 130/600")
    for n in range(3):
        tally.hear(EpisodeEnded(lived(n, True)))
    assert (tally.done, tally.all_done, tally.fresh) == (133, 163, 3)


def test_reflections_on_what_was_stored_before_are_cases_only_where_attempts_were_made_elsewhere() -> None:
    for before, counted in ((0, 1), (130, 130)):
        tally = Tally()
        tally.hear(PhaseStarted("learn", 600, before))
        tally.hear(Reflected(Reflection("e-1", "Gold tier.", "refund", "It asked too late.", "Ask first.")))
        assert tally.done == counted
