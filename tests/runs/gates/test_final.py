"""The gate `final`: a run keeps what it learned only where it beats what the run began with; what persons changed stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import ace
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.pages.document import rendered
from ace.pages.playbook import playbook_page
from ace.pages.run import run_page
from ace.playbooks.operations import Delta, Op, Operation
from ace.results.result import result_of
from ace.runs.gates.final import spread
from ace.runs.gates.returning import gone_back
from tests.pages.reading import read
from tests.runs.gates.lessons import Counter, Obeying, proposing


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


def learner(store: Store, *texts: str, env: Counter | None = None, **said: Any) -> ace.Learner:
    given = {"model": Obeying(), "gates": ["final"], "gate_pairs": 40, "batch": 1, "learn_only": True, **said}
    return ace.Learner(env or Counter(), store=store, strategy=proposing(*texts), **given)


def texts(store: Store, name: str) -> list[str]:
    return [b.text for b in store.view(name).bullets()]


def ended(store: Store, run: str) -> dict[str, Any]:
    found: dict[str, Any] = store.run(run).result["gates"]["final"]
    return found


def test_what_helps_stays_and_the_run_says_so_in_one_sentence(store: Store) -> None:
    result = learner(store, "help 9").run(episodes=1)
    assert texts(store, result.playbook) == ["help 9"]
    f = ended(store, result.run)["figures"]
    assert (f["start"], f["head"], f["kept"], f["needed"]) == (0, 1, 1, 20)
    [gate] = result_of(store, store.run(result.run)).gates
    won = f["against the start"]["1"]
    score = f"won {won['wins']} and lost 0 of {won['pairs']} pairs"
    assert gate.sentence.startswith(f"Gate final: what was learned stays, because revision 1 {score}")
    assert (gate.wins, gate.losses) == (won["wins"], 0)


def test_what_stays_is_told_by_the_log_and_by_the_life_of_a_bullet(store: Store) -> None:
    result = learner(store, "help 9", "help 2").run(episodes=2)
    newest, first = store.log(result.playbook)
    [told] = newest.at_end
    assert told.as_json() == ended(store, result.run)
    assert (told.answer, told.figures["kept"], first.at_end, newest.judgements[-1].gate) == ("pass", 2, (), "fit")
    [made] = store.past.life(result.playbook, first.operations[0].new_id).blamed.touches
    assert made.cause.at_end == (told,)
    for page in (run_page(store, result.run), playbook_page(store, result.playbook)):
        assert read(rendered(page)).text.count("At the end of the run: Gate final: pass") == 1
    store.branches.fork(f"{result.playbook}@1", "before")
    store.branches.fork(result.playbook, "after")
    assert [d.at_end for d in (*store.log("before"), *store.log("after"))] == [(), (told,), ()]


def test_a_way_back_tells_what_led_to_it_once(store: Store) -> None:
    result = learner(store, "harm 5").run(episodes=1)
    back, made = store.log(result.playbook)
    assert ([j.gate for j in back.judgements], back.at_end, made.at_end) == (["final"], (), ())
    found = store.past.life(result.playbook, made.operations[0].new_id).blamed.touches
    assert [[j.gate for j in t.cause.at_end] for t in found] == [["final"], []]


def test_what_does_not_help_goes_back_to_the_start_as_a_new_revision_that_says_why(store: Store) -> None:
    result = learner(store, "harm 5", "it is raining").run(episodes=2)
    assert texts(store, result.playbook) == []
    last = store.log(result.playbook)[0]
    assert last.revision is not None
    assert last.revision.number == 3
    assert last.reason.startswith("back to revision 0: gate final: revision 2 won")
    assert [j.gate for j in last.judgements] == ["final"]
    assert store.verify(result.playbook) == []
    assert "the playbook reads as at revision 0 again" in result_of(store, store.run(result.run)).gates[0].sentence


def test_the_newest_revision_that_helps_is_kept_where_the_head_does_not(store: Store) -> None:
    result = learner(store, "help 9", "harm 10").run(episodes=2)
    assert texts(store, result.playbook) == ["help 9"]
    f = ended(store, result.run)["figures"]
    assert (f["kept"], f["head"], list(f["against the start"]), f["needed"]) == (1, 2, ["2", "1"], 40)
    assert "reads as at revision 1 again, the newest" in result_of(store, store.run(result.run)).gates[0].sentence


def test_what_a_person_changed_meanwhile_stays(store: Store) -> None:
    store.ensure_playbook("p")
    said = learner(store, "harm 5", "harm 4", playbook="p", gates=[])
    said.run(episodes=2)
    first = next(b for b in store.view("p").bullets() if b.text == "harm 5")
    mine = (Operation(Op.REVISE, id=first.id, text="said by hand"), Operation(Op.ADD, section="rules", text="mine"))
    store.commit(Batch(playbook="p", delta=Delta(store.head("p").hash, mine, "person")))
    back = gone_back(store, "p", 0, "a test")
    assert back is not None
    store.commit(Batch(playbook="p", delta=back))
    assert texts(store, "p") == ["said by hand", "mine"]
    assert gone_back(store, "p", 0, "a test") is None


def test_a_run_goes_back_to_what_it_began_with_and_not_further(store: Store) -> None:
    learner(store, "help 9", playbook="p", gates=[]).run(episodes=1)
    result = learner(store, "harm 8", playbook="p", seed=1).run(episodes=1)
    assert texts(store, "p") == ["help 9"]
    assert ended(store, result.run)["figures"]["start"] == 1


def test_a_run_that_changed_nothing_has_nothing_to_judge(store: Store) -> None:
    result = learner(store).run(episodes=2)
    assert "gates" not in store.run(result.run).result
    assert "nothing to judge" in result_of(store, store.run(result.run)).gates[0].sentence


def test_tasks_are_kept_back_from_trial_for_final(store: Store) -> None:
    said = learner(store, "help 9", "it is raining", env=Counter(val=80), gates=["final", "trial"])
    result = said.run(episodes=2)
    played = [e.task.key for e in store.episodes(run=result.run, phase="gate", limit=None)]
    f = ended(store, result.run)["figures"]
    assert f["fresh tasks"] == 40
    judged = [j for d in store.log(result.playbook) for j in d.judgements if j.gate == "trial"][::-1]
    assert (judged[0].figures["used before"], judged[0].figures["kept back for final"]) == (0, 40)
    assert f["kept"] == f["head"] == 1
    assert len(played) == 2 * len(set(played))


def test_not_worse_by_a_margin_is_reported_beside_and_decides_nothing(store: Store) -> None:
    result = learner(store, "it is raining", gate_eps=0.2).run(episodes=1)
    f = ended(store, result.run)["figures"]
    assert f["E value of not worse by 0.2"] > 20
    assert f["kept"] == f["start"] == 0


@pytest.mark.parametrize(("n", "most", "chosen"), [(1, 4, [1]), (4, 4, [1, 2, 3, 4]), (10, 4, [3, 5, 8, 10]), (3, 1, [3])])
def test_revisions_are_spread_over_the_run_and_the_last_is_among_them(n: int, most: int, chosen: list[int]) -> None:
    assert spread(range(1, n + 1), most) == chosen


def test_none_are_chosen_of_none() -> None:
    assert spread([], 4) == []
