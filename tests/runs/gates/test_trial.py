"""The gate `trial`: what helps stays, what harms or does nothing does not, each task serves once, and it costs what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import ace
from ace.commands.run.progress import Tally
from ace.errors import BadInput, BadSetting, LimitReached
from ace.events import Event, GatePlayed
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.playbooks.operations import Delta, Judgement, Op, Operation, Status
from ace.runs.estimate import expected
from ace.runs.preparing import prepare
from ace.runs.tasks import train_tasks
from ace.settings import RunSettings
from ace.statistics.sequential import needed
from tests.runs.gates.lessons import Counter, Obeying, proposing


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


def learner(store: Store, *texts: str, env: Counter | None = None, tokens: int = 1800, **said: Any) -> ace.Learner:
    given = {"model": Obeying(), "gates": ["trial"], "gate_pairs": 40, "batch": 1, "learn_only": True, **said}
    return ace.Learner(env or Counter(), store=store, strategy=proposing(*texts, tokens=tokens), **given)


def tried(store: Store, name: str) -> list[Judgement]:
    return [j for d in store.log(name)[::-1] for j in d.judgements if j.gate == "trial"]


def texts(store: Store, name: str) -> list[str]:
    return [b.text for b in store.view(name).bullets()]


def test_a_delta_that_helps_stays_and_one_that_harms_or_does_nothing_does_not(store: Store) -> None:
    result = learner(store, "help 8", "harm 6", "it is raining").run(episodes=3)
    assert texts(store, result.playbook) == ["help 8"]
    assert [j.answer for j in tried(store, result.playbook)] == ["pass", "refuse", "refuse"]
    first, second, third = (j.figures for j in tried(store, result.playbook))
    assert first["E value"] >= first["needed"] == pytest.approx(needed(0.05, 1, 0), abs=1e-3)
    assert (second["proposal"], second["kept before"]) == (2, 1)
    assert second["needed"] == pytest.approx(needed(0.05, 2, 1), abs=1e-3)
    assert second["losses"] - second["wins"] >= 5
    assert second["stopped at"] in ("harm", "futility")
    assert (third["pairs"], third["wins"], third["losses"], third["stopped at"]) == (40, 0, 0, "futility")


def test_the_judgement_names_the_kinds_that_got_worse(store: Store) -> None:
    result = learner(store, "harm 9 in call").run(episodes=1)
    [judgement] = tried(store, result.playbook)
    assert list(judgement.figures["kinds that got worse"]) == ["call"]
    won, lost = judgement.figures["kinds that got worse"]["call"]
    assert (won, lost) == (0, judgement.figures["losses"])


def test_no_task_is_played_for_two_deltas_and_none_is_learned_from(store: Store) -> None:
    result = learner(store, "help 8", "harm 6", "it is raining").run(episodes=3)
    played = [e.task.key for e in store.episodes(run=result.run, phase="gate", limit=None)]
    pairs = sum(j.figures["pairs"] for j in tried(store, result.playbook))
    assert len(played) == 2 * pairs == 2 * len(set(played))
    assert {e.phase for e in store.episodes(playbook=result.playbook, limit=None)} == {"learn"}


def test_tasks_with_the_content_of_training_tasks_are_left_out_and_counted(store: Store) -> None:
    result = learner(store, "help 8", env=Counter(val=60, shared=3), gate_pairs=99).run(episodes=5)
    [judgement] = tried(store, result.playbook)
    assert judgement.figures["left out"] == 3
    learned = {e.task.key for e in store.episodes(run=result.run, phase="learn", limit=None)}
    assert not learned & {e.task.key for e in store.episodes(run=result.run, phase="gate", limit=None)}


def test_what_the_playbook_learned_from_in_an_earlier_run_is_left_out_too(store: Store) -> None:
    env = Counter(val=60, shared=30)
    learner(store, env=env, playbook="p").run(episodes=20)
    result = learner(store, "help 8", env=env, playbook="p", seed=1, gate_pairs=99).run(episodes=1)
    assert [j.figures["left out"] for j in tried(store, result.playbook)] == [20]


def test_a_pool_that_ran_out_holds_deltas_for_a_person(store: Store) -> None:
    result = learner(store, "it is raining", "help 8", env=Counter(val=45)).run(episodes=2)
    log = store.log(result.playbook)[::-1]
    assert [d.status for d in log] == [Status.REFUSED, Status.QUARANTINED]
    assert "5 fresh validation tasks are left" in log[1].why
    assert tried(store, result.playbook)[1].usage.calls == 0


def test_where_bullets_are_searched_only_tasks_whose_prompt_changes_are_played(store: Store) -> None:
    store.ensure_playbook("p")
    large = tuple(Operation(Op.ADD, section="rules", text=f"letters of {n} pages are blue") for n in range(1000, 1020))
    store.commit(Batch(playbook="p", delta=Delta("", large, "import")))
    numbers = " ".join(map(str, range(10, 24)))
    said = learner(store, f"{numbers} help 9", env=Counter(val=30), tokens=60, playbook="p")
    [judgement] = tried(store, said.run(episodes=1).playbook)
    f = judgement.figures
    # "help 9" names a number too, by which the bullet is found.
    assert (f["fresh tasks"], f["prompt alike"]) == (15, 15)
    assert {e.task.id for e in store.episodes(phase="gate", limit=None)} == {f"val-{n}" for n in (9, *range(10, 24))}


def test_the_refused_deltas_numbers_are_the_reason_that_the_curator_is_told(store: Store) -> None:
    result = learner(store, "harm 6").run(episodes=1)
    [delta] = store.log(result.playbook)
    [refusal] = delta.refusals
    f = delta.judgements[-1].figures
    assert f"{f['wins']} won and {f['losses']} lost of {f['pairs']} pairs" in refusal.reason
    # The curator is shown the first 120 characters of a reason.
    assert len(refusal.reason) <= 120
    assert "Case" not in refusal.reason


LESSONS = ("it is raining", "help 9")


@pytest.fixture(scope="module")
def unbroken() -> tuple[list[dict[str, Any]], int]:
    with Store.open(":memory:") as whole:
        result = learner(whole, *LESSONS, gate_pairs=20).run(episodes=2)
        return [j.as_json() for j in tried(whole, result.playbook)], whole.usage(result.run).calls


@pytest.mark.parametrize("calls", [1, 30, 55])
def test_a_run_that_was_cut_off_while_a_delta_was_tried_judges_the_same(
    store: Store, unbroken: tuple[list[dict[str, Any]], int], calls: int
) -> None:
    with pytest.raises(LimitReached):
        learner(store, *LESSONS, gate_pairs=20, budget=ace.Budget(calls=calls)).run(episodes=2)
    [run] = store.runs()
    result = learner(store, *LESSONS, gate_pairs=20, budget=ace.Budget(calls=10_000)).resume(run.id)
    assert ([j.as_json() for j in tried(store, result.playbook)], store.usage(run.id).calls) == unbroken


def test_what_a_trial_plays_is_booked_to_the_gate(store: Store) -> None:
    result = learner(store, "help 8").run(episodes=2)
    [judgement] = tried(store, result.playbook)
    assert result.roles["gate"].usage.calls == judgement.usage.calls == 2 * judgement.figures["pairs"]
    assert result.roles["generator"].usage.calls == result.episodes
    assert store.verify(result.playbook) == []


def test_while_a_gate_plays_the_progress_says_so_and_how_far_it_is(store: Store) -> None:
    tally, told = Tally(), list[tuple[str, int]]()

    def hear(event: Event) -> None:
        tally.hear(event)
        if isinstance(event, GatePlayed):
            told.append((tally.line().partition(" tokens, ")[2], event.attempts))
        else:
            assert "gate" not in tally.line()

    said = learner(store, "help 8")
    said.listen(hear)
    [judgement] = tried(store, said.run(episodes=1).playbook)
    assert [attempts for _, attempts in told] == list(range(10, 2 * judgement.figures["pairs"] + 1, 10))
    assert [line for line, _ in told][:2] == [
        "gate trial plays, 5 pairs of attempts so far",
        "gate trial plays, 10 pairs of attempts so far",
    ]


def test_deltas_are_judged_together_and_what_does_not_help_is_taken_back_whole(store: Store) -> None:
    lessons = ("help 8", "it is raining", "harm 6", "harm 5")
    result = learner(store, *lessons, gate_every=2).run(episodes=4)
    assert texts(store, result.playbook) == ["help 8", "it is raining"]
    judged = tried(store, result.playbook)
    assert [j.answer for j in judged] == ["pass", "pass", "pass", "refuse"]
    assert ["pairs" in j.figures for j in judged] == [False, True, False, True]
    last = store.log(result.playbook)[0]
    assert last.reason.startswith("back to revision 2: gate trial: it does")
    assert [o.op.value for o in last.operations] == ["retire"]
    assert [r.operation.text for r in last.refusals] == ["harm 5"]
    assert store.verify(result.playbook) == []


def test_a_delta_that_waits_for_another_is_judged_at_the_end(store: Store) -> None:
    result = learner(store, "harm 6", "-", gate_every=3).run(episodes=2)
    assert texts(store, result.playbook) == []
    ended = store.run(result.run).result["gates"]["trial"]
    assert (ended["answer"], ended["figures"]["proposal"]) == ("refuse", 1)
    assert store.log(result.playbook)[0].reason.startswith("back to revision 0: gate trial")
    assert [j.answer for j in tried(store, result.playbook)] == ["pass", "refuse"]


class Forgotten(Counter):
    """It has no validation tasks."""

    def __init__(self) -> None:
        super().__init__(val=0)


@pytest.mark.parametrize("gate", ["trial", "final"])
@pytest.mark.parametrize(("env", "why"), [(Forgotten(), "no tasks in the split val"), (Counter(val=3, shared=3), "all of its")])
def test_a_gate_without_tasks_to_draw_is_refused_before_anything_is_paid(
    store: Store, gate: str, env: Counter, why: str
) -> None:
    model = Obeying()
    with pytest.raises(BadInput, match=f"gate {gate} plays validation cases of environment counter, and .*{why}"):
        learner(store, "help 8", env=env, model=model, gates=[gate]).run(episodes=5)
    assert (store.runs(), model.asked) == ([], 0)


@pytest.mark.parametrize(("gate", "least"), [("trial", 8), ("final", 7)])
def test_so_few_validation_tasks_that_nothing_could_be_kept_are_refused_before_anything_is_paid(
    store: Store, gate: str, least: int
) -> None:
    model, few = Obeying(), Counter(val=least + 1, shared=2)
    why = f"gate {gate} keeps nothing that is shown by fewer than {least} validation tasks, and .* counter has {least - 1}"
    with pytest.raises(BadInput, match=why):
        learner(store, "help 8", env=few, model=model, gates=[gate]).run(episodes=5)
    assert (store.runs(), model.asked) == ([], 0)
    assert learner(store, "help 8", env=Counter(val=least), gates=[gate]).run(episodes=1).status == "done"


@pytest.mark.parametrize(
    ("gates", "said", "ignored"),
    [
        ([], {"gate_alpha": 0.1, "gate_every": 2}, "gate-alpha, gate-every are ignored"),
        (["fit"], {"gate_eps": 0.1}, "gate-eps is ignored"),
        (["final"], {"gate_every": 2, "gate_eps": 0.1}, "gate-every is ignored"),
        (["trial"], {"gate_every": 2, "gate_eps": 0.1}, "gate-eps is ignored"),
        (["trial", "final"], {"gate_every": 2, "gate_eps": 0.1}, ""),
    ],
)
def test_terms_that_no_gate_goes_by_are_said_to_be_ignored(gates: list[str], said: dict[str, Any], ignored: str) -> None:
    found = [w for w in prepare(RunSettings("desk", episodes=20, gates=gates, **said)).warnings if "ignored" in w]
    assert [w.split(": ")[1] for w in found] == ([ignored] if ignored else [])


def test_a_gate_that_plays_is_refused_at_the_door_of_the_library(store: Store) -> None:
    with ace.open("support", store=store) as playbook:
        for gate in ("trial", "final"):
            with pytest.raises(BadInput, match=f"gate {gate} plays validation cases, and .* no environment to play in"):
                playbook.learn(gates=[gate])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"gate_alpha": 0.0}, "gate_alpha is 0.0; it must be a chance, more than 0 and less than 1"),
        ({"gate_alpha": 1}, "gate_alpha is 1;"),
        ({"gate_alpha": float("nan")}, "gate_alpha is nan;"),
        ({"gate_alpha": -0.1}, "gate_alpha is -0.1;"),
        ({"gate_eps": 1.0}, "gate_eps is 1.0; it must be 0, or a share of success"),
        ({"gate_eps": -0.1}, "gate_eps is -0.1;"),
        ({"gate_pairs": 0}, "gate_pairs is 0; it must be 1 or more"),
        ({"gate_every": 0}, "gate_every is 0; it must be 1 or more"),
    ],
)
def test_terms_outside_their_range_are_refused_in_one_line(store: Store, said: dict[str, Any], why: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(why)):
        learner(store, "help 8", **said).run(episodes=1)
    assert store.runs() == []


@pytest.mark.parametrize(
    ("gate", "alpha", "least"),
    [("trial", 0.05, 8), ("trial", 0.5, 4), ("final", 0.05, 7), ("final", 0.5, 2), ("final", 0.001, 13)],
)
def test_so_few_pairs_that_nothing_could_be_kept_are_refused_before_anything_is_paid(
    store: Store, gate: str, alpha: float, least: int
) -> None:
    said: dict[str, Any] = {"gates": [gate], "gate_alpha": alpha}
    with pytest.raises(BadSetting, match=f"gate_pairs is {least - 1}; .* it must be {least} or more"):
        learner(store, "help 8", gate_pairs=least - 1, **said).run(episodes=1)
    assert store.runs() == []
    assert learner(store, "help 8", gate_pairs=least, **said).run(episodes=1).status == "done"


@pytest.mark.parametrize("gates", [("trial",), ("final",), ("trial", "final")])
@pytest.mark.parametrize("val", [None, 50])
def test_a_run_has_no_more_played_than_is_expected(store: Store, gates: tuple[str, ...], val: int | None) -> None:
    env, model = Counter(val), Obeying()
    said: dict[str, Any] = {"batch": 1, "gate_pairs": 20, "gates": list(gates)}
    result = learner(store, "help 9", "harm 9", "it is raining", env=env, model=model, **said).run(episodes=3)
    s = RunSettings("counter", episodes=3, batch=1, gate_pairs=20, gates=gates, retries=0)
    shares = expected(s, env, train_tasks(env, s), (), 0).shares
    assert 0 < result.roles["gate"].usage.calls <= shares[3].calls
    assert len(expected(replace(s, gates=()), env, train_tasks(env, s), (), 0).shares) == 3
