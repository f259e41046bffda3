"""`ace export`: files for each split, only what ace wrote is replaced, and what may not leave is refused in a line."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from ace.memory.store import Store
from tests.commands.said import Ace
from tests.stories import NAME, Story


@pytest.fixture
def book(story: Story) -> list[str]:
    """Attempts that programs reported: ten won, ten lost, one invalid."""
    return [story.play(n % 2 == 0) for n in range(20)] + [story.play(None)]


def kto(ace: Ace, *more: str) -> tuple[int, str, str]:
    said = ace("export", "trl", NAME, "--for", "kto", *more)
    return said.status, said.out, said.err


def test_rows_go_to_standard_output_or_to_a_folder_with_a_note(ace: Ace, book: list[str]) -> None:
    status, out, err = kto(ace)
    assert (status, err) == (0, "20 rows of playbook support; left out: 1 invalid\n")
    found = [json.loads(line) for line in out.splitlines()]
    assert [row["episode"] for row in found] == book[:20]
    assert {(row["playbook"], row["run"], row["as_sent"]) for row in found} == {(f"{NAME}@0", "", False)}
    assert kto(ace, "-o", "rows")[0] == 0
    assert Path("rows/train.jsonl").read_text(encoding="utf-8") == out
    note = json.loads(Path("rows/export.json").read_text(encoding="utf-8"))
    assert (note["written_by"], note["files"]["train.jsonl"]["rows"], note["left_out"]) == ("ace export", 20, {"invalid": 1})
    assert sorted(p.name for p in Path("rows").iterdir()) == ["export.json", "train.jsonl"]


def test_only_what_ace_wrote_is_replaced(ace: Ace, book: list[str]) -> None:
    assert kto(ace, "-o", "rows")[0] == kto(ace, "-o", "rows")[0] == 0
    file = Path("rows/train.jsonl")
    with file.open("a") as more:
        more.write("mine\n")
    changed = file.read_text()
    status, out, err = kto(ace, "-o", "rows")
    assert (status, out, "was changed since ace wrote it" in err) == (2, "", True)
    assert file.read_text() == changed
    assert kto(ace, "-o", "rows", "--force")[0] == 0
    assert Path("rows/train.jsonl.bak").read_text() == changed
    Path("own").mkdir()
    for name in ("train.jsonl", "export.json"):
        Path("own", name).write_text("{}")
        status, out, err = kto(ace, "-o", "own")
        assert (status, out, "not written by ace export" in err) == (2, "", True)
        Path("own", name).unlink()


def test_what_cannot_be_exported_leaves_no_folder_and_says_why(ace: Ace, book: list[str], story: Story) -> None:
    Path("file").write_text("x")
    refusals = {
        ("trl", "suport", "--for", "sft"): "did you mean 'support'?",
        ("trl", NAME): "say what the rows are to train with --for: sft, dpo, kto, grpo",
        ("trl", NAME, "--for", "sfd"): "did you mean 'sft'?",
        ("trl", NAME, "--for", "sft", "--prompt", "wit"): "did you mean 'with'?",
        ("trl", NAME, "--for", "dpo", "-o", "new"): "no task has attempts that were won and others that were lost",
        ("verl", NAME, "--json"): "name a folder with -o",
        ("verl", "-o", "new"): "say what to export",
        ("verl", NAME, "--episode", book[0]): "say what to export",
        ("verl", NAME, "-o", "file"): "file is a file",
        ("verl", NAME, "-o", "no/folder"): "there is no folder no",
        ("verl", NAME, "-o", "/proc/rows"): "/proc/rows cannot be made",
        ("trl", "--for", "sft", "--episode", "e-none"): "there is no episode 'e-none'",
        ("trl", "--for", "sft", "--episode", book[20]): "it is invalid",
    }
    for words, why in refusals.items():
        said = ace("export", *words)
        assert (said.status, said.out, why in said.err, said.err.count("\n")) == (2, "", True, 1), (words, said.err)
    assert not Path("new").exists()
    story.store.ensure_playbook("fresh")
    assert "playbook fresh has no attempts" in ace("export", "verl", "fresh").err


def test_purged_attempts_stay_and_one_that_is_named_is_refused(ace: Ace, book: list[str]) -> None:
    assert ace("episode", "purge", book[0], book[1], "--yes").status == 0
    assert kto(ace)[2] == "18 rows of playbook support; left out: 2 purged, 1 invalid\n"
    said = ace("export", "trl", "--for", "kto", "--episode", book[2], "--episode", book[0])
    assert (said.status, said.out) == (2, "")
    assert said.err == f"ace: episode {book[0]} cannot be exported: it is purged\n"
    assert len(ace("export", "trl", "--for", "kto", "--episode", book[2]).out.splitlines()) == 1


def test_held_out_attempts_get_a_file_of_their_own_which_a_later_export_takes_away(ace: Ace) -> None:
    assert ace("run", "desk", "--episodes", "4", "--eval", "3", "--retries", "0", "--playbook", "rules").status == 0
    words = ("export", "trl", "rules", "--for", "kto", "-o", "rows", "--json")
    both = ace(*words, "--held-out").json
    assert [Path(f["file"]).name for f in both["files"]] == ["train.jsonl", "test.jsonl"]
    assert "splits stay apart" in ace(*words[:5], "--held-out").err
    alone = ace(*words).json
    assert (alone["left_out"], alone["removed"]) == ({"held_out": 6}, ["rows/test.jsonl"])
    assert [p.name for p in sorted(Path("rows").iterdir())] == ["export.json", "train.jsonl"]


def test_rows_pass_one_at_a_time(ace: Ace, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    # A page of the store is small, so that few attempts are many pages.
    monkeypatch.setattr("ace.memory.store._PAGE", 10)

    def peak(n: int) -> int:
        for _ in range(n):
            story.play(True)
        tracemalloc.start()
        assert ace("export", "trl", NAME, "--for", "sft", "-o", "rows").status == 0
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    few, many = peak(30), peak(120)
    assert Path("rows/train.jsonl").stat().st_size > 300_000
    assert many - few < 200_000


def test_a_store_is_not_written_to(ace: Ace, book: list[str]) -> None:
    with Store.open("ace.db") as store:
        before = (len(store.episodes(limit=None)), store.head(NAME))
    Path("ace.db").chmod(0o444)
    assert kto(ace)[0] == 0
    Path("ace.db").chmod(0o644)
    with Store.open("ace.db") as store:
        assert (len(store.episodes(limit=None)), store.head(NAME)) == before
