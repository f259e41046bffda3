"""Gates of whole runs: they ask and play within the run's journal and budget, and a run that was cut off is judged the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import BaseModel

import ace
from ace.errors import BadInput, LimitReached
from ace.memory.store import Store
from ace.models.contract import Reply, Request
from ace.models.novice import Novice
from ace.playbooks.operations import Judgement, Status
from ace.runs.asked import requests
from ace.runs.gates.contract import Proposal, Ruling, Ways, held, passed
from ace.types import Usage
from tests.commands.said import Ace
from tests.session.agents import play
from tests.worlds import Gate

GATES = '''
from typing import Annotated
from ace.runs.gates.contract import again, held, passed, refused


class Only:
    """Answers as it is set."""

    def __init__(self, *, answer: Annotated[str, "pass, refuse, hold or again."] = "refuse"):
        self.answer = answer

    async def judge(self, proposal, ways):
        made = {"pass": passed, "refuse": lambda: refused("no"), "hold": lambda: held("look"), "again": lambda: again("no")}
        return made[self.answer]()
'''


class Vote(BaseModel):
    """What the gate's model says."""

    number: int


class Counted(Novice):
    """The novice, which answers gates with how often it was asked so."""

    name = "counted"

    def __init__(self) -> None:
        self.votes = 0

    async def complete(self, request: Request) -> Reply:
        if request.role != "gate":
            return await super().complete(request)
        self.votes += 1
        vote = Vote(number=self.votes)
        return Reply(vote.model_dump_json(), vote, "", Usage(1, 50, 0, 5, 0.0, 0.0))


class Asking:
    """Asks twice and plays three tasks with the delta and without it."""

    name = "asking"

    async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
        votes = [await ways.ask(f"Is delta {n} good?", Vote, system="You judge.") for n in range(2)]
        tasks = ways.tasks(limit=3)
        with_it, without = await ways.play(tasks), await ways.play(tasks, operations=False)
        assert [e.seed for e in with_it] == [e.seed for e in without]
        figures = {
            "votes": [v.number for v in votes if v],
            "won": [sum(e.outcome.success for e in p) for p in (with_it, without)],
        }
        return passed(figures)


def judged(store: Store, name: str) -> list[list[dict[str, object]]]:
    return [[j.as_json() for j in d.judgements] for d in store.log(name)[::-1]]


def learner(store: Store, model: object, budget: ace.Budget = ace.Budget()) -> ace.Learner:  # noqa: B008
    return ace.Learner(Gate(), model=model, store=store, gates=[Asking()], learn_only=True, batch=4, budget=budget)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[list[dict[str, object]]], int, list[str]]:
    with Store.open(tmp_path_factory.mktemp("unbroken") / "u.db") as store:
        result = learner(store, Counted()).run(episodes=8)
        ids = sorted(e.id for e in store.episodes(run=result.run, phase="gate", limit=None))
        assert store.verify(result.playbook) == []
        return judged(store, result.playbook), store.usage(result.run).calls, ids


def test_a_gate_asks_and_plays_and_what_that_cost_is_in_its_judgement(
    unbroken: tuple[list[list[dict[str, object]]], int, list[str]],
) -> None:
    first = unbroken[0][0]
    assert [(j["gate"], j["answer"]) for j in first] == [("guards", "pass"), ("fit", "pass"), ("asking", "pass")]
    assert first[2]["figures"]["votes"] == [1, 2]  # type: ignore[index]
    assert first[0]["usage"]["calls"] == 0  # type: ignore[index]
    assert first[2]["usage"]["calls"] >= 2 + 6  # type: ignore[index]
    assert len(unbroken[2]) == 6 * len(unbroken[0])


@pytest.mark.parametrize("calls", [10, 12, 15, 18])
def test_a_run_that_was_cut_off_while_it_was_judged_gives_the_same_judgements(
    store: Store, unbroken: tuple[list[list[dict[str, object]]], int, list[str]], calls: int
) -> None:
    model = Counted()
    with pytest.raises(LimitReached):
        learner(store, model, ace.Budget(calls=calls)).run(episodes=8)
    [run] = store.runs()
    result = learner(store, model, ace.Budget(calls=1000)).resume(run.id)
    assert judged(store, result.playbook) == unbroken[0]
    assert (store.usage(run.id).calls, model.votes) == (unbroken[1], 2 * len(unbroken[0]))


def test_what_a_gate_asked_and_had_played_is_told_apart_from_the_calls_of_other_roles(store: Store) -> None:
    result = learner(store, Counted()).run(episodes=4)
    played = sum(e.usage.calls for e in store.episodes(phase="gate", limit=None))
    assert (result.roles["gate"].model, result.roles["gate"].usage.calls) == ("counted", 2 + played)
    assert result.roles["generator"].usage.calls == sum(e.usage.calls for e in store.episodes(phase="learn", limit=None))
    assert sum(r.usage.calls for r in result.roles.values()) == result.usage.calls


def test_the_requests_of_a_case_that_a_gate_played_are_made_again_as_they_were(store: Store) -> None:
    learner(store, Counted()).run(episodes=4)
    played = store.episodes(phase="gate", limit=None)
    assert {a.exact for e in played for a in requests(store, e)} == {True}


def test_cases_that_a_gate_played_are_stored_and_never_learned_from(store: Store) -> None:
    result = learner(store, Counted()).run(episodes=4)
    played = store.episodes(run=result.run, phase="gate", limit=None)
    assert len(played) == 6
    assert {e.task.split for e in played} == {"val"}
    assert result.episodes == 4
    assert {e.phase for e in store.episodes(playbook=result.playbook, limit=None)} == {"learn"}
    numbers = {r.hash: r.number for r in store.revisions(result.playbook)}
    assert sorted(numbers[e.render.revisions[0]] for e in played) == [0, 0, 0, 1, 1, 1]


class Peeking:
    async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
        await ways.play(ways.tasks("test"))
        return passed()


def test_a_gate_may_not_play_what_the_run_is_measured_on(store: Store) -> None:
    gated = ace.Learner(Gate(), store=store, gates=[Peeking()], learn_only=True)
    with pytest.raises(BadInput, match="may not play tasks of the split test"):
        gated.run(episodes=4)


async def careful(proposal: Proposal, ways: Ways) -> Ruling:
    return held("a person should look", {"operations": len(proposal.delta.operations)})


async def playing(proposal: Proposal, ways: Ways) -> Ruling:
    await ways.play([])
    return passed()


def test_learn_at_the_library_door_takes_the_same_turn(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        play(playbook, range(20))
        result = playbook.learn(gates=[careful])
        log = playbook.store.log("support")
        assert (result.accepted, playbook.bullets(), result.reflections) == (0, [], 20)
        assert {d.status for d in log} == {Status.QUARANTINED}
        assert [[(j.gate, j.answer) for j in d.judgements] for d in log] == [
            [("guards", "pass"), ("fit", "pass"), ("careful", "hold")]
        ] * len(log)


def test_at_the_library_door_there_is_no_environment_to_play_in(tmp_path: Path) -> None:
    with ace.open("support", store=tmp_path / "s.db") as playbook:
        play(playbook, range(20))
        with pytest.raises(BadInput, match="there is no environment to play in"):
            playbook.learn(gates=[playing])
        with pytest.raises(ace.errors.BadSetting, match=r"it must be a list, as in gates=\['fit'\]"):
            playbook.learn(gates="fit")


def answers(judgements: Sequence[Judgement]) -> list[str]:
    return [j.answer for j in judgements if j.gate != "fit"]


@pytest.mark.parametrize("answer", ["pass", "refuse", "hold", "again"])
def test_a_gate_is_named_and_set_on_the_command_line(ace: Ace, tmp_path: Path, answer: str) -> None:
    (tmp_path / "own.py").write_text(GATES, encoding="utf-8")
    run = (
        "run",
        "desk",
        "--episodes",
        "10",
        "--retries",
        "0",
        "--learn-only",
        "--gate",
        "./own.py:Only",
        "--gate-set",
        f"answer={answer}",
        "--json",
    )
    result = ace(*run)
    assert result.status == 0, result.err
    with Store.open("ace.db") as store:
        [delta] = store.log(result.json["playbook"])
        expected = {"pass": ["pass", "pass"], "again": ["pass", "again"] * 2}.get(answer, ["pass", answer])
        assert answers(delta.judgements) == expected
        assert delta.status.value == {"pass": "accepted", "hold": "quarantined"}.get(answer, "refused")
        config = store.runs()[0].config
    assert (result.json["accepted"] > 0) == (answer == "pass")
    assert (config["gates"], config["gate_settings"]) == (["./own.py:Only"], {"answer": answer})


def test_the_plan_of_a_run_names_its_gates_and_that_they_cost_more(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(GATES, encoding="utf-8")
    run = ("run", "desk", "--episodes", "10", "--dry-run")
    assert ace(*run, "--json").json["plan"]["gates"] == ["guards", "fit"]
    assert "on top" not in ace(*run).out
    assert "gates        guards, fit, ./own.py:Only\n" in (said := ace(*run, "--gate", "./own.py:Only").out)
    assert "what the gates ask and play comes on top" in " ".join(said.split())


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--gate", "fit"),
        ("-s", "reflexion"),
        ("-s", "reflexion", "--strategy-set", "curate=true"),
        ("--strategy-set", "curate=false"),
    ],
)
def test_the_plan_of_a_run_names_the_gate_fit_once_whoever_brings_it(ace: Ace, options: tuple[str, ...]) -> None:
    run = ("run", "desk", "--episodes", "10", "--dry-run", "--json", *options)
    assert ace(*run, "--strategy-set", "check=true").json["plan"]["gates"] == ["guards", "fit"]
    assert ace(*run).json["plan"]["gates"] == ["guards", "fit"]


def test_a_run_goes_on_with_the_gates_it_was_begun_with(ace: Ace, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(GATES, encoding="utf-8")
    run = ("run", "desk", "--episodes", "20", "--retries", "0", "--learn-only", "--gate", "./own.py:Only")
    assert ace(*run, "--max-calls", "60").status == 3
    result = ace("run", "resume", "--max-calls", "1000", "--json")
    assert result.status == 0, result.err
    with Store.open("ace.db") as store:
        log = store.log(result.json["playbook"])
    assert [answers(d.judgements) for d in log] == [["pass", "refuse"]] * len(log)
    assert len(log) == 2
