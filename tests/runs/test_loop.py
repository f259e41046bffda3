"""The loop: which tasks, how they are played, and what is told while it works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import groupby

import pytest

from ace.environments.contract import Environment, Scene
from ace.errors import BadInput
from ace.events import BatchCommitted, EpisodeEnded, Event, PhaseStarted, Reflected, RunEnded, RunStarted, Warned
from ace.memory.store import Store
from ace.memory.values import Run, RunStatus
from ace.models.contract import Model, Reply, Request
from ace.models.novice import Novice
from ace.runs.lifecycle import begin, work
from ace.runs.loop import EXPLORE
from ace.runs.tasks import DEFAULT_EPISODES, DEFAULT_EVAL, held_out_tasks, require_disjoint, train_tasks
from ace.settings import RunSettings
from ace.types import Split, Task
from tests.doing import checked
from tests.spying import Spy
from tests.worlds import Gate


class Few(Environment):
    """Five tasks for training, three held out."""

    name = "few"
    instant = True

    def tasks(self, split: Split) -> Iterable[Task]:
        return [Task(f"{split}-{n}", f"{split} {n}", split) for n in range({"train": 5, "val": 0, "test": 3}[split])]

    def open(self, task: Task, seed: int) -> Scene:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("environment", "settings", "train", "held_out"),
    [
        (Few(), {}, 5, 3),
        (Few(), {"episodes": 2, "eval": 1}, 2, 1),
        (Few(), {"episodes": 50, "eval": 50}, 5, 3),
        (Gate(), {}, DEFAULT_EPISODES, DEFAULT_EVAL),
        (Gate(), {"episodes": 7, "eval": 8}, 7, 8),
        (Few(), {"split": "train"}, 5, 5),
        (Few(), {"split": "val"}, 5, 0),
    ],
)
def test_all_tasks_of_a_finite_split_are_taken_and_some_of_an_endless_one(
    environment: Environment, settings: dict[str, object], train: int, held_out: int
) -> None:
    asked = RunSettings(environment.name, **settings)  # type: ignore[arg-type]
    assert (len(train_tasks(environment, asked)), len(held_out_tasks(environment, asked))) == (train, held_out)


def test_tasks_are_told_apart_by_their_content_not_by_their_names() -> None:
    same = [Task("a", "Open.", "train", {"n": 1}), Task("b", "Open.", "test", {"n": 1})]
    with pytest.raises(BadInput, match="held-out task b has the same content as training task a"):
        require_disjoint(same[:1], same[1:])
    require_disjoint(same[:1], [Task("a", "Open.", "test", {"n": 2}), Task("a", "Close.", "test", {"n": 1})])


def run(store: Store, model: Model, **settings: object) -> tuple[Run, list[Event]]:
    heard: list[Event] = []
    ready = checked(Gate(), {"episodes": 12, "eval": 4, "batch": 5, **settings}, model, heard.append)
    return asyncio.run(work(ready, store, begin(ready, store))), heard


def test_what_happens_is_told_in_order(store: Store) -> None:
    done, heard = run(store, Novice())
    assert done.status is RunStatus.DONE
    kinds = [kind for kind, _ in groupby(type(e) for e in heard)]
    measuring = [PhaseStarted, EpisodeEnded, BatchCommitted]
    turn = [EpisodeEnded, Reflected, BatchCommitted]
    assert kinds == [RunStarted, *measuring, PhaseStarted, *turn, *turn, *turn, *measuring, RunEnded]
    committed = [e for e in heard if isinstance(e, BatchCommitted)]
    assert [(e.phase, e.episodes) for e in committed] == [("before", 4), *[("learn", n) for n in (5, 5, 2)], ("after", 4)]
    deltas = store.log(str(done.result["playbook"]))
    assert sum(e.accepted for e in committed) == sum(len(d.operations) for d in deltas) > 0
    assert sum(e.refused for e in committed) == sum(len(d.refusals) for d in deltas)
    assert committed[-1].usage == store.usage(done.id)


def test_before_and_after_are_the_same_cases_with_the_same_seeds_in_the_same_order(store: Store) -> None:
    done, _ = run(store, Novice())
    before, after = (store.episodes(run=done.id, phase=phase, limit=None) for phase in ("before", "after"))
    assert [(e.task, e.seed) for e in before] == [(e.task, e.seed) for e in after]
    assert {len(e.render.exposures) for e in before} == {0}
    assert all(e.render.exposures for e in after)


def test_chance_is_for_learning_alone(store: Store) -> None:
    spy = Spy()
    done, _ = run(store, spy)
    exploring = [r for r in spy.seen if r.sampling.explore]
    assert {r.sampling.explore for r in exploring} == {EXPLORE}
    assert {r.role for r in exploring} == {"generator"}
    openings = [r for r in spy.seen if r.role == "generator" and len(r.messages) == 2]
    assert len(openings) == len(store.episodes(run=done.id, limit=None)) == 20
    assert sum(r in exploring for r in openings) == 12


def test_each_batch_is_shown_what_the_one_before_it_taught(store: Store) -> None:
    done, _ = run(store, Novice(), learn_only=True)
    name = str(done.result["playbook"])
    numbers = {r.hash: r.number for r in store.revisions(name)}
    shown = [numbers[e.render.revisions[0]] for e in store.episodes(run=done.id, limit=None)[::-1]]
    assert shown == sorted(shown)
    assert [len({*shown[at : at + 5]}) for at in (0, 5, 10)] == [1, 1, 1]
    assert shown[0] < shown[5]


class Mumbling(Novice):
    """Cannot be understood as curator, nor as reflector now and then."""

    name = "mumbling"

    async def complete(self, request: Request) -> Reply:
        if request.role == "curator" or (request.role == "reflector" and request.seed % 3 == 0):
            return Reply("hm", None, "there is no JSON object in it")
        return await super().complete(request)


def test_what_could_not_be_understood_is_told_and_what_could_is_kept(store: Store) -> None:
    done, heard = run(store, Mumbling(), learn_only=True)
    learned = store.episodes(run=done.id, phase="learn", limit=None)
    kept = [e for e in learned if store.reflections(e.id)]
    said = [e.text for e in heard if isinstance(e, Warned)]
    assert 0 < len(kept) < len(learned) == 12
    assert {t.partition(":")[0] for t in said if t.startswith("no reflection")} == {
        f"no reflection on {e.id}" for e in learned if e not in kept
    }
    assert said.count("no curation: there is no JSON object in it") == 3
    assert store.head(str(done.result["playbook"])).number == 0
    assert [e.reflection.episode for e in heard if isinstance(e, Reflected)] == [e.id for e in kept[::-1]]
