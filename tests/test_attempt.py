"""One attempt: whatever happens becomes an outcome, and the world's faults are never the agent's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from ace.answered import Answered
from ace.attempt import Agent, Briefing, Unit, attempt, unit_of
from ace.environments.contract import Environment, Limits, Scene
from ace.errors import BadInput, Interrupted, LimitReached, ModelError, ModelRefused
from ace.models.contract import Model, Request, Sampling
from ace.models.replies.scores import scores_text
from ace.roles.generator import Earlier
from ace.types import Episode, Exposure, Observation, OptionScore, Outcome, Render, Split, Task, Verdict, failure, success
from tests.answering import COST, Answering, move, scripted
from tests.worlds import Gate, Greenhouse

TASK = Task("t-1", "A visitor rings.")
HERE = Observation("A visitor rings.", ("look",), ("open", "close"))


class Door(Environment):
    """One scene of it does and gives what a test wants: `first` before any action, `act` at each."""

    name = "door"

    def __init__(
        self,
        act: Callable[[str], Any] = lambda action: success() if action == "open" else failure("it was: open"),
        first: Callable[[], Any] = lambda: HERE,
        opens: Callable[[], Any] = lambda: None,
        closes: Callable[[], Any] = lambda: None,
    ) -> None:
        self.act, self.get_first, self.opens, self.closes = act, first, opens, closes
        self.closed = 0

    def tasks(self, split: Split) -> list[Task]:
        return [TASK]

    def open(self, task: Task, seed: int) -> Scene:
        self.opens()
        return self

    @property
    def first(self) -> Any:
        return self.get_first()

    def close(self) -> None:
        self.closed += 1
        self.closes()


class InstantDoor(Door):
    """The same, called without a thread."""

    instant = True


DOORS = pytest.mark.parametrize("kind", [Door, InstantDoor])


def unit(task: Task = TASK) -> Unit:
    return unit_of("r-1", 0, "learn", 0, task)


async def play(environment: Environment, model: Model, briefing: Briefing | None = None, task: Task = TASK) -> Episode:
    return await attempt(Agent(model), environment, unit(task), briefing or Briefing())


def reason(e: Episode) -> str:
    assert e.outcome.verdict is Verdict.INVALID
    return e.outcome.reason


def does(error: BaseException) -> Callable[..., Any]:
    def raising(*_: object) -> Any:
        raise error

    return raising


@DOORS
async def test_what_was_done_and_what_came_of_it_is_the_episode(kind: type[Door]) -> None:
    door = kind(lambda action: Observation("A coat.", (), HERE.answers) if action == "look" else success("well done", 0.5))
    e = await play(door, scripted(move("look", thought="who?"), move("open")))
    assert (e.first, [s.action for s in e.steps], e.steps[0].thought) == (HERE, ["look", "open"], "who?")
    assert [s.observation and s.observation.text for s in e.steps] == ["A coat.", None]
    assert e.outcome == success("well done", 0.5)
    assert (e.usage, door.closed) == (COST + COST, 1)


async def test_a_conversation_only_grows_at_its_end() -> None:
    """Each request begins with all of the one before it, so that what was read once is read from a cache."""
    model = scripted(move("look at the plant"), move("look at the customer"), move("nonsense"), move("sell"))
    briefing = Briefing("## Rules\n- [rul-0001] Look first.", "", [Earlier(False, "s", "c", "d", "l")])
    await play(Greenhouse(), model, briefing, next(Greenhouse().tasks("train")))
    requests = [r.messages for r in model.asked]
    assert [len(r) for r in requests] == [2, 4, 6, 8]
    assert all(after[: len(before)] == before for before, after in pairwise(requests))
    assert len({r.seed for r in model.asked}) == 4


async def test_beside_each_request_stands_the_same_one_with_an_empty_playbook_where_one_was_shown() -> None:
    bare = scripted(move("look"), move("open"))
    world = Door(lambda a: success() if a == "open" else Observation("Nobody."))
    earlier = [Earlier(False, "s", "look", "d", "l")]
    await play(world, bare, Briefing(earlier=earlier))
    for stable, picked in (("RULE", ""), ("", "RULE"), ("RULE", "RULE")):
        model = scripted(move("look"), move("open"))
        await play(world, model, Briefing(stable, picked, earlier))
        assert [r.without for r in model.asked] == [r.messages for r in bare.asked]
        assert all("RULE" in str(r.messages) for r in model.asked)
    assert [r.without for r in bare.asked] == [(), ()]


async def test_too_many_steps_are_a_failure() -> None:
    door = Door(lambda action: HERE)
    door.limits = Limits(steps=3)
    model = scripted(move("look"))
    e = await play(door, model)
    assert e.outcome == failure(reason="no answer within 3 steps")
    assert (len(e.steps), len(model.asked), door.closed) == (3, 3, 1)


async def test_a_reply_that_cannot_be_read_twice_is_the_agents_failure() -> None:
    door = Door()
    e = await play(door, scripted("hm", "hm", move("open")))
    assert e.outcome == failure(reason="the reply could not be read as an action, twice")
    assert (e.steps, e.usage, door.closed) == ((), COST + COST, 1)


async def test_a_reply_that_can_be_read_at_the_second_try_is_as_good() -> None:
    e = await play(Door(), scripted("hm", move("open")))
    assert (e.outcome.verdict, len(e.steps), e.usage) == (Verdict.SUCCESS, 1, COST + COST)


@pytest.mark.parametrize("fault", [ModelError("no route", usage=COST), ValueError("bug\nin a model")])
async def test_a_model_that_cannot_be_reached_makes_it_invalid_with_what_was_spent(fault: Exception) -> None:
    door = Door(lambda action: HERE)
    e = await play(door, scripted(move("look"), "hm", fault))
    assert reason(e).startswith("the model could not answer: ")
    assert str(fault).split()[-1] in reason(e)
    assert (e.usage.calls, len(e.steps), door.closed) == (3, 1, 1)


@pytest.mark.parametrize("stop", [ModelRefused("wrong key"), LimitReached("spent"), Interrupted("stop")])
async def test_what_ends_the_whole_work_is_raised_and_the_scene_still_closed(stop: Exception) -> None:
    door = Door()
    with pytest.raises(type(stop)):
        await play(door, scripted(stop))
    assert door.closed == 1


CRASHES = [RuntimeError("the disk is full"), SystemExit("left"), StopIteration("no more"), TimeoutError("the database")]


@DOORS
@pytest.mark.parametrize("error", CRASHES, ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("where", ["opens", "first", "act", "closes"])
async def test_what_an_environment_raises_makes_it_invalid_and_says_what(
    kind: type[Door], error: BaseException, where: str
) -> None:
    door = kind(**{where: does(error)})
    door.limits = Limits(seconds=20)
    e = await play(door, scripted(move("open")))
    assert reason(e) == f"the environment raised {type(error).__name__}: {error}"
    assert door.closed == (where != "opens")
    # There is something to show of it even where nothing was seen.
    assert e.first.text == TASK.text


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets go what hangs in the environment, when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("where", ["opens", "first", "act", "closes"])
async def test_an_environment_that_hangs_makes_it_invalid(release: threading.Event, where: str) -> None:
    door = Door(**{where: lambda *_: release.wait(60)})
    door.limits = Limits(seconds=0.05)
    e = await play(door, scripted(move("open")))
    assert reason(e) == "the environment did not answer within 0.05 seconds"


async def test_a_scene_that_is_opened_too_late_is_closed(release: threading.Event) -> None:
    door = Door(opens=lambda: release.wait(60))
    door.limits = Limits(seconds=0.05)
    await play(door, scripted(move("open")))
    assert door.closed == 0
    release.set()
    for _ in range(1000):
        if door.closed:
            break
        await asyncio.sleep(0.01)
    assert door.closed == 1


ODD = [
    None,
    True,
    "an observation",
    Observation(None),  # type: ignore[arg-type]
    Observation("x", (1, 2)),  # type: ignore[arg-type]
    Observation("x", (), None),  # type: ignore[arg-type]
    Observation("x", "look"),  # type: ignore[arg-type]
    Outcome("success"),  # type: ignore[arg-type]
    Outcome(Verdict.FAILURE, None, None),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("odd", ODD, ids=str)
async def test_what_an_environment_should_not_give_makes_it_invalid(odd: object) -> None:
    e = await play(Door(lambda action: odd), scripted(move("open")))
    assert reason(e).startswith("the environment ")
    assert e.steps == ()


@pytest.mark.parametrize("odd", [odd for odd in ODD[:7] if isinstance(odd, Observation)], ids=str)
async def test_so_does_what_it_should_not_show_at_first(odd: object) -> None:
    model = scripted(move("open"))
    e = await play(Door(first=lambda: odd), model)
    assert reason(e).startswith("the environment ")
    assert (e.first.text, model.asked) == (TASK.text, [])


@pytest.mark.parametrize("odd", [*(odd for odd in ODD[:7] if not isinstance(odd, Observation)), success()], ids=str)
async def test_a_scene_that_shows_no_observation_at_first_is_refused(odd: object) -> None:
    with pytest.raises(BadInput, match=r"first of the scene is .*; it must be an ace.types.Observation"):
        await play(Door(first=lambda: odd), scripted(move("open")))


async def test_only_lessons_that_were_shown_can_be_cited() -> None:
    """Agents make ids up, and find some in what environments say."""
    exposures = (Exposure("rul-0001", 1, 0), Exposure("rul-0002", 1, 1), Exposure("rul-0003", 1, 2, shown=False))
    briefing = Briefing("- [rul-0001] Ask.", "- [rul-0002] Wait.", render=Render("", (), exposures))
    named = ("[rul-0002]", "rul-0009", "rul-0001", " rul-0002 ", "rul-0003", "Ask.", "")
    e = await play(Door(), scripted(move("open", *named)), briefing)
    assert e.steps[0].cited == e.cited == ("rul-0002", "rul-0001")
    assert (await play(Door(), scripted(move("open", "rul-0001")))).cited == ()


async def test_the_agent_is_asked_as_it_samples_and_with_its_patience() -> None:
    model = scripted(move("open"))
    await attempt(Agent(model, Sampling(temperature=0.3, explore=0.1), 7.5), Door(), unit(), Briefing())
    [request] = model.asked
    assert (request.role, request.timeout, request.sampling) == ("generator", 7.5, Sampling(temperature=0.3, explore=0.1))


def test_before_and_after_are_played_with_the_same_seeds_and_nothing_else_is() -> None:
    def seed(phase: str, epoch: int = 0, task: Task = TASK, number: int = 1, run: str = "r-1", of: int = 0) -> int:
        return unit_of(run, of, phase, epoch, task, attempt=number).seed

    assert seed("before") == seed("after") == seed("start") == seed("eval") == seed("before", run="r-2")
    other = Task("t-1", "Another visitor rings.")
    others = [seed("learn"), seed("learn", 1), seed("before", task=other), seed("before", number=2), seed("before", of=1)]
    assert len({seed("before"), *others}) == 6


def test_no_two_attempts_have_one_id() -> None:
    units = [
        unit_of(r, 0, p, 0, TASK, attempt=n).id for r in ("r-1", "r-2") for p in ("learn", "before", "after") for n in (1, 2)
    ]
    assert len(set(units)) == 12
    assert unit_of("r-1", 5, "learn", 0, TASK).id == unit_of("r-1", 0, "learn", 0, TASK).id


async def test_the_same_attempt_again_is_the_same_episode() -> None:
    def once() -> Answering:
        return Answering(lambda request, number: move(("open", "close", "ring")[request.seed % 3]))

    first, again = [await play(Gate(), once(), task=next(Gate().tasks("train"))) for _ in range(2)]
    assert (first.id, first.seed, first.prompt_hash, first.steps, first.outcome) == (
        again.id, again.seed, again.prompt_hash, again.steps, again.outcome,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "reply", "given"),
    [
        (("one\ntwo", "three"), "one two", "one\ntwo"),
        (("one\ttwo", "three"), "one two", "one\ttwo"),
        (("  wide  ", "three"), "wide", "  wide  "),
        (("one\ntwo", "one two"), "one two", "one two"),
        (("one\ntwo", "one\ttwo"), "one two", "one two"),
        (("three", "four"), "Three", "Three"),
        ((), "one  two", "one  two"),
    ],
)
async def test_an_option_that_prompts_show_on_one_line_is_given_as_it_was_listed(
    listed: tuple[str, ...], reply: str, given: str
) -> None:
    door = InstantDoor(lambda action: failure(repr(action)), lambda: Observation("A visitor rings.", (), listed))
    episode = await play(door, scripted(move(reply)))
    assert episode.outcome.feedback == repr(given)
    assert episode.steps[-1].action == given


@pytest.mark.parametrize("calibrated", [False, True])
async def test_where_options_are_scored_the_same_questions_stand_beside_them_with_an_empty_playbook(calibrated: bool) -> None:
    def scores(request: Request, number: int) -> str:
        return scores_text([OptionScore(o, -1.0 - n, 1) for n, o in enumerate(request.options)], whole=True)

    how = Answered("likelihood", calibrated=calibrated)
    bare, shown = Answering(scores), Answering(scores)
    for model, briefing in ((bare, Briefing()), (shown, Briefing("RULE", "HINT"))):
        await attempt(Agent(model, answering=how), Door(), unit(), briefing)
    assert len(shown.asked) == 1 + calibrated
    assert [r.without for r in shown.asked] == [r.messages for r in bare.asked]
    assert all(r.messages != r.without and "RULE" in str(r.messages) for r in shown.asked)
    assert [r.without for r in bare.asked] == [()] * (1 + calibrated)
