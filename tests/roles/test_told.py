"""What the curator is told beside the attempts: its last edits, counts, lists found; what a long request leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ace.evidence.attempts import Attempts
from ace.models import layout
from ace.models.novice.reading import read_brief
from ace.playbooks.apply import apply
from ace.playbooks.book import Book
from ace.playbooks.bullet import Bullet
from ace.playbooks.operations import Op, Operation, Refusal
from ace.playbooks.similarity.pairs import pairs_among
from ace.roles.curator.brief import Brief, LastDelta
from ace.roles.curator.edits import operations
from ace.roles.curator.lessons import decide_apart
from ace.roles.curator.request import CUT_FIRST, CuratorRequest, question
from ace.roles.curator.settings import Shown
from ace.roles.replies import Curation, PlacedCuration
from ace.types import Past, Record
from tests.roles.test_curator import ASK, LAST, by_lesson, made, part
from tests.roles.test_whole import lessons

FLAT = Shown()


def last(brief: Brief, shown: Shown = FLAT) -> list[str]:
    return part(brief, layout.LAST, shown)


def test_the_last_edits_are_told_with_how_their_lessons_fared_since() -> None:
    done = (
        Operation(Op.REVISE, id="rul-0001", text="Ask first."),
        Operation(Op.ADD, new_id="rul-0002", section="Rules", text="Answer last."),
        Operation(Op.RETIRE, id="rul-0007"),
        Operation(Op.REVISE, id="rul-0002", text="Another text."),
    )
    refused = (Refusal(4, Operation(Op.ADD, section="Rules", text="Do it."), "it says what rul-0001 says"),)
    won, lost = made("n-1", True, "rul-0001"), made("n-2", False, "rul-0001")
    brief = Brief(
        [ASK, LAST], 2, [won, lost], {}, {"rul-0001": (2, 0)}, played=[won[0], lost[0]], last=LastDelta(done, refused), left=3
    )
    assert last(brief) == [
        "(at most 3 more batches of attempts will follow this one)",
        "- revise [rul-0001]: done; followed since: won 3, lost 1",
        "- add [rul-0002]: done; not followed since",
        "- retire [rul-0007]: done",
        "- revise [rul-0002]: done; its text has changed since",
        "- add: Do it.: refused, it says what rul-0001 says",
    ]
    assert last(replace(brief, left=None))[0].startswith("- revise")
    assert [last(Brief([ASK], 1, [won], left=n))[0] for n in (0, 1)] == [
        "(no more batch of attempts will follow this one)",
        "(at most one more batch of attempts will follow this one)",
    ]
    assert [read_brief(question(Brief([ASK], 1, [won], left=n), FLAT).messages[-1].content).last for n in (0, 1)] == [
        True,
        False,
    ]
    assert last(Brief([ASK], 1, [won])) == []
    # Edits that came too late are told in a part of their own.
    assert last(replace(brief, again=refused)) == []


@pytest.mark.parametrize(
    ("one", "other", "exception"),
    [
        ('When "a" is "x": choose "p".', 'When "a" is "x" and "b" is "y": choose "q".', True),
        ('When "a" is "x" and "b" is at least 3: choose "q".', 'When "a" is "x": choose "q".', True),
        ('When "a" is "x": choose "p".', 'In every other case: choose "p".', True),
        ('When "a" is "x": choose "p".', 'When "a" is "x": choose "q".', False),
        ('When "a" is "x": choose "p".', 'When "a" is "z": choose "p".', False),
        ('When "a" is "x": choose "p".', 'When "a" is "z": choose "q".', True),
        ("Ask first.", "Ask at first.", False),
    ],
)
def test_lessons_that_decide_different_cases_are_not_alike(one: str, other: str, exception: bool) -> None:
    bullets = [Bullet("rul-0001", "Rules", one), Bullet("rul-0002", "Rules", other)]
    assert [decide_apart(p) for p in pairs_among(bullets)] in ([exception], [])
    both = pairs_among([replace(bullets[0], text=f"{one}"), replace(bullets[1], text=f"{other}")])
    assert all(decide_apart(p) == exception for p in both)


def placed(after: str) -> list[Operation]:
    rows = [{"source_ids": ["rul-0001", "rul-0002"], "text": "Both.", "after_id": after, "reason": "", "attempts": []}]
    empty: dict[str, list[object]] = {name: [] for name in ("retire", "revise", "move", "add")}
    value = PlacedCuration.model_validate({"reasoning": "", **empty, "merge": rows})
    return operations(value, CuratorRequest((), {}, lessons(*["Rules"] * 4), PlacedCuration))


@pytest.mark.parametrize(
    ("after", "order"),
    [
        ("", ["Both.", "Lesson 3.", "Lesson 4."]),
        ("rul-0003", ["Lesson 3.", "Both.", "Lesson 4."]),
        ("[rul-0004]", ["Lesson 3.", "Lesson 4.", "Both."]),
        ("rul-0002", ["Both.", "Lesson 3.", "Lesson 4."]),
        ("top", ["Both.", "Lesson 3.", "Lesson 4."]),
        ("rul-0099", ["Both.", "Lesson 3.", "Lesson 4."]),
    ],
)
def test_a_merged_lesson_stands_where_the_reply_says(after: str, order: list[str]) -> None:
    book = Book(lessons(*["Rules"] * 4))
    changes, refused = apply(book, placed(after), "origin")
    assert refused == []
    assert [b.text for b in book.with_changes(changes)] == order


def test_a_merge_is_placed_only_where_the_setting_says_so() -> None:
    brief = Brief([ASK, LAST], 2, [made("n-1", True)])
    shapes = [question(brief, s).shape for s in (Shown(), Shown(last_edits=False), by_lesson())]
    assert shapes == [PlacedCuration, Curation, Curation]
    asks = [
        '"text": "...", "after_id": "", "reason": "...", "attempts": []}' in question(brief, s).messages[0].content
        for s in (Shown(), by_lesson())
    ]
    assert asks == [True, False]


def parts_left(brief: Brief, shown: Shown, halvings: int) -> set[str]:
    text = question(brief, shown, halvings=halvings).messages[1].content
    names = {layout.FOUND: "candidates", layout.COUNTED: "table", layout.LAST: "last edits", layout.DIAGNOSES: "diagnoses"}
    return {name for heading, name in names.items() if f"{heading}\n" in text}


@pytest.mark.parametrize("rows", [True, False])
def test_a_long_request_leaves_out_first_what_helps_least(rows: bool) -> None:
    done = tuple(Operation(Op.RETIRE, id=f"rul-{n:04}") for n in range(12))
    past = [Past(f"p-{n}", "x: " + "v" * 80, f"c {n}", True) for n in range(16)]
    new = made("n-1", True)
    brief = Brief(
        [ASK],
        1,
        [new],
        {"rul-0001": Record()},
        attempts=Attempts.of([new[0]], [new[1]], past),
        uncited=past,
        last=LastDelta(done),
        table=["t" * 100] * 10,
        candidates=["c" * 100] * 2,
    )
    shown = Shown(rows=rows)
    more = {"diagnoses"} if rows else set()
    assert parts_left(brief, shown, 0) == {*CUT_FIRST, "candidates", *more}
    left = [parts_left(brief, shown, n) for n in range(1, 5)]
    assert left[0] == {"candidates", *more}
    assert left[-1] == more
    counts = [len(question(brief, shown, halvings=n).numbers) for n in range(5)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 17
    assert counts[-1] >= 1
    sizes = [len(question(brief, shown, halvings=n).messages[1].content) for n in range(5)]
    assert sizes == sorted(sizes, reverse=True)
