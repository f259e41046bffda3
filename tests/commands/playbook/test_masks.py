"""Masks: a bullet that harms in tasks of a kind is not shown there, on the record, and comes back when draws say otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import ace as library
from ace.errors import BadSetting
from ace.events import Event, Warned
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.pages.document import rendered
from ace.pages.playbook import playbook_page
from ace.playbooks.operations import Op, Operation
from ace.runs.gates.proposed import Proposed
from ace.settings import RunSettings
from ace.strategies.contract import LEARNING, Draw
from ace.strategies.shown import briefing
from ace.types import Exposure, Task
from tests.commands.playbook.test_effects import attempt, some
from tests.commands.said import Ace
from tests.doing import do
from tests.pages.reading import read
from tests.stories import NAME, Story, add, revise
from tests.strategies.lessons import pupil, roles
from tests.strategies.test_holdout import SHOWING
from tests.worlds import Gate

MEASURED = Draw(mask=True)
LETTER, CALL, NONE = (Task("t-1", "a case", kind=kind) for kind in ("letter", "call", ""))


@pytest.fixture
def store(story: Story) -> Store:
    """The store that the command line reads."""
    return story.store


@pytest.fixture
def harms(story: Story) -> str:
    """A bullet that harms in letters and helps in calls, below another one."""
    _, id = story.added(add("Be kind."), add("Promise a refund at once."))
    some(story.store, id, helps=False, n=24, kind="letter")
    some(story.store, id, n=24, kind="call")
    return id


def of(store: Store, id: str, task: Task, draw: Draw = MEASURED, ref: str = NAME) -> Exposure:
    found = briefing(task, store.view(ref), 1800, draw=draw).render
    [x] = [x for x in found.exposures if x.bullet == id]
    assert (f"[{id}]" in found.text) is x.shown
    return x


def test_it_is_left_out_of_tasks_of_its_kind_alone(store: Store, harms: str) -> None:
    hidden = of(store, harms, LETTER)
    assert (hidden.shown, hidden.probability, hidden.policy) == (False, 0.0, "masked")
    for task in (CALL, NONE, replace(CALL, kind="fax")):
        assert (of(store, harms, task).shown, of(store, harms, task).policy) == (True, "all")
    assert of(store, harms, LETTER, Draw()).shown


def test_tasks_without_a_kind_go_by_all_attempts(store: Store, story: Story) -> None:
    [id] = story.added(add("Promise a refund at once."))
    some(store, id, helps=False, n=24, kind="letter")
    assert store.view(NAME).masks() == {id: ("", "letter")}
    assert not of(store, id, NONE).shown
    assert of(store, id, CALL).shown


def test_a_pinned_or_reworded_one_is_not_masked(store: Store, story: Story, harms: str) -> None:
    proposed = Proposed(store.view(NAME), (revise(harms, "Promise nothing."),))
    assert (proposed.masks(), Proposed(store.view(NAME), ()).masks()) == ({}, {harms: ("letter",)})
    story.change(Operation(Op.PIN, id=harms), author="person")
    assert of(store, harms, LETTER).shown
    story.change(Operation(Op.UNPIN, id=harms), author="person")
    assert not of(store, harms, LETTER).shown
    story.change(revise(harms, "Promise nothing."))
    assert of(store, harms, LETTER).shown


def test_while_learning_it_is_shown_sometimes_so_that_it_can_come_back(store: Store, harms: str) -> None:
    found = [of(store, harms, LETTER, Draw(seed, LEARNING, 0.2, True)) for seed in range(150)]
    assert {(x.probability, x.policy) for x in found} == {(0.2, "masked")}
    assert 15 <= sum(x.shown for x in found) <= 46
    assert of(store, harms, LETTER, Draw(1, LEARNING, 0.9, True)).probability == pytest.approx(0.1)
    assert not any(of(store, harms, LETTER, Draw(seed, LEARNING, 0.0, True)).shown for seed in range(9))
    some(store, harms, n=60, kind="letter")
    assert of(store, harms, LETTER).shown


def test_measuring_goes_by_what_was_known_of_the_revision(store: Store, story: Story) -> None:
    [id] = story.added(add("Promise a refund at once."))
    some(store, id, n=20, kind="letter")
    [_] = story.added(add("Be kind."))
    some(store, id, helps=False, n=100, kind="letter")
    assert not of(store, id, LETTER).shown
    assert of(store, id, LETTER, ref=f"{NAME}@1").shown
    for phase in ("before", "after", "eval"):
        assert of(store, id, LETTER, Draw(3, phase, 0.9, True)).probability == 0.0


def test_a_view_keeps_the_masks_that_it_began_with(store: Store, harms: str) -> None:
    view = store.view(NAME)
    before = view.masks()
    some(store, harms, n=60, kind="letter")
    assert view.masks() == before != store.view(NAME).masks()


@pytest.mark.parametrize("kind", SHOWING)
def test_every_strategy_that_shows_bullets_masks_them(store: Store, harms: str, kind: Any) -> None:
    render = kind(roles(pupil())).context(LETTER, store.view(NAME), [], MEASURED).render
    assert [x.policy for x in render.exposures] == ["all", "masked"]


def test_it_is_marked_wherever_it_is_listed(ace: Ace, store: Store, harms: str) -> None:
    for command in ("show", "effects", "blame", "trust"):
        assert "(masked for letter)" in " ".join(ace("playbook", command, NAME).out.split())
    assert "(masked for letter)" in " ".join(ace("playbook", "search", NAME, "refund").out.split())
    assert "masked for letter: not shown there with --mask" in " ".join(ace("playbook", "why", NAME, harms).out.split())
    assert "masked for letter: not shown there with --mask" in read(rendered(playbook_page(store, NAME))).text
    assert [b["masked"] for b in ace("playbook", "show", NAME, "--json").json["bullets"]] == [[], ["letter"]]
    assert "(masked for letter)" in " ".join(ace("playbook", "blame", NAME, "--long").out.split())
    for command in ("blame", "trust"):
        assert {b["id"]: b["masked"] for b in ace("playbook", command, NAME, "--json").json["bullets"]}[harms] == ["letter"]
    assert ace("playbook", "search", NAME, "refund", "--json").json[0]["masked"] == ["letter"]
    assert ace("playbook", "why", NAME, harms, "--json").json["effect"]["masked"] == ["letter"]
    for args in ((), ("--kind", "call")):
        [told] = [b for b in ace("playbook", "effects", NAME, *args, "--json").json["bullets"] if b["id"] == harms]
        assert told["masked"] == ["letter"]


def test_an_agent_of_ones_own_is_served_without_it(store: Store, harms: str) -> None:
    with library.open(NAME, store=store, mask=True) as playbook:
        assert [b.id for b in playbook.masked("letter")] == [harms]
        assert playbook.masked() == playbook.masked("call") == []
        for kind, shown in (("letter", False), ("call", True), ("", True)):
            with playbook.episode("a case", kind=kind) as ep:
                assert (f"[{harms}]" in ep.context) is shown
                ep.finish(True)
    assert [x.policy for e in store.episodes(limit=3) for x in e.render.exposures if x.bullet == harms].count("masked") == 1


def test_without_draws_it_says_so_and_how_to_begin(store: Store, story: Story) -> None:
    heard: list[Event] = []
    library.open(NAME, store=store, mask=True, on_event=heard.append)
    library.open(NAME, store=store, mask=True, holdout=0.2, on_event=heard.append)
    [said] = heard
    assert isinstance(said, Warned)
    assert "nothing is masked" in said.text
    assert f"ace.open('{NAME}', holdout=0.2)" in said.text


def test_a_run_says_it_too(ace: Ace) -> None:
    run = ("run", "desk", "--episodes", "2", "--eval", "2", "--mask")
    assert "nothing is masked" in " ".join(ace(*run).err.split())
    assert "nothing is masked" not in ace(*run, "--holdout", "0.2").err


def test_a_run_masks_while_it_learns_and_measures(store: Store) -> None:
    do(store, Gate(), episodes=20, eval=4, batch=10, holdout=0.4)
    [name] = [b.name for b in store.playbooks() if b.name != NAME]
    worst, *_ = store.view(name).bullets()
    for i in range(60):
        attempt(store, i % 2 == 1, {worst.id: i % 2 == 0}, name=name)
    again = do(store, Gate(), episodes=20, eval=4, batch=10, holdout=0.4, mask=True, playbook=name)
    found = store.episodes(run=again.run.id, limit=None)
    by = {
        phase: {x.shown for e in found if e.phase == phase for x in e.render.exposures if x.policy == "masked"}
        for phase in ("learn", "start")
    }
    assert by["start"] == {False}
    assert by["learn"] == {True, False}


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_what_is_neither_on_nor_off_is_refused(store: Store, story: Story, wrong: Any) -> None:
    with pytest.raises(BadSetting, match=r"mask is .* it must be True or False"):
        library.open(NAME, store=store, mask=wrong)


def test_an_attempt_says_what_it_was_not_shown_and_why(ace: Ace, store: Store, harms: str) -> None:
    shown = briefing(LETTER, store.view(NAME), 1800, draw=MEASURED).render
    first = store.episodes(playbook=NAME, limit=1)[0]
    store.commit(Batch((replace(first, id="e-masked", render=shown),), playbook=NAME))
    assert "1 bullet shown, 1 masked" in ace("episode", "show", "e-masked").out
    left_out = replace(shown, exposures=tuple(replace(x, policy="all") for x in shown.exposures))
    store.commit(Batch((replace(first, id="e-left", render=left_out),), playbook=NAME))
    assert "1 bullet shown, 1 left out by chance" in ace("episode", "show", "e-left").out


def test_a_run_without_masks_keeps_its_id() -> None:
    assert "mask" not in RunSettings("desk").as_json()
    assert RunSettings("desk", mask=True).as_json()["mask"] is True
