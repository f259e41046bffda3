"""Where a lesson came from, what became of it, and what happened with it and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ace.errors import NotFound
from ace.memory.log.lineage import BlamedBullet, WinsAndLosses
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.playbooks.bullet import State
from ace.playbooks.operations import Op, Operation
from ace.types import Vote
from tests.doing import do
from tests.memory.acts import merged
from tests.starting import started
from tests.stories import NAME, Story, add, merge, move, retire, revise
from tests.worlds import Gate


@pytest.fixture
def story(store: Store) -> Story:
    return Story(store)


def blamed(store: Store, id: str, ref: str = NAME) -> BlamedBullet:
    return next(b for b in store.past.blame(ref) if b.bullet.id == id)


def test_a_bullet_is_traced_to_the_delta_the_reflection_and_the_episode_it_came_from(store: Store, story: Story) -> None:
    won = story.play(True)
    lost = story.play(False, lesson="Ask for the receipt first.")
    (id,) = story.added(
        add("ask for the receipt", reason="it was lost without", episodes=[won, lost]),
        reason="two lessons",
        episodes=[won, lost],
    )
    made = blamed(store, id).touches[0]
    assert (made.cause.revision, made.cause.author, made.cause.reason) == (1, "curator", "two lessons")
    assert made.reasons == ("it was lost without",)
    assert made.witness is not None
    assert (made.witness.episode, made.witness.verdict, made.witness.named) == (lost, "failure", True)
    assert made.witness.lesson == "Ask for the receipt first."
    assert made.witness.choice == "choice 2"


def test_the_failure_that_is_new_tells_more_than_older_ones_and_successes(store: Store, story: Story) -> None:
    old, won, new = story.play(False), story.play(True), story.play(False)
    (id,) = story.added(add("one", episodes=[old, won, new]), episodes=[won, new])
    life = store.past.life(NAME, id)
    assert [w.episode for w in life.behind] == [new, old, won]


def test_a_change_that_names_no_episode_rests_on_those_of_its_delta(store: Store, story: Story) -> None:
    won, lost = story.play(True), story.play(False)
    (id,) = story.added(add("one"), episodes=[won, lost])
    assert [(w.episode, w.named) for w in store.past.life(NAME, id).behind] == [(lost, False), (won, False)]


def test_episodes_that_the_store_never_saw_are_left_out(store: Store, story: Story) -> None:
    (id,) = story.added(add("one", episodes=["e-elsewhere"]))
    assert store.past.life(NAME, id).behind == ()


def test_every_wording_is_told_and_what_did_not_change_the_text_is_not_one(store: Store, story: Story) -> None:
    first, second = story.added(add("one"), add("two"))
    story.change(revise(first, "one, better", reason="it was vague"))
    story.change(move(first, after=second))
    story.change(revise(first, "one, best"), author="person", reason="by hand")
    touches = blamed(store, first).touches
    assert [(t.cause.revision, t.after.text) for t in touches if t.reworded] == [
        (1, "one"),
        (2, "one, better"),
        (4, "one, best"),
    ]
    assert [t.cause.revision for t in touches] == [1, 2, 3, 4]
    assert [t.reasons for t in touches] == [(), ("it was vague",), (), ("by hand",)]
    assert touches[3].cause.author == "person"


def test_two_changes_of_one_bullet_in_one_delta_are_both_told(store: Store, story: Story) -> None:
    first, second = story.added(add("one"), add("two"))
    story.change(revise(first, "one, better", reason="vague"), move(first, after=second))
    touch = blamed(store, first).touches[-1]
    assert [o.op for o in touch.operations] == [Op.REVISE, Op.MOVE]
    assert touch.reasons == ("vague",)


def test_a_bullet_pinned_as_it_was_made_is_told_to_be_added_and_pinned(store: Store, story: Story) -> None:
    story.change(
        Operation(Op.ADD, section="Refunds", text="one", new_id="ref-0001", reason="why not"),
        Operation(Op.PIN, id="ref-0001", reason="for ever"),
        author="person",
    )
    (touch,) = blamed(store, "ref-0001").touches
    assert [o.op for o in touch.operations] == [Op.ADD, Op.PIN]


def test_lineage_is_told_through_merges_of_merges(store: Store, story: Story) -> None:
    a, b, c = story.added(add("refund cash"), add("refund cards"), add("refund vouchers"))
    (ab,) = story.added(merge("refund cash and cards", a, b, reason="alike"))
    (abc,) = story.added(merge("refund all", ab, c))
    found = blamed(store, abc)
    assert [s.bullet.id for s in found.sources] == [ab, c, a, b]
    assert found.sources[0].touches[0].reasons == ("alike",)
    assert [s.touches[0].cause.revision for s in found.sources] == [2, 1, 1, 1]
    assert store.past.life(NAME, a).blamed.touches[-1].operations[0].new_id == ab


def test_a_lineage_longer_than_any_stack_is_told_whole(store: Store, story: Story) -> None:
    operations = [Operation(Op.ADD, section="Refunds", text="lesson 0", new_id="ref-m000")]
    for n in range(1, 1200):
        operations.append(Operation(Op.ADD, section="Refunds", text=f"lesson {n}", new_id=f"ref-a{n:04}"))
        sources = (operations[-2].new_id, operations[-1].new_id)
        operations.append(Operation(Op.MERGE, text=f"lessons 0 to {n}", sources=sources, new_id=f"ref-m{n:04}"))
    story.change(*operations, author="person")
    assert len(blamed(store, "ref-m1199").sources) == 2 * 1199


def test_blame_of_an_old_revision_knows_nothing_of_what_came_later(store: Store, story: Story) -> None:
    first, second = story.added(add("one"), add("two"))
    story.change(revise(first, "one, better"))
    story.change(retire(second))
    assert [b.bullet.text for b in store.past.blame(f"{NAME}@1")] == ["one", "two"]
    assert [t.cause.revision for t in blamed(store, first, f"{NAME}@1").touches] == [1]


def test_blame_of_a_section_has_its_bullets_alone(store: Store, story: Story) -> None:
    story.change(add("one"), add("two", "Fees"))
    assert [b.bullet.text for b in store.past.blame(NAME, "fees")] == ["two"]
    with pytest.raises(NotFound, match="no section 'Fee'; its sections are 'Refunds', 'Fees'"):
        store.past.blame(NAME, "Fee")


def test_with_and_without_are_counted_over_the_episodes_it_could_have_been_shown_in(store: Store, story: Story) -> None:
    (other,) = story.added(add("other"))
    story.play(True)
    (id,) = story.added(add("one"))
    for won in (True, True, False):
        story.play(won, [id, other], [id])
    for ended in (True, False, False, None):
        story.play(ended, [id, other])
    for ended in (True, False, None):
        story.play(ended, [other], [other])
    story.play(True, [other], withheld=[id])
    story.play(True, [id], [id], phase="after")
    story.change(retire(id))
    story.play(False, [other])
    story.change(Operation(Op.RESTORE, id=id))
    story.play(False, [other])
    life = store.past.life(NAME, id)
    assert life.live == ((2, 3), (4, None))
    assert life.observed.followed == WinsAndLosses(2, 1)
    assert life.observed.ignored == WinsAndLosses(1, 2)
    assert life.observed.absent == WinsAndLosses(2, 2)
    assert life.observed.withheld == 1
    assert life.observed.evaluated == 1


def test_the_last_episodes_that_saw_it_come_first(store: Store, story: Story) -> None:
    (id,) = story.added(add("one"))
    played = [story.play(n % 2 == 0, [id], [id] if n % 3 == 0 else []) for n in range(9)]
    last = store.past.life(NAME, id).observed.last
    assert [w.episode for w in last] == played[:3:-1]
    assert [w.followed for w in last] == [n % 3 == 0 for n in range(8, 3, -1)]


def test_votes_are_counted(store: Store, story: Story) -> None:
    (id,) = story.added(add("one"))
    story.play(True, [id], votes=[(id, Vote.HELPFUL)])
    story.play(False, [id], votes=[(id, Vote.HARMFUL)])
    story.play(True, [id], votes=[(id, Vote.HELPFUL)])
    record = store.past.life(NAME, id).record
    assert (record.helpful, record.harmful, record.neutral) == (2, 1, 0)


def test_what_is_observed_of_every_bullet_of_a_run_adds_up(store: Store) -> None:
    done = do(store, Gate(), episodes=60, eval=5)
    name = str(done.run.result["playbook"])
    view = store.view(name)
    everything = view.bullets(include_retired=True)
    records = view.records([b.id for b in everything])
    numbers = {r.hash: r.number for r in store.revisions(name)}
    played = [numbers[e.render.revisions[0]] for e in store.episodes(playbook=name, limit=None) if e.outcome.valid]
    assert any(b.state is State.RETIRED for b in everything)
    for b in everything:
        life, r = store.past.life(name, b.id), records[b.id]
        o = life.observed
        assert o.followed == WinsAndLosses(r.cited_won, r.cited_lost)
        assert (o.followed.won + o.ignored.won, o.followed.lost + o.ignored.lost) == (r.shown_won, r.shown_lost)
        stretch = sum(any(low <= n < (high or len(numbers)) for low, high in life.live) for n in played)
        assert o.followed.n + o.ignored.n + o.absent.n == stretch


def test_a_fork_knows_what_its_origin_saw_and_not_what_it_saw_later(store: Store, story: Story) -> None:
    (id,) = story.added(add("one"))
    story.play(True, [id], [id])
    story.play(False)
    store.branches.fork(NAME, "branch")
    story.play(False, [id], [id])
    Story(store, "branch").play(True, [id])
    life = store.past.life("branch", id)
    assert (life.observed.followed, life.observed.ignored, life.observed.absent) == (
        WinsAndLosses(1, 0),
        WinsAndLosses(1, 0),
        WinsAndLosses(0, 1),
    )
    assert life.blamed.touches[0].cause.revision == 1
    assert store.past.life(NAME, id).observed.followed == WinsAndLosses(1, 1)


def test_a_bullet_brought_by_a_merge_keeps_what_its_branch_saw(store: Store, story: Story) -> None:
    story.added(add("one"))
    store.branches.fork(NAME, "branch")
    branch = Story(store, "branch")
    (id,) = branch.added(add("two", reason="learned in the branch"))
    branch.play(True, [id], [id])
    branch.play(False)
    merged(store, NAME, "branch")
    life = store.past.life(NAME, id)
    assert (life.observed.followed, life.observed.absent) == (WinsAndLosses(1, 0), WinsAndLosses(0, 1))
    assert life.blamed.touches[0].reasons == ("learned in the branch",)


def test_a_lesson_that_was_taught_again_is_told_with_its_reason(store: Store, story: Story) -> None:
    (id,) = story.added(add("Refund damaged goods within 14 days."))
    lost = story.play(False)
    story.change(add("Refund damaged goods within 14 days.", reason="again", episodes=[lost]), add("other"))
    (again,) = store.past.life(NAME, id).blamed.again
    assert (again.cause.revision, again.reasons) == (2, ("again",))
    assert again.witness is not None
    assert again.witness.episode == lost


def test_an_unknown_bullet_is_answered_with_the_nearest(store: Store, story: Story) -> None:
    (id,) = story.added(add("one"))
    with pytest.raises(NotFound, match=rf"no bullet '{id[:-1]}' in playbook 'support'; did you mean {id}\?"):
        store.past.life(NAME, id[:-1])
    with pytest.raises(NotFound, match=r"no bullet 'qqq-00' in playbook 'support'; its ids are in: ace playbook show support$"):
        store.past.life(NAME, "qqq-00")


def test_a_bullet_is_found_without_its_playbook_where_one_alone_has_it(store: Store, story: Story) -> None:
    (id,) = story.added(add("one"))
    assert store.past.holder(id) == NAME
    with pytest.raises(NotFound, match=f"'support' is a playbook; name a bullet of it: ace playbook why {NAME} BULLET"):
        store.past.holder(NAME)
    with pytest.raises(NotFound, match=f"no playbook has a bullet '{id}x'; did you mean {id}"):
        store.past.holder(id + "x")
    store.branches.fork(NAME, "branch")
    with pytest.raises(NotFound, match=f"bullet {id} is in branch, support; say which: ace playbook why branch {id}"):
        store.past.holder(id)


def test_the_log_is_of_one_run_or_author_where_asked(store: Store, story: Story) -> None:
    run = started(store, {"what": "a run"}).id
    story.change(add("one"), run=run)
    story.change(add("two"), author="person")
    story.change(add("three"))

    def revisions(**which: Any) -> list[int]:
        return [d.revision.number for d in store.log(NAME, **which) if d.revision]

    assert revisions() == [3, 2, 1]
    assert revisions(limit=2) == [3, 2]
    assert revisions(run=run) == [1]
    assert revisions(author="person") == [2]
    with pytest.raises(NotFound, match="has no delta by 'nobody'; its authors are curator, person"):
        store.log(NAME, author="nobody")
    with pytest.raises(NotFound, match="there is no run 'r-none'"):
        store.log(NAME, run="r-none")


def _work(store: Store, ask: Any) -> int:
    """Steps of the database's machine that answering takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with store._database.read() as c:
        driver: Any = c.connection.driver_connection
    driver.set_progress_handler(count, 1)
    ask()
    driver.set_progress_handler(None, 1)
    return steps


def test_the_life_of_a_bullet_costs_the_same_in_a_large_playbook(tmp_path: Path) -> None:
    work = {}
    for size in (20, 1500):
        with Store.open(tmp_path / f"{size}.db") as store:
            ids = Story(store).added(*(add(f"lesson {n} about {n % 97}") for n in range(size)))
            work[size] = _work(store, lambda store=store, id=ids[size // 2]: store.past.life(NAME, id))
    assert 0 < work[1500] < 1.5 * work[20]


def test_what_is_observed_costs_what_was_played_and_not_what_was_played_times_what_was_changed(tmp_path: Path) -> None:
    work = {}
    for size in (30, 120):
        with Store.open(tmp_path / f"{size}.db") as store:
            story = Story(store)
            (id,) = story.added(add("one"))
            for n in range(size):
                story.play(n % 2 == 0, [id])
                story.change(add(f"lesson {n}"))
            work[size] = _work(store, lambda store=store, id=id: store.past.life(NAME, id))
    assert work[120] < 6 * work[30]


def test_a_purged_episode_keeps_its_verdict_and_says_nothing_more(store: Store, story: Story) -> None:
    lost = story.play(False, lesson="Ask first.")
    (id,) = story.added(add("one", episodes=[lost]))
    seen = story.play(True, [id], [id])
    store.upkeep.purge(Choice((lost, seen)))
    life = store.past.life(NAME, id)
    for w in (life.behind[0], life.observed.last[0], life.blamed.touches[0].witness):
        assert w is not None
        assert w.purged
        assert (w.situation, w.choice, w.lesson) == ("", "", "")
    assert life.behind[0].verdict == "failure"
    assert life.observed.followed == WinsAndLosses(1, 0)
