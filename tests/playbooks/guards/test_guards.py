"""No edit wears a playbook away or smuggles something into it, and no honest one is held up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.book import Book
from ace.playbooks.bullet import MAX_TEXT, Bullet
from ace.playbooks.guards.judge import EditLimits, check_by_hand, check_delta, check_text
from ace.playbooks.operations import Op, Operation
from tests.playbooks.lessons import BROKEN, FORGED, HONEST, HONEST_EDITS, LESSON, OTHER, STAND_INS
from tests.playbooks.making import any_operations, books, checked, hostile_texts, ranked

BOOK = ranked(
    [Bullet("ref-0001", "Refunds", LESSON), Bullet("fee-0002", "Fees", OTHER), Bullet("oth-0003", "Other", "Be polite")]
)
TASK = (
    "A customer in the northern region bought two lamps on 3 March, paid with a voucher, got one of them broken, and now asks "
    "whether the other lamp may go back as well although it works and its box is gone; what do you tell them?"
)
WITH_STAND_INS = {*range(48, 59), *range(63, 81), *range(92, 107)}
"""Steps, counted from 1, whose memory has something like this in it, as found by reading all of them: from 48 on, whole items
behind "[Previous memory items about ... remain unchanged...]", until 59 writes everything anew; from 63 on, examples that are
just "[Previous content preserved...]", until 81; the same from 92 until 107, at the end without the dots."""


def add(text: str) -> Operation:
    return Operation(Op.ADD, section="Refunds", text=text)


def retire(*ids: str) -> list[Operation]:
    return [Operation(Op.RETIRE, id=id) for id in ids]


def many(count: int) -> Book:
    return ranked([Bullet(f"b-{n:04d}", "Refunds", f"lesson number {n}") for n in range(count)])


def ids(book: Book) -> list[str]:
    return [b.id for b in book]


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_lesson_may_be_added(text: str) -> None:
    assert check_text("", text) == []
    assert check_delta([add(text)], BOOK, [TASK]) == []


@pytest.mark.parametrize("text", HONEST)
def test_an_honest_lesson_may_replace_another_or_follow_it(text: str) -> None:
    assert check_text(OTHER, text) == []
    assert check_text(OTHER, f"{OTHER}. {text}") == []
    assert check_text(text, text) == []


@pytest.mark.parametrize(("before", "after"), HONEST_EDITS)
def test_an_honest_edit_passes(before: str, after: str) -> None:
    assert check_text(before, after) == []


@pytest.mark.parametrize(("before", "after"), STAND_INS)
def test_text_that_stands_in_for_text_is_refused(before: str, after: str) -> None:
    assert any(reason.startswith(("it stands in for text", "it says nothing")) for reason in check_text(before, after))


@pytest.mark.parametrize(("before", "after"), BROKEN)
def test_text_that_breaks_off_is_refused(before: str, after: str) -> None:
    assert any(reason.startswith("it breaks off: ") for reason in check_text(before, after))


@pytest.mark.parametrize("text", FORGED)
def test_a_bullet_that_looks_like_a_part_of_a_playbook_or_prompt_is_refused(text: str) -> None:
    for operation in (add(text), Operation(Op.REVISE, id="fee-0002", text=text)):
        assert any("it looks like " in reason for _, reason in check_delta([operation], BOOK))


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "-", "?!"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    assert len(check_text("", text)) == 1
    assert [i for i, _ in check_delta([add(text)], BOOK)] == [0]


def test_a_reason_quotes_what_is_wrong() -> None:
    assert check_text(LESSON, "[Previous items 1-8 unchanged]") == [
        "it stands in for text that it would remove: '[Previous items 1-8 unchanged]'"
    ]
    assert check_delta([add("Be kind."), add("Refund the")], BOOK) == [(1, "it breaks off: 'Refund the'")]


def test_each_fault_is_told_of_its_own_operation() -> None:
    operations = [
        Operation(Op.REVISE, id="ref-0001", text="same as above"),
        add("Be kind."),
        Operation(Op.MERGE, sources=("ref-0001", "fee-0002"), text="[both as before]"),
        Operation(Op.ADD, section="## Refunds", text="Be patient."),
        Operation(Op.MOVE, id="fee-0002", section="x" * 61),
    ]
    assert [i for i, _ in check_delta(operations, BOOK)] == [0, 2, 3, 4]


def test_a_pinned_bullet_is_left_to_people() -> None:
    book = ranked([Bullet("ref-0001", "Refunds", LESSON, pinned=True), Bullet("fee-0002", "Fees", OTHER)])
    operations = [
        Operation(Op.REVISE, id="ref-0001", text="Refund everything."),
        Operation(Op.UNPIN, id="ref-0001"),
        Operation(Op.MERGE, sources=("fee-0002", "ref-0001"), text="Refund everything and charge 5 Euro"),
        *retire("fee-0002"),
    ]
    assert check_delta(operations, book) == [(i, "ref-0001 is pinned: only a person changes it") for i in range(3)]


def test_the_longest_bullet_passes_and_one_character_more_does_not() -> None:
    text = "Ask. " * (MAX_TEXT // 5)
    assert check_delta([add(text + "x")], BOOK) == [(0, f"it has {MAX_TEXT + 1:,} characters; a bullet may have {MAX_TEXT:,}")]
    assert check_delta([add(text)], BOOK) == []


@pytest.mark.parametrize("changed", [str, str.upper, lambda text: text.replace(",", " -").replace(" ", "  ")])
def test_a_task_may_be_quoted_but_not_copied(changed: type[str]) -> None:
    words = TASK.split()
    assert check_text("", changed(" ".join(words[4:29])) + ": refund it.", tasks=["Another task.", TASK]) == []
    faults = check_text("", changed(" ".join(words[4:30])) + ": refund it.", tasks=["Another task.", TASK])
    assert [f.split(":")[0] for f in faults] == ["it copies more than 25 consecutive words of a task"]


def test_what_a_bullet_quoted_before_is_not_held_against_it() -> None:
    assert check_text(TASK, TASK + " Say yes.", tasks=[TASK]) == []


def test_a_long_text_may_not_lose_most_of_itself() -> None:
    memory = "\n".join(f"Lesson {n}: compare number {n * 37} with its neighbours, one by one." for n in range(60))
    lines = memory.splitlines()
    assert check_text(memory, "\n".join(lines[:40])) == []
    assert check_text(memory, "\n".join(lines[:25] + ["Compare every number with its neighbours, by pairs."] * 20)) == []
    assert len(check_text(memory, "\n".join(lines[:25]))) == 1


def test_a_few_removals_pass_and_a_collapse_does_not() -> None:
    book = many(40)
    assert check_delta(retire(*ids(book)[:10]), book, live=40) == []
    faults = check_delta([add("Be kind."), *retire(*ids(book)[:12])], book, live=40)
    assert faults == [(i, "the delta would remove 11 of 40 bullets; it may remove 10") for i in range(1, 13)]
    assert check_delta(retire(*ids(book)[:12]), book, live=40, limits=EditLimits(removals=12)) == []


def test_a_large_playbook_may_lose_a_fifth_at_once() -> None:
    book = many(100)
    assert check_delta(retire(*ids(book)[:20]), book, live=100) == []
    assert len(check_delta(retire(*ids(book)[:21]), book, live=100)) == 21


def test_a_small_playbook_may_lose_most_of_its_bullets_but_not_all() -> None:
    book = many(6)
    assert check_delta(retire(*ids(book)[:5]), book, live=6) == []
    assert len(check_delta(retire(*ids(book)), book, live=6)) == 6
    assert check_delta([*retire(*ids(book)), add("Be kind.")], book, live=6) == []
    assert check_delta(retire(*ids(BOOK)), BOOK, live=3) == []


def test_removals_given_twice_are_refused_twice() -> None:
    book = many(20)
    assert {i for i, _ in check_delta(2 * retire(*ids(book)), book, live=20)} == set(range(40))


def test_merging_or_emptying_bullets_counts_as_removing_them() -> None:
    book = many(40)
    merge = Operation(Op.MERGE, sources=tuple(ids(book)[:13]), text="All lessons in one.")
    assert [i for i, _ in check_delta([merge], book, live=40)] == [0]
    assert check_delta([Operation(Op.MERGE, sources=merge.sources[:11], text=merge.text)], book, live=40) == []
    assert len(check_delta([Operation(Op.REVISE, id=id, text="Be kind") for id in ids(book)[:11]], book, live=40)) == 11


def test_new_bullets_that_are_refused_make_up_for_no_removal() -> None:
    book = many(40)
    adds = [add("same as above") for _ in range(5)]
    assert {i for i, _ in check_delta([*adds, *retire(*ids(book)[:12])], book, live=40)} == set(range(17))


@given(books, any_operations, st.sampled_from((None, 1, 8)))
@checked
def test_what_is_left_of_a_delta_passes(book: Book, operations: list[Operation], live: int | None) -> None:
    limits = EditLimits(removals=1)
    faults = check_delta(operations, book, ["one and two"], limits=limits, live=live)
    refused = {i for i, _ in faults}
    assert refused <= set(range(len(operations)))
    assert all(reason and "\n" not in reason for _, reason in faults)
    left = [o for i, o in enumerate(operations) if i not in refused]
    assert check_delta(left, book, ["one and two"], limits=limits, live=live) == []


@given(hostile_texts, hostile_texts)
@checked
def test_any_text_can_be_judged_and_a_reason_is_one_line(before: str, after: str) -> None:
    for reason in check_text(before, after, tasks=[before]):
        assert reason.isprintable()


def test_a_memory_that_is_rewritten_whole_is_caught_where_it_says_that_it_was_kept(data: Path) -> None:
    rows = (data / "rewrites" / "aime_2020_2024_claude.jsonl").read_text(encoding="utf-8").splitlines()
    sheets = [str(json.loads(row)["sheet"]) for row in rows]
    assert len(sheets) == 133
    faults = {n: check_text(a, b) for n, (a, b) in enumerate(zip(["", *sheets], sheets, strict=False), 1)}
    assert {n for n, reasons in faults.items() if reasons} == WITH_STAND_INS
    assert all(any("it stands in for text" in reason for reason in faults[n]) for n in WITH_STAND_INS)


def test_a_person_is_told_once_that_too_much_would_go_and_of_each_text_that_looks_wrong() -> None:
    book = many(12)
    never, doubtful = check_by_hand([add("Refund the"), *retire(*ids(book))], book, live=12)
    assert never == []
    assert doubtful[0] == (None, "this would remove 11 of 12 bullets; at most 10 at once")
    assert [i for i, _ in doubtful[1:]] == [0]
