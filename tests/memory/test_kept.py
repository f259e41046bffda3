"""What happened is kept as it happened: word for word, and never overwritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from ace.errors import Conflict, ModelRefused
from ace.memory.store import Store
from ace.memory.values import Batch, Call
from ace.playbooks.operations import Delta, Op, Operation, Refusal
from ace.types import Vote, failure
from tests.doing import do
from tests.examples import tried
from tests.memory.acts import holding, keep, played, told
from tests.models.asking import served
from tests.models.server import ModelServer, status
from tests.playbooks.making import hostile_texts
from tests.starting import started
from tests.worlds import Gate


@tried(60)
@given(hostile_texts)
def test_an_episode_and_its_reflection_are_read_back_as_they_were_whatever_they_say(text: str) -> None:
    with Store.open(":memory:") as store:
        e, r = played("e-1", text, failure(text), render=text), told("e-1", text, (("b-0001", Vote.HARMFUL),))
        keep(store, e, told=(r,))
        assert store.episode("e-1") == e
        assert store.reflections("e-1") == [r]


def test_an_episode_is_never_overwritten(store: Store) -> None:
    keep(store, played("e-1", "what really happened"))
    with pytest.raises(Conflict, match="never overwritten"):
        keep(store, played("e-1", "another story"))
    assert store.episode("e-1") == played("e-1", "what really happened")


def test_what_is_done_again_after_a_crash_is_stored_once(store: Store) -> None:
    for seconds in (0.2, 9.9):
        keep(store, replace(played("e-1", shown=("b-0001",)), seconds=seconds), told=(told("e-1"),))
    assert store.count_episodes() == 1
    assert store.episode("e-1").seconds == 0.2
    assert len(store.reflections("e-1")) == 1


def test_a_second_reflection_stands_beside_the_first(store: Store) -> None:
    first, second = told("e-1", "too soon"), told("e-1", "too much")
    keep(store, played("e-1"), told=(first,))
    keep(store, told=(second,))
    assert store.reflections("e-1") == [first, second]


def test_nothing_of_a_batch_is_kept_where_one_part_of_it_cannot_be(store: Store) -> None:
    keep(store, played("e-1"))
    add = Operation(Op.ADD, section="Refunds", text="ask first")
    batch = Batch((played("e-2"),), (told("e-9"),), "support", Delta(store.head("support").hash, (add,)))
    with pytest.raises(Exception, match="no episode 'e-9'"):
        store.commit(batch)
    assert [e.id for e in store.episodes()] == ["e-1"]
    assert store.head("support").number == 0
    assert store.log("support") == []


def test_what_the_owner_redacts_is_in_no_file(tmp_path: Path) -> None:
    secret = "4111-1111"
    with Store.open(tmp_path / "ace.db", redact=lambda text: text.replace(secret, "[card]")) as store:
        run = started(store, {"model": "m"}).id
        store.ensure_playbook("support")
        add = Operation(Op.ADD, section=f"S {secret}", text=f"charge {secret}", reason=f"since {secret}")
        refused = Refusal(1, replace(add, text=f"no {secret}"), f"it says {secret}")
        delta = Delta(store.head("support").hash, (add,), reason=f"for {secret}", episodes=("e-1",))
        e = played("e-1", f"my card is {secret}", failure(f"card {secret}", reason=f"card {secret}"), render=f"see {secret}")
        store.commit(Batch((e,), (told("e-1", f"card {secret}"),), "support", delta, (refused,), run=run, why=f"so {secret}"))
        asked = [Call("e-1", "generator", 0, "hash"), Call("e-2", "generator", 0, "hash")]
        ended = [replace(asked[0], reply=f'{{"action": "{secret}"}}'), replace(asked[1], error=f"bad card {secret}")]
        store.write_calls(run, asked, ended)
        assert store.episode("e-1").task.text == "my card is [card]"
        assert store.view("support").bullets()[0].text == "charge [card]"
        # As long as it is open what was written may stand in the log alone.
        assert list(holding(tmp_path, secret)) == []
        assert "ace.db-wal" in holding(tmp_path, "[card]")
    assert list(holding(tmp_path, secret)) == []


def test_the_content_of_a_task_is_told_apart_before_it_is_redacted(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db", redact=lambda text: "x" * bool(text)) as store:
        one, other = played("e-1", "case one"), played("e-2", "case two")
        keep(store, one, other, told=(told("e-1"), told("e-2")))
        view = store.view("support")
        assert [r.episode for _, r in view.recent_reflections(one.task.key)] == ["e-1"]


def test_after_a_run_the_key_stands_in_none_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = "q7Zp0-Rb49xLmV2sWc81"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with ModelServer() as server, Store.open(tmp_path / "ace.db") as store:
        model = served(server)
        do(store, Gate(), model, episodes=4, eval=2)
        server.always = status(401, f"Incorrect API key provided: {key}")
        with pytest.raises(ModelRefused):
            do(store, Gate(), model, episodes=4, eval=2)
        assert any(s.headers["authorization"] == f"Bearer {key}" for s in server.seen)
        assert list(holding(tmp_path, key)) == []
    assert list(holding(tmp_path, key)) == []
