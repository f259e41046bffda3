"""What an owner purges is gone from every byte of the store, and everything that rested on it can still be verified."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from ace.errors import BadSetting, Conflict, NotFound
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.memory.values import Call, unit_of_all
from ace.types import Usage, Vote
from tests.doing import do
from tests.memory.acts import alone, holding, keep, played, told
from tests.starting import started
from tests.stories import NAME, Story, add
from tests.worlds import Gate

MARKER, OTHER = "Zanzibar-4711", "Reykjavik-0815"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "ace.db")


def tell(store: Store, id: str, text: str) -> str:
    """An episode and a reflection full of `text`, with the calls behind them; gives the bullet that both concern."""
    story = Story(store)
    [bullet] = [b.id for b in store.view(NAME).bullets()] or story.added(add("ask for the receipt"))
    run = started(store, {"model": "m", "for": id}).id
    for place, (role, reply) in enumerate((("generator", f"I saw {text}"), ("reflector", f"it was {text}"))):
        call = Call(id, role, place, "hash", reply)
        store.write_calls(run, [call], [call])
    failed = Call(id, "generator", 9, "hash", error=f"could not read {text}")
    store.write_calls(run, [failed], [failed])
    e = played(id, text, shown=(bullet,), render=f"- [{bullet}] ask for the receipt of {text}")
    keep(store, e, told=(told(id, text, ((bullet, Vote.HELPFUL),)),), run=run)
    return bullet


def test_what_is_purged_is_in_no_file_of_the_store_any_more(store: Store, tmp_path: Path) -> None:
    tell(store, "e-1", MARKER)
    tell(store, "e-2", OTHER)
    assert "ace.db-wal" in holding(tmp_path, MARKER)
    done = store.upkeep.purge(Choice(("e-1",)))
    assert (done.episodes, done.file.log_emptied) == (("e-1",), True)
    assert list(holding(tmp_path, MARKER)) == []
    assert "ace.db" in holding(tmp_path, OTHER)
    store.close()
    assert list(holding(tmp_path, MARKER)) == []


def test_a_reply_about_several_episodes_goes_with_the_first_of_them(store: Store, tmp_path: Path) -> None:
    tell(store, "e-1", MARKER)
    tell(store, "e-2", OTHER)
    tell(store, "e-22", OTHER)
    run = started(store, {"model": "m", "for": "both"}).id
    both, apart = (
        Call(unit_of_all(ids), "reflector", 0, "hash", f"the one was {MARKER}, the other {OTHER}")
        for ids in (("e-1", "e-2"), ("e-2", "e-22"))
    )
    store.write_calls(run, [both, apart], [both, replace(apart, reply=OTHER)])
    assert [len(store.calls_of(id)) for id in ("e-1", "e-2", "e-22")] == [4, 5, 4]
    store.upkeep.purge(Choice(("e-1",)))
    assert list(holding(tmp_path, MARKER)) == []
    assert [c.reply for _, c in store.calls_of("e-2") if c.unit != "e-2"] == [None, OTHER]
    assert store.upkeep.check() == []
    with alone(store) as connection:
        connection.execute("UPDATE calls SET reply = 'still here' WHERE unit = ?", (both.unit,))
    assert "episode e-1: it was purged, but replies of its calls are still there" in store.upkeep.check()


def test_the_automatic_backups_forget_it_too_and_other_copies_are_named(store: Store, tmp_path: Path) -> None:
    tell(store, "e-1", MARKER)
    store.upkeep.keep()
    tell(store, "e-2", OTHER)
    store.upkeep.keep()
    own = store.upkeep.backup()
    assert set(holding(tmp_path, MARKER)) >= {"ace.db.auto-1.backup", "ace.db.auto-2.backup", own.path.name}
    done = store.upkeep.purge(Choice(("e-1",)))
    store.close()
    assert list(holding(tmp_path, MARKER)) == [own.path.name]
    assert done.copies == (own.path,)
    with Store.open(tmp_path / "ace.db.auto-1.backup", read_only=True) as copy:
        assert copy.episode("e-2").task.text == OTHER


def test_a_purged_episode_shows_as_purged_with_its_verdict_and_what_it_used(store: Store) -> None:
    bullet = tell(store, "e-1", MARKER)
    before = store.episode("e-1")
    store.upkeep.purge(Choice(("e-1",)))
    e = store.episode("e-1")
    assert e.outcome.reason.startswith("purged 20")
    assert e.outcome.verdict == before.outcome.verdict
    assert (e.cited, e.usage, e.seconds, e.seed) == (before.cited, before.usage, before.seconds, before.seed)
    assert e.render.exposures == before.render.exposures
    [r] = store.reflections("e-1")
    assert (r.lesson, r.votes) == ("", ((bullet, Vote.HELPFUL),))
    assert store.count_episodes(verdict="failure") == 1


def test_chains_and_counts_still_verify(store: Store) -> None:
    bullet = tell(store, "e-1", MARKER)
    story = Story(store)
    story.change(add("ask twice", reason="It was lost without.", episodes=["e-1"]), reason="two losses", episodes=["e-1"])
    before = store.head(NAME), store.view(NAME).records([bullet]), store.log(NAME)
    hash = sqlite_value(store, "SELECT hash FROM episodes")
    store.upkeep.purge(Choice(("e-1",)))
    assert (store.head(NAME), store.view(NAME).records([bullet]), store.log(NAME)) == before
    assert before[1][bullet].cited_lost == 1
    assert store.verify(NAME) == []
    assert store.upkeep.check() == []
    assert sqlite_value(store, "SELECT hash FROM episodes") == hash


def sqlite_value(store: Store, query: str) -> object:
    with alone(store) as connection:
        return connection.execute(query).fetchone()[0]


def test_tokens_that_were_estimated_are_told_as_that_also_after_a_purge(store: Store) -> None:
    run = started(store, {"model": "m"}).id
    usage = Usage(1, 20, 0, 3, None, 0.5, estimated=23)
    call = Call("e-1", "generator", 0, "hash", "a reply", usage=usage)
    counted = Call("e-1", "generator", 1, "hash", "another", usage=Usage(1, 100, 0, 10))
    store.write_calls(run, [call, counted], [call, counted])
    keep(store, replace(played("e-1", MARKER), usage=usage), run=run)
    assert [c.usage.estimated for _, c in store.calls_of("e-1")] == [23, 0]
    for purged in (False, True):
        if purged:
            store.upkeep.purge(Choice(("e-1",)))
        assert store.usage(run).estimated == 23
        assert [role.usage.estimated for _, role in store.usage_by_role(run)] == [23]
        assert store.episode("e-1").usage == usage


def test_a_purged_episode_is_evidence_no_more(store: Store) -> None:
    bullet = tell(store, "e-1", MARKER)
    tell(store, "e-2", OTHER)
    task = store.episode("e-1").task
    keep(store, played("e-3", MARKER))
    view = store.view(NAME)
    assert {p.episode for p in view.evidence([bullet])[bullet]} == {"e-1", "e-2"}
    store.upkeep.purge(Choice(("e-1", "e-3")))
    assert {p.episode for p in view.evidence([bullet])[bullet]} == {"e-2"}
    assert view.uncited() == []
    assert view.recent_reflections(task.key) == []


def test_what_was_shown_to_others_too_stays(store: Store, tmp_path: Path) -> None:
    keep(store, played("e-1", render=f"- {MARKER}"), played("e-2", render=f"- {MARKER}"))
    store.upkeep.purge(Choice(("e-1",)))
    assert store.episode("e-2").render.text == f"- {MARKER}"
    store.upkeep.purge(Choice(("e-2",)))
    assert list(holding(tmp_path, MARKER)) == []


def test_the_same_episode_cannot_come_back_unnoticed(store: Store) -> None:
    tell(store, "e-1", MARKER)
    e = store.episode("e-1")
    store.upkeep.purge(Choice(("e-1",)))
    keep(store, e)
    assert store.episode("e-1").task.text == ""
    with pytest.raises(Conflict):
        keep(store, played("e-1", "another story"))


def test_a_run_or_everything_before_a_time_is_purged(store: Store) -> None:
    run = do(store, Gate(), episodes=10, eval=5).run
    other = do(store, Gate(), episodes=10, eval=5, seed=2).run
    assert len(store.upkeep.purge(Choice(run=run.id)).episodes) == 20
    assert all(e.task.text == "" for e in store.episodes(run=run.id, limit=None))
    assert all(e.task.text for e in store.episodes(run=other.id, limit=None))
    assert store.upkeep.chosen(Choice(before="2020-01-01")) == []
    assert len(store.upkeep.purge(Choice(before="2999-01-01")).episodes) == 20
    assert store.upkeep.chosen(Choice(before="2999-01-01")) == []
    assert store.upkeep.check() == []


def test_a_purged_run_still_has_its_result(store: Store) -> None:
    from ace.results.score import cases_of, score

    done = do(store, Gate(), episodes=20, eval=20)
    store.upkeep.purge(Choice(run=done.run.id))
    after = score(cases_of(store.episodes(run=done.run.id, phase="after", limit=None)))
    assert (after.n, after.success) == (20, done.after)


def test_what_is_not_there_and_what_says_nothing_is_refused(store: Store) -> None:
    tell(store, "e-1", MARKER)
    with pytest.raises(NotFound, match="no episode 'e-9'"):
        store.upkeep.purge(Choice(("e-1", "e-9")))
    with pytest.raises(NotFound, match="no run 'r-9'"):
        store.upkeep.purge(Choice(run="r-9"))
    with pytest.raises(BadSetting, match="say which episodes"):
        Choice()
    assert store.episode("e-1").task.text == MARKER


def test_a_reader_that_holds_the_log_back_is_said(store: Store, tmp_path: Path) -> None:
    tell(store, "e-1", MARKER)
    reader = sqlite3.connect(tmp_path / "ace.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM episodes").fetchall()
    assert not store.upkeep.purge(Choice(("e-1",))).file.log_emptied
    reader.close()
    assert store.upkeep.compact().log_emptied
    assert "ace.db-wal" not in holding(tmp_path, MARKER)
    assert "ace.db" not in holding(tmp_path, MARKER)
