"""Rules change: a lesson that was right and no longer is becomes a guess, the curator is told, and it can come back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ace.errors import BadSetting
from ace.evidence.drift import Demotion, drift_of, drifts, in_alarm, stale
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.models import layout
from ace.models.contract import Request
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Op, Operation
from ace.roles.curator.settings import Checked, Shown
from ace.strategies.ace import Ace
from ace.strategies.addonly import AddOnly
from ace.strategies.contract import Lesson
from ace.strategies.rewrite import Rewrite
from ace.types import Episode, Exposure, Observation, Past, Reflection, Render, Step, Task, Trust, failure, success
from tests.answering import curation, diagnosis
from tests.stories import NAME, Story, add
from tests.strategies.lessons import asked_of, pupil, roles
from tests.turns import Turns

GOLD = 'When "tier" is "gold": choose "refund".'
LOOK = "Read the letter to its end."
EDITS = Shown(whole=False)


def attempt(n: int, tier: str, choice: str, won: bool, *cited: str, trust: Trust = Trust.TRUSTED) -> Episode:
    seen = Observation(f"tier: {tier}; number: {n}", (), ("refund", "deny"))
    came = success() if won else failure()
    render = Render("", (), tuple(Exposure(b, 1, i) for i, b in enumerate(cited)))
    step = Step(choice, None, "", cited)
    return Episode(f"e-{n}", Task(f"t-{n}", seen.text), 1, "learn", 0, n, seen, (step,), came, render, trust=trust)


def keep(story: Story, *episodes: Episode) -> None:
    told = tuple(Reflection(e.id, e.first.text, e.steps[-1].action, "", "") for e in episodes)
    story.store.commit(Batch(episodes, told, NAME))


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


@pytest.fixture
def gold(story: Story) -> str:
    """A lesson that won 20 of 20 times, followed in every case with another one that is not read."""
    look, id = story.added(add(LOOK, "Looking"), add(GOLD, "Rules"))
    keep(story, *(attempt(n, "gold", "refund", True, look, id) for n in range(20)))
    keep(story, *(attempt(n, "silver", "deny", True, look) for n in range(20, 30)))
    return id


def lost(story: Story, numbers: range, **more: Any) -> tuple[Episode, ...]:
    look, id = (b.id for b in story.store.view(NAME).bullets())
    return tuple(attempt(n, "gold", "refund", False, look, id, **more) for n in numbers)


async def learn(story: Story, *episodes: Episode, reply: str = "", **settings: Any) -> list[str]:
    """What the curator was asked about a batch."""

    def reflects(request: Request) -> str:
        tier = "gold" if "| tier: gold;" in request.messages[-1].content else "silver"
        return diagnosis(situation=f"tier: {tier}", choice="refund")

    model = pupil(reflects, reply or curation("nothing"))
    await Turns(story.store, NAME).take(Ace(roles(model), **{"shown": EDITS, **settings}), episodes)
    return asked_of(model, "curator")


def states(story: Story) -> list[str]:
    return [b.state.value for b in story.store.view(NAME).bullets()]


async def test_it_becomes_a_guess_with_its_reason_and_figures_and_nothing_is_retired(story: Story, gold: str) -> None:
    await learn(story, *lost(story, range(40, 48)))
    assert states(story) == ["active", "candidate"], "what was followed in every case too is not blamed"
    [made] = story.store.log(NAME, limit=1)[0].operations
    assert (made.op, made.id) == (Op.DEMOTE, gold)
    assert made.reason.startswith("Won 20 of 20 attempts that followed it, then 0 of 8: it may no longer hold")
    assert "alarm from 20" in made.reason
    assert made.episodes == tuple(f"e-{n}" for n in range(40, 48))
    assert not story.store.verify(NAME)


@pytest.mark.parametrize("shown", [EDITS, Shown(whole=False, rows=False), Shown()])
async def test_the_curator_is_told_which_and_shown_what_speaks_against_it(story: Story, gold: str, shown: Shown) -> None:
    keep(story, *lost(story, range(40, 44)))
    request, *_ = await learn(story, *lost(story, range(44, 48)), shown=shown)
    _, part = request.split(f"{layout.ALARM}\n")
    told = part.split("\n\n")[0]
    assert f"[{gold}] won 20 of 20 attempts that followed it, then 0 of 8." in told
    assert told.count("#") + told.count("- against it") == 8
    assert "(20 earlier attempts are left out" in told


async def test_the_attempts_before_a_change_are_neither_shown_nor_counted(story: Story, gold: str) -> None:
    [request] = await learn(story, *lost(story, range(40, 48)))
    assert "of past attempts it decides, 0 show it right, 8 wrong" in request
    [later] = await learn(story, attempt(60, "silver", "deny", True))
    assert layout.ALARM in later
    assert "of past attempts it decides, 0 show it right, 8 wrong" in later


@pytest.mark.parametrize("settings", [{"checked": Checked(drift=0)}, {"checked": Checked(drift=1e-9)}])
async def test_it_can_be_switched_off_and_set(story: Story, gold: str, settings: dict[str, Any]) -> None:
    [request] = await learn(story, *lost(story, range(40, 48)), **settings)
    assert layout.ALARM not in request
    assert states(story) == ["active", "active"]


async def test_a_pinned_lesson_is_told_of_and_stays_as_it_is(story: Story, gold: str) -> None:
    story.change(Operation(Op.PIN, id=gold), author="person")
    [request] = await learn(story, *lost(story, range(40, 48)))
    assert f"then 0 of 8 ({layout.PINNED})" in request
    assert states(story) == ["active", "active"]


async def test_untrusted_attempts_raise_no_alarm(story: Story, gold: str) -> None:
    await learn(story, *lost(story, range(40, 48), trust=Trust.UNTRUSTED))
    assert states(story) == ["active", "active"]


async def test_a_lesson_that_is_right_again_comes_back_by_the_newest_attempts(story: Story, gold: str) -> None:
    await learn(story, *lost(story, range(40, 48)))
    await learn(story, *lost(story, range(50, 53)))
    look = story.store.view(NAME).bullets()[0].id
    right = [attempt(n, "gold", "refund", True, look, gold) for n in range(60, 63)]
    await learn(story, *right[:2])
    assert states(story) == ["active", "candidate"], "its old record does not count"
    await learn(story, right[2])
    assert states(story) == ["active", "active"]
    [made] = story.store.log(NAME, limit=1)[0].operations
    assert (made.op, made.episodes) == (Op.ACTIVATE, ("e-60", "e-61", "e-62"))
    [back] = await learn(story, attempt(70, "silver", "deny", True))
    assert "of past attempts it decides, 23 show it right, 0 wrong" in back, (
        "the old attempts count again, those between do not"
    )


async def test_who_undoes_an_alarm_is_not_contradicted_by_the_same_attempts(story: Story, gold: str) -> None:
    await learn(story, *lost(story, range(40, 48)))
    story.store.commit(Batch(playbook=NAME, delta=story.store.edits.revert(NAME, "2")))
    [request] = await learn(story, attempt(60, "gold", "refund", True, gold))
    assert states(story) == ["active", "active"]
    assert layout.ALARM not in request


async def test_an_alarm_stands_where_a_person_looks(story: Story, gold: str) -> None:
    await learn(story, *lost(story, range(40, 48)))
    life = story.store.past.life(NAME, gold)
    assert any("drift alarm" in reason for t in life.blamed.touches for reason in t.reasons)


@pytest.mark.parametrize(
    ("kind", "reply"), [(AddOnly, {"add": []}), (Rewrite, {"playbook": f"## Looking\n- {LOOK}\n## Rules\n- {GOLD}"})]
)
async def test_the_controls_that_curate_have_it_too_where_it_is_asked_for(
    story: Story, gold: str, kind: Any, reply: Any
) -> None:
    for drift, state in ((0.0, "active"), (0.05, "candidate")):
        model = pupil(diagnosis(), json.dumps({"reasoning": "nothing", **reply}))
        episodes = lost(story, range(40, 48)) if not drift else lost(story, range(50, 52))
        await Turns(story.store, NAME).take(kind(roles(model), drift=drift), episodes)
        [request] = asked_of(model, "curator")
        assert (layout.ALARM in request) is bool(drift)
        assert states(story) == ["active", state]
    assert request.count("- against it") == 6, "those that stand in the request are named by their numbers"


def test_what_followed_several_lessons_speaks_against_the_one_that_explains_it() -> None:
    one, every = Bullet("rul-0001", "Rules", GOLD), Bullet("loo-0001", "Looking", LOOK)
    mine = [(f"e-{n}", n < 30) for n in range(40)]
    others = [(f"o-{n}", True) for n in range(30)]
    trials = {one.id: mine, every.id: [*others, *mine]}
    found = drifts([one, every], trials, [], [])
    assert [d.alarms(0.05) for d in found] == [True, True]
    assert [d.bullet.id for d in in_alarm(found, 0.05)] == [one.id]
    assert not drift_of(replace(one, state=State.CANDIDATE), mine).alarms(0.05)


def test_attempts_that_others_decided_are_not_stale() -> None:
    first = Bullet("rul-0001", "Rules", GOLD, rank="1")
    rest = Bullet("rul-0002", "Rules", 'In every other case: choose "deny".', rank="2")
    pasts = [Past(f"e-{n}", f"tier: {t}", c, True) for n, (t, c) in enumerate([("gold", "refund"), ("silver", "deny")] * 4)]
    d = Demotion(rest.id, (first, rest), ("e-5", "e-7"))
    assert stale(pasts, [d]) == {"e-1", "e-3"}
    assert stale(pasts, [replace(d, back=("e-7",))]) == {"e-5"}
    assert stale(pasts, [replace(d, undone=True)]) == stale(pasts, []) == frozenset()
    assert stale(pasts, [replace(d, then=(first, replace(rest, text=LOOK)))]) == frozenset(), "a text that is not read"


@pytest.mark.parametrize("wrong", [-0.1, 1, 2.0, float("nan"), True])
def test_what_is_no_such_chance_is_refused(wrong: Any) -> None:
    with pytest.raises(BadSetting, match="is out of range; it must be a chance, from 0"):
        Checked(drift=wrong)


def test_a_stored_lesson_is_not_counted_twice(story: Story, gold: str) -> None:
    from ace.strategies.drifting import watch

    episodes = lost(story, range(40, 48))
    keep(story, *episodes)
    view = story.store.view(NAME)
    past = view.attempts()
    assert [len(a.against) for a in watch(view, Lesson(episodes, 1, stored=True), past, 0.05).alarms] == [8]
