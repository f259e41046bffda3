"""The tasks that gates draw from: every task once, in an order drawn by a seed, and listed as seldom as can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ace.runs.gates.pool import TaskPool
from ace.types import Split, Task
from tests.runs.gates.lessons import Counter


class Counted(Counter):
    """Counts the tasks that it gave; `ends` after so many, without saying so beforehand."""

    def __init__(self, val: int | None = None, ends: int | None = None) -> None:
        super().__init__(val)
        self.ends, self.given = ends, 0

    def tasks(self, split: Split) -> Iterator[Task] | Sequence[Task]:
        found = super().tasks(split)
        if isinstance(found, Sequence):
            self.given += len(found)
            return found
        return self._counted(islice(found, self.ends))

    def _counted(self, tasks: Iterator[Task]) -> Iterator[Task]:
        for task in tasks:
            self.given += 1
            yield task


def drawn(environment: Counted, most: int | None, seed: int = 1) -> list[int]:
    tasks = islice(TaskPool(environment, (), seed).all(), most)
    return [int(t.id.partition("-")[2]) for t in tasks]


def test_a_split_without_end_is_drawn_block_by_block_and_each_task_once() -> None:
    found = drawn(Counted(), 1024)
    assert sorted(found) == list(range(1024))
    assert found != sorted(found)
    assert [sorted(found[at : at + 256]) for at in range(0, 1024, 256)] == [
        [*range(at, at + 256)] for at in range(0, 1024, 256)
    ]
    assert drawn(Counted(), 300) == found[:300]
    assert drawn(Counted(), 1024, seed=2) != found


def test_drawing_thousands_of_tasks_lists_not_many_more() -> None:
    environment = Counted()
    assert len(set(drawn(environment, 8000))) == 8000
    assert environment.given < 3 * 8000


def test_a_split_with_a_length_is_drawn_as_a_whole() -> None:
    environment = Counted(val=1000)
    found = drawn(environment, None)
    assert sorted(found) == list(range(1000))
    assert max(found[:256]) > 800


def test_a_split_that_ends_without_having_said_so_is_drawn_to_its_end() -> None:
    for ends in (0, 10, 256, 700):
        assert sorted(drawn(Counted(ends=ends), None)) == list(range(ends))
