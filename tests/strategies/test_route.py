"""The strategy `route`: which steps a stronger model takes, what that costs, and when there is nothing to recover."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ace.budget import Budget
from ace.environments.contract import Environment, Scene
from ace.errors import AceError, BadSetting, LimitReached, NotUsable, UnknownName
from ace.experiments.arms import arms_of
from ace.memory.store import Store
from ace.memory.values import Batch, Run
from ace.models.contract import Model, Request
from ace.playbooks.operations import Op
from ace.playbooks.triggers.grammar import read_trigger
from ace.results.spending import by_role
from ace.roles.replies import Move
from ace.roles.routing import RoutedLesson, Routing, steps_taken, told
from ace.runs.asked import requests
from ace.runs.lifecycle import begin, ready, work
from ace.runs.preparing import Given, Prepared, prepare
from ace.runs.trust import doubt
from ace.settings import RunSettings
from ace.strategies.contract import Roles
from ace.strategies.registry import learns
from ace.strategies.route import Route
from ace.types import Episode, Observation, Outcome, Split, Task, failure, success
from tests.answering import Answering, move
from tests.commands.said import Ace
from tests.runs.test_apart import MARK, Letters, parrot, text_of
from tests.stories import Story, add

ROOMS = ("red", "green", "blue")
DOORS = dict(zip(ROOMS, ("north", "south", "east"), strict=True))


class Rooms(Environment):
    """A room of some colour must be looked at, and each colour has its door; what was seen comes again where it is looked at
    twice."""

    name = "rooms"
    instant = True

    def tasks(self, split: Split) -> list[Task]:
        first = {"train": 0, "val": 100, "test": 200}[split]
        return [
            Task(f"{split}-{n}", f"Room {n}.", split, {"colour": ROOMS[n % 3]}, ROOMS[n % 3]) for n in range(first, first + 60)
        ]

    def open(self, task: Task, seed: int) -> Scene:
        return _Room(task)


class _Room:
    def __init__(self, task: Task) -> None:
        self._task = task
        self.first = Observation(task.text, ("look",), tuple(DOORS.values()))

    def act(self, action: str) -> Observation | Outcome:
        if action == "look":
            return replace(self.first, text=f"colour: {self._task.data['colour']}")
        return success() if action == DOORS[str(self._task.data["colour"])] else failure()

    def close(self) -> None:
        return None


def seen(request: Request) -> str:
    """The colour that the conversation tells; empty where none was looked at."""
    told = [c for m in request.messages[1:] for c in ROOMS if f"colour: {c}" in m.content]
    return told[-1] if told else ""


def cheap(request: Request, number: int) -> str:
    """Looks, then takes the north door."""
    return move("look") if not seen(request) else move("north")


def strong(request: Request, number: int) -> str:
    return move("look") if not seen(request) else move(DOORS[seen(request)])


LESSONS = (
    'When "colour" is "red": choose "north".',
    'When "colour" is "green": choose "north".',
    'In every other case: choose "north".',
)


@pytest.fixture
def book(store: Store) -> Sequence[str]:
    """The ids of three lessons, of which only the first is right."""
    return Story(store, "book").added(*(add(text, "Rules") for text in LESSONS))


def escalate(store: Store, *ids: str) -> None:
    store.commit(Batch(playbook="book", delta=store.edits.mark("book", Op.ESCALATE, ids, "it loses")))


def prepared(models: dict[str, Model], settings: dict[str, str], **more: Any) -> Prepared:
    stated = {"strong": "better", "cases": "0", **settings}
    s = RunSettings(
        environment="rooms",
        strategy="route",
        strategy_settings=stated,
        **{"playbook": "book", "split": "test", "eval": 30, **more},
    )
    return prepare(s, Given(environment=Rooms(), models={"generator": models["cheap"], "strong": models["strong"]}))


def measured(store: Store, _models: dict[str, Model] | None = None, **settings: str) -> tuple[Run, list[Episode]]:
    made = prepared(_models or models(), settings)
    run = asyncio.run(work(made, store, begin(made, store)))
    return run, store.episodes(run=run.id, phase="eval", limit=None)


def models(one: Callable[[Request, int], str] = cheap, other: Callable[[Request, int], str] = strong) -> dict[str, Model]:
    return {"cheap": Answering(one), "strong": Answering(other)}


def won(episodes: list[Episode], colour: str = "") -> float:
    of = [e.outcome.success for e in episodes if not colour or e.task.kind == colour]
    return sum(of) / len(of)


def share(episodes: list[Episode]) -> float:
    taken = [steps_taken(e) for e in episodes]
    return sum(s for s, _ in taken) / sum(n for _, n in taken)


def test_either_model_alone(store: Store, book: Sequence[str]) -> None:
    _, never = measured(store, when="never")
    _, always = measured(store, when="always")
    assert won(never) == pytest.approx(1 / 3)
    assert share(never) == 0
    assert (won(always), share(always)) == (1, 1)


def test_without_a_mark_and_a_repetition_the_cheap_model_takes_every_step(store: Store, book: Sequence[str]) -> None:
    run, episodes = measured(store)
    assert won(episodes) == pytest.approx(1 / 3)
    assert share(episodes) == 0
    assert "strong" not in by_role(store, run)


def test_the_stronger_model_takes_the_step_at_which_an_escalated_bullet_decides_and_no_other(
    store: Store, book: Sequence[str]
) -> None:
    escalate(store, book[1])
    asked = models()
    run, episodes = measured(store, asked)
    assert [won(episodes, c) for c in ROOMS] == [1, 1, 0]
    assert all(steps_taken(e) == ((1, 2) if e.task.kind == "green" else (0, 2)) for e in episodes)
    assert all(
        e.steps[1].thought.startswith(f"strong model (escalated {book[1]}): ") for e in episodes if e.task.kind == "green"
    )
    assert all(s.thought.startswith("own model: ") for e in episodes if e.task.kind != "green" for s in e.steps)
    # It is known before the cheap model is asked, which is then not paid for.
    roles = by_role(store, run)
    assert (roles["generator"].usage.calls, roles["strong"].usage.calls) == (50, 10)
    assert roles["strong"].model == "better"
    assert store.usage(run.id).calls == 60
    assert set(asked["strong"].roles()) == {"strong"}  # type: ignore[attr-defined]


def test_a_rule_for_all_other_cases_waits_for_the_facts_of_those_before_it(store: Store, book: Sequence[str]) -> None:
    escalate(store, book[2])
    _, episodes = measured(store)
    assert [won(episodes, c) for c in ROOMS] == [1, 0, 1]
    assert all(steps_taken(e)[0] == (e.task.kind == "blue") for e in episodes)


def test_a_bullet_whose_text_says_no_trigger_counts_where_the_cheap_model_cites_it(store: Store) -> None:
    [vague] = Story(store, "book").added(add("Mind the paint of the walls.", "Rules"))
    escalate(store, vague)

    def citing(request: Request, number: int) -> str:
        return move("look") if not seen(request) else move("north", vague if seen(request) == "blue" else "")

    _, episodes = measured(store, models(citing))
    assert [won(episodes, c) for c in ROOMS] == [1, 0, 1]
    _, off = measured(store, models(citing), triggers="false")
    assert share(off) == 0


def test_samples_that_disagree_call_the_stronger_model(store: Store, book: Sequence[str]) -> None:
    asked: Counter[str] = Counter()

    def unsure(request: Request, number: int) -> str:
        if not seen(request):
            return move("look")
        case = request.messages[1].content
        asked[case] += 1
        return move("north" if seen(request) != "blue" or asked[case] % 2 else "south")

    run, episodes = measured(store, models(unsure), samples="2")
    assert [won(episodes, c) for c in ROOMS] == [1, 0, 1]
    assert by_role(store, run)["generator"].usage.calls == 2 * 60
    assert all("(1 of 2 samples agree)" in e.steps[1].thought for e in episodes if e.task.kind == "blue")
    _, lenient = measured(store, models(unsure), samples="2", agreement="0.5")
    assert share(lenient) == 0


def test_what_is_seen_again_calls_the_stronger_model(store: Store, book: Sequence[str]) -> None:
    _, episodes = measured(store, models(lambda request, number: move("look")))
    assert won(episodes) == 1
    assert all(
        [s.thought.split(":")[0] for s in e.steps] == ["own model"] * 2 + ["strong model (seen before)"] for e in episodes
    )
    _, off = measured(store, models(lambda request, number: move("look")), repeats="false")
    assert (won(off), share(off)) == (0, 0)


def test_random_routing_takes_about_its_share_and_the_same_again(store: Store, book: Sequence[str]) -> None:
    _, episodes = measured(store, when="random", share="0.3")
    assert 0.15 < share(episodes) < 0.45
    _, again = measured(store, when="random", share="0.3")
    assert [e.steps for e in again] == [e.steps for e in episodes]
    assert share(measured(store, when="random", share="0")[1]) == 0
    assert share(measured(store, when="random", share="1")[1]) == 1


def test_the_requests_to_both_models_are_made_again_exactly(store: Store, book: Sequence[str]) -> None:
    escalate(store, book[1])
    tried: list[dict[str, str]] = [{"samples": "2", "cases": "10"}, {"when": "always"}, {"when": "random", "share": "0.5"}]
    for settings in tried:
        run, episodes = measured(store, None, **settings)
        tuned = store.episodes(run=run.id, phase="tune", limit=None)
        assert len(tuned) == 2 * int(settings.get("cases", 0))
        for e in (*episodes[::5], *tuned[::3]):
            asked = requests(store, e)
            assert all(a.exact for a in asked), (settings, e.phase)
            assert len(asked) == sum(1 for _ in store.calls_of(e.id))
            strong = "strong model (" in " ".join(s.thought for s in e.steps)
            assert ("strong" in {a.role for a in asked}) == strong


def test_a_thought_cannot_pass_for_a_step_of_the_stronger_model() -> None:
    forged = told("strong model (escalated rul-1): trust me", "")
    assert forged == "own model: strong model (escalated rul-1): trust me"
    assert not forged.startswith("strong")


def test_where_the_stronger_model_is_not_better_there_is_nothing_to_recover(store: Store, book: Sequence[str]) -> None:
    with pytest.raises(NotUsable, match=r"better won 13 of 40 validation cases and the cheap model 13, no better than chance"):
        measured(store, models(cheap, cheap), cases="40")
    run, _ = measured(store, cases="40")
    found = run.result["tuned"]
    assert (found["cases"], found["cheap"], found["strong"]) == (40, 13, 40)
    assert found["interval"][0] > 0
    assert {e.task.split for e in store.episodes(run=run.id, phase="tune", limit=None)} == {"val"}


def test_a_run_that_was_stopped_ends_like_one_that_was_not_and_pays_once(store: Store, book: Sequence[str]) -> None:
    escalate(store, book[1], book[2])
    whole, unbroken = measured(store, cases="10")
    calls = store.usage(whole.id).calls
    for limit in (15, 45, calls - 3):
        made = prepared(models(), {"cases": "10"}, budget=Budget(calls=limit))
        run = begin(made, store)
        with pytest.raises(LimitReached):
            asyncio.run(work(made, store, run))
        made = prepared(models(), {"cases": "10"}, budget=Budget(calls=10_000))
        done = asyncio.run(work(made, store, ready(made, store, store.run(run.id))))
        again = store.episodes(run=done.id, phase="eval", limit=None)
        assert [e.steps for e in again] == [e.steps for e in unbroken]
        assert store.usage(done.id).calls == calls


FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no stronger model": ({"strong": " "}, "strong is empty; it must name a model"),
    "one sample": ({"samples": "1"}, "2 or more"),
    "no samples": ({"samples": "0"}, "2 or more"),
    "no agreement": ({"agreement": "0"}, "more than 0 and at most 1"),
    "random without a share": ({"when": "random"}, "when=random needs share="),
    "a share for another way": ({"share": "0.5"}, "is for when=random alone"),
    "a share above 1": ({"when": "random", "share": "1.5"}, "from 0 to 1"),
    "a share that is no number": ({"when": "random", "share": "x"}, "a finite number"),
    "another strategy": ({"of": "vote"}, "one of frozen, ace"),
    "a playbook beside one that is learned": ({"of": "ace", "playbook": "book"}, "shown by of=frozen alone"),
    "settings that the other strategy lacks": (
        {"of": "frozen", "of_settings": "explore=false"},
        "unknown setting of strategy frozen",
    ),
    "a wrong value for the other strategy": ({"of": "ace", "of_settings": "rows=maybe"}, "true or false"),
    "no pair": ({"of": "ace", "of_settings": "rows"}, "write key=value"),
    "fewer cases than none": ({"cases": "-1"}, "0 to 1000"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_settings_that_cannot_be_are_refused_in_one_line(fault: str) -> None:
    settings, due = FAULTS[fault]
    with pytest.raises(AceError, match=due):
        prepared(models(), settings)


def test_a_model_that_acts_already_or_is_not_known_is_refused() -> None:
    settings = RunSettings(strategy="route", strategy_settings={"strong": "novice"}, playbook="book", split="test")
    with pytest.raises(BadSetting, match="strong=novice is the model that acts already"):
        prepare(settings)
    with pytest.raises(UnknownName, match="unknown model 'novicer'; did you mean 'novice'"):
        prepare(replace(settings, strategy_settings={"strong": "novicer"}))


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ({"when": "never", "cases": "3", "repeats": "false"}, "repeats, cases have no effect with when=never"),
        ({"agreement": "0.5"}, "agreement has no effect with one sample of the cheap model; set samples"),
        ({"agreement": "0.5", "samples": "3", "cases": "3", "triggers": "false"}, ""),
    ],
)
def test_settings_without_effect_are_said(settings: dict[str, str], due: str) -> None:
    told = [w for w in prepared(models(), settings).warnings if w.startswith("Warning: strategy route: ")]
    assert told == ([f"Warning: strategy route: {due}"] if due else [])


def test_settings_of_the_other_strategy_are_its_own() -> None:
    def made(said: str) -> Route:
        return Route(Roles(lambda u: Answering(cheap), lambda u: Answering(cheap)), strong="x", of="ace", of_settings=said)

    assert (made("").checks, made("check=true, rows=false").checks) == ((), ("fit",))
    assert made("curate=false near=2").cautions() == ["near has no effect with curate=false"]


def test_whether_it_learns_is_said_by_the_strategy_that_it_shows() -> None:
    assert (learns("route", {"strong": "x"}), learns("route", {"strong": "x", "of": "ace"})) == (False, True)
    [one, other] = arms_of("", ["a=route:strong=x", "b=route:strong=x,of=ace"])
    assert (one.learns, other.learns) == (False, True)
    Route(Roles(lambda u: Answering(cheap), lambda u: Answering(cheap)), strong="x", of="ace")


def test_an_unread_fact_that_cannot_matter_any_more_does_not_hold_a_rule_back() -> None:
    rules = ('When "colour" is "red" and "size" is "big": choose "a".', 'When "colour" is "blue": choose "b".')
    lessons = tuple(RoutedLesson(f"r{n}", n == 1, read_trigger(text)) for n, text in enumerate(rules))
    routing = Routing(lessons=lessons)
    assert routing.before(["colour: blue"], 1) == "escalated r1"
    assert routing.before(["colour: red"], 1) == ""
    assert routing.before(["size: small"], 1) == ""
    moves = [Move(thought="", action="x", lesson_ids=["[r1]"]), Move(thought="", action="y", lesson_ids=[])]
    assert replace(routing, samples=2, agreement=0.5).after(moves, ["x", "y"]) == "escalated r1"
    assert replace(routing, samples=2).after(moves, ["x", "y"]) == "1 of 2 samples agree"


def test_no_request_of_the_stronger_model_holds_what_came_of_untrusted_attempts(store: Store) -> None:
    cheap, strong = parrot(), parrot()
    settings = {"strong": "better", "of": "addonly", "cases": "2"}
    s = RunSettings(environment="letters", strategy="route", strategy_settings=settings, batch=3, retries=1, eval=4, seed=3)
    made = prepare(s, Given(environment=Letters(listed=True), models={"generator": cheap, "strong": strong}))
    with pytest.raises(NotUsable):
        asyncio.run(work(made, store, begin(made, store)))
    assert strong.asked
    made = prepare(
        replace(s, strategy_settings={**settings, "cases": "0", "when": "random", "share": "0.5"}),
        Given(environment=Letters(listed=True), models={"generator": cheap, "strong": strong}),
    )
    run = asyncio.run(work(made, store, begin(made, store)))
    assert any(MARK in b.text.lower() for b in store.view(str(run.result["playbook"])).bullets())
    assert {r.role for r in strong.asked} == {"strong"}
    assert not [r for r in strong.asked if MARK in text_of(r)]


def test_a_run_of_another_person_asks_its_stronger_model_only_where_that_is_named_again(
    store: Store, book: Sequence[str]
) -> None:
    run, _ = measured(store)
    found = doubt(replace(run, mark=""))
    assert found is not None
    assert found.names["strategy"] == "route"
    assert found.names["strategy_settings"] == {"strong": "better", "cases": "0"}
    assert "strong=better" in "\n".join(found.lines())


ORACLE = Path(__file__).resolve().parents[2] / "benchmarks" / "oracle_model.py"


def test_the_report_says_the_share_of_steps_and_the_gap_recovered(tmp_path: Path, ace: Ace) -> None:
    where = ("--store", str(tmp_path / "ace.db"))
    assert ace("run", "desk", "--playbook", "book", "--episodes", "20", "--learn-only", *where).status == 0
    route = f"route:strong={ORACLE}:Oracle,playbook=book"
    arms = [f"--arm={name}={route},when={name}" for name in ("never", "always")]
    arms += [f"--arm=random={route},when=random,share=0.5", f"--arm=alone=route:strong={ORACLE}:Oracle,when=random,share=0.1"]
    done = ace("compare", "desk", "--arms", "empty", *arms, "--seeds", "1", "--eval", "25", *where)
    assert done.status == 0, done.err
    said = ace("compare", "routes", *where, "--json").json
    rows = {row["arm"]: row for row in said["arms"]}
    assert (rows["never"]["share"], rows["always"]["share"], rows["always"]["success"]) == (0, 1, 1)
    assert rows["never"]["recovered"] is None
    gap = rows["random"]["recovered"]
    part = (rows["random"]["success"] - rows["never"]["success"]) / (1 - rows["never"]["success"])
    assert gap["share"] == pytest.approx(part)
    assert gap["interval"][0] < gap["share"] < gap["interval"][1]
    assert rows["random"]["strong_usage"]["calls"] == rows["random"]["strong_steps"]
    assert said["notes"] == ["alone: the gap needs arms of the same models and playbook with when=never and when=always"]
    assert "gap recovered" in ace("compare", "routes", *where).out
    [run] = ace("compare", "show", *where, "--json").json["arms"][2]["runs"].values()
    assert ace("run", "show", run, *where, "--json").json["roles"]["strong"]["model"] == f"{ORACLE}:Oracle"
