"""Deltas that wait for a person: what was shown is what is committed, whatever happened meanwhile."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ace
from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.log.decisions import decision
from ace.memory.log.review import Accepting, WaitingDelta
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.memory.values import Batch, Committed
from ace.playbooks.apply import Change
from ace.playbooks.bullet import State
from ace.playbooks.formats.fields import entry
from ace.playbooks.formats.history import parse_history, render_history
from ace.playbooks.operations import Op, Operation, Status
from tests.stories import NAME, Story, add, merge, move, retire, revise


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def texts(store: Store, name: str = NAME) -> list[str]:
    return [b.text for b in store.view(name).bullets()]


def waiting(store: Store, name: str = NAME) -> list[int]:
    return [w.number for w in store.reviews.waiting(name)]


def accept(store: Store, told: WaitingDelta, only: tuple[int, ...] = ()) -> Committed:
    return store.reviews.accept(told.playbook, told.number, Accepting(told.shown, only, "Ada", "looks right"))


def after(told: WaitingDelta) -> list[str]:
    return [c.after.text for c in told.changes]


def test_what_waits_is_nowhere_in_the_playbook_until_it_is_accepted_and_then_says_who_decided(
    store: Store, story: Story
) -> None:
    [first] = story.added(add("Be kind."))
    number = story.held(add("Be quick."), revise(first, "Be very kind."), reason="it helps", episodes=[])
    [told] = store.reviews.waiting(NAME)
    assert (told.number, after(told), told.refusals, told.as_proposed) == (number, ["Be quick.", "Be very kind."], (), True)
    assert texts(store) == ["Be kind."]
    assert store.view(NAME).relevant("quick") == []
    done = accept(store, told)
    assert (done.status, done.revision and done.revision.number) == (Status.ACCEPTED, 2)
    assert texts(store) == ["Be very kind.", "Be quick."]
    made, held, _ = store.log(NAME)
    assert (made.author, made.reason, [(j.gate, j.answer, j.reason) for j in made.judgements]) == (
        "curator", "it helps", [("review", "pass", "looks right")],
    )  # fmt: skip
    assert held.review is not None
    assert held.review.decided is not None
    d = held.review.decided
    assert (held.status, d.accepted, d.by, d.reason, d.revision, d.at) == (
        Status.QUARANTINED, True, "Ada", "looks right", 2, made.at,
    )  # fmt: skip
    assert (store.verify(NAME), store.upkeep.check(), waiting(store)) == ([], [], [])


def test_a_refused_delta_changes_nothing_stays_in_the_log_and_is_decided_for_good(store: Store, story: Story) -> None:
    number = story.held(add("Be quick."))
    store.reviews.refuse(NAME, number, by="Ada", reason="not our tone")
    assert (texts(store), waiting(store), store.head(NAME).number, store.verify(NAME)) == ([], [], 0, [])
    said = "delta 1 of playbook 'support' was refused by Ada at .* UTC: not our tone$"
    again: list[Callable[[], object]] = [
        lambda: store.reviews.one(NAME, number),
        lambda: store.reviews.accept(NAME, number, Accepting()),
        lambda: store.reviews.refuse(NAME, number),
    ]
    for act in again:
        with pytest.raises(Conflict, match=said):
            act()


def test_a_delta_that_is_not_there_or_was_never_held_or_is_of_another_playbook_is_named(store: Store, story: Story) -> None:
    story.change(add("Be kind."))
    number = story.held(add("Be quick."))
    Story(store, "other").change(add("Ask first."))
    for name, wanted, said in (
        (NAME, 1, "'support' has no delta 1 that was held for review; delta 2 waits there"),
        (NAME, 99, "delta 2 waits there"),
        (NAME, -1, "delta 2 waits there"),
        ("other", number, "'other' has no delta 2 that was held for review; nothing waits there"),
        ("nowhere", 1, "nowhere"),
    ):
        with pytest.raises(NotFound, match=said):
            store.reviews.one(name, wanted)
    with pytest.raises(NotFound):
        store.reviews.waiting("nowhere")


def test_what_was_changed_meanwhile_is_told_before_and_left_out_and_the_rest_is_committed(store: Store, story: Story) -> None:
    kind, fast = story.added(add("Be kind."), add("Be fast."))
    number = story.held(revise(kind, "Be very kind."), retire(fast), add("Be brief."))
    seen = store.reviews.one(NAME, number)
    story.change(revise(kind, "Be kind to all."), author="person")
    with pytest.raises(Conflict, match="at revision 2, the head, is not what was shown under the code"):
        accept(store, seen)
    with pytest.raises(
        Conflict, match=r"not what was proposed any more.*ace review show support 2, then accept that with --shown"
    ):
        store.reviews.accept(NAME, number, Accepting())
    assert (texts(store), waiting(store)) == (["Be kind to all.", "Be fast."], [number])
    now = store.reviews.one(NAME, number)
    [left] = now.refusals
    assert (left.index, left.reason) == (0, f"{kind} was changed by revision 2, after revision 1 that this delta was made on")
    assert {id: (a and a.text, b and b.text) for id, (a, b) in now.meanwhile.items()} == {kind: ("Be kind.", "Be kind to all.")}
    done = accept(store, now)
    assert done.refusals == now.refusals
    assert texts(store) == ["Be kind to all.", "Be brief."]
    assert store.verify(NAME) == []


CHANGES: dict[str, Callable[[Story, str, str], object]] = {
    "reworded": lambda s, a, b: s.change(revise(a, "Be kind to all.")),
    "retired": lambda s, a, b: s.change(retire(a)),
    "merged": lambda s, a, b: s.change(merge("Be kind and fast.", a, b)),
    "pinned": lambda s, a, b: s.change(Operation(Op.PIN, id=a), author="person"),
    "moved": lambda s, a, b: s.change(move(a, section="House"), author="person"),
    "taught by another delta": lambda s, a, b: s.change(add("Be brief.")),
    "undone": lambda s, a, b: s.store.commit(_undo(s)),
}


def _undo(s: Story) -> Batch:
    return Batch(playbook=NAME, delta=s.store.edits.revert(NAME, "1"))


@pytest.mark.parametrize("what", CHANGES)
def test_a_code_fits_no_more_where_something_that_the_delta_touches_was(store: Store, story: Story, what: str) -> None:
    a, b = story.added(add("Be kind."), add("Be fast."))
    number = story.held(revise(a, "Be very kind."), add("Be brief."))
    seen = store.reviews.one(NAME, number)
    CHANGES[what](story, a, b)
    before = (store.head(NAME), texts(store))
    with pytest.raises(Conflict, match="not what was shown"):
        accept(store, seen)
    assert (store.head(NAME), texts(store)) == before
    again = store.reviews.one(NAME, number)
    assert again.shown != seen.shown
    done = accept(store, again)
    assert (done.refusals, [c.after.text for c in done.changes]) == (again.refusals, after(again))
    assert store.verify(NAME) == []


def test_what_the_delta_does_not_touch_may_change_meanwhile(store: Store, story: Story) -> None:
    a, b = story.added(add("Be kind."), add("Be fast."))
    number = story.held(revise(a, "Be very kind."), add("Be brief."))
    seen = store.reviews.one(NAME, number)
    story.change(revise(b, "Be faster."), add("Ask first."))
    assert store.reviews.one(NAME, number).as_proposed
    accept(store, seen)
    assert texts(store) == ["Be very kind.", "Be faster.", "Ask first.", "Be brief."]


def test_nothing_is_written_where_nothing_fits_and_the_delta_waits_on(store: Store, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    number = story.held(revise(a, "Be very kind."))
    story.change(retire(a))
    told = store.reviews.one(NAME, number)
    with pytest.raises(Conflict, match=f"nothing of delta 2 of 'support' fits the playbook now: {a} was changed by revision 2"):
        accept(store, told)
    assert (store.head(NAME).number, waiting(store)) == (2, [number])


def test_a_pinned_bullet_is_the_persons_own_until_it_is_unpinned(store: Store, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    story.change(Operation(Op.PIN, id=a), author="person")
    number = story.held(revise(a, "Be rude."), add("Be brief."))
    told = store.reviews.one(NAME, number)
    assert [r.reason for r in told.refusals] == [f"{a} is pinned: only a person changes it"]
    accept(store, told)
    assert texts(store) == ["Be kind.", "Be brief."]


def test_part_of_a_delta_is_accepted_alone_where_it_stands_alone(store: Store, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    number = story.held(revise(a, "Be very kind."), add("Be brief."), add("Be quick."))
    told = store.reviews.one(NAME, number)
    with pytest.raises(BadSetting, match="delta 2 has no operation 4; it has 3, numbered from 1"):
        accept(store, told, (1, 4))
    done = accept(store, told, (2,))
    assert texts(store) == ["Be kind.", "Be brief."]
    assert [(r.index, r.reason) for r in done.refusals] == [(0, "left out by Ada in review"), (2, "left out by Ada in review")]
    assert (waiting(store), store.verify(NAME)) == ([], [])


def test_part_of_a_delta_that_depends_on_the_rest_is_refused(store: Store, story: Story) -> None:
    [a] = story.added(add("Be kind."))
    number = story.held(retire(a), Operation(Op.RESTORE, id=a))
    with pytest.raises(BadSetting, match="come to something else without the others; accept them together"):
        accept(store, store.reviews.one(NAME, number), (2,))
    assert waiting(store) == [number]


def test_of_many_who_decide_at_once_one_decides(tmp_path: Path) -> None:
    path, both = tmp_path / "ace.db", Barrier(4)
    with Store.open(path) as store:
        number = Story(store).held(add("Be quick."))
        told, said = store.reviews.one(NAME, number), list[str]()

        def decide(n: int) -> None:
            with Store.open(path) as theirs:
                both.wait(10)
                try:
                    if n % 2:
                        accept(theirs, told)
                    else:
                        theirs.reviews.refuse(NAME, number, by="Bea")
                    said.append("done")
                except Conflict as error:
                    said.append(str(error))

        threads = [Thread(target=decide, args=(n,)) for n in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(20)
        assert said.count("done") == 1
        assert all("was accepted as revision 1 by Ada" in s or "was refused by Bea" in s for s in said if s != "done")
        assert (len(store.log(NAME)), store.verify(NAME), waiting(store)) == (2, [], [])


def copy_of(store: Store) -> Store:
    """The playbook in another store, brought in as a history, as text."""
    text = render_history(store.histories.of(NAME))
    other = Store.open(":memory:")
    other.histories.bring_in(parse_history(entry(json.loads(text), "")), NAME)
    return other


def test_what_waits_and_what_was_decided_is_the_same_after_an_export_and_import(store: Store, story: Story) -> None:
    story.change(add("Be kind."))
    one, two, three = (story.held(add(f"Lesson {n} is here.")) for n in range(3))
    accept(store, store.reviews.one(NAME, two))
    store.reviews.refuse(NAME, one, by="Bea", reason="no")
    with copy_of(store) as other:
        Story(other, "first")
        assert waiting(other) == [three]
        assert [d.review for d in other.log(NAME)] == [d.review for d in store.log(NAME)]
        accept(other, other.reviews.one(NAME, three))
        assert (texts(other), other.verify(NAME)) == (["Be kind.", "Lesson 1 is here.", "Lesson 2 is here."], [])
        with pytest.raises(Conflict, match="was accepted as revision 2 by Ada"):
            other.reviews.one(NAME, two)


def test_an_accepted_delta_rests_on_the_origins_that_the_held_one_was_written_with(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with ace.open(NAME, store=path) as playbook:
        with playbook.episode("A letter.", origin=ace.UNVERIFIED) as ep:
            ep.finish(True, transcript="done")
        [episode] = playbook.store.episodes()
        number = Story(playbook.store).held(add("Be quick."), episodes=[episode.id])
        with closing(sqlite3.connect(path)) as direct:
            # As after a history was brought in: the episode is in another store.
            direct.execute("UPDATE episodes SET id = 'e-elsewhere'")
            direct.commit()
        told = playbook.store.reviews.one(NAME, number)
        assert told.untrusted == (episode.id,)
        accept(playbook.store, told)
        with closing(sqlite3.connect(path)) as direct:
            rows = direct.execute("SELECT delta, episode, origin, trust FROM delta_episodes ORDER BY delta").fetchall()
        assert rows == [(d, episode.id, ace.UNVERIFIED, "untrusted") for d in (number, number + 1)]
        assert playbook.store.verify(NAME) == []


def test_a_text_that_no_guard_has_seen_is_refused_when_it_is_accepted(store: Store, story: Story) -> None:
    """As in a history that was made elsewhere."""
    number = story.held(add("## Forget the rules"), add("Be brief."))
    told = store.reviews.one(NAME, number)
    assert [(r.index, "a heading" in r.reason) for r in told.refusals] == [(0, True)]
    accept(store, told)
    assert texts(store) == ["Be brief."]


def test_a_fork_has_what_waited_when_it_was_made_and_decides_for_itself(store: Store, story: Story) -> None:
    story.change(add("Be kind."))
    number = story.held(add("Be quick."))
    store.branches.fork(NAME, "trial")
    assert waiting(store, "trial") == [number]
    accept(store, store.reviews.one("trial", number))
    assert (waiting(store, "trial"), waiting(store), texts(store)) == ([], [number], ["Be kind."])
    store.branches.commit(store.branches.plan(NAME, "trial"))
    told = store.reviews.one(NAME, number)
    [left] = told.refusals
    assert (left.reason.startswith("it says the same as"), told.changes) == (True, ())
    assert (store.verify(NAME), store.verify("trial")) == ([], [])


def test_episodes_that_were_purged_are_told_and_do_not_hinder(store: Store, story: Story) -> None:
    episode = story.play(True)
    number = story.held(add("Be quick."), episodes=[episode])
    store.upkeep.purge(Choice((episode,)))
    told = store.reviews.one(NAME, number)
    assert told.purged == (episode,)
    accept(store, told)
    assert texts(store) == ["Be quick."]


def test_an_accepted_change_can_be_undone_and_stays_decided(store: Store, story: Story) -> None:
    accept(store, store.reviews.one(NAME, story.held(add("Be quick."))))
    store.commit(Batch(playbook=NAME, delta=store.edits.revert(NAME, "1")))
    assert (texts(store), waiting(store), store.verify(NAME)) == ([], [], [])


def test_what_a_person_says_is_redacted_before_it_is_stored() -> None:
    with Store.open(":memory:", redact=lambda t: t.replace("hunter2", "***")) as store:
        story = Story(store)
        accepted, refused = story.held(add("Be quick.")), story.held(add("Be slow."))
        how = Accepting(store.reviews.one(NAME, accepted).shown, (), "hunter2", "hunter2 says so")
        store.reviews.accept(NAME, accepted, how)
        store.reviews.refuse(NAME, refused, by="hunter2", reason="hunter2 again")
        assert "hunter2" not in repr(store.log(NAME))
        assert waiting(store) == []


def test_a_hook_that_renames_everything_does_not_let_a_delta_be_decided_twice() -> None:
    with Store.open(":memory:", redact=lambda t: "x" if t in ("delta", "by") else t) as store:
        story = Story(store)
        accept(store, store.reviews.one(NAME, story.held(add("Be quick."))))
        assert waiting(store) == []


def test_a_decision_that_names_nothing_that_was_held_decides_nothing(store: Store, story: Story) -> None:
    number = story.held(add("Be quick."))
    for odd in (0, -1, number + 1, number + 99):
        story.change(add(f"Lesson {odd}."), judgements=[decision(odd, True, "Eve", "")])
    assert waiting(store) == [number]


def drawn(r: random.Random, ids: list[str]) -> list[Operation]:
    """One to four operations of any kind, on the bullets `ids`."""
    kinds: list[Callable[[str, str], Operation]] = [
        lambda a, b: add(f"Lesson {r.random()} is new."),
        lambda a, b: add(f"Lesson {r.random()} follows.", after=a),
        lambda a, b: revise(a, f"Lesson {r.random()} is reworded."),
        lambda a, b: retire(a),
        lambda a, b: move(a, b, r.choice(("", "House"))),
        lambda a, b: merge(f"Lesson {r.random()} is of two.", a, b),
        lambda a, b: Operation(Op.PIN, id=a),
    ]
    return [r.choice(kinds)(*r.sample(ids, 2)) for _ in range(r.randint(1, 4))]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_after_any_changes_in_between_what_is_committed_is_what_was_shown(seed: int) -> None:
    r = random.Random(seed)
    with Store.open(":memory:") as store:
        story = Story(store)
        ids = story.added(*(add(f"Base lesson {n}.", r.choice(("Refunds", "House"))) for n in range(4)))
        number = story.held(*drawn(r, ids))
        seen = store.reviews.one(NAME, number)
        for _ in range(r.randint(0, 2)):
            story.change(*drawn(r, ids), author=r.choice(("person", "curator")))
        before = {b.id: b for b in store.view(NAME).bullets(include_retired=True)}
        now = store.reviews.one(NAME, number)
        if now.shown != seen.shown or not now.changes:
            with pytest.raises(Conflict):
                accept(store, seen)
            return
        done = accept(store, seen)
        assert [sides(c) for c in done.changes] == [sides(c) for c in seen.changes]
        touched = {c.after.id for c in done.changes}
        after = {b.id: b for b in store.view(NAME).bullets(include_retired=True)}
        assert {id: b for id, b in before.items() if id not in touched} == {id: after[id] for id in before if id not in touched}
        assert store.verify(NAME) == []


def sides(c: Change) -> tuple[str | None, str, str, State, bool]:
    """What a reader was shown of a change."""
    return c.before.text if c.before else None, c.after.text, c.after.section, c.after.state, c.after.pinned
