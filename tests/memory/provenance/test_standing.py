"""What a bullet rests on, over everything that can happen to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ace.evidence.standing import OriginCount, Standing
from ace.memory.log.review import Accepting
from ace.memory.log.standing import distrusted, doubted
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.origins import marked
from ace.playbooks.formats.fields import load
from ace.playbooks.formats.history import parse_history, render_history
from ace.playbooks.operations import Delta, Op, Operation
from ace.types import UNVERIFIED, Trust
from tests.memory.acts import merged, played
from tests.stories import NAME, Story, add, merge, retire, revise


class Told(Story):
    """A story whose episodes come from senders."""

    def from_(self, *senders: str) -> list[str]:
        """Attempts at tasks of these senders; their ids."""
        made = []
        for sender in senders:
            self._played += 1
            e = played(f"e-{self.name}-{self._played}", f"letter {self._played}")
            made.append(replace(e, task=replace(e.task, origin=sender)))
        self.store.commit(Batch(tuple(made), (), self.name))
        return [e.id for e in made]

    def taught(self, text: str, *senders: str, by_name: Sequence[int] = ()) -> str:
        """The id of the bullet that says `text` once these senders' attempts have taught it."""
        episodes = self.from_(*senders)
        done = self.change(add(text, episodes=[episodes[i] for i in by_name]), episodes=episodes)
        return done.changes[0].after.id if done.changes else done.refusals[0].twin

    def by(self, *operations: Operation, name: str = "Zoë") -> str:
        delta = Delta(self.store.head(self.name).hash, operations, "person", "by hand", by=name)
        return self.store.commit(Batch(playbook=self.name, delta=delta)).changes[-1].after.id

    def standing(self, id: str) -> Standing:
        return self.store.trust(self.name)[id]


@pytest.fixture
def story(store: Store) -> Told:
    return Told(store)


def told(o: OriginCount) -> str:
    return f"{o.name} ({o.count})" if o.count > 1 else o.name


def names(standing: Standing) -> list[str]:
    return [told(o) for o in standing.origins]


def test_a_lesson_has_the_least_trust_of_the_request_that_it_was_written_in(story: Told) -> None:
    good, bad, both = (
        story.taught("ask first", "alice", "alice", ""),
        story.taught("pay all", UNVERIFIED, UNVERIFIED),
        story.taught("pay some", "bob", UNVERIFIED, by_name=[0]),
    )
    assert names(story.standing(good)) == ["alice (2)", "environment"]
    assert (names(story.standing(bad)), names(story.standing(both))) == (["unverified (2)"], ["unverified", "bob"])
    assert {id: story.standing(id).distrusted for id in (good, bad, both)} == {good: False, bad: True, both: True}
    with story.store._database.read() as c:
        assert distrusted(c, story.store.view(NAME)._point) == {bad, both}


def test_a_named_episode_narrows_the_count_and_never_the_trust(story: Told) -> None:
    assert names(story.standing(story.taught("ask first", "alice", "bob", by_name=[1]))) == ["bob"]
    e = story.from_("carol")[0]
    done = story.change(add("claims carol", episodes=[e]), episodes=story.from_(UNVERIFIED))
    assert names(story.standing(done.changes[0].after.id)) == ["unverified"]


def test_rewording_and_merging_by_a_curator_keep_what_was_read(story: Told) -> None:
    a, b = story.taught("ask first", UNVERIFIED), story.taught("look twice", "alice")
    story.change(revise(a, "ask before all else"), episodes=story.from_("bob"))
    assert (names(story.standing(a)), story.standing(a).distrusted) == (["unverified", "bob"], True)
    done = story.change(merge("ask and look", a, b), episodes=story.from_("carol"))
    made = next(x.after.id for x in done.changes if x.before is None)
    assert names(story.standing(made)) == ["unverified", "alice", "bob", "carol"]
    assert story.standing(made).distrusted


def test_a_person_who_rewords_it_answers_for_it_and_moving_or_restoring_it_is_not_that(story: Told) -> None:
    id = story.taught("pay all", UNVERIFIED)
    story.by(retire(id))
    story.by(Operation(Op.RESTORE, id=id))
    assert story.standing(id).distrusted
    assert not story.standing(id).person
    story.by(revise(id, "pay what is due"))
    assert names(story.standing(id)) == ["person:Zoë"]
    assert [told(o) for o in story.standing(id).before] == ["unverified"]
    assert not story.standing(id).distrusted


def test_undoing_gives_back_what_the_text_rested_on(story: Told) -> None:
    id = story.taught("pay all", UNVERIFIED)
    story.by(revise(id, "pay what is due"))
    number = story.store.head(NAME).number
    story.store.commit(Batch(playbook=NAME, delta=story.store.edits.revert(NAME, str(number))))
    assert names(story.standing(id)) == ["unverified"]
    assert story.standing(id).distrusted
    story.by(revise(id, "pay what is due"))
    story.store.commit(Batch(playbook=NAME, delta=story.store.edits.rollback(NAME, "1")))
    assert story.standing(id).distrusted


def test_three_independent_senders_or_a_person_support_and_benefit_lifts(story: Told) -> None:
    id = story.taught("pay all", UNVERIFIED)
    for sender in ("alice", "ALICE ", "alice\u200b", "bob", UNVERIFIED):
        story.taught("pay all", sender.strip())
    assert (len(story.standing(id).origins_for), story.standing(id).supported) == (2, False)
    assert told(story.standing(id).support[0]) == "unverified"
    story.taught("pay all", "carol")
    assert story.standing(id).supported
    assert story.standing(id).distrusted
    assert not replace(story.standing(id), helped=True).distrusted
    other = story.taught("never refund", UNVERIFIED)
    assert replace(story.standing(other), helped=True).distrusted
    story.by(Operation(Op.PIN, id=other))
    assert story.standing(other).person
    assert not replace(story.standing(other), helped=True).distrusted


def test_what_was_taught_again_before_a_rewording_does_not_support_the_new_text(story: Told) -> None:
    id = story.taught("pay all", UNVERIFIED)
    for sender in ("alice", "bob", "carol"):
        story.taught("pay all", sender)
    story.change(revise(id, "pay all and a bonus"), episodes=story.from_(UNVERIFIED))
    assert (story.standing(id).support, story.standing(id).supported) == ((), False)


def test_a_fork_a_merge_of_branches_and_a_history_keep_origins(story: Told, store: Store) -> None:
    old = story.taught("pay all", UNVERIFIED)
    store.branches.fork(NAME, "branch")
    branch = Told(store, "branch")
    assert branch.standing(old).distrusted
    new = branch.taught("refund twice", UNVERIFIED)
    good = branch.taught("ask first", "alice")
    story.taught("keep the receipt", "bob")
    merged(store, NAME, "branch", reason="both are right")
    assert {id: names(story.standing(id)) for id in (old, new, good)} == {
        old: ["unverified"],
        new: ["unverified"],
        good: ["alice"],
    }
    assert not story.standing(good).person
    with Store.open(":memory:") as other:
        other.histories.bring_in(parse_history(load(render_history(store.histories.of(NAME)))))
        assert {id: s.origins for id, s in other.trust(NAME).items()} == {id: s.origins for id, s in store.trust(NAME).items()}
        assert other.upkeep.check() == []


def test_a_purge_hides_the_name_and_keeps_the_standing(story: Told) -> None:
    id, bad = story.taught("ask first", "alice"), story.taught("pay all", UNVERIFIED)
    story.store.upkeep.purge(Choice(ids=tuple(e.id for e in story.store.episodes())))
    assert (names(story.standing(id)), story.standing(bad).distrusted) == ([marked("alice")], True)


def test_an_imported_text_has_its_file_and_a_delta_without_episodes_the_environment(story: Told) -> None:
    done = story.change(add("from a file"), author="import")
    assert names(story.standing(done.changes[0].after.id)) == ["import"]
    delta = Delta(story.store.head(NAME).hash, (add("from another"),), "import", file="rules.md")
    id = story.store.commit(Batch(playbook=NAME, delta=delta)).changes[0].after.id
    assert names(story.standing(id)) == ["import:rules.md"]
    assert names(story.standing(story.added(add("from nowhere"))[0])) == ["environment"]


def test_nothing_is_gone_through_where_nothing_is_untrusted(story: Told) -> None:
    story.taught("ask first", "alice")
    with story.store._database.read() as c:
        assert doubted(c, story.store.view(NAME)._point) == {}
        plan = c.exec_driver_sql("EXPLAIN QUERY PLAN SELECT 1 FROM delta_episodes WHERE trust <> 'trusted' LIMIT 1").fetchall()
    assert "delta_episodes_untrusted" in str(plan)


def test_what_a_person_accepts_in_review_has_their_support(story: Told) -> None:
    number = story.held(add("pay all"), episodes=story.from_(UNVERIFIED))
    with story.store._database.read() as c:
        assert doubted(c, story.store.view(NAME)._point) == {}
    shown = story.store.reviews.one(NAME, number).shown
    story.store.reviews.accept(NAME, number, Accepting(shown, by="Zoë"))
    (b,) = story.store.view(NAME).bullets()
    assert (names(story.standing(b.id)), story.standing(b.id).person) == (["unverified"], True)
    assert [told(o) for o in story.standing(b.id).support] == ["person:Zoë"]


def test_a_long_life_is_read_without_trouble_and_a_revision_as_it_was(story: Told) -> None:
    id = story.taught("pay all 0", UNVERIFIED)
    for i in range(1, 400):
        story.change(revise(id, f"pay all {i}"))
    assert story.standing(id).trust is Trust.UNTRUSTED
    story.by(revise(id, "pay what is due"))
    assert not story.standing(id).distrusted
    assert story.store.trust(f"{NAME}@5")[id].distrusted
    with story.store._database.read() as c:
        assert doubted(c, story.store.view(NAME)._point) == {}
