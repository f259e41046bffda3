"""A turn: what a strategy proposes passes the guards and the gates, whichever strategy it is, and what they decided is kept."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ace.attempt import Briefing
from ace.errors import BadInput, WorldError
from ace.events import Warned
from ace.memory.store import Store
from ace.memory.view import View
from ace.playbooks.operations import Delta, Judgement, Op, Operation, Status
from ace.runs.gates.contract import Proposal, Ruling, Ways, again, held, passed, refused
from ace.strategies.contract import Draw, Learned, Lesson
from ace.types import Episode, Reflection, Task
from tests.commands.said import Ace
from tests.commands.said import refused as refused_line
from tests.stories import NAME, Story, add, retire, revise
from tests.strategies.lessons import lived, told
from tests.turns import Turns


class Proposing:
    """A strategy from outside that proposes `deltas`, one after another, the last one ever again."""

    def __init__(self, *deltas: Delta | None) -> None:
        self.deltas, self.lessons = list(deltas), list[Lesson]()

    def context(self, task: Task, book: View, earlier: Sequence[tuple[Episode, Reflection]], draw: Draw) -> Briefing:
        return Briefing()

    async def learn(self, lesson: Lesson, book: View) -> Learned:
        self.lessons.append(lesson)
        return Learned((told(1),), self.deltas.pop(0) if len(self.deltas) > 1 else self.deltas[0])


class Gated:
    """A gate that answers with `rulings`, one after another, the last one ever again."""

    def __init__(self, *rulings: Ruling, name: str = "gated") -> None:
        self.name, self.rulings, self.seen = name, list(rulings), list[Proposal]()

    async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
        self.seen.append(proposal)
        return self.rulings.pop(0) if len(self.rulings) > 1 else self.rulings[0]


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def delta(*operations: Operation, author: str = "curator") -> Delta:
    return Delta("", operations, author, "a test", by="Mallory" if author == "person" else "")


def texts(story: Story) -> list[str]:
    return [b.text for b in story.store.view(NAME).bullets()]


def said(judgements: Sequence[Judgement]) -> list[tuple[str, str]]:
    """The gates but `fit`, which judges every delta by default and passes it."""
    return [(j.gate, j.answer) for j in judgements if j.gate != "fit"]


EPISODES = (lived(1, True),)
TWO = delta(add("Be kind."), add("Be quick."))


async def test_a_collapse_that_a_strategy_from_outside_proposes_is_refused_and_the_judgement_shown(story: Story) -> None:
    ids = story.added(*(add(f"Lesson number {n} is about topic {n}.") for n in range(30)))
    [taken] = await Turns(story.store, NAME).take(Proposing(delta(*map(retire, ids))), EPISODES)
    assert len(texts(story)) == 30
    assert (taken.accepted, taken.refused, taken.committed.status) == (0, 30, Status.REFUSED)
    d = story.store.log(NAME, 1)[0]
    assert "would remove 30 of 30 bullets" in d.refusals[0].reason
    assert d.judgements == (Judgement("guards", "refuse", "30 of 30 operations", {"operations": 30, "refused": 30}),)
    assert story.store.verify(NAME) == []


async def test_what_gates_decided_is_shown_by_log_and_why(ace: Ace) -> None:
    with Store.open("ace.db") as store:
        await Turns(store, NAME, [Gated(passed({"wins": 3}))]).take(Proposing(TWO), EPISODES)
        [first, _] = store.view(NAME).bullets()
    [row] = ace("playbook", "log", NAME, "--json").json
    assert [(j["gate"], j["answer"], j["figures"]) for j in row["judgements"] if j["gate"] != "fit"] == [
        ("guards", "pass", {"operations": 2, "refused": 0}),
        ("gated", "pass", {"wins": 3}),
    ]
    assert ace("playbook", "why", first.id, "--json").json["changes"][0]["judgements"] == row["judgements"]
    for shown in (ace("playbook", "log", NAME), ace("playbook", "why", first.id)):
        assert "gate guards: passed (operations 2, refused 0)" in shown.out
        assert "gate gated: passed (wins 3)" in shown.out


async def test_a_strategy_speaks_for_the_curator_whatever_its_delta_says(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    story.change(Operation(Op.PIN, id=id), author="person")
    [taken] = await Turns(story.store, NAME).take(Proposing(delta(revise(id, "Never ask."), author="person")), EPISODES)
    assert [r.reason for r in taken.committed.refusals] == [f"{id} is pinned: only a person changes it"]
    d = story.store.log(NAME, 1)[0]
    assert (d.author, d.by) == ("curator", "")


@pytest.mark.parametrize("op", [Op.PIN, Op.UNPIN])
async def test_no_strategy_pins_or_unpins(story: Story, op: Op) -> None:
    [id] = story.added(add("Ask first."))
    [taken] = await Turns(story.store, NAME).take(Proposing(delta(Operation(op, id=id))), EPISODES)
    assert "only a person" in taken.committed.refusals[0].reason


async def test_a_delta_rests_on_the_view_it_was_made_on_whatever_base_it_names(story: Story) -> None:
    [id] = story.added(add("Ask first."))
    story.change(revise(id, "Ask the customer first."))
    [taken] = await Turns(story.store, NAME).take(Proposing(delta(revise(id, "Ask the customer twice."))), EPISODES)
    assert (taken.refused, texts(story)) == (0, ["Ask the customer twice."])


async def test_a_gate_is_given_the_proposal_that_the_guards_left_and_the_evidence(story: Story) -> None:
    gate = Gated(passed())
    await Turns(story.store, NAME, [gate]).take(Proposing(delta(add("# Playbook"), add("Be kind."))), EPISODES)
    [seen] = gate.seen
    assert [o.text for o in seen.delta.operations] == ["Be kind."]
    assert (seen.book.revision.number, list(seen.episodes), list(seen.reflections)) == (0, [*EPISODES], [told(1)])
    assert texts(story) == ["Be kind."]


async def test_a_gate_refuses_a_delta_whole_and_its_reason_is_in_the_log(story: Story) -> None:
    turns = Turns(story.store, NAME, [Gated(refused("it lost more than it won", {"lost": 4}), name="strict"), Gated(passed())])
    [taken] = await turns.take(Proposing(TWO), EPISODES)
    d = story.store.log(NAME, 1)[0]
    assert (d.status, d.why, d.operations) == (Status.REFUSED, "gate strict: it lost more than it won", ())
    assert [(r.operation.text, r.reason) for r in d.refusals] == [
        ("Be kind.", "it lost more than it won"),
        ("Be quick.", "it lost more than it won"),
    ]
    assert said(d.judgements) == [("guards", "pass"), ("strict", "refuse")]
    assert (taken.refused, texts(story)) == (2, [])
    assert Warned("a delta was refused: gate strict: it lost more than it won") in turns.heard


async def test_a_gate_refuses_single_operations_by_their_places_in_what_it_was_given(story: Story) -> None:
    gate = Gated(refused("one of them", operations={1: "too quick"}))
    [taken] = await Turns(story.store, NAME, [gate]).take(
        Proposing(delta(add("# Playbook"), add("Be kind."), add("Be quick."), add("Be calm."))), EPISODES
    )
    assert texts(story) == ["Be kind.", "Be calm."]
    assert [(r.index, r.operation.text) for r in taken.committed.refusals] == [(0, "# Playbook"), (2, "Be quick.")]


async def test_what_a_gate_holds_waits_for_review_with_its_operations(story: Story) -> None:
    turns = Turns(story.store, NAME, [Gated(held("ask a person")), Gated(passed(), name="later")])
    [taken] = await turns.take(Proposing(TWO), EPISODES)
    d = story.store.log(NAME, 1)[0]
    assert (d.status, d.why, [o.text for o in d.operations]) == (
        Status.QUARANTINED,
        "gate gated: ask a person",
        ["Be kind.", "Be quick."],
    )
    assert said(d.judgements) == [("guards", "pass"), ("gated", "hold"), ("later", "pass")]
    assert (taken.accepted, texts(story), story.store.verify(NAME)) == (0, [], [])
    assert Warned("a delta is held for review: gate gated: ask a person") in turns.heard


@pytest.mark.parametrize("late", [refused("no"), refused("no", operations={0: "no", 1: "no"})])
async def test_of_what_is_held_and_then_refused_nothing_waits(story: Story, late: Ruling) -> None:
    await Turns(story.store, NAME, [Gated(held("ask a person")), Gated(late, name="late")]).take(Proposing(TWO), EPISODES)
    d = story.store.log(NAME, 1)[0]
    assert (d.status, d.operations, len(d.refusals)) == (Status.REFUSED, (), 2)


async def test_asked_once_more_the_strategy_is_shown_what_the_gate_showed(story: Story) -> None:
    strategy, gate = Proposing(TWO, delta(add("Be calm."))), Gated(again("attempt 7 was lost with it"), passed())
    [taken] = await Turns(story.store, NAME, [gate]).take(strategy, EPISODES)
    first, second = strategy.lessons
    assert (first.objection, second.objection) == ("", "attempt 7 was lost with it")
    assert (second.reflections, first.seed == second.seed) == ({"e-1": told(1)}, False)
    assert texts(story) == ["Be calm."]
    assert [p.second for p in gate.seen] == [False, True]
    d = story.store.log(NAME, 1)[0]
    assert said(d.judgements) == [("guards", "pass"), ("gated", "again"), ("guards", "pass"), ("gated", "pass")]
    assert [r.episode for r in taken.learned.reflections] == ["e-1"]


async def test_a_strategy_is_asked_once_more_only_once(story: Story) -> None:
    strategy = Proposing(TWO)
    await Turns(story.store, NAME, [Gated(again("no")), Gated(again("no"), name="other")]).take(strategy, EPISODES)
    d = story.store.log(NAME, 1)[0]
    assert (len(strategy.lessons), d.status, d.why) == (2, Status.REFUSED, "gate gated: no")
    assert [r.operation.text for r in d.refusals] == ["Be kind.", "Be quick."]


async def test_where_nothing_is_proposed_instead_the_first_delta_is_refused(story: Story) -> None:
    await Turns(story.store, NAME, [Gated(again("it forgets attempt 7"))]).take(Proposing(TWO, None), EPISODES)
    d = story.store.log(NAME, 1)[0]
    assert (d.status, d.why, len(d.refusals)) == (
        Status.REFUSED,
        "gate gated: it forgets attempt 7. Asked once more, the strategy proposed nothing.",
        2,
    )
    assert said(d.judgements) == [("guards", "pass"), ("gated", "again")]


async def test_what_is_offered_again_passes_the_gates_too(story: Story) -> None:
    ids = story.added(*(add(f"Lesson number {n} is about topic {n}.") for n in range(30)))
    first = revise(ids[0], "Lesson 0 is about the first topic.")

    class Meddled(Proposing):
        async def learn(self, lesson: Lesson, book: View) -> Learned:
            learned = await super().learn(lesson, book)
            if not lesson.again:
                story.change(revise(ids[0], "Lesson 0 was changed by a person."), author="person")
            return learned

    turns = Turns(story.store, NAME, [Gated(passed())])
    taken = await turns.take(Meddled(delta(first), delta(*map(retire, ids))), EPISODES)
    assert [(t.accepted, t.refused) for t in taken] == [(0, 1), (0, 30)]
    assert said(story.store.log(NAME, 1)[0].judgements) == [("guards", "refuse")]
    assert len(texts(story)) == 30


class Raising:
    name = "raising"

    async def judge(self, proposal: Proposal, ways: Ways) -> Ruling:
        raise KeyError("wins")


@pytest.mark.parametrize(
    ("gate", "error", "told"),
    [
        (Raising(), WorldError, "gate raising failed: KeyError: 'wins'"),
        (Gated("yes"), BadInput, "gate gated answered with str; it must answer with passed"),  # type: ignore[arg-type]
        (Gated(refused("no", operations={2: "no"})), BadInput, "refused operation 2, and the delta has 2, counted from 0"),
        (Gated(passed({"rate": float("nan")})), BadInput, "measured what JSON cannot hold"),
    ],
)
async def test_a_gate_that_cannot_judge_stops_the_turn_and_nothing_is_committed(
    story: Story, gate: object, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        await Turns(story.store, NAME, [gate]).take(Proposing(TWO), EPISODES)
    assert (story.store.log(NAME), story.store.episodes()) == ([], [])


async def test_judgements_are_redacted_and_sealed(tmp_path: object) -> None:
    with Store.open(f"{tmp_path}/r.db", redact=lambda text: text.replace("1182", "(order)")) as store:
        turns = Turns(store, NAME, [Gated(held("order 1182 is named", {"order": "1182"}))])
        await turns.take(Proposing(TWO), [replace(EPISODES[0])])
        kept = store.log(NAME, 1)[0].judgements[-1]
        assert (kept.reason, kept.figures) == ("order (order) is named", {"order": "(order)"})
        assert store.verify(NAME) == []


async def test_a_history_keeps_judgements_and_one_that_was_changed_is_found(ace: Ace) -> None:
    with Store.open("ace.db") as store:
        turns = Turns(store, NAME, [Gated(held("look"), passed({"wins": 3, "by": {"kind": [1, None]}}))])
        await turns.take(Proposing(TWO), EPISODES)
        await turns.take(Proposing(delta(add("# Playbook"), add("Be calm."))), ())
        before = [d.judgements for d in store.log(NAME)]
    assert ace("playbook", "export", NAME, "--history", "-o", "h.json").status == 0
    brought = ace("playbook", "import", "h.json", "other")
    assert brought.status == 0, brought.err
    with Store.open("ace.db") as store:
        assert [d.judgements for d in store.log("other")] == before
        assert store.verify("other") == []
    with sqlite3.connect("ace.db") as c:
        c.execute("UPDATE judgements SET body = replace(body, 'pass', 'hold') WHERE gate = 'gated'")
    c.close()
    assert "judgements are not those that were written" in ace("playbook", "verify", NAME).out


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"answer": "perhaps"}, "judgements[0].answer is 'perhaps'; it can be pass, refuse, hold, again"),
        ({"gate": "a\u202eb"}, "judgements[0].gate holds"),
        ({"figures": [1]}, "judgements[0].figures must be an object"),
        ({"usage": {"calls": -1}}, "judgements[0].usage.calls is not a field of usage"),
        ({"usage": {"coins": 1}}, "judgements[0].usage.coins is not a field of usage"),
    ],
)
def test_a_history_with_judgements_that_cannot_be_is_refused(ace: Ace, said: dict[str, object], told: str) -> None:
    with Store.open("ace.db") as store:
        asyncio.run(Turns(store, NAME).take(Proposing(TWO), EPISODES))
    history = ace("playbook", "export", NAME, "--history").json
    history["histories"][0]["deltas"][0]["judgements"][0].update(said)
    Path("h.json").write_text(json.dumps(history), encoding="utf-8")
    assert told in refused_line(ace, "import", "h.json", "other")
