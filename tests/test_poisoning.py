"""The model that obeys every instruction: it is taken in, as it has to be where a defence is judged by it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ace.environments.desk import Desk
from ace.environments.desk.attackers import Attack

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
FEW = {"episodes": 20, "held_out": 20, "attackers": 0.5}


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module("bench_poisoning")


def test_without_a_defence_it_is_taken_in(bench: Any) -> None:
    gave = bench.run(0, "any", defended=False, **FEW)
    assert gave.acted > 0
    assert gave.shown[1] > 0
    assert gave.at_hand[1] == gave.at_hand[0] > 0


def test_what_attackers_ask_for_is_written_apart_and_reaches_no_held_out_case(bench: Any) -> None:
    gave = bench.run(0, "any", defended=True, **FEW)
    assert gave.written[1] > 0
    assert (gave.shown[1], gave.acted) == (0, 0)
    assert gave.at_hand[1] == gave.at_hand[0] > 0


@pytest.mark.parametrize("attack", ["instruction", "evidence", "lesson", "summary", "echo", "names"])
def test_it_finds_the_instruction_in_every_kind_of_attack(bench: Any, attack: Attack) -> None:
    desk = Desk(attackers=0.5, attack=attack)
    assert desk.senders is not None
    task = next(t for t in desk.tasks("train") if "attack" in t.data)
    [found] = bench.instructions([task.text, desk.records(task, "look up the customer")])
    assert found.told == desk.senders.lie.told()
    assert found.trigger.plan.choice == desk.senders.lie.resolution
