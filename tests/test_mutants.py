"""Whatever a reflector or curator replies, nothing crashes, nothing is half done, and every refusal says why."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ace.memory.store import Store
from tests.examples import THOROUGH
from tests.mutants import Mutants

BATCHES = 6
PLAYBOOKS = 45 if THOROUGH else 15
"""Some fifty replies each; `benchmarks/bench_mutations.py` sends ten thousand."""


async def lived(store: Store, seed: int) -> Mutants:
    """A playbook that learns from mutated replies, from its beginning."""
    mutants = Mutants(store, f"book-{seed}", seed)
    for _ in range(BATCHES):
        await mutants.batch()
    return mutants


def test_mutated_replies_crash_nothing_leave_nothing_half_done_and_are_refused_with_a_reason(tmp_path: Path) -> None:
    all_of_them: list[Mutants] = []
    with Store.open(tmp_path / "ace.db") as store:

        @settings(max_examples=PLAYBOOKS, deadline=None, derandomize=True, database=None)
        @given(st.integers(0, 2**40))
        def learn(seed: int) -> None:
            mutants = asyncio.run(lived(store, seed))
            all_of_them.append(mutants)
            assert mutants.check() == []

        learn()
        assert store.upkeep.check() == []
    # Replies that could be read and edits that could be made are among them, or none of this would say anything.
    replies, read = sum(m.replies for m in all_of_them), sum(m.read for m in all_of_them)
    assert replies > 33 * PLAYBOOKS
    assert 0.2 < read / replies < 0.8
    assert sum(m.applied for m in all_of_them) > 6 * PLAYBOOKS
    assert sum(m.refused for m in all_of_them) > 2 * PLAYBOOKS
    assert len(set().union(*(m.reasons for m in all_of_them))) > PLAYBOOKS / 2
