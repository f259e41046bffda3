"""`ace.Learner` is `ace run` from Python: the same run, with objects where names could stand."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import ace
from ace.environments.contract import Scene
from ace.errors import BadInput, BadSetting, Conflict, LimitReached, NotFound, UnknownName
from ace.events import BatchCommitted, Event, RunStarted, Warned
from ace.memory.store import Store
from ace.memory.values import RunStatus
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.strategies.ace import Ace
from ace.types import Split, Task
from tests.command import WORLDS
from tests.command import ace as command
from tests.session.agents import Counting
from tests.spying import Spy
from tests.worlds import Ferry, Gate


def texts(learner: ace.Learner, result: ace.Result) -> list[str]:
    return [b.text for b in ace.open(result.playbook, store=learner.store).bullets()]


def test_an_environment_of_one_s_own_is_learned() -> None:
    learner = ace.Learner(Gate())
    result = learner.run(episodes=80, eval=30)
    assert (result.before.success or 0) < 0.6 < (result.after.success or 0)
    assert result.gain is not None
    assert (result.gain.n, result.gain.interval[0] > 0) == (30, True)
    assert (result.episodes, result.attempted, result.invalid, result.start) == (80, 140, 0, None)
    assert (result.bullets, result.environment, result.model) == (len(texts(learner, result)), "gate", "novice")
    assert (len(result.curve), result.usage.calls > 140, result.status) == (8, True, RunStatus.DONE)


def test_it_is_the_run_that_the_command_line_does(tmp_path: Path) -> None:
    name = f"{WORLDS}:Gate"
    shown = json.loads(command("run", name, "--episodes", "30", "--eval", "10", "--json", cwd=tmp_path).stdout)
    learner = ace.Learner(name, store=tmp_path / "other.db")
    result = learner.run(episodes=30, eval=10)
    with Store.open(tmp_path / "ace.db") as store:
        assert store.head(result.playbook) == _without_time(learner.store, result, store)
    assert [shown[key] for key in ("run", "playbook", "revision")] == [result.run, result.playbook, result.revision]
    assert [shown[key] for key in ("before", "after")] == [result.before.as_json(), result.after.as_json()]
    learner.close()


def _without_time(store: Store, result: ace.Result, other: Store) -> object:
    from dataclasses import replace

    return replace(store.head(result.playbook), at=other.head(result.playbook).at)


def test_a_class_a_function_and_a_name_are_environments_too() -> None:
    @ace.environment(train=[("2 + 2", "4")], test=[("3 + 4", "7")], choices=["4", "7"])
    def sums(task: Task, reply: str) -> bool:
        return reply == str(task.data["answer"])

    assert ace.Learner(sums).run().after.n == 1
    assert ace.Learner(Gate).run(episodes=10, eval=5).environment == "gate"
    assert ace.Learner("desk", settings={"world": 3}).run(episodes=5, eval=5).after.n == 5


async def test_it_works_inside_a_running_loop_and_several_at_once() -> None:
    learner = ace.Learner(Gate())
    first = learner.run(episodes=20, eval=5)
    second, third = await asyncio.gather(learner.arun(20, 5), ace.Learner(Ferry(), retries=0).arun(20, 5))
    assert len({first.run, second.run, third.run}) == 3
    assert texts(learner, first) == texts(learner, second)
    assert third.environment == "ferry"


def test_it_goes_on_with_a_playbook_and_measures_where_it_started(tmp_path: Path) -> None:
    learner = ace.Learner(Gate(), store=tmp_path / "s.db", playbook="doors")
    learner.run(episodes=40, eval=10)
    again = learner.run(episodes=10, eval=10)
    assert again.playbook == "doors"
    assert again.start is not None
    assert (again.start.success or 0) > (again.before.success or 0)


def test_what_is_said_while_it_works_is_heard() -> None:
    heard: list[Event] = []
    learner = ace.Learner(Gate(), on_event=heard.append)
    also: list[Event] = []
    learner.listen(also.append)
    learner.run(episodes=20, eval=5)
    # That five cases tell little is said before anything begins.
    assert [type(e) for e in heard[:2]] == [Warned, RunStarted]
    assert sum(isinstance(e, BatchCommitted) and e.phase == "learn" for e in heard) == 2
    assert also == heard


class Failing(Counting):
    """Fails for good at the `last` question."""

    def __init__(self, last: int) -> None:
        super().__init__(self._fail)
        self.last = last

    def _fail(self, request: Request, number: int) -> None:
        if number == self.last:
            raise ace.errors.LimitReached("enough")


@pytest.mark.parametrize("last", [5, 40, 90])
def test_a_run_that_was_stopped_is_resumed_and_ends_as_if_it_had_not_been(last: int) -> None:
    unbroken = ace.Learner(Gate(), model=Counting())
    whole = unbroken.run(episodes=30, eval=10)
    with pytest.raises(LimitReached, match="enough"):
        (learner := ace.Learner(Gate(), model=Failing(last))).run(episodes=30, eval=10)
    assert learner.store.runs()[0].status is RunStatus.STOPPED
    rest = Counting()
    other = ace.Learner(Gate(), model=rest, store=learner.store)
    result = other.resume(learner.store.runs()[0].id)
    assert (texts(other, result), result.after) == (texts(unbroken, whole), whole.after)
    assert len(rest.asked) <= whole.usage.calls - last + 16
    with pytest.raises(Conflict, match="is done"):
        other.resume(result.run)


def test_a_run_is_resumed_with_what_it_was_begun_with(tmp_path: Path) -> None:
    learner = ace.Learner(Gate(), store=tmp_path / "ace.db", budget=ace.Budget(calls=50))
    with pytest.raises(LimitReached):
        learner.run(episodes=30, eval=10)
    [run] = learner.store.runs()
    with pytest.raises(Conflict, match="other tasks"):
        ace.Learner(Ferry(), store=learner.store).resume(run.id)
    with pytest.raises(Conflict, match="begun with environment given as objects"):
        ace.Learner("desk", store=learner.store).resume(run.id)
    with pytest.raises(NotFound, match="there is no run"):
        learner.resume("r-none")
    refused = command("run", "resume", run.id, cwd=tmp_path)
    assert (refused.returncode, f"ace.Learner(...).resume('{run.id}')" in refused.stderr) == (2, True)
    more = ace.Budget(calls=100_000)
    assert ace.Learner(Gate(), store=learner.store, budget=more).resume(run.id).after.n == 10


def test_models_can_be_objects_classes_and_functions_and_stay_open() -> None:
    novice = Novice()

    async def asked(request: Request) -> Reply:
        return await novice.complete(request)

    model, curator = Counting(), Counting()
    result = ace.Learner(Gate(), model=model, reflector_model=asked, curator_model=curator).run(episodes=20, eval=5)
    assert (model.count("generator") > 20, model.count("reflector"), curator.count("curator")) == (True, 0, 2)
    assert (model.closed, curator.closed, result.model) == (0, 0, "counting")
    assert ace.Learner(Gate(), model=Novice).run(episodes=5, eval=5).reflections == 5


def test_a_strategy_can_be_what_makes_one() -> None:
    model = Counting()
    ace.Learner(Gate(), model=model, strategy=lambda roles: Ace(roles, curate=False)).run(episodes=10, eval=5)
    assert (model.count("reflector"), model.count("curator")) == (10, 0)
    assert ace.Learner(Gate(), strategy="ace", strategy_settings={"curate": False}).run(episodes=10, eval=5).bullets == 0


class Unfinished(ace.Environment):
    def tasks(self, split: Split) -> list[Task]:
        return [Task("1", "the same", split)]

    def open(self, task: Task, seed: int) -> Scene:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        ({"environment": "dsek"}, UnknownName, "did you mean 'desk'"),
        ({"environment": 7}, BadInput, "an object of type int is not an environment"),
        ({"environment": Gate(), "settings": {"world": 1}}, BadSetting, "made already"),
        ({"environment": Unfinished()}, BadInput, "must not be learned from"),
        ({"environment": Gate(), "model": "novise"}, UnknownName, "novice"),
        ({"environment": Gate(), "model": object()}, BadInput, "a model has"),
        ({"environment": Gate(), "strategy": "reflection"}, UnknownName, "reflexion"),
        ({"environment": Gate(), "batch": 0}, BadSetting, "batch is 0"),
        ({"environment": Gate(), "sampling": {"temprature": 1}}, UnknownName, "did you mean 'temperature'"),
        ({"environment": Gate(), "sampling": {"extra": {"api_key": "k"}}}, BadSetting, "never stored"),
        ({"environment": Gate(), "concurrency": 0}, BadSetting, "concurrency is 0"),
        ({"environment": Gate(), "budget": ace.Budget(usd=1), "model": Counting()}, BadSetting, "price of counting"),
    ],
)
def test_mistakes_are_found_before_anything_is_stored(
    tmp_path: Path, arguments: dict[str, object], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        ace.Learner(**arguments, store=tmp_path / "s.db").run(episodes=5, eval=5)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        ({"environment": "dsek"}, UnknownName, "did you mean 'desk'"),
        ({"model": "novise"}, UnknownName, "did you mean 'novice'"),
        ({"model": 3}, BadInput, "an object of type int is not a model; a model has"),
        ({"reflector_model": 3}, BadInput, "an object of type int is not a model; a model has"),
        ({"model": lambda request: "x"}, BadInput, "<lambda> is a function that is not `async`; a model has"),
        ({"store": 3}, BadSetting, "store is 3; it must be a file's path"),
        ({"on_event": 3}, BadSetting, "on_event is 3; it must be a function"),
        ({"budget": 3}, BadSetting, "budget is 3; it must be an ace.Budget"),
        ({"settings": 3}, BadSetting, "settings is 3; it must be a mapping"),
        ({"sampling": 3}, BadSetting, "sampling is 3; it must be a mapping"),
        ({"prompts": []}, BadInput, "prompts"),
        ({"strategy": "acee"}, UnknownName, "did you mean 'ace'"),
        ({"strategy": 3}, BadInput, "an object of type int is not a strategy"),
        ({"gates": ["gaurds"]}, UnknownName, "did you mean 'guards'"),
        ({"playbook": "a/b"}, BadSetting, "'/' is not accepted"),
    ],
)
def test_a_name_or_object_that_cannot_be_is_refused_when_the_learner_is_made(
    arguments: dict[str, object], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        ace.Learner(**{"environment": "desk", **arguments})  # type: ignore[arg-type]


def test_prompts_of_one_s_own_are_what_each_role_is_asked_with(tmp_path: Path) -> None:
    (tmp_path / "curator.md").write_text("Keep the book.\n{{reply}}")
    spy = Spy()
    result = ace.Learner(Gate(), model=spy, prompts=tmp_path).run(episodes=10, eval=5)
    told = {
        role: {r.messages[0].content.split("\n")[0] for r in spy.seen if r.role == role} for role in ("generator", "curator")
    }
    assert told["curator"] == {"Keep the book."}
    assert all(line.startswith("You work on cases") for line in told["generator"])
    assert result.status is RunStatus.DONE
    with pytest.raises(BadInput, match="reply"):
        ace.Learner(Gate(), prompts={"curator": "Keep the book."})


def test_a_resumed_run_has_the_prompts_that_it_was_begun_with(tmp_path: Path) -> None:
    first = ace.Learner(
        Gate(), model=Spy(), prompts={"generator": "Act.\n{{reply}}\n{{playbook}}"}, budget=ace.Budget(calls=20)
    )
    with pytest.raises(LimitReached):
        first.run(episodes=10, eval=10)
    [run] = first.store.runs()
    spy = Spy()
    result = ace.Learner(Gate(), model=spy, store=first.store, budget=ace.Budget(calls=1000)).resume(run.id)
    assert result.status is RunStatus.DONE
    assert {r.messages[0].content.split("\n")[0] for r in spy.seen if r.role == "generator"} == {"Act."}
