"""Rows for TRL and verl: what the attempts of a real run become, and that readers of such rows take them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ace.cli import main
from ace.exports.choosing import AttemptSource, Selection
from ace.exports.dialogue import dialogue
from ace.exports.exporting import export, form_of, one_split, open_folder
from ace.exports.rows import PromptForm, Row
from ace.exports.trl import COLUMNS
from ace.memory.store import Store
from ace.memory.values import Batch
from ace.runs.stored import prompts_of
from ace.types import SPLITS, Episode, Observation, Render, Step, Task, Trust, failure, success

KINDS = ("sft", "dpo", "kto", "grpo")
PAST_64_BITS = 2**63


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a run that learned."""
    path = tmp_path_factory.mktemp("exports") / "ace.db"
    with pytest.raises(SystemExit) as left:
        main(["run", "desk", "--episodes", "40", "--eval", "10", "--playbook", "rules", "--store", str(path)])
    assert not left.value.code
    return path


@pytest.fixture
def store(played: Path) -> Iterator[Store]:
    with Store.open(played, create=False, read_only=True) as opened:
        yield opened


def rows(store: Store, kind: str, shown: PromptForm = PromptForm.WITH, *, held_out: bool = False) -> dict[str, list[Row]]:
    form = form_of("verl") if kind == "verl" else form_of("trl", kind)
    made = export(store, Selection("rules", held_out=held_out), form, shown, "rules")
    return {split: list(made.rows(split)) for split in made.seen.splits}


def is_conversation(value: Any, last: str) -> bool:
    """Whether `value` is what TRL and verl take for messages, in turns, the last of them by `last`."""
    if not isinstance(value, list) or any(set(m) != {"role", "content"} for m in value):
        return False
    said = [m["role"] for m in value]
    turns = said[1:] if said[0] == "system" else said
    return said[-1] == last and all(a != b for a, b in pairwise(turns))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shown", PromptForm)
def test_rows_have_the_forms_that_trl_documents(store: Store, kind: str, shown: PromptForm) -> None:
    found = rows(store, kind, shown)["train"]
    assert found
    for row in found:
        assert is_conversation(row["prompt"], "user")
        assert row["prompt"][0]["role"] == "system"
        for column in set(COLUMNS[kind]) - {"prompt", "label"}:
            assert is_conversation(row[column], "assistant")
        assert type(row.get("label", True)) is bool
        assert not any(value is None for value in row.values())
        assert {"group", "playbook", "bullets", "with_playbook", "split"} <= row.keys()
    assert len({tuple((k, type(v)) for k, v in row.items()) for row in found}) == 1
    if kind == "kto":
        assert {row["label"] for row in found} == {True, False}


@pytest.mark.parametrize("shown", PromptForm)
def test_rows_have_the_form_that_verl_documents(store: Store, shown: PromptForm) -> None:
    found = rows(store, "verl", shown, held_out=True)
    assert list(found) == ["train", "test"]
    for split, each in found.items():
        assert [row["extra_info"]["index"] for row in each] == list(range(len(each)))
        for row in each:
            assert list(row) == ["data_source", "prompt", "ability", "reward_model", "extra_info"]
            assert row["data_source"] == "desk"
            assert is_conversation(row["prompt"], "user")
            assert row["reward_model"]["style"] == "rule"
            assert row["reward_model"]["ground_truth"]
            assert row["extra_info"]["split"] == split
            assert row["extra_info"]["won"] >= 1


def test_what_a_measuring_attempt_was_asked_is_in_its_row_to_the_letter(store: Store) -> None:
    found = rows(store, "kto", held_out=True)["test"]
    assert {(row["phase"], row["as_sent"]) for row in found} == {("before", True), ("after", True)}
    run = store.runs()[0]
    for row in found:
        e = store.episode(row["episode"])
        said = json.loads(row["completion"][0]["content"])
        assert (said["action"], said["lesson_ids"]) == (e.steps[-1].action, list(e.steps[-1].cited))
        assert dialogue(e, prompts_of(run), playbook=True).as_sent
        assert row["with_playbook"] == bool(e.render.text)
        assert row["playbook"] in ("rules@0", f"rules@{store.head('rules').number}")
        assert row["bullets"].split() == [x.bullet for x in e.render.exposures if x.shown]


def test_without_the_playbook_no_row_has_a_word_of_it(store: Store) -> None:
    for row in rows(store, "sft", PromptForm.WITHOUT)["train"]:
        assert not row["with_playbook"]
        said = "".join(m["content"] for m in row["prompt"])
        assert not [id for id in row["bullets"].split() if id in said]
        assert all(json.loads(m["content"])["lesson_ids"] == [] for m in (*row["prompt"], *row["completion"]) if is_reply(m))


def is_reply(message: dict[str, str]) -> bool:
    return message["role"] == "assistant"


def test_both_ways_share_the_group_of_their_task(store: Store) -> None:
    found = rows(store, "grpo", PromptForm.BOTH)["train"]
    ways: dict[str, set[bool]] = {}
    for row in found:
        ways.setdefault(row["group"], set()).add(row["with_playbook"])
    assert {True, False} in ways.values()
    assert len({(row["group"], row["prompt"][0]["content"]) for row in found}) == len(found)


def test_pairs_are_of_one_task_won_and_lost_and_part_where_they_are_compared(store: Store) -> None:
    for shown in PromptForm:
        found = rows(store, "dpo", shown)["train"]
        assert len(found) >= 5
        for row in found:
            won, lost = store.episode(row["chosen_episode"]), store.episode(row["rejected_episode"])
            assert won.task.key == lost.task.key == row["group"]
            assert (won.outcome.success, lost.outcome.success) == (True, False)
            at = row["step"]
            assert [s.action for s in won.steps[:at]] == [s.action for s in lost.steps[:at]]
            assert won.steps[at].action != lost.steps[at].action
            assert json.loads(row["chosen"][0]["content"])["action"] == won.steps[at].action
            assert json.loads(row["rejected"][0]["content"])["action"] == lost.steps[at].action
            if row["with_playbook"]:
                assert won.render.text == lost.render.text


def test_the_splits_stay_apart_and_held_out_tasks_stay_unless_asked_for(store: Store) -> None:
    assert list(rows(store, "kto")) == ["train"]
    both = rows(store, "kto", held_out=True)
    tasks = {split: {row["group"] for row in each} for split, each in both.items()}
    assert {row["split"] for each in both.values() for row in each} == {"train", "test"}
    assert not tasks["train"] & tasks["test"]
    assert all(row["split"] == split for split, each in both.items() for row in each)


def attempt(id: str, task: Task, *actions: str, won: bool, shown: str = "", **more: Any) -> Episode:
    steps = [Step(a, Observation(f"saw {a}")) for a in actions[:-1]] + [Step(actions[-1])]
    first = Observation(task.text, (), ("a", "b"))
    render = Render(shown)
    return Episode(id, task, 1, "learn", 0, 1, first, tuple(steps), success() if won else failure(), render, **more)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Store]:
    """A store with what programs reported."""
    with Store.open(tmp_path / "own.db") as opened:
        opened.ensure_playbook("rules")
        yield opened


def keep(store: Store, *episodes: Episode) -> None:
    store.commit(Batch(episodes, playbook="rules"))


def test_a_training_task_that_is_a_held_out_one_by_content_is_held_out(own: Store) -> None:
    task = Task("one", "Which?")
    keep(own, attempt("e-1", task, "a", won=True), attempt("e-2", replace(task, id="two", split="test"), "a", won=True))
    keep(own, attempt("e-3", Task("three", "What?"), "a", won=True))
    found = rows(own, "kto", held_out=True)
    assert {split: [row["episode"] for row in each] for split, each in found.items()} == {"train": ["e-3"], "test": ["e-2"]}
    source = AttemptSource(own, Selection("rules"))
    assert {why.name: n for why, n in source.look().left_out.items()} == {"HELD_OUT": 1, "SHARED": 1}
    assert [e.episode.id for split in SPLITS for e in source.leaving(split)] == ["e-3"]


def test_what_was_won_and_lost_by_the_same_actions_is_no_pair_and_a_loss_goes_with_the_win_it_parts_from_last(
    own: Store,
) -> None:
    task = Task("one", "Which?")
    ways = {"e-1": ("x", "a"), "e-2": ("y", "a"), "e-4": ("y", "b"), "e-5": ("z",), "e-6": ("z",), "e-7": ("y",)}
    lost = ("e-4", "e-6", "e-7")
    keep(own, *(attempt(id, task, *actions, won=id not in lost) for id, actions in ways.items()))
    found = rows(own, "dpo")["train"]
    assert [(r["chosen_episode"], r["rejected_episode"], r["step"]) for r in found] == [
        ("e-2", "e-4", 1),
        ("e-1", "e-7", 0),
    ]
    assert found[0]["prompt"][-1]["content"].startswith("# Observation\n| saw y")


def test_texts_that_no_reader_takes_are_replaced_and_large_seeds_stay_numbers(own: Store) -> None:
    broken = Task("one", "half a character: \ud83d")
    keep(own, replace(attempt("e-1", broken, "a\ud83d", won=True), seed=PAST_64_BITS - 1))
    (row,) = rows(own, "sft")["train"]
    assert "\ufffd" in row["completion"][0]["content"]
    json.dumps(row, ensure_ascii=False).encode()
    assert row["seed"] == PAST_64_BITS - 1


def test_untrusted_and_empty_attempts_stay_and_are_counted(own: Store) -> None:
    task = Task("one", "Which?")
    keep(own, attempt("e-1", task, "a", won=True, trust=Trust.UNTRUSTED), attempt("e-2", task, "b", won=False))
    keep(own, replace(attempt("e-3", task, "b", won=False), steps=()))
    seen = AttemptSource(own, Selection("rules")).look()
    assert ({why.name: n for why, n in seen.left_out.items()}, seen.leaving["train"]) == ({"UNTRUSTED": 1, "UNREAD": 1}, 1)
    assert AttemptSource(own, Selection("rules", untrusted=True)).look().leaving["train"] == 2


def test_the_splits_of_a_folder_load_in_datasets(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    datasets = pytest.importorskip("datasets", reason="datasets is not installed: pip install datasets")
    for kind in (*KINDS, "verl"):
        form = form_of("verl") if kind == "verl" else form_of("trl", kind)
        made = export(store, Selection("rules", held_out=True), form, PromptForm.BOTH, "rules")
        done = made.to_folder(open_folder(str(tmp_path / kind), force=False))
        loaded = datasets.load_dataset(str(tmp_path / kind))
        assert {f"{split}.jsonl": len(loaded[split]) for split in loaded} == {w.path.name: w.rows for w in done}
        for split in loaded:
            assert list(loaded[split])[:20] == list(made.rows(split))[:20]


def test_one_place_takes_one_split(store: Store) -> None:
    made = export(store, Selection("rules"), form_of("trl", "kto"), PromptForm.WITH, "rules")
    assert one_split(made) == "train"
