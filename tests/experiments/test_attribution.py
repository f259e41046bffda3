"""Four cells of two models with and without a playbook: differences, tests, and the interaction."""

from __future__ import annotations

import random

import pytest

from ace.experiments.attribution import INTERACTION, CellName, attribution, key_of
from ace.types import Episode, Observation, Render, Task, failure, invalid, success

B0, B1, T0, T1 = CellName


def played(*won: bool | None, attempts: int = 1) -> list[Episode]:
    found = []
    for n, each in enumerate(won):
        task = Task(f"t{n // attempts}", f"Case {n // attempts}", "test")
        outcome = invalid("a timeout") if each is None else success() if each else failure()
        found.append(Episode(f"e{n}", task, 1, "eval", n % attempts, 0, Observation(task.text), (), outcome, Render("")))
    return found


def test_effects_are_paired_differences_of_the_cells() -> None:
    told = attribution(
        {
            B0: played(False, False, False, False, True, None),
            B1: played(True, True, False, False, True, True),
            T0: played(True, False, True, False, True, True),
            T1: played(True, True, True, False, True, True),
        },
        1,
    )
    assert told is not None
    assert (told.tasks, told.left_out) == (5, 1)
    assert [round(told.cells[n].success, 3) for n in CellName] == [0.2, 0.6, 0.6, 0.8]
    effects = {name: round(e.difference, 3) for name, e in told.effects.items()}
    assert effects == {
        "weights": 0.4,
        "playbook": 0.4,
        "weights, with the playbook": 0.2,
        "playbook, on the tuned model": 0.2,
        "both": 0.6,
        INTERACTION: -0.2,
    }
    # Two tasks of two that changed: 2 * (1/2)^2.
    assert told.effects["weights"].p == 0.5
    assert attribution({name: played(None) for name in CellName}, 1) is None


def test_the_same_at_every_task_has_no_interval_where_none_can_be_told() -> None:
    told = attribution({name: played(True, False, True) for name in CellName}, 1)
    assert told is not None
    assert (told.effects[INTERACTION].difference, told.effects[INTERACTION].interval) == (0, None)
    assert told.effects["weights"].p == 1.0
    assert told.effects["weights"].interval is not None


def test_several_attempts_at_a_task_are_its_share() -> None:
    told = attribution(
        {
            B0: played(False, False, True, False, attempts=2),
            B1: played(True, True, True, False, attempts=2),
            T0: played(False, None, None, False, attempts=2),
            T1: played(True, True, True, True, attempts=2),
        },
        2,
    )
    assert told is not None
    assert [told.cells[n].success for n in CellName] == [0.25, 0.75, 0.0, 1.0]
    assert told.effects["playbook"].difference == 0.5
    assert told.effects["playbook"].interval is not None


@pytest.mark.parametrize("interaction", [0.0, 0.3])
def test_the_interval_of_the_interaction_covers_what_was_planted(interaction: float) -> None:
    drawing, inside = random.Random(7), 0
    chance = {B0: 0.2, B1: 0.4, T0: 0.3, T1: 0.5 + interaction}
    for _ in range(200):
        cells = {name: played(*(drawing.random() < p for _ in range(60))) for name, p in chance.items()}
        told = attribution(cells, 1)
        assert told is not None
        low, high = told.effects[INTERACTION].interval or (0.0, 0.0)
        inside += low <= interaction <= high
    assert inside >= 180


def test_names_make_keys() -> None:
    assert key_of(CellName.TUNED_EVOLVED) == "tuned_evolved"
    assert key_of("weights, with the playbook") == "weights_with_the_playbook"
