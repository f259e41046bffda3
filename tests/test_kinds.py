"""A task's kind: given by the environment, kept with the episode, found again by it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ace as library
from ace.environments.dataset import Dataset
from ace.environments.desk import Desk
from ace.environments.desk.texts import WISHES
from ace.environments.function import environment
from ace.environments.usable import listed
from ace.errors import BadInput, BadSetting
from ace.memory.maintenance.purge import Choice
from ace.memory.store import Store
from ace.types import Task
from tests.memory.acts import keep, played


def of_kind(id: str, kind: str) -> library.Episode:
    e = played(id)
    return replace(e, task=replace(e.task, kind=kind))


def test_the_kind_is_kept_with_the_episode_and_filters_it(store: Store) -> None:
    keep(store, of_kind("e-1", "refund"), of_kind("e-2", "Größe \N{PARTY POPPER}"), of_kind("e-3", ""))
    assert [e.task.kind for e in store.episodes()] == ["", "Größe \N{PARTY POPPER}", "refund"]
    assert [e.id for e in store.episodes(kind="refund")] == ["e-1"]
    assert [e.id for e in store.episodes(kind="")] == ["e-3"]
    assert [e.id for e in store.every_episode(kind="Größe \N{PARTY POPPER}")] == ["e-2"]
    assert (store.count_episodes(kind="refund"), store.count_episodes(kind="none of these")) == (1, 0)
    assert store.upkeep.check() == []


@pytest.mark.parametrize("kind", ["\udcff", "two\nlines", "k" * 101])
def test_a_kind_that_no_task_can_have_is_refused_where_it_is_looked_for(store: Store, kind: str) -> None:
    for ask in (store.episodes, lambda kind: list(store.every_episode(kind=kind)), store.count_episodes):
        with pytest.raises(BadSetting, match="the kind"):
            ask(kind=kind)


def test_two_tasks_that_differ_in_kind_alone_are_the_same_task() -> None:
    assert Task("a", "2 + 2", kind="sum").key == Task("b", "2 + 2").key


def test_a_purge_takes_the_kind_and_redaction_sees_it(tmp_path: Path) -> None:
    with Store.open(tmp_path / "ace.db", redact=lambda text: text.replace("Zoë", "[name]")) as store:
        keep(store, of_kind("e-1", "letters of Zoë"), of_kind("e-2", "letters"))
        assert store.episode("e-1").task.kind == "letters of [name]"
        store.upkeep.purge(Choice(ids=("e-1",)))
        assert (store.episode("e-1").task.kind, store.episode("e-2").task.kind) == ("", "letters")
        assert store.upkeep.check() == []


def test_the_door_keeps_the_kind_of_an_attempt_also_where_its_outcome_comes_later(tmp_path: Path) -> None:
    with library.open("support", store=tmp_path / "ace.db") as playbook:
        playbook.episode("Refund order 1182", kind="refund").finish(True)
        key = playbook.episode(Task("t-7", "Where is order 7?", kind="question")).later()
        playbook.report(key, False)
        playbook.episode(Task("t-8", "Where is order 8?"), kind="question").finish(None)
        playbook.episode("Anything").finish(True)
        kinds = [e.task.kind for e in playbook.store.episodes(playbook="support")]
    assert kinds == ["", "question", "question", "refund"]


@pytest.mark.parametrize("kind", ["two\nlines", "k" * 101, " padded", "\x1b[31mred", 7, None])
def test_a_kind_that_is_not_a_short_line_is_refused_by_every_door(tmp_path: Path, kind: Any) -> None:
    with library.open("support", store=":memory:") as playbook, pytest.raises(BadSetting, match="kind"):
        playbook.episode("A task", kind=kind).finish(True)
    if not kind:
        return

    @environment(train=[{"prompt": "a", "kind": kind}], test=["b"])
    def case(task: Task, reply: str) -> bool:
        return True

    @environment(train=lambda: [Task("a", "a", kind=kind)], test=["b"])
    def other(task: Task, reply: str) -> bool:
        return True

    for made in (case, other):
        with pytest.raises(BadInput, match="kind"):
            listed(made, "train", None, 5)


def test_a_function_gets_kinds_from_its_rows() -> None:
    @environment(train=[{"prompt": "2 + 2", "kind": "sum"}, ("3 * 3", "9")], test=[Task("x", "2 * 2", kind="product")])
    def case(task: Task, reply: str) -> bool:
        return True

    assert [t.kind for split in ("train", "test") for t in case.tasks(split)] == ["sum", "", "product"]


def test_the_kind_of_a_desk_case_is_what_the_letter_asks_for_whatever_the_house_rules() -> None:
    for level in ("easy", "hard"):
        tasks = listed(Desk(world=3, level=level), "train", 200, 0)
        assert {t.kind for t in tasks} == set(WISHES.values())
        assert all(t.kind == next(kind for wish, kind in WISHES.items() if wish in t.text) for t in tasks)


ROWS: list[dict[str, object]] = [
    {"prompt": "p1", "answer": "a", "topic": "maths"},
    {"prompt": "p2", "answer": "b", "topic": None},
]
ROWS += [{"prompt": "p3", "answer": "b", "topic": 4.0}, {"prompt": "p4", "answer": "b", "topic": True}]


def files(folder: Path, rows: list[dict[str, object]], *, csv: bool = False) -> dict[str, Any]:
    train, held_out = folder / "train", folder / "eval"
    if csv:
        cells = [list(rows[0]), *(["" if v is None else str(v) for v in row.values()] for row in rows)]
        train.write_text("\n".join(map(",".join, cells)))
    else:
        train.write_text("\n".join(map(json.dumps, rows)))
    held_out.write_text(json.dumps({"prompt": "q", "answer": "b", "topic": "maths"}))
    return {"train": train, "eval": held_out}


@pytest.mark.parametrize("csv", [False, True])
def test_a_dataset_takes_the_kind_from_a_column(tmp_path: Path, csv: bool) -> None:
    made = Dataset(**files(tmp_path, ROWS, csv=csv), kind="topic")
    assert [t.kind for t in made.tasks("train")] == ["maths", "", "4.0", "True" if csv else "true"]
    assert {t.kind for t in Dataset(**files(tmp_path, ROWS), kind="").tasks("train")} == {""}


@pytest.mark.parametrize(
    ("topic", "why"), [("x" * 101, "101 characters"), ("two\nlines", "control character"), ([1], "must be text, not a list")]
)
def test_a_row_whose_kind_cannot_be_used_is_named_by_line(tmp_path: Path, topic: object, why: str) -> None:
    made = Dataset(**files(tmp_path, [*ROWS, {"prompt": "p5", "answer": "a", "topic": topic}]), kind="topic")
    with pytest.raises(BadInput, match=f"line 5.*'topic'.*{why}"):
        made.tasks("train")


def test_a_kind_column_that_is_not_there_or_holds_the_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no 'topik'.*did you mean 'topic'"):
        Dataset(**files(tmp_path, ROWS), kind="topik").tasks("train")
    with pytest.raises(BadSetting, match="must not give the answer away"):
        Dataset(**files(tmp_path, ROWS), kind="answer")
