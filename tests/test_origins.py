"""Who wrote a task: given by the environment or at the door, kept with the episode, never read from its text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ace as library
from ace.environments.dataset import Dataset
from ace.environments.function import environment
from ace.environments.usable import listed
from ace.errors import BadInput, BadSetting, Conflict, NotFound
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.origins import folded_origin, marked, origin_fault
from ace.playbooks.operations import Delta
from ace.types import UNVERIFIED, Task, Trust
from tests.memory.acts import keep, played, told
from tests.stories import NAME, add

TAKEN = ["Person", "OPERATOR", "environment", "import", "import:rules.md", "Import : x", "\uff30erson", "per\u200bson"]
TAKEN += ["Unverified", "un\u200bverified", "purged-0123", "\u200b"]
SHAPES: list[Any] = [
    "two\nlines",
    "o" * 201,
    " padded",
    "\x1b[31mred",
    7,
    "al\u200bice",
    "\u202ealice",
    "alice\ufeff",
    "al\u2066ice",
]


def sent(id: str, origin: str, trust: Trust = Trust.TRUSTED) -> library.Episode:
    e = played(id)
    return replace(e, task=replace(e.task, origin=origin), trust=trust)


def test_origin_and_trust_are_kept_with_the_episode(store: Store) -> None:
    names = ["", "alice@example.com", "Größe \N{PARTY POPPER}", UNVERIFIED]
    keep(store, *(sent(f"e-{i}", name) for i, name in enumerate(names)), sent("e-9", "bob", Trust.UNTRUSTED))
    found = {e.id: (e.origin, e.trust.value) for e in store.episodes()}
    assert found.pop("e-9") == ("bob", "untrusted")
    assert list(found.values())[::-1] == [(n, "untrusted" if n == UNVERIFIED else "trusted") for n in names]
    assert store.upkeep.check() == []


def test_episodes_are_found_and_purged_by_their_sender(store: Store) -> None:
    keep(store, sent("e-1", "alice"), sent("e-2", ""), sent("e-3", UNVERIFIED), sent("e-4", "alice"))
    assert [e.id for e in store.episodes(origin="alice")] == ["e-4", "e-1"]
    assert [e.id for e in store.every_episode(origin="")] == ["e-2"]
    assert (store.count_episodes(origin=UNVERIFIED), store.count_episodes(origin="ALICE")) == (1, 0)
    with pytest.raises(BadSetting, match="names of channels"):
        store.episodes(origin="person")
    assert store.upkeep.purge(Choice(origin="alice")).episodes == ("e-1", "e-4")
    assert store.upkeep.chosen(Choice(origin="environment")) == ["e-2"]
    assert store.episodes(origin="alice") == []
    assert [e.id for e in store.episodes(origin=marked("alice"))] == ["e-4", "e-1"]


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("alise", "no episode has the origin 'alise'; did you mean 'alice'?"),
        ("alice ", "no episode has the origin 'alice '; did you mean 'alice'?"),
        ("Unverified", "no episode has the origin 'Unverified'; did you mean 'unverified'?"),
        ("person", "no episode has the origin 'person'; there are 'alice', 'environment', 'unverified'"),
        ("import:a.md", "no episode has the origin 'import:a.md'; there are "),
        ("*", "no episode has the origin '*'; there are "),
        ("x" * 500, f"no episode has the origin '{'x' * 80}'; there are "),
        ("a\nb", r"no episode has the origin 'a\nb'; there are "),
    ],
)
def test_a_purge_of_a_sender_that_nobody_is_is_refused(store: Store, origin: str, says: str) -> None:
    keep(store, sent("e-1", "alice"), sent("e-2", ""), sent("e-3", UNVERIFIED))
    for refused in (store.upkeep.chosen, store.upkeep.purge):
        with pytest.raises(NotFound) as why:
            refused(Choice(origin=origin))
        assert str(why.value).startswith(says)
    assert [e.id for e in store.episodes() if e.task.text] == ["e-3", "e-2", "e-1"]


def test_a_sender_who_is_purged_already_is_no_mistake(store: Store) -> None:
    assert store.upkeep.chosen(Choice(origin=UNVERIFIED)) == store.upkeep.chosen(Choice(origin="environment")) == []
    with pytest.raises(NotFound, match="no episode has one"):
        store.upkeep.chosen(Choice(origin="alice"))
    keep(store, sent("e-1", "alice"))
    store.upkeep.purge(Choice(origin="alice"))
    assert store.upkeep.chosen(Choice(origin="alice")) == store.upkeep.chosen(Choice(origin=marked("alice"))) == []


def test_an_episode_of_another_origin_is_another_story(store: Store) -> None:
    keep(store, sent("e-1", "alice"))
    for other in (sent("e-1", "bob"), sent("e-1", ""), sent("e-1", "alice", Trust.UNTRUSTED)):
        with pytest.raises(Conflict, match="never overwritten"):
            keep(store, other)


def test_an_origin_that_is_changed_behind_the_store_is_found_out(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        keep(store, sent("e-1", UNVERIFIED), told=(told("e-1"),))
        delta = Delta(store.head(NAME).hash, (add("obey"),), episodes=("e-1",))
        store.commit(Batch(playbook=NAME, delta=delta))
        assert store.upkeep.check() == []
        for table in ("episodes", "delta_episodes"):
            with store._database.write() as c:
                c.exec_driver_sql(f"UPDATE {table} SET origin = '', trust = 'trusted'")
        assert [line.split(":")[0] for line in store.upkeep.check()] == [f"playbook {NAME}", "episode e-1"]


def test_two_tasks_that_differ_in_origin_alone_are_the_same_task() -> None:
    assert Task("a", "2 + 2", origin="alice").key == Task("b", "2 + 2").key


def test_a_purge_takes_the_name_and_leaves_a_mark_and_the_trust(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db") as store:
        keep(store, sent("e-1", "alice"), sent("e-2", "alice"), sent("e-3", UNVERIFIED), told=(told("e-1"), told("e-3")))
        delta = Delta(store.head(NAME).hash, (add("ask first"),), episodes=("e-1", "e-3"))
        store.commit(Batch(playbook=NAME, delta=delta))
        store.upkeep.purge(Choice(ids=("e-1", "e-3")))
        assert [(e.origin, e.trust.value) for e in map(store.episode, ("e-1", "e-2", "e-3"))] == [
            (marked("alice"), "trusted"),
            ("alice", "trusted"),
            (UNVERIFIED, "untrusted"),
        ]
        assert store.upkeep.check() == []
        store.upkeep.purge(Choice(ids=("e-2",)))
    assert b"alice" not in (tmp_path / "ace.db").read_bytes()


@pytest.mark.parametrize(("hook", "origin"), [("[name]", "[name]"), ("", "redacted"), ("person", "redacted")])
def test_redaction_sees_the_name_and_cannot_make_it_another_channel(tmp_path: Path, hook: str, origin: str) -> None:
    with Store.open(tmp_path / "ace.db", redact=lambda text: text.replace("Zoë", hook)) as store:
        keep(store, sent("e-1", "Zoë"), sent("e-2", UNVERIFIED))
        assert store.episode("e-1").origin == origin
    with Store.open(":memory:", redact=lambda text: "x") as store:
        keep(store, sent("e-2", UNVERIFIED), sent("e-3", ""))
        assert [(e.origin, e.trust.value) for e in store.episodes()] == [("", "trusted"), (UNVERIFIED, "untrusted")]


def test_the_door_keeps_origin_and_trust_also_where_the_outcome_comes_later(tmp_path: Path) -> None:
    with library.open("support", store=tmp_path / "ace.db") as playbook:
        playbook.episode("one", origin="alice").finish(True)
        key = playbook.episode(Task("t-2", "two", origin="bob"), trust="untrusted").later()
        playbook.report(key, False)
        playbook.episode(Task("t-3", "three", origin="bob"), origin=UNVERIFIED).finish(True)
        playbook.episode("four", trust=Trust.UNTRUSTED).finish(True)
        playbook.episode("five", trust="trusted").finish(True)
        found = [(e.origin, e.trust.value) for e in playbook.store.episodes(playbook="support")][::-1]
    untrusted = "untrusted"
    assert found == [("alice", "trusted"), ("bob", untrusted), *[(UNVERIFIED, untrusted)] * 2, ("", "trusted")]


@pytest.mark.parametrize("trust", ["high", "Trusted", "untrusted ", None, True, 1])
def test_a_level_of_trust_that_there_is_not_is_refused(trust: Any) -> None:
    with library.open("support", store=":memory:") as playbook:
        with pytest.raises(BadSetting, match="it can be 'trusted' or 'untrusted', or left out"):
            playbook.episode("A task", trust=trust)
        with pytest.raises(BadSetting, match="name the sender whom you authenticated"):
            playbook.episode("A task", origin=UNVERIFIED, trust="trusted")


@pytest.mark.parametrize("origin", [*TAKEN, *SHAPES])
def test_an_origin_that_is_reserved_or_no_short_line_is_refused_by_every_door(origin: Any, tmp_path: Path) -> None:
    assert origin_fault(origin)
    with library.open("support", store=":memory:") as playbook, pytest.raises(BadSetting, match="origin"):
        playbook.episode("A task", origin=origin)

    @environment(train=[{"prompt": "a", "origin": origin}], test=["b"])
    def case(task: Task, reply: str) -> bool:
        return True

    @environment(train=lambda: [Task("a", "a", origin=origin)], test=["b"])
    def other(task: Task, reply: str) -> bool:
        return True

    for made in (case, other):
        with pytest.raises(BadInput, match="origin"):
            listed(made, "train", None, 5)


@pytest.mark.parametrize("origin", ["Zoë", "नि\u200dशा", "می\u200cنا", "\U0001f469\u200d\U0001f4bb", "o'Neil & Co"])
def test_names_of_all_scripts_are_accepted(origin: str) -> None:
    assert origin_fault(origin) == ""


def test_names_that_read_alike_fold_alike() -> None:
    assert len({folded_origin(n) for n in ("Zoë  B", "zoe\u0308 b", "\uff3a\uff2f\u00cb B", "zo\u200b\u00eb b")}) == 1
    assert folded_origin("zoe b") != folded_origin("zoë b")


def test_rows_of_a_function_and_a_column_of_a_file_name_the_origin(tmp_path: Path) -> None:
    @environment(train=[{"prompt": "a", "origin": "alice"}, {"prompt": "a", "origin": UNVERIFIED}], test=[Task("x", "b")])
    def case(task: Task, reply: str) -> bool:
        return True

    train = list(case.tasks("train"))
    assert [t.origin for t in train] == ["alice", UNVERIFIED]
    assert "origin" not in train[0].data

    rows = [{"prompt": f"p{i}", "answer": "a", "sender": s} for i, s in enumerate(["alice", UNVERIFIED, None, ""])]
    (tmp_path / "train").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "eval").write_text(json.dumps({"prompt": "q", "answer": "a", "sender": "bob"}))
    files: dict[str, Any] = {"train": tmp_path / "train", "eval": tmp_path / "eval"}
    made = Dataset(**files, origin="sender")
    assert [t.origin for t in made.tasks("train")] == ["alice", UNVERIFIED, "", ""]
    assert [t.key for t in made.tasks("train")] == [t.key for t in Dataset(**files).tasks("train")]
    with pytest.raises(BadInput, match=r"no 'sendr'.*did you mean 'sender'"):
        Dataset(**files, origin="sendr").tasks("train")
    with pytest.raises(BadSetting, match="never read from the text"):
        Dataset(**files, origin="prompt")
    (tmp_path / "train").write_text(json.dumps({**rows[0], "sender": "Operator"}))
    with pytest.raises(BadInput, match=r"line 1: 'sender' cannot be used: the origin 'Operator' is reserved"):
        Dataset(**files, origin="sender").tasks("train")
