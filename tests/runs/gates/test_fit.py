"""The gate `fit`: a delta that contradicts what stored attempts show is asked about once more, and the judgement is kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import ace as library
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.memory.view import View
from ace.playbooks.operations import Delta, Judgement, Operation, Status
from ace.strategies.contract import Learned, Lesson
from ace.types import Episode, Observation, Outcome, Reflection, Render, Step, Task, failure, invalid, success
from tests.commands.said import Ace
from tests.runs.test_turn import Proposing
from tests.session.agents import play
from tests.stories import NAME, Story, add, retire, revise
from tests.turns import Turns

GOLD = 'When "tier" is "gold": choose "refund".'
GOLD_DENIED = 'When "tier" is "gold": choose "deny".'
NONE = 'When "tier" is "none": choose "deny".'
OTHERS = 'In every other case: choose "deny".'
VAGUE = "Be generous to good customers."


def attempt(n: int, situation: str, choice: str, outcome: Outcome) -> Episode:
    seen = Observation(situation, (), ("refund", "deny"))
    return Episode(f"e-{n}", Task(f"t-{n}", situation), 1, "learn", 0, n, seen, (Step(choice),), outcome, Render(""))


def keep(store: Store, *episodes: Episode) -> None:
    told = tuple(Reflection(e.id, e.first.text, e.steps[-1].action, "", "") for e in episodes if e.outcome.valid)
    store.commit(Batch(episodes, told, NAME))


@pytest.fixture
def story(store: Store) -> Story:
    """A playbook that explains six attempts with gold customers."""
    story = Story(store)
    story.change(add(GOLD))
    keep(store, *(attempt(n, f"tier: gold; amount: {n}", "refund", success()) for n in range(6)))
    return story


@pytest.fixture
def gold(story: Story) -> str:
    return story.store.view(NAME).bullets()[0].id


def taken(story: Story, *deltas: tuple[Operation, ...] | None, new: tuple[Episode, ...] = ()) -> tuple[Proposing, Status]:
    """The strategy that proposed `deltas` from the `new` attempts, and what became of the last one."""
    strategy = Proposing(*(None if d is None else Delta("", d, "curator", "because") for d in deltas))
    episodes = new or (attempt(90, "tier: silver", "refund", failure()),)
    asyncio.run(Turns(story.store, NAME, gates=["fit"]).take(strategy, episodes))
    return strategy, story.store.log(NAME, limit=1)[0].status


def judgements(story: Story) -> list[Judgement]:
    return [j for j in story.store.log(NAME, limit=1)[0].judgements if j.gate == "fit"]


def test_a_delta_that_contradicts_nothing_passes_and_what_the_lists_explain_is_kept(story: Story) -> None:
    strategy, status = taken(story, (add(OTHERS),), new=(attempt(90, "tier: none", "deny", success()),))
    assert (status, len(strategy.lessons)) == (Status.ACCEPTED, 1)
    [kept] = judgements(story)
    assert kept.passed
    assert dict(kept.figures) == {
        "attempts": 7,
        "right before": 6,
        "wrong before": 0,
        "right after": 7,
        "wrong after": 0,
        "gained": ["e-90"],
        "contradicted": [],
        "unjudged": 0,
        "against": [],
    }


def test_a_contradicting_delta_is_asked_about_once_more_and_the_better_one_is_committed(story: Story, gold: str) -> None:
    strategy, status = taken(story, (revise(gold, GOLD_DENIED),), (add(NONE),))
    assert status is Status.ACCEPTED
    assert {b.text for b in story.store.view(NAME).bullets()} == {GOLD, NONE}
    first, second = judgements(story)
    assert (first.answer, second.answer) == ("again", "pass")
    assert first.figures["contradicted"] == first.figures["against"] == [f"e-{n}" for n in range(6)]
    shown = strategy.lessons[1].objection
    assert "it decides 6 attempts wrongly that the present lessons explain, and newly explains 0" in shown
    assert f"Decided by the lesson: {GOLD_DENIED}\n+ tier: gold; amount: 0 | refund\n" in shown


def test_the_newest_contradicted_attempts_are_shown_and_the_others_counted(story: Story, gold: str) -> None:
    keep(story.store, *(attempt(n, f"tier: gold; amount: {n}", "refund", success()) for n in range(6, 20)))
    strategy, _ = taken(story, (revise(gold, GOLD_DENIED),), (add(NONE),))
    shown = strategy.lessons[1].objection
    assert shown.count("+ tier: gold") == 12
    assert "amount: 19" in shown
    assert "amount: 7 " not in shown
    assert "and 8 more." in shown


def test_it_asks_once_more_and_then_refuses_only_what_is_clearly_worse(story: Story, gold: str) -> None:
    strategy, status = taken(story, (revise(gold, GOLD_DENIED),))
    assert (status, len(strategy.lessons)) == (Status.REFUSED, 2)
    assert story.store.view(NAME).bullets()[0].text == GOLD
    assert [j.answer for j in judgements(story)] == ["again", "refuse"]
    assert story.store.log(NAME, limit=1)[0].why == (
        "gate fit: it decides 6 attempts wrongly that the present lessons explain, and newly explains 0, asked once more too"
    )


def test_what_may_be_noise_passes_the_second_time(store: Store) -> None:
    story = Story(store)
    [gold] = story.added(add(GOLD))
    keep(store, *(attempt(n, "tier: gold", "refund", success()) for n in range(4)))
    strategy, status = taken(story, (revise(gold, GOLD_DENIED),))
    assert (status, len(strategy.lessons)) == (Status.ACCEPTED, 2)
    assert [j.answer for j in judgements(story)] == ["again", "pass"]


def test_a_strategy_that_then_proposes_nothing_changes_nothing(story: Story, gold: str) -> None:
    _, status = taken(story, (revise(gold, GOLD_DENIED),), None)
    assert status is Status.REFUSED
    said = (
        "With your edits the playbook was matched with the past attempts: it decides 6 attempts wrongly that the present "
        "lessons explain, and newly explains 0. Asked once more, the strategy proposed nothing."
    )
    [entry] = story.store.log(NAME, limit=1)
    assert entry.why == f"gate fit: {said}"
    assert [r.reason for r in entry.refusals] == [said]
    assert story.store.view(NAME).bullets()[0].text == GOLD


def test_a_change_that_explains_as_much_as_it_contradicts_is_not_asked_about(story: Story) -> None:
    keep(story.store, *(attempt(n, f"tier: none; amount: {n}", "deny", success()) for n in range(6, 12)))
    strategy, status = taken(story, (add(OTHERS, after="top"),))
    assert (status, len(strategy.lessons)) == (Status.ACCEPTED, 1)


def test_a_text_that_is_not_read_is_not_held_against_the_delta(story: Story, gold: str) -> None:
    strategy, status = taken(story, (revise(gold, VAGUE), add(OTHERS)))
    assert (status, len(strategy.lessons)) == (Status.ACCEPTED, 1)
    assert judgements(story)[0].figures["unjudged"] == 6


def test_invalid_attempts_and_those_of_the_batch_are_counted_once(story: Story) -> None:
    new = (attempt(90, "tier: none", "deny", success()), attempt(91, "tier: none", "deny", invalid("a timeout")))
    taken(story, (add(OTHERS),), new=new)
    assert judgements(story)[0].figures["attempts"] == 7


def test_a_strategy_may_name_the_gate_itself_and_it_judges_once(story: Story, gold: str) -> None:
    class Checking(Proposing):
        async def learn(self, lesson: Lesson, book: View) -> Learned:
            learned = await super().learn(lesson, book)
            return Learned(learned.reflections, learned.delta, checks=("fit",))

    for gates in ([], ["fit"]):
        strategy = Checking(Delta("", (retire(gold), add(GOLD_DENIED)), "curator", "because"), None)
        asyncio.run(Turns(story.store, NAME, gates=gates).take(strategy, (attempt(90, "tier: silver", "refund", failure()),)))
        assert [j.gate for j in story.store.log(NAME, limit=1)[0].judgements] == ["guards", "fit"]


def test_the_log_names_the_gate_and_counts_the_attempts(ace: Ace, story: Story, gold: str, tmp_path: Path) -> None:
    taken(story, (revise(gold, GOLD_DENIED),))
    said = ace("playbook", "log", NAME, "--store", str(tmp_path / "test.db"), "--limit", "1").out
    assert "gate fit: asked once more (With your edits" in said
    assert "contradicted 6 (e-0, e-1, e-2, …)" in said
    assert "gate fit: refused (" in said


def test_both_doors_judge_by_it_where_the_strategy_checks(tmp_path: Path) -> None:
    checks = {"check": True}
    done = library.Learner("desk", store=str(tmp_path / "run.db"), learn_only=True, retries=0, strategy_settings=checks).run(
        episodes=4
    )
    with Store.open(str(tmp_path / "run.db")) as store:
        assert {j.gate for d in store.log(done.playbook) for j in d.judgements} == {"guards", "fit"}
    with library.open("support", store=tmp_path / "own.db") as playbook:
        play(playbook, range(6))
        playbook.learn(strategy_settings=checks)
        assert {j.gate for d in playbook.store.log("support") for j in d.judgements} == {"guards", "fit"}


def test_by_default_every_delta_is_judged_and_what_is_worse_passes_with_its_figures(story: Story, gold: str) -> None:
    strategy = Proposing(Delta("", (revise(gold, GOLD_DENIED),), "curator", "because"))
    asyncio.run(Turns(story.store, NAME).take(strategy, (attempt(90, "tier: silver", "refund", failure()),)))
    [last] = story.store.log(NAME, limit=1)
    assert [(j.gate, j.answer) for j in last.judgements] == [("guards", "pass"), ("fit", "pass")]
    figures = last.judgements[1].figures
    assert (figures["right before"], figures["wrong after"], len(figures["contradicted"])) == (6, 6, 6)
    assert last.status is Status.ACCEPTED
