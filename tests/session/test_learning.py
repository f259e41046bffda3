"""`learn` turns finished attempts into lessons: each once, in order, and whatever stops it, what was paid for is used."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ace
from ace.errors import BadInput, BadSetting, LimitReached, ModelError, UnknownName
from ace.events import BatchCommitted, Event, PhaseStarted, Reflected, RunEnded, RunStarted, Warned
from ace.memory.values import RunStatus
from ace.models.contract import Reply, Request
from ace.session.playbook import Playbook
from tests.command import ROOT
from tests.command import ace as command
from tests.session.agents import Counting, play
from tests.spying import Spy


def reflected(playbook: Playbook) -> list[int]:
    """How many reflections each episode has, oldest first."""
    return [len(playbook.store.reflections(e.id)) for e in playbook.store.episodes(limit=None)[::-1]]


def test_lessons_come_out_of_attempts(playbook: Playbook) -> None:
    play(playbook, range(60))
    result = playbook.learn()
    texts = [b.text for b in playbook.bullets()]
    rule = next(text for text in texts if "tier" in text)
    assert ('"gold"' in rule) == ('"refuse"' in rule)
    assert (result.episodes, result.reflections, result.revision, result.bullets) == (60, 60, playbook.revision, len(texts))
    assert (result.accepted > 0, result.notes, result.usage.calls > 60) == (True, (), True)
    assert playbook.store.verify("support") == []
    with playbook.episode("Case 99. Tier: gold") as ep:
        assert '"refuse"' in ep.context
        ep.finish(True)


def test_each_batch_is_one_change_in_the_order_of_the_attempts(playbook: Playbook) -> None:
    play(playbook, range(12))
    model = Counting()
    playbook.learn(model, batch=5)
    order = [e.id for e in playbook.store.episodes(limit=None)[::-1]]
    behind = [d.episodes for d in playbook.store.log("support")[::-1]]
    assert model.count("curator") == 3
    assert all(list(found) in (order[:5], order[5:10], order[10:]) for found in behind)
    assert behind


def test_nothing_is_learned_twice_and_what_is_new_is(playbook: Playbook) -> None:
    play(playbook, range(10))
    playbook.learn()
    model = Counting()
    assert playbook.learn(model).run == ""
    assert model.asked == []
    play(playbook, range(10, 13))
    assert playbook.learn(model).episodes == 3
    assert model.count("reflector") == 3
    assert reflected(playbook) == [1] * 13


def test_invalid_attempts_are_never_learned_from(playbook: Playbook) -> None:
    with playbook.episode("A task") as ep:
        ep.finish(None, transcript="who knows")
    with playbook.episode("A task"):
        pass
    playbook.episode("A task").later("ticket")
    model = Counting()
    assert playbook.learn(model).episodes == 0
    assert model.asked == []


def test_what_a_strategy_passes_over_is_not_looked_at_again(playbook: Playbook) -> None:
    play(playbook, range(10))
    lost = playbook.store.count_episodes(verdict="failure")
    settings = {"successes": False}
    assert playbook.learn(strategy_settings=settings).reflections == lost
    assert playbook.learn(strategy_settings=settings).episodes == 0


def test_a_limit_leaves_the_rest_for_the_next_time(playbook: Playbook) -> None:
    play(playbook, range(7))
    assert playbook.learn(limit=4).episodes == 4
    assert reflected(playbook) == [1, 1, 1, 1, 0, 0, 0]
    assert playbook.learn(limit=4).episodes == 3


KILLED = """
import os, sys
import ace
from ace.models.contract import Request
from tests.session.agents import Counting

def dies(request: Request, number: int) -> None:
    if request.role == "curator" and number > 12:
        os._exit(9)

ace.open("support", store=sys.argv[1]).learn(Counting(dies))
"""


def test_a_process_that_is_killed_while_learning_loses_nothing(playbook: Playbook, tmp_path: Path) -> None:
    play(playbook, range(20))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "support.db")], cwd=ROOT)
    assert killed.returncode == 9
    assert reflected(playbook) == [1] * 10 + [0] * 10
    model = Counting()
    result = playbook.learn(model)
    assert [r.id for r in playbook.store.runs()] == [result.run]
    assert (model.count("reflector"), model.count("curator")) == (0, 1)
    assert reflected(playbook) == [1] * 20


INTERRUPTED = """
import asyncio, sys
import ace
from tests.session.agents import Counting

class Slow(Counting):
    async def complete(self, request):
        print("asked", flush=True)
        while not request.stopping():
            await asyncio.sleep(0.01)
        return await super().complete(request)

ace.open("support", store=sys.argv[1]).learn(Slow(), batch=2)
"""


def test_interrupted_it_keeps_the_replies_that_are_on_their_way(playbook: Playbook, tmp_path: Path) -> None:
    play(playbook, range(10))
    child = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "support.db")]
    process = subprocess.Popen(child, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == ["asked\n", "asked\n"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (out, "KeyboardInterrupt" in err) == ("", True)
    [run] = playbook.store.runs()
    assert (run.status, playbook.store.usage(run.id).calls) == (RunStatus.STOPPED, 2)
    model = Counting()
    assert playbook.learn(model, batch=2).run == run.id
    assert model.count("reflector") == 8
    assert reflected(playbook) == [1] * 10


def test_two_that_learn_at_once_pay_once(playbook: Playbook) -> None:
    play(playbook, range(20))
    second = Counting()
    came: list[ace.LearnResult] = []

    def waits(request: Request, number: int) -> None:
        if number == 5:
            # While this one is at work, another one comes and goes, in a loop of its own.
            with ThreadPoolExecutor(1) as elsewhere:
                came.append(elsewhere.submit(lambda: asyncio.run(playbook.alearn(second))).result())

    first = Counting(waits)
    assert playbook.learn(first).reflections == 20
    assert ["is learning from this playbook" in note for note in came[0].notes] == [True]
    assert (came[0].run, second.asked, first.count("reflector")) == ("", [], 20)
    assert reflected(playbook) == [1] * 20


async def test_the_sync_form_works_inside_a_running_loop(playbook: Playbook) -> None:
    play(playbook, range(5))
    assert playbook.learn().episodes == 5
    play(playbook, range(5, 8))
    assert (await playbook.alearn()).episodes == 3


def test_a_budget_stops_it_and_a_larger_one_goes_on(playbook: Playbook) -> None:
    play(playbook, range(10))
    model = Counting()
    with pytest.raises(LimitReached, match="the limit of 4 calls is reached"):
        playbook.learn(model, budget=ace.Budget(calls=4))
    [run] = playbook.store.runs()
    assert (run.status, model.count("reflector")) == (RunStatus.STOPPED, 4)
    result = playbook.learn(model, budget=ace.Budget(calls=100))
    assert (result.run, model.count("reflector"), result.usage.calls) == (run.id, 10, len(model.asked))


def test_a_model_that_cannot_be_reached_is_said_and_not_swallowed(playbook: Playbook) -> None:
    async def deaf(request: Request) -> str:
        raise ModelError("nobody is there", retryable=False)

    play(playbook, range(3))
    with pytest.raises(ModelError, match="none of 3 attempts could be reflected on: nobody is there"):
        playbook.learn(deaf)
    assert playbook.store.runs()[0].status is RunStatus.FAILED
    assert playbook.learn().episodes == 3


def test_a_reply_that_cannot_be_read_costs_its_own_lesson_alone(playbook: Playbook) -> None:
    novice = Counting()

    async def mumbles(request: Request) -> Reply | str:
        return "hm" if request.seed == reflect_seed else await novice.complete(request)

    play(playbook, range(3))
    from ace.types import derive_seed

    unlucky = playbook.store.episodes(limit=None)[1]
    reflect_seed = derive_seed(unlucky.seed, "reflect")
    result = playbook.learn(mumbles)
    assert (result.episodes, result.reflections) == (3, 2)
    assert [unlucky.id in note for note in result.notes] == [True]
    assert playbook.learn().episodes == 1


def test_models_can_be_objects_and_differ_by_role(playbook: Playbook) -> None:
    play(playbook, range(10))
    reflector, curator = Counting(), Counting()
    playbook.learn(reflector, curator_model=curator)
    assert (reflector.count("reflector"), reflector.count("curator")) == (10, 0)
    assert (curator.count("reflector"), curator.count("curator")) == (0, 1)
    assert (reflector.closed, curator.closed) == (0, 0)


def test_what_happens_is_told_in_order(playbook: Playbook) -> None:
    play(playbook, range(3))
    all_of_them: list[Event] = []
    of_this_call: list[Event] = []
    playbook.listen(all_of_them.append)
    playbook.learn(batch=2, on_event=of_this_call.append)
    kinds = [type(e) for e in of_this_call if not isinstance(e, Warned)]
    turns = [Reflected, Reflected, BatchCommitted, Reflected, BatchCommitted]
    assert kinds == [RunStarted, PhaseStarted, *turns, RunEnded]
    assert all_of_them == of_this_call


class Plain:
    """Nearly a model: it does not wait."""

    def complete(self, request: Request) -> str:
        return "x"


class Waiting:
    """A model that cannot be made without an argument."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def complete(self, request: Request) -> str:
        return "x"


def test_a_model_that_says_nothing_of_use_is_warned_of(playbook: Playbook) -> None:
    async def rubbish(request: Request) -> str:
        return "blah blah"

    play(playbook, range(3))
    with pytest.warns(ace.AceWarning, match=r"nothing was learned from 3 attempts: .*there is no JSON object in it"):
        result = playbook.learn(model=rubbish, on_event=None)
    assert (result.reflections, result.accepted) == (0, 0)


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({"model": "novise"}, UnknownName, "novice"),
        ({"modle": "novice"}, UnknownName, "unknown setting of learn 'modle'"),
        ({"model": 7}, ace.AceError, "a model has"),
        ({"batch": 0}, BadSetting, "batch is 0"),
        ({"concurrency": 0}, BadSetting, "concurrency is 0"),
        ({"limit": 0}, BadSetting, "limit is 0"),
        ({"limit": "x"}, BadSetting, "limit is 'x'; it must be a whole number"),
        ({"on_event": 3}, BadSetting, "on_event is 3; it must be a function"),
        ({"budget": 3}, BadSetting, r"budget is 3; it must be an ace.Budget, as in budget=ace.Budget\(usd=3\)"),
        ({"strategy_settings": 3}, BadSetting, "strategy_settings is 3; it must be a mapping"),
        ({"extra": "x"}, BadSetting, "extra is 'x'; it must be a mapping"),
        ({"temperature": 10**400}, BadSetting, "temperature is 1000"),
        ({"model": lambda request: "x"}, BadInput, "<lambda> is a function that is not `async`; a model has"),
        ({"model": Plain}, BadInput, "its complete is not `async`; a model has"),
        ({"model": Plain()}, BadInput, "its complete is not `async`; a model has"),
        ({"model": Waiting}, BadInput, "Waiting is a class that cannot be made without arguments; give an object of it"),
        ({"strategy": "reflection"}, UnknownName, "reflexion"),
        ({"strategy": "frozen"}, BadSetting, "learns nothing"),
        ({"strategy_settings": {"tokens": "many"}}, BadSetting, "tokens"),
        ({"extra": {"api_key": "k"}}, BadSetting, "keys come from the environment"),
        ({"budget": ace.Budget(usd=1), "model": Counting()}, BadSetting, "the price of counting is unknown"),
    ],
)
def test_mistakes_are_found_before_anything_is_begun(
    playbook: Playbook, options: dict[str, object], error: type[Exception], why: str
) -> None:
    play(playbook, range(2))
    with pytest.raises(error, match=why):
        playbook.learn(**options)  # type: ignore[arg-type]
    assert playbook.store.runs() == []


def test_the_command_line_shows_such_a_run_and_says_how_to_go_on_with_it(playbook: Playbook, tmp_path: Path) -> None:
    play(playbook, range(10))
    with pytest.raises(LimitReached):
        playbook.learn(budget=ace.Budget(calls=4))
    [run] = playbook.store.runs()
    resumed = command("run", "resume", run.id, "--store", "support.db", cwd=tmp_path)
    assert (resumed.returncode, "ace.open('support').learn" in resumed.stderr) == (2, True)
    last = command("run", "resume", "--store", "support.db", cwd=tmp_path)
    assert (last.returncode, run.id in last.stderr) == (2, True)
    playbook.learn()
    shown = command("run", "show", run.id, "--json", "--store", "support.db", cwd=tmp_path)
    result = json.loads(shown.stdout)
    assert [result[key] for key in ("environment", "playbook", "episodes", "reflections")] == ["sessions", "support", 10, 10]
    listed = command("episode", "list", "--json", "--playbook", "support", "--store", "support.db", cwd=tmp_path)
    assert len(json.loads(listed.stdout)) == 10


FORKS = """
import os, sys
import ace
from tests.session.agents import add, play

playbook = ace.open("support", store=sys.argv[1])
add(playbook, "Be kind.")
playbook.learn()
children = []
for child in range(4):
    pid = os.fork()
    if not pid:
        play(playbook, range(child * 10, child * 10 + 10))
        playbook.learn(batch=5)
        os._exit(0)
    children.append(pid)
play(playbook, range(40, 50))
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
playbook.learn()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_playbook_that_was_open_before_a_fork_serves_both_sides(playbook: Playbook, tmp_path: Path) -> None:
    forking = subprocess.run([sys.executable, "-c", FORKS, str(tmp_path / "support.db")], cwd=ROOT, capture_output=True)
    assert forking.returncode == 0, forking.stderr
    assert reflected(playbook) == [1] * 50
    assert playbook.store.verify("support") == []


def test_prompts_of_one_s_own_reach_the_reflector_and_the_curator(playbook: Playbook) -> None:
    play(playbook, range(4))
    spy = Spy()
    playbook.learn(model=spy, prompts={"reflector": "Look back.\n{{reply}}"})
    first = {r.role: r.messages[0].content for r in spy.seen}
    assert first["reflector"].startswith("Look back.\nReply with one JSON object")
    assert first["curator"].startswith("You keep a playbook")


def test_novice_makes_no_rules_of_letters_and_says_so(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        for i in range(12):
            letter = f"Dear customer {i}, we will look into your parcel and come back to you tomorrow."
            with playbook.episode(task=f"Customer {i}: parcel {1000 + i} has not arrived.") as attempt:
                attempt.finish(success=i % 3 == 0, transcript=letter)
        result = playbook.learn()
        assert [b.text for b in playbook.bullets()] == []
    assert ["it learns which of a few answers is right" in note for note in result.notes] == [True]


@pytest.mark.parametrize("gates", ["fit", 5, {"fit"}, True], ids=repr)
def test_gates_that_are_no_list_are_refused_in_one_line_and_none_is_none(tmp_path: Path, gates: object) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        with pytest.raises(BadSetting, match=r"gates is .* it must be a list, as in gates="):
            playbook.learn(model="novice", gates=gates)  # type: ignore[arg-type]
        assert playbook.learn(model="novice", gates=None).episodes == 0  # type: ignore[arg-type]
        with pytest.raises(BadSetting, match=r"gates is .* it must be a list, as in gates="):
            ace.Learner("desk", store=playbook.store, gates=gates)  # type: ignore[arg-type]
