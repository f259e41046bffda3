"""What may be learned from, and what may not: faults of the world, and cases that only measure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from ace.environments.contract import Scene
from ace.errors import BadInput, BadSetting, Conflict
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Op, Operation, Refusal
from ace.types import Observation, Outcome, Record, Split, Task, Vote, invalid, success
from tests.doing import do
from tests.memory.acts import keep, played, told
from tests.stories import NAME, Story, add
from tests.worlds import Gate, Play


def bullet(store: Store) -> str:
    [id] = Story(store).added(add("ask first"))
    return id


def test_nobody_may_reflect_on_an_invalid_episode(store: Store) -> None:
    id = bullet(store)
    with pytest.raises(Conflict, match="invalid: nothing is learned from it"):
        keep(store, played("e-1", outcome=invalid("a timeout"), shown=(id,)), told=(told("e-1", votes=((id, Vote.HARMFUL),)),))
    assert store.count_episodes() == 0


def test_an_invalid_episode_counts_neither_for_nor_against_a_bullet(store: Store) -> None:
    id = bullet(store)
    keep(store, played("e-1", outcome=invalid("a timeout"), shown=(id,)))
    view = store.view(NAME)
    assert view.records([id]) == {id: Record()}
    assert view.evidence([id]) == {id: []}
    assert view.uncited() == []
    assert store.count_episodes(verdict="invalid") == 1


def test_an_episode_that_only_measures_is_no_evidence(store: Store) -> None:
    id = bullet(store)
    store.commit(Batch((played("e-1", outcome=success(), phase="after", shown=(id,)),)))
    assert store.view(NAME).records([id]) == {id: Record()}
    assert store.view(NAME).uncited() == []
    with pytest.raises(Conflict, match="not played to train this playbook"):
        keep(store, told=(told("e-1"),))


def test_what_only_measures_has_no_playbook_to_write_to(store: Store) -> None:
    keep(store, played("e-1"))
    operation = Operation(Op.ADD, section="S", text="ask first")
    for batch in (
        Batch(delta=Delta("", (operation,))),
        Batch(reflections=(told("e-1"),)),
        Batch(refusals=(Refusal(0, operation, "no"),)),
    ):
        with pytest.raises(BadSetting, match="name the playbook to learn"):
            store.commit(batch)
    assert store.head(NAME).number == 0


def test_measuring_leaves_the_playbook_as_it_is(store: Store) -> None:
    learned = do(store, Gate(), episodes=40, eval=20)
    name = str(learned.run.result["playbook"])
    before = store.head(name), store.view(name).records([b.id for b in store.view(name).bullets()]), len(store.log(name))
    do(store, Gate(), playbook=f"{name}@2", split="test", eval=40)
    assert store.count_episodes(phase="eval") == 40
    assert (store.head(name), store.view(name).records(before[1].keys()), len(store.log(name))) == before


@dataclass
class Shaky(Gate):
    """Every third case breaks down before it can be answered."""

    name = "shaky"

    def open(self, task: Task, seed: int) -> Scene:
        if int(task.id.rpartition("-")[2]) % 3:
            return super().open(task, seed)

        def broken(action: str) -> Observation | Outcome:
            return invalid("the gate is stuck")

        play = Play(Observation(task.text, self.options), lambda action: None, lambda action: False)
        play.act = broken  # type: ignore[method-assign]
        return play


def test_a_run_learns_nothing_from_cases_that_broke_down(store: Store) -> None:
    run = do(store, Shaky(), episodes=30, eval=9).run
    broken = [e for e in store.episodes(run=run.id, phase="learn", limit=None) if not e.outcome.valid]
    assert len(broken) == 10
    assert all(store.reflections(e.id) == [] for e in broken)
    named = {e for d in store.log(str(run.result["playbook"])) for o in d.operations for e in o.episodes}
    assert named
    assert not named & {e.id for e in broken}


class Leaky(Gate):
    """The held-out cases are the training cases."""

    name = "leaky"

    def tasks(self, split: Split):  # type: ignore[no-untyped-def]
        return (replace(task, split=split) for task in super().tasks("train"))


def test_cases_that_are_measured_on_cannot_be_learned_from(store: Store) -> None:
    with pytest.raises(BadInput, match="must not be learned from"):
        do(store, Leaky(), episodes=10, eval=5)
    assert store.count_episodes() == 0
