"""The worlds that learning is measured on keep the contract, and are worth learning."""

from __future__ import annotations

import ast
from itertools import islice
from pathlib import Path

import pytest

from ace.environments.check import check
from ace.environments.contract import Environment
from ace.environments.registry import open_environment

ROOT = Path(__file__).resolve().parent.parent
PLACE = f"{ROOT / 'benchmarks' / 'hidden_worlds.py'}:Hidden"


def opened(world: int) -> Environment:
    return open_environment(PLACE, {"world": str(world)})


def test_a_hidden_world_keeps_the_contract() -> None:
    assert check(opened(3), n=2).ok


@pytest.mark.parametrize("world", [3, 4, 5, 6])
def test_no_answer_and_no_single_fact_decides_most_cases(world: int) -> None:
    environment = opened(world)
    said = environment.describe()
    assert said["answers"] == 6
    assert float(str(said["commonest_share"])) <= 0.34
    assert float(str(said["best_single_fact_share"])) <= 0.55
    right = [policy(None) for t in islice(environment.tasks("test"), 300) if (policy := environment.oracle(t))]  # type: ignore[arg-type]
    assert len(set(right)) == 6


def test_every_fact_is_told_and_no_answer_stands_in_a_case() -> None:
    environment = opened(5)
    for task in islice(environment.tasks("train"), 50):
        answers = environment.open(task, 0).first.answers
        assert all(str(v).lower() in task.text.lower() for v in task.data.values())
        assert not [a for a in answers if a in task.text]


def test_the_product_holds_no_vocabulary_of_the_worlds() -> None:
    tree = ast.parse((ROOT / "benchmarks" / "vocabularies.py").read_text(encoding="utf-8"))
    sentences = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and "{v}" in str(n.value)}
    assert len(sentences) > 100
    product = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "ace").rglob("*.py"))
    assert [s for s in sentences if str(s) in product] == []
