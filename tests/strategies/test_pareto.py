"""The strategy `pareto` in runs: a population of revisions, a front in the store, and the best one as the head."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from ace.environments.contract import Environment, Scene
from ace.environments.desk import Desk
from ace.errors import Interrupted
from ace.memory.store import Store
from ace.memory.values import Run
from ace.memory.view import View
from ace.models.contract import Model, Request
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.settings import Checked, Shown
from ace.runs.estimate import expected
from ace.runs.lifecycle import begin, ready, work
from ace.settings import RunSettings
from ace.strategies.front import members, wins_of
from ace.strategies.pareto import Pareto
from ace.strategies.registry import load_strategy, strategy_settings
from ace.types import Observation, Split, Task, Trust
from tests.answering import Answering, curation, diagnosis, move
from tests.commands.said import Ace
from tests.doing import checked
from tests.spying import Meddler
from tests.stories import Story, add
from tests.strategies.lessons import pupil, roles
from tests.worlds import Play

SETTINGS: dict[str, Any] = {"strategy": "pareto", "episodes": 30, "batch": 6, "eval": 2, "learn_only": True, "retries": 3}
CASES, WORLD = 6, 5


def run(store: Store, again: Run | None = None, model: Model | None = None, **more: Any) -> Run:
    asked = SETTINGS | {"strategy_settings": {"cases": str(CASES)}} | more
    prepared = checked(Desk(world=WORLD), asked, model)
    return asyncio.run(work(prepared, store, ready(prepared, store, again) if again else begin(prepared, store)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a run that was never stopped."""
    path = tmp_path_factory.mktemp("pareto") / "ace.db"
    with Store.open(path) as store:
        run(store)
    return path


@pytest.fixture
def played(whole: Path) -> Iterator[Store]:
    with Store.open(whole, create=False, read_only=True) as store:
        yield store


def book_of(store: Store) -> View:
    return store.view(str(store.runs()[0].result["playbook"]))


def state(store: Store) -> tuple[object, ...]:
    view, [done] = book_of(store), store.runs()
    name = view.revision.playbook
    return (
        [(b.id, b.text, b.state) for b in view.bullets(include_retired=True)],
        [(d.reason, len(d.operations)) for d in store.log(name)],
        store.count_episodes(run=done.id),
        store.usage(done.id).calls,
        store.verify(name),
    )


def test_the_population_are_revisions_that_were_played_on_the_same_cases(played: Store) -> None:
    rollouts = played.episodes(phase="rollout", limit=None)
    tasks, view = {e.task.key for e in rollouts}, book_of(played)
    assert len(tasks) == CASES
    assert {e.task.split for e in rollouts} == {"train"}
    # Every revision was a candidate that was played before it was committed, under the hash that it then had.
    results = view.rollouts()
    assert set(results) == set(range(1, view.revision.number + 1))
    assert all(found.keys() == tasks for found in results.values())
    assert all(d.reason.startswith("pareto: ") for d in played.log(view.revision.playbook))
    assert len(rollouts) > CASES * view.revision.number, "no candidate was dropped"


def test_training_cases_are_shown_members_of_the_front_as_it_was(played: Store) -> None:
    view = book_of(played)
    numbers = {r.hash: r.number for r in played.revisions(view.revision.playbook)}
    results = view.rollouts()
    wins = wins_of(results, next(iter(results.values())))
    shown = {numbers[e.render.revisions[0]] for e in played.episodes(phase="learn", limit=None)}
    assert len(shown) > 2
    fronts = [members({n: w for n, w in wins.items() if n <= upto}, 4) for upto in wins]
    assert shown - {0} <= {n for front in fronts for n in front}


def test_the_head_ends_as_the_candidate_that_wins_most(played: Store) -> None:
    view = book_of(played)
    wins = {n: sum(found.values()) for n, found in view.rollouts().items()}
    best = [[b.text for b in view.past(n).bullets()] for n, won in wins.items() if won == max(wins.values())]
    assert [b.text for b in view.bullets()] in best


@pytest.mark.parametrize("share", [0.3, 0.97])
def test_stopped_anywhere_and_resumed_it_ends_the_same(played: Store, share: float) -> None:
    calls = int(share * played.usage(played.runs()[0].id).calls)
    asked = count(1)

    def stop() -> None:
        if next(asked) > calls:
            raise Interrupted("the test stops here")

    with Store.open(":memory:") as store:
        with pytest.raises(Interrupted):
            run(store, model=Meddler(stop))
        [stopped] = store.runs()
        assert store.usage(stopped.id).calls <= calls
        run(store, again=stopped)
        assert state(store) == state(played)


def test_the_attempts_that_compare_candidates_are_learned_from_by_none(played: Store) -> None:
    view = book_of(played)
    rollouts = {e.id for e in played.episodes(phase="rollout", limit=None)}
    assert not rollouts & {id for d in played.log(view.revision.playbook) for id in d.episodes}
    assert not rollouts & {p.episode for p in view.attempts()}


def test_what_a_person_pinned_stays_in_every_candidate(store: Store) -> None:
    story = Story(store, "mine")
    [pinned] = story.added(add("Always greet.", "Manners"))
    story.change(Operation(Op.PIN, id=pinned), author="person")
    run(store, playbook="mine", episodes=18)
    view = store.view("mine").at(Trust.TRUSTED)
    kept = [
        next((b.pinned for b in view.past(n).bullets() if b.id == pinned), False) for n in range(2, view.revision.number + 1)
    ]
    assert len(kept) > 1
    assert all(kept)
    # The head was there before the run, so it is measured first.
    assert 2 in view.rollouts()


def test_its_further_attempts_are_counted_before_they_are_made() -> None:
    desk = Desk()
    train, held_out = list(islice(desk.tasks("train"), 40)), list(islice(desk.tasks("test"), 10))

    def calls(strategy: str, **settings: str) -> int:
        asked = RunSettings(strategy=strategy, strategy_settings=settings, episodes=40, batch=10, eval=10)
        return expected(asked, desk, train, held_out, 1).calls

    few, many = calls("pareto", cases="5") - calls("ace"), calls("pareto", cases="10") - calls("ace")
    assert many == 2 * few > 0


def test_it_curates_with_the_settings_of_ace() -> None:
    desk = Desk()
    train, held_out = list(islice(desk.tasks("train"), 40)), list(islice(desk.tasks("test"), 10))

    def calls(**settings: str) -> int:
        asked = RunSettings(strategy="pareto", strategy_settings=settings, episodes=40, batch=10, eval=10)
        return expected(asked, desk, train, held_out, 1).calls

    assert calls(chains="false", joint="false") < calls() < calls(joint="false")
    shown, listed = Shown(rows=False, table=True), strategy_settings(load_strategy("pareto"))
    made = Pareto(roles(pupil()), explore=False, chains=False, shown=shown, checked=Checked(check=True))
    assert made.checks == ("fit",)
    assert {s.name for s in strategy_settings(load_strategy("ace"))} - {s.name for s in listed} == {"curate"}


def test_settings_that_are_no_numbers_are_refused(ace: Ace) -> None:
    for setting, why in (("cases=0", "1 or more"), ("size=x", "whole number"), ("caeses=3", "did you mean 'cases'?")):
        said = ace("run", "desk", "--strategy", "pareto", "--strategy-set", setting)
        assert (said.status, why in said.err) == (2, True), said.err


def test_it_stands_in_a_comparison_beside_the_others(ace: Ace) -> None:
    few = ("--seeds", "2", "--episodes", "6", "--batch", "3", "--eval", "4", "--json")
    said = ace("compare", "desk", "--arms", "empty,pareto", *few)
    assert said.status == 0, said.err
    assert [row["arm"] for row in said.json["arms"] if row["success"] is not None] == ["empty", "pareto"]


class Corridors(Environment):
    """Every second corridor is left by the west door, the others by the north door."""

    name = "corridors"
    instant = True

    def tasks(self, split: Split) -> list[Task]:
        return [Task(f"{split}-{n}", f"Corridor {n} of kind {'WN'[n % 2]} in the {split}.", split) for n in range(20)]

    def open(self, task: Task, seed: int) -> Scene:
        right = "west" if "kind W" in task.text else "north"
        return Play(Observation(task.text), lambda a: None, lambda a: a == right)


def doors() -> Answering:
    """Takes the door of which it has read. Its curator first writes of one door, then of the other one instead, and then takes
    out what there is."""
    curations = iter(range(100))

    def answer(request: Request, number: int) -> str:
        text = "\n".join(m.content for m in request.messages)
        if request.role == "generator":
            kind = "W" if "of kind W" in request.messages[1].content else "N"
            return move({"W": "west", "N": "north"}[kind] if f"In kind {kind}" in request.messages[0].content else "east")
        if request.role == "reflector":
            return diagnosis()
        turn = next(curations)
        retired = [{"lesson_id": id} for id in dict.fromkeys(re.findall(r"- \[([\w-]+)\]", text))] if turn else []
        written = [{"section": "Doors", "text": f"In kind {'WN'[turn]} take the door.", "after_id": "", "guess": False}]
        return curation(retire=retired, add=written if turn < 2 else [])

    return Answering(answer)


def test_two_that_win_different_cases_are_both_kept_and_merged(store: Store) -> None:
    asked = SETTINGS | {"strategy_settings": {"cases": "4"}, "model": "scripted", "episodes": 20, "batch": 4, "retries": 0}
    prepared = checked(Corridors(), asked, doors())
    asyncio.run(work(prepared, store, begin(prepared, store)))
    view = book_of(store)
    assert [sum(found.values()) for found in view.rollouts().values()] == [2, 2, 4]
    last, second, _ = store.log(view.revision.playbook)
    assert "merged, won 4 of 4 cases" in last.reason
    assert second.reason.startswith("pareto: an edit of revision 1, won 2 of 4 cases")
    assert {b.text for b in view.bullets()} == {"In kind W take the door.", "In kind N take the door."}
    assert [b.text for b in view.past(2).bullets()] == ["In kind N take the door."]
