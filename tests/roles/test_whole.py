"""The list as a whole: the edits that lead to it are few, and lead to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet, State, rank_between
from ace.playbooks.operations import Op, Operation
from ace.playbooks.render import by_section
from ace.roles.curator.brief import Brief
from ace.roles.curator.request import MOST_LESSONS, CuratorRequest, question
from ace.roles.curator.settings import Shown
from ace.roles.curator.whole import list_operations
from ace.roles.instructions import Prompts
from ace.roles.replies import WholeList
from tests.roles.prompts import checked
from tests.roles.test_curator import made


def lessons(*sections: str, pinned: str = "", candidate: str = "") -> list[Bullet]:
    """`rul-0001`, `rul-0002`, ... in these sections, which say "Lesson 1.", "Lesson 2.", ..."""
    found: list[Bullet] = []
    for n, section in enumerate(sections, 1):
        rank = rank_between(found[-1].rank if found else None, None)
        state = State.CANDIDATE if str(n) in candidate else State.ACTIVE
        found.append(Bullet(f"rul-{n:04}", section, f"Lesson {n}.", state, rank, pinned=str(n) in pinned))
    return found


def entry(lesson: int = 0, text: str = "", section: str = "", **said: Any) -> dict[str, Any]:
    """The entry that keeps lesson number `lesson`, or a new one."""
    id = f"rul-{lesson:04}" if lesson else ""
    return {"lesson_id": id, "section": section, "text": text, "guess": False, "reason": "", "attempts": [], **said}


def edits(present: list[Bullet], *entries: dict[str, Any], retire: dict[int, str] | None = None) -> list[Operation]:
    gone = [{"lesson_id": f"rul-{n:04}", "reason": why, "attempts": [1]} for n, why in (retire or {}).items()]
    value = WholeList.model_validate({"reasoning": "", "lessons": entries, "retire": gone})
    return list_operations(value, CuratorRequest((), {1: "e-1", 2: "e-2"}, present, WholeList))


def became(present: list[Bullet], operations: list[Operation]) -> list[Bullet]:
    """The lessons after the edits, in the order in which they are shown; no edit may be refused."""
    book = Book(present)
    changes, refused = apply(book, operations, "origin")
    assert refused == []
    return by_section(book.with_changes(changes))


def texts(bullets: list[Bullet]) -> list[str]:
    return [b.text for b in bullets]


def test_a_list_that_stays_needs_no_edit() -> None:
    present = lessons("Rules", "Rules", "Looking")
    assert edits(present, entry(1), entry(2), entry(3)) == []
    assert edits(present, entry(1, "Lesson  1. "), entry(2), entry(3)) == []
    # One without its id is found by its text.
    assert edits(present, entry(1), entry(0, "Lesson 2."), entry(3)) == []


def test_each_change_is_the_smallest_edit_with_its_reason() -> None:
    present = lessons("Rules", "Rules", "Rules", "Rules")
    operations = edits(
        present,
        entry(4, reason="It is the exception."),
        entry(1, "Lesson 1, narrower.", reason="It lost in #2.", attempts=[2, 9]),
        entry(0, "A guess.", guess=True, attempts=[1]),
        entry(2),
        retire={3: "It lost in #1."},
    )
    assert [(o.op, o.id, o.after, o.reason, o.episodes, o.state) for o in operations] == [
        (Op.RETIRE, "rul-0003", "", "It lost in e-1.", ("e-1",), "active"),
        (Op.REVISE, "rul-0001", "", "It lost in e-2.", ("e-2",), "active"),
        (Op.MOVE, "rul-0004", "first", "It is the exception.", (), "active"),
        (Op.ADD, "", "rul-0001", "", ("e-1",), "candidate"),
    ]
    assert texts(became(present, operations)) == ["Lesson 4.", "Lesson 1, narrower.", "A guess.", "Lesson 2."]


def test_an_empty_playbook_takes_the_list_in_its_order() -> None:
    operations = edits([], entry(0, "a"), entry(0, "b", "Looking"), entry(0, "c"), entry(0, "d", "rules"))
    assert [(b.section, b.text) for b in became([], operations)] == [
        ("Rules", "a"),
        ("Looking", "b"),
        ("Looking", "c"),
        ("Looking", "d"),
    ]


@pytest.mark.parametrize(
    ("entries", "retire", "gone"),
    [
        ([], {}, []),
        ([], {1: "no", 2: "no", 3: "no", 4: "no"}, []),
        ([entry(0, "", "Rules")], {1: "no"}, []),
        ([entry(1)], {}, []),
        ([entry(1)], {4: "no"}, [2, 3, 4]),
        ([entry(1), entry(2)], {}, [3, 4]),
        ([entry(0, "a"), entry(0, "b")], {}, []),
        ([entry(0, "a"), entry(0, "b")], {1: "no"}, [1]),
        ([entry(0, t) for t in "abcd"], {}, [1, 2, 3, 4]),
        ([entry(9), entry(9, "x")], {}, []),
    ],
)
def test_a_lesson_in_no_place_goes_only_where_the_reply_covers_the_others(
    entries: list[dict[str, Any]], retire: dict[int, str], gone: list[int]
) -> None:
    found = edits(lessons("Rules", "Rules", "Rules", "Rules"), *entries, retire=retire)
    assert [o.id for o in found if o.op is Op.RETIRE] == [f"rul-{n:04}" for n in gone]
    assert all(o.reason for o in found if o.op is Op.RETIRE)


def test_pinned_lessons_stay_as_and_where_they_are() -> None:
    present = lessons("Rules", "Rules", "Rules", pinned="2")
    operations = edits(present, entry(3), entry(2, "Other.", "Looking"), entry(1), retire={2: "no"})
    assert all(o.id != "rul-0002" for o in operations)
    assert texts(became(present, operations)) == ["Lesson 3.", "Lesson 2.", "Lesson 1."]
    left = edits(present, entry(3), entry(1))
    assert texts(became(present, left)) in (["Lesson 3.", "Lesson 1.", "Lesson 2."], ["Lesson 2.", "Lesson 3.", "Lesson 1."])


def test_a_candidate_that_the_list_calls_a_guess_no_longer_becomes_active() -> None:
    present = lessons("Rules", "Rules", candidate="12")
    operations = edits(present, entry(1, reason="It won three times."), entry(2, guess=True))
    assert [(o.op, o.id, o.reason) for o in operations] == [(Op.ACTIVATE, "rul-0001", "It won three times.")]


def test_the_same_id_twice_keeps_one_lesson_and_adds_what_the_other_says() -> None:
    present = lessons("Rules", "Rules")
    assert texts(became(present, edits(present, entry(1), entry(1, "More."), entry(2)))) == ["Lesson 1.", "More.", "Lesson 2."]


_sections = st.sampled_from(["Rules", "Looking", "Cases"])
_present = st.lists(_sections, max_size=7)
_entries = st.lists(
    st.tuples(st.integers(0, 7), st.sampled_from(["", "", "x"]), st.sampled_from(["", "", "Rules", "New"])), max_size=9
)


@given(_present, _entries)
@checked
def test_the_edits_lead_to_the_list_and_none_is_refused(sections: list[str], wanted: list[tuple[int, str, str]]) -> None:
    present = by_section(lessons(*sections))
    present = [replace(b, rank=rank) for b, rank in zip(present, sorted(b.rank for b in present), strict=True)]
    seen: set[int] = set()
    entries = []
    for n, (lesson, text, section) in enumerate(wanted):
        known = 0 < lesson <= len(present) and lesson not in seen
        seen.add(lesson)
        entries.append(entry(lesson if known else 0, f"{text}{n}." if text or not known else "", section))
    after = became(present, edits(present, *entries))
    kept = {b.text: b for b in present}
    said = [e["text"] or f"Lesson {int(e['lesson_id'][4:])}." for e in entries]
    got = [t for t in texts(after) if t in said]
    assert sorted(got) == sorted(said)
    assert got == said or len(set(said)) < len(said) or any(b.text in kept and b.text not in said for b in after)
    # Where lessons that the list left out stay, they keep their sections; within each the order is the one of the list.
    for section in {b.section for b in after}:
        mine = [b.text for b in after if b.section == section and b.text in said]
        assert mine == [t for t in said if t in mine]
    assert all(t in said or t in kept for t in texts(after))


def test_the_whole_list_is_asked_for_where_answers_are_listed_and_the_list_is_short() -> None:
    new = [made("n-1", True, options=("ring", "open"))]
    present = lessons(*["Rules"] * 3)
    brief = Brief(present, 3, new)
    assert question(brief, Shown()).whole
    assert '"lessons": [{"lesson_id"' in question(brief, Shown()).messages[0].content
    assert not question(brief, Shown(whole=False)).whole
    assert not question(replace(brief, new=[made("n-1", True)]), Shown()).whole
    assert not question(replace(brief, total=4), Shown()).whole
    many = lessons(*["Rules"] * (MOST_LESSONS + 1))
    assert not question(replace(brief, bullets=many, total=len(many)), Shown()).whole
    own = Prompts({"curator": "Mine. {{reply}}"})
    assert '"retire": [{"lesson_id"' in question(brief, Shown(), own).messages[0].content
    assert not question(brief, Shown(), own).whole
