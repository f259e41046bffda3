"""Forks of playbooks, and merging them again."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.store import Store
from ace.playbooks.apply import apply
from ace.playbooks.book import Book, revision_hash
from ace.playbooks.bullet import Bullet, State
from ace.playbooks.operations import Op, Operation
from ace.types import Episode, Record, Vote
from tests.examples import tried
from tests.memory.acts import merged, replayed
from tests.playbooks.making import read_off
from tests.stories import NAME, Story, add, merge, move, retire, revise

FORK = "trial"


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


@pytest.fixture
def grown(story: Story) -> list[str]:
    """A playbook with a past: ids of its first three bullets, of which the second was reworded and the third retired."""
    ids = story.added(add("refund damaged goods"), add("ask for the receipt"), add("charge five", "Fees"))
    story.change(revise(ids[1], "ask for the receipt first"), retire("ref-zzzz0000"), reason="better")
    story.change(retire(ids[2], reason="no fees any more"))
    return ids


@pytest.fixture
def trial(store: Store, grown: list[str]) -> Story:
    """A fork of the playbook at its head."""
    store.branches.fork(NAME, FORK)
    return Story(store, FORK)


def content(store: Store, ref: str) -> list[tuple[str, str, str, str, bool, bool]]:
    return read_off(store.view(ref).bullets())


def texts(store: Store, ref: str) -> list[str]:
    return [b.text for b in store.view(ref).bullets()]


def hashes(store: Store, name: str) -> list[str]:
    return [r.hash for r in store.revisions(name)]


def row(store: Store, statement: str, **values: Any) -> None:
    """Change the file behind the store's back."""
    with store._database.write() as c:
        c.execute(text(statement), values)


# Forks


def test_a_fork_has_the_same_revisions_bullets_and_log_and_its_log_replays(store: Store, trial: Story) -> None:
    assert hashes(store, FORK) == hashes(store, NAME)
    assert store.view(FORK).bullets(include_retired=True) == store.view(NAME).bullets(include_retired=True)
    for number in range(4):
        assert content(store, f"{FORK}@{number}") == content(store, f"{NAME}@{number}")
    told = [(d.author, d.reason, d.operations, d.refusals, d.at, d.base) for d in store.log(FORK)]
    assert told == [(d.author, d.reason, d.operations, d.refusals, d.at, d.base) for d in store.log(NAME)]
    assert [d.revision and d.revision.playbook for d in store.log(FORK)] == [FORK] * 3
    assert store.verify(FORK) == []
    assert read_off([b for b in replayed(store, FORK) if b.state is not State.RETIRED]) == content(store, FORK)


def test_a_fork_goes_its_own_way_and_leaves_the_other_alone(store: Store, trial: Story, grown: list[str]) -> None:
    before = content(store, NAME), hashes(store, NAME)
    trial.change(revise(grown[0], "never refund"), add("something new"))
    assert (content(store, NAME), hashes(store, NAME)) == before
    assert texts(store, FORK) == ["never refund", "ask for the receipt first", "something new"]
    assert (store.verify(NAME), store.verify(FORK)) == ([], [])


def test_a_fork_of_an_earlier_revision_begins_as_that_was(store: Store, story: Story, grown: list[str]) -> None:
    made = store.branches.fork(f"{NAME}@1", FORK)
    assert (made.number, made.bullets) == (1, 3)
    assert hashes(store, FORK) == hashes(store, NAME)[:2]
    assert [b.text for b in store.view(FORK).bullets()] == ["refund damaged goods", "ask for the receipt", "charge five"]
    assert store.verify(FORK) == []
    Story(store, FORK).change(revise(grown[2], "charge six"))
    assert store.verify(FORK) == []
    assert len(store.log(FORK)) == 2


def test_a_fork_of_the_empty_playbook_is_empty(store: Store, grown: list[str]) -> None:
    assert store.branches.fork(f"{NAME}@0", FORK).number == 0
    assert store.verify(FORK) == []


@pytest.mark.parametrize("revision", [1, 2, 3])
def test_search_in_a_fork_finds_what_it_finds_in_the_revision_that_was_forked(
    store: Store, grown: list[str], revision: int
) -> None:
    store.branches.fork(f"{NAME}@{revision}", FORK)
    assert store.upkeep.check() == []
    for question in ("the receipt of damaged goods", "charge", "first"):
        found = [(h.bullet, h.score) for h in store.view(FORK).relevant(question)]
        assert found == [(h.bullet, h.score) for h in store.view(f"{NAME}@{revision}").relevant(question)]


def test_a_fork_of_a_fork_descends_from_the_first(store: Store, trial: Story) -> None:
    trial.change(add("from the trial"))
    store.branches.fork(FORK, "second")
    assert store.branches.plan(NAME, "second").base.number == 3
    assert store.branches.plan("second", FORK).base.number == 4
    assert store.verify("second") == []


def test_a_fork_needs_a_revision_that_is_there_and_a_name_that_is_free(store: Store, trial: Story) -> None:
    with pytest.raises(Conflict, match="there is a playbook 'trial' already"):
        store.branches.fork(NAME, FORK)
    with pytest.raises(NotFound, match="has no revision 9"):
        store.branches.fork(f"{NAME}@9", "other")
    with pytest.raises(NotFound, match="did you mean 'support'"):
        store.branches.fork("suport", "other")
    with pytest.raises(BadSetting, match="'/' is not accepted"):
        store.branches.fork(NAME, "a/b")
    assert [p.name for p in store.playbooks()] == [NAME, FORK]


def test_the_same_lesson_added_to_both_is_the_same_bullet_and_another_one_is_another(store: Store, trial: Story) -> None:
    here = Story(store).added(add("ask for the order number"))
    there = trial.added(add("ask for the order number"))
    assert here == there
    assert Story(store).added(add("never gift cards")) != trial.added(add("always gift cards"))


# Merging


def test_a_merge_is_one_revision_with_two_parents_that_replays(
    store: Store, story: Story, trial: Story, grown: list[str]
) -> None:
    story.change(revise(grown[0], "refund damaged goods at once"))
    trial.change(add("never gift cards", reason="they cannot be refunded", episodes=["e-1"]), reason="learned")
    ours, theirs = store.head(NAME), store.head(FORK)
    done = merged(store, NAME, FORK, reason="the trial was good")
    assert done.revision is not None
    assert done.revision.parents == (ours.hash, theirs.hash)
    (delta,) = store.log(NAME, 1)
    assert (delta.author, delta.reason) == ("person", "the trial was good")
    assert done.revision.hash == revision_hash([ours.hash, theirs.hash], delta.operations)
    before = Book(store.view(ours).bullets(include_retired=True))
    changes, refused = apply(before, delta.operations, ours.digest)
    assert (refused, before.with_changes(changes).digest) == ([], done.revision.digest)
    assert [(o.op, o.reason, o.episodes) for o in delta.operations] == [(Op.ADD, "they cannot be refunded", ("e-1",))]
    assert texts(store, NAME) == ["refund damaged goods at once", "ask for the receipt first", "never gift cards"]
    assert store.verify(NAME) == []


def test_merging_what_was_already_merged_changes_nothing_and_says_so(store: Store, story: Story, trial: Story) -> None:
    trial.change(add("never gift cards"))
    assert store.branches.plan(FORK, NAME).merged.new is False
    merged(store, NAME, FORK)
    heads = store.head(NAME), store.head(FORK)
    assert store.branches.plan(NAME, FORK).merged.new is False
    assert merged(store, NAME, FORK).revision == heads[0]
    assert merged(store, FORK, NAME).changes == ()
    assert (store.head(NAME), store.head(FORK)) == heads
    story.change(add("ask for the order number"))
    merged(store, FORK, NAME)
    heads = store.head(NAME), store.head(FORK)
    for one, other in ((NAME, FORK), (FORK, NAME), (NAME, FORK)):
        merged(store, one, other)
    assert (store.head(NAME), store.head(FORK)) == heads
    assert content(store, NAME) == content(store, FORK)


def test_a_merged_change_that_is_undone_later_is_not_brought_back_by_the_next_merge(
    store: Store, story: Story, trial: Story, grown: list[str]
) -> None:
    trial.change(revise(grown[0], "refund always"))
    merged(store, NAME, FORK)
    story.change(revise(grown[0], "refund damaged goods"))
    trial.change(add("another thing"))
    merged(store, NAME, FORK)
    assert texts(store, NAME)[0] == "refund damaged goods"


def test_the_same_change_made_on_both_sides_is_remembered_as_merged(
    store: Store, story: Story, trial: Story, grown: list[str]
) -> None:
    story.change(revise(grown[0], "refund always", reason="seen here"))
    trial.change(revise(grown[0], "refund always", reason="seen there"))
    done = merged(store, NAME, FORK)
    assert done.changes == ()
    assert done.revision is not None
    assert len(done.revision.parents) == 2
    story.change(revise(grown[0], "refund damaged goods"))
    assert store.branches.plan(NAME, FORK).merged.new is False
    assert store.verify(NAME) == []


def test_a_conflict_is_listed_and_nothing_is_written_until_it_is_decided(
    store: Store, story: Story, trial: Story, grown: list[str]
) -> None:
    story.change(revise(grown[0], "refund always"), retire(grown[1]))
    trial.change(revise(grown[0], "refund never"), revise(grown[1], "ask for the receipt and the box"), add("new"))
    plan = store.branches.plan(NAME, FORK)
    assert [(x.bullet, x.parts) for x in plan.merged.conflicts] == [(grown[0], ("text",)), (grown[1], ("text", "state"))]
    (first, _) = plan.merged.conflicts
    assert [b and b.text for b in (first.base, first.ours, first.theirs)] == [
        "refund damaged goods",
        "refund always",
        "refund never",
    ]
    before = store.head(NAME), len(store.log(NAME))
    with pytest.raises(Conflict, match=f"conflict over {grown[0]}, {grown[1]}"):
        store.branches.commit(plan)
    with pytest.raises(BadSetting, match="is in no conflict"):
        store.branches.plan(NAME, FORK, {grown[2]: "ours"})
    assert (store.head(NAME), len(store.log(NAME))) == before
    merged(store, NAME, FORK, {grown[0]: "theirs"}, otherwise="ours")
    assert texts(store, NAME) == ["refund never", "new"]
    assert merged(store, NAME, FORK).changes == ()


def test_a_merge_that_was_thought_out_on_an_older_state_is_refused(store: Store, story: Story, trial: Story) -> None:
    trial.change(add("new"))
    plan = store.branches.plan(NAME, FORK)
    story.change(add("meanwhile"))
    with pytest.raises(Conflict, match="gone on to revision 4"):
        store.branches.commit(plan)
    assert texts(store, NAME)[-1] == "meanwhile"
    merged(store, NAME, FORK)
    assert set(texts(store, NAME)[-2:]) == {"meanwhile", "new"}


def test_an_earlier_revision_of_a_branch_can_be_merged_and_the_rest_later(store: Store, story: Story, trial: Story) -> None:
    trial.change(add("first"))
    trial.change(add("second"))
    merged(store, NAME, f"{FORK}@4")
    assert texts(store, NAME)[2:] == ["first"]
    merged(store, NAME, FORK)
    assert texts(store, NAME)[2:] == ["first", "second"]
    assert store.verify(NAME) == []


def test_a_playbook_is_not_merged_into_itself(store: Store, grown: list[str]) -> None:
    for ref in (NAME, f"{NAME}@1"):
        with pytest.raises(BadSetting, match="cannot be merged into itself"):
            store.branches.plan(NAME, ref)


def test_playbooks_of_different_descent_are_merged_from_the_empty_playbook_on(store: Store, story: Story) -> None:
    story.change(add("refund damaged goods"), add("ask for the receipt"))
    other = Story(store, "other")
    other.change(add("ask for the receipt."), add("charge five", "Fees"))
    plan = store.branches.plan(NAME, "other")
    assert plan.base.number == 0
    store.branches.commit(plan)
    assert texts(store, NAME) == ["refund damaged goods", "ask for the receipt.", "charge five"]
    assert store.verify(NAME) == []


def test_lineage_comes_along_with_what_another_branch_has_merged(
    store: Store, story: Story, trial: Story, grown: list[str]
) -> None:
    trial.change(merge("refund damaged goods with the receipt", *grown[:2]))
    merged(store, NAME, FORK)
    (made,) = store.view(NAME).bullets()
    assert made.parents == tuple(grown[:2])
    assert [b.state for b in store.view(NAME).bullets(include_retired=True)].count(State.RETIRED) == 3
    assert store.past.blame(NAME)[0].sources != ()


def test_a_changed_row_of_a_merge_is_found_by_verify(store: Store, story: Story, trial: Story) -> None:
    story.change(add("ours"))
    trial.change(add("theirs"))
    merged(store, NAME, FORK)
    assert store.verify(NAME) == []
    row(store, "UPDATE revisions SET hash = 'x' WHERE key IN (SELECT parent FROM revision_parents WHERE position = 1)")
    assert any("its hash is not that of its parents" in problem for problem in store.verify(NAME))


def test_a_merge_whose_second_parent_was_taken_away_is_found_by_verify(store: Store, story: Story, trial: Story) -> None:
    story.change(add("ours"))
    trial.change(add("theirs"))
    merged(store, NAME, FORK)
    row(store, "DELETE FROM revision_parents WHERE position = 1")
    assert any("its hash is not that of its parents" in problem for problem in store.verify(NAME))


def test_branches_merged_into_each_other_at_once_can_be_merged_again(store: Store, story: Story, trial: Story) -> None:
    story.change(add("ours"))
    trial.change(add("theirs"))
    here, there = store.branches.plan(NAME, FORK), store.branches.plan(FORK, NAME)
    store.branches.commit(here)
    store.branches.commit(there)
    assert content(store, NAME) == content(store, FORK)
    story.change(add("later"))
    merged(store, FORK, NAME)
    assert content(store, NAME) == content(store, FORK)
    assert (store.verify(NAME), store.verify(FORK)) == ([], [])


def test_a_merge_shows_in_the_past_and_in_what_search_finds(store: Store, story: Story, trial: Story) -> None:
    trial.change(add("never refund gift cards"))
    number = store.head(NAME).number
    merged(store, NAME, FORK)
    assert texts(store, f"{NAME}@{number}") == ["refund damaged goods", "ask for the receipt first"]
    assert [h.bullet.text for h in store.view(NAME).relevant("gift cards")] == ["never refund gift cards"]
    assert store.view(f"{NAME}@{number}").relevant("gift cards") == []


def test_the_hook_redacts_the_reason_of_a_merge(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db", redact=lambda t: t.replace("secret", "***")) as store:
        Story(store).change(add("one"))
        store.branches.fork(NAME, FORK)
        Story(store, FORK).change(add("two"))
        merged(store, NAME, FORK, reason="a secret reason")
        assert store.log(NAME, 1)[0].reason == "a *** reason"


# What is known of bullets


def counted(episodes: list[Episode], votes: list[tuple[str, Vote]], id: str) -> Record:
    """A bullet's record, counted from scratch."""
    counts: Counter[str] = Counter()
    for e in episodes:
        end = "won" if e.outcome.success else "lost"
        counts[f"shown_{end}"] += any(x.bullet == id and x.shown for x in e.render.exposures)
        counts[f"cited_{end}"] += id in e.cited
    for bullet, vote in votes:
        counts[vote.value] += bullet == id
    return Record(**counts)


def require_records(store: Store, name: str, known: list[str]) -> None:
    """The records of a playbook are those of its own training episodes and of those of the playbooks in `known`."""
    episodes = [e for n in (name, *known) for e in store.episodes(playbook=n, phase="learn", limit=None) if e.outcome.valid]
    votes = [pair for e in episodes for r in store.reflections(e.id) for pair in r.votes]
    ids = [b.id for b in store.view(name).bullets(include_retired=True)]
    assert store.view(name).records(ids) == {id: counted(episodes, votes, id) for id in ids}
    assert store.upkeep.check() == []


def test_a_fork_knows_what_happened_before_and_nothing_of_what_happens_to_the_other_afterwards(
    store: Store, story: Story, grown: list[str]
) -> None:
    story.play(True, grown, grown[:1], votes=[(grown[0], Vote.HELPFUL)])
    story.play(False, grown, grown[1:], votes=[(grown[1], Vote.HARMFUL), (grown[1], Vote.HELPFUL)])
    story.play(False)
    store.branches.fork(NAME, FORK)
    ids = [grown[0], grown[1]]
    before = store.view(NAME).records(ids), store.view(NAME).evidence(ids), store.view(NAME).uncited()
    story.play(True, grown, grown[:1])
    story.play(True)
    fork = store.view(FORK)
    assert (fork.records(ids), fork.evidence(ids), fork.uncited()) == before
    assert [p.episode for p in before[2]] == ["e-support-3"]


def test_a_merge_brings_what_the_other_branch_has_learned_since_and_counts_nothing_twice(
    store: Store, story: Story, grown: list[str]
) -> None:
    story.play(True, grown, grown[:1], votes=[(grown[0], Vote.HELPFUL)])
    store.branches.fork(NAME, FORK)
    trial = Story(store, FORK)
    (new,) = trial.added(add("never gift cards"))
    trial.play(True, [new, grown[0]], [new], votes=[(new, Vote.HELPFUL), (grown[0], Vote.NEUTRAL)])
    trial.play(False, [new], [grown[0]])
    trial.play(None, [new], [new])
    story.play(False, grown, grown[:2])
    merged(store, NAME, FORK)
    require_records(store, NAME, [FORK])
    assert [p.won for p in store.view(NAME).evidence([new])[new]] == [True]
    merged(store, NAME, FORK)
    require_records(store, NAME, [FORK])
    trial.play(True, [new, grown[0]], [new, grown[0]])
    trial.change(add("another"))
    merged(store, NAME, FORK)
    require_records(store, NAME, [FORK])
    story.change(add("back to the trial"))
    merged(store, FORK, NAME)
    require_records(store, FORK, [NAME])


def test_a_bullet_that_comes_later_brings_what_was_known_of_it_all_along(store: Store, story: Story, grown: list[str]) -> None:
    store.branches.fork(NAME, FORK)
    trial = Story(store, FORK)
    trial.change(add("first"))
    (later,) = trial.added(add("second"))
    trial.play(True, [later], [later], votes=[(later, Vote.HELPFUL)])
    merged(store, NAME, f"{FORK}@4")
    trial.play(False, [later], [later])
    merged(store, NAME, FORK)
    assert store.view(NAME).records([later])[later] == Record(shown_won=1, shown_lost=1, cited_won=1, cited_lost=1, helpful=1)
    assert store.upkeep.check() == []


def test_what_a_third_branch_learned_comes_along_once(store: Store, story: Story, grown: list[str]) -> None:
    store.branches.fork(NAME, FORK)
    store.branches.fork(FORK, "third")
    trial, third = Story(store, FORK), Story(store, "third")
    third.play(True, grown, grown[:1])
    third.change(add("from the third"))
    merged(store, FORK, "third")
    trial.play(False, grown, grown[:1])
    merged(store, NAME, FORK)
    require_records(store, NAME, [FORK, "third"])
    third.play(True, grown, grown[:1])
    third.change(add("more from the third"))
    merged(store, NAME, "third")
    require_records(store, NAME, [FORK, "third"])


# Any history

STEP = st.tuples(
    st.sampled_from(["change", "change", "fork", "merge"]), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)
)


def _change(store: Store, name: str, seed: tuple[int, int], n: int) -> None:
    bullets = store.view(name).bullets(include_retired=True)
    picked = bullets[seed[0] % len(bullets)] if bullets else Bullet("ref-none0000", "Refunds", "")
    operations = (
        add(f"lesson {seed[1]} of {n % 3}", f"Section {seed[0] % 2}"),
        revise(picked.id, f"reworded {n}"),
        retire(picked.id),
        move(picked.id, bullets[seed[1] % len(bullets)].id if bullets else "top"),
        Operation(Op.RESTORE, id=picked.id),
        Operation(Op.PIN, id=picked.id),
    )
    Story(store, name).change(operations[(seed[0] + seed[1]) % 6], operations[seed[1] % 6], author="person")


@given(st.lists(STEP, min_size=3, max_size=14))
@tried(60)
def test_whatever_is_forked_and_merged_verifies_and_no_two_bullets_share_an_id(steps: list[tuple[str, int, int, int]]) -> None:
    with Store.open(":memory:") as store:
        Story(store).change(add("one"), add("two"), add("three", "Fees"))
        for n, (what, a, b, c) in enumerate(steps):
            names = [p.name for p in store.playbooks()]
            name, other = names[a % len(names)], names[b % len(names)]
            if what == "fork" and len(names) < 4:
                store.branches.fork(f"{name}@{c % (store.head(name).number + 1)}", f"fork-{n}")
            elif what == "merge" and name != other:
                merged(store, name, other, otherwise="ours" if c % 2 else "theirs")
                assert not store.branches.plan(name, other).merged.new
                assert not store.branches.plan(other, name).merged.conflicts
            else:
                _change(store, name, (b, c), n)
        assert store.upkeep.check() == []
        made: dict[str, set[str]] = {}
        for playbook in store.playbooks():
            for d in store.log(playbook.name):
                for o in d.operations:
                    if o.op is Op.ADD and len(d.revision.parents if d.revision else ()) < 2:
                        made.setdefault(o.new_id, set()).add(o.text)
        assert all(len(said) == 1 for said in made.values())


def test_merges_while_others_write_lose_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        Story(store).change(add("one"))
        store.branches.fork(NAME, FORK)
        threads = [threading.Thread(target=_write, args=(store, name, i)) for name in (NAME, FORK) for i in range(2)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            _merge(store)
        for t in threads:
            t.join()
        _merge(store)
        assert sorted(texts(store, NAME)) == sorted(
            ["one", *(f"{n} {i} {k}" for n in (NAME, FORK) for i in range(2) for k in range(15))]
        )
        assert (store.verify(NAME), store.verify(FORK)) == ([], [])


def _write(store: Store, name: str, i: int) -> None:
    for k in range(15):
        Story(store, name).change(add(f"{name} {i} {k}"))


def _merge(store: Store) -> None:
    try:
        merged(store, NAME, FORK)
    except Conflict:
        # Somebody wrote in between.
        return
