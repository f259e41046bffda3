"""What the curator is shown, and what its reply means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from ace.models import layout
from ace.models.novice.reading import read_brief
from ace.playbooks.bullet import MAX_SECTION, Bullet
from ace.playbooks.operations import Op, Operation, Refusal
from ace.playbooks.similarity.compare import Kind, Likeness
from ace.playbooks.similarity.pairs import Pair, pairs_among
from ace.roles.curator.brief import Brief
from ace.roles.curator.edits import operations
from ace.roles.curator.request import CuratorRequest, question
from ace.roles.curator.settings import Shown
from ace.roles.replies import Curation
from ace.types import Episode, Observation, Past, Record, Reflection, Render, Step, Task, failure, success
from tests.roles.prompts import ENDLESS, Say, checked, plain, saying, several, skeleton, unbroken


def by_lesson(tokens: int = 10**9) -> Shown:
    """Attempts by lesson, within `tokens` tokens."""
    return Shown(rows=False, whole=False, dictionary=False, last_edits=False, contrasts=False, evidence_tokens=tokens)


MUCH = by_lesson()
"""More tokens than any evidence takes."""
ASK = Bullet("rul-0001", "Rules", "Ask first.")
LAST = Bullet("rul-0002", "Rules", "Answer last.")


def made(id: str, won: bool, *cited: str, said: str = "", options: tuple[str, ...] = ()) -> tuple[Episode, Reflection]:
    task = Task(f"t-{id}", "A visitor rings.", "train", {"answer": "the golden key"})
    steps = (Step("open", None, "", cited),)
    came = success(said) if won else failure(said)
    e = Episode(id, task, 1, "learn", 0, 7, Observation(task.text, (), options), steps, came, Render(""))
    return e, Reflection(id, f"situation {id}", f"choice {id}", f"diagnosis {id}", f"lesson {id}")


def past(id: str, won: bool, size: int = 0) -> Past:
    return Past(id, f"situation {id}" + "." * size, f"choice {id}", won)


def shown(brief: Brief, tokens: Shown = MUCH) -> str:
    return question(brief, tokens).messages[1].content


def part(brief: Brief, heading: str, tokens: Shown = MUCH) -> list[str]:
    """The lines of one part of the request, its inner headings included."""
    found = ("\n" + shown(brief, tokens)).partition(f"\n{heading}\n")[2].partition("\n\n")[0]
    return found.split("\n") if found else []


def everything(say: Say) -> Brief:
    """A brief in which everybody says something wherever they can."""
    bullets = [Bullet(f"rul-000{n}", say(), say(), pinned=n == 2, version=n) for n in (1, 2, 3)]
    new = []
    for n, won in enumerate((True, False)):
        e, _ = made(f"n-{n}", won, *(["rul-0001"] if won else []), said=say(), options=(say(), say()))
        new.append((replace(e, first=Observation(say(), (say(),), ("same",))), Reflection(e.id, say(), say(), say(), say())))
    old = [Past(f"p-{n}", say(), say(), bool(n % 2), say()) for n in range(4)]
    late = (
        Operation(Op.REVISE, id="rul-0001", text=say()),
        Operation(Op.MERGE, sources=("rul-0001", say()), text=say()),
    )
    return Brief(
        bullets,
        9,
        new,
        {"rul-0001": Record(cited_won=2, cited_lost=1)},
        {"rul-0001": (1, 1)},
        {"rul-0001": old[:3], "rul-0003": old[1:3]},
        old[3:],
        [Pair(bullets[0], bullets[1], Likeness(Kind.CONTRADICTS, 0.9, say()))],
        [Refusal(n, o, say()) for n, o in enumerate(late)],
        [e for e, _ in new],
    )


@given(several)
@checked
def test_nothing_that_is_said_passes_for_a_part_of_the_prompt(texts: list[str]) -> None:
    said = question(everything(saying(texts)), MUCH).messages
    assert skeleton(said) == skeleton(question(everything(plain()), MUCH).messages)
    assert unbroken(said)


@given(several)
@checked
def test_nothing_that_is_said_becomes_an_attempt_or_a_win(texts: list[str]) -> None:
    read, harmless = (read_brief(shown(everything(say))) for say in (saying(texts), plain()))
    assert read.counts == harmless.counts
    ends = [{n: (a.won, a.new, a.groups) for n, a in b.attempts.items()} for b in (read, harmless)]
    assert ends[0] == ends[1]
    assert len(ends[0]) == 6


def test_a_flood_of_words_is_cut_and_forges_nothing() -> None:
    said = question(everything(saying([ENDLESS])), MUCH).messages
    assert skeleton(said) == skeleton(question(everything(plain()), MUCH).messages)
    # What bullets say was capped when they were written.
    assert len(said[1].content) < 3 * len(ENDLESS) + 3 * 7000 + 40 * layout.MAX_LINE


def test_the_right_answer_is_shown_only_where_the_environment_said_it() -> None:
    silent = Brief([ASK], 1, [made("n-1", False)], evidence={"rul-0001": [past("p-1", False)]})
    assert not any("golden" in m.content for m in question(silent, MUCH).messages)
    old = replace(past("p-1", False), revealed="it was: a golden key")
    spoke = Brief([ASK], 1, [made("n-1", False, said="it was: the golden key")], evidence={"rul-0001": [old]})
    assert "the environment said: it was: the golden key" in part(spoke, layout.NEW)
    assert part(spoke, layout.PAST)[1] == "- #2 | situation p-1 | choice p-1 | the environment said: it was: a golden key"


def test_lessons_stand_by_section_with_the_mark_of_those_that_only_a_person_changes() -> None:
    pinned = replace(LAST, pinned=True)
    lines = part(Brief([ASK, Bullet("oth-0001", "Other", "Wait."), pinned], 3, []), layout.PLAYBOOK)
    assert lines == [
        "## Rules",
        "- [rul-0001] Ask first.",
        "- [rul-0002] Answer last.  (pinned: only a person changes it)",
        "## Other",
        "- [oth-0001] Wait.",
    ]


def test_it_is_told_whether_it_sees_all_lessons() -> None:
    assert part(Brief([], 0, []), layout.PLAYBOOK) == ["(empty)"]
    assert part(Brief([ASK], 7, []), layout.PLAYBOOK)[0].startswith("(1 of 7 lessons")


def test_pairs_are_listed_with_what_they_are_to_each_other() -> None:
    bullets = [
        Bullet("rul-0001", "Rules", "Retry a failed request 3 times."),
        Bullet("rul-0002", "Rules", "Retry a failed request 5 times."),
        Bullet("rul-0003", "Rules", "Retry the failed requests 3 times."),
        Bullet("rul-0004", "Rules", "Close the door."),
    ]
    lines = part(Brief(bullets, 4, [], pairs=pairs_among(bullets)), layout.ALIKE)
    assert "- [rul-0001] and [rul-0003] say the same" in lines
    assert any(line.startswith("- [rul-0001] and [rul-0002] may contradict each other: ") for line in lines)
    assert not any("rul-0004" in line for line in lines)
    assert layout.ALIKE not in shown(Brief(bullets[3:], 1, []))


def test_counts_include_the_new_attempts() -> None:
    new = [made("n-1", True, "rul-0001"), made("n-2", False, "rul-0001"), made("n-3", False, "rul-0002")]
    record = {"rul-0001": Record(cited_won=5, cited_lost=1, shown_won=70, helpful=9)}
    brief = Brief([ASK, LAST], 2, new, record, played=[e for e, _ in new])
    headings = [line for line in part(brief, layout.PAST) if line.startswith("## ")]
    assert headings == ["## [rul-0001]: followed 8 times, won 6, lost 2", "## [rul-0002]: followed 1 times, won 0, lost 1"]


def test_attempts_that_nobody_reflected_on_count_too() -> None:
    lost, won = made("n-1", False, "rul-0001"), made("n-2", True, "rul-0001")
    brief = Brief([ASK], 1, [lost], played=[lost[0], won[0]])
    assert part(brief, layout.PAST) == ["## [rul-0001]: followed 2 times, won 1, lost 1"]


def test_what_the_records_count_already_is_not_counted_again() -> None:
    new = [made("n-1", True, "rul-0001")]
    brief = Brief([ASK], 1, new, {"rul-0001": Record(cited_won=1)}, {"rul-0001": (1, 0)}, played=[])
    assert part(brief, layout.PAST) == ["## [rul-0001]: followed 1 times, won 1, lost 0"]


def test_of_a_reworded_lesson_it_is_said_how_it_does_as_it_reads_now() -> None:
    new = [made("n-1", True, "rul-0001")]
    brief = Brief(
        [replace(ASK, version=3)], 1, new, {"rul-0001": Record(cited_lost=9)}, {"rul-0001": (2, 1)}, played=[new[0][0]]
    )
    heading = "## [rul-0001]: followed 10 times, won 1, lost 9; as it reads now, won 3, lost 1"
    assert part(brief, layout.PAST) == [heading]
    assert "as it reads now" not in shown(replace(brief, bullets=[ASK])).partition(layout.PAST)[2]


def test_each_past_attempt_is_told_once_and_named_by_its_number_afterwards() -> None:
    both, mine, none = past("p-1", True), past("p-2", False), past("p-3", False)
    brief = Brief(
        [ASK, LAST],
        2,
        [made("n-1", True)],
        evidence={"rul-0001": [both, mine], "rul-0002": [mine]},
        uncited=[none],
    )
    asked = question(brief, MUCH)
    # Where the fewest are comes first, so that an attempt stands with the lesson that says most about it.
    assert part(brief, layout.PAST) == [
        "## [rul-0002]",
        "- #2 | situation p-2 | choice p-2",
        "## no lesson",
        "- #3 | situation p-3 | choice p-3",
        "## [rul-0001]",
        "+ #4 | situation p-1 | choice p-1",
        "also - #2",
    ]
    assert asked.numbers == {1: "n-1", 2: "p-2", 3: "p-3", 4: "p-1"}


def test_an_attempt_is_told_where_it_stands_with_the_fewest_others() -> None:
    """What every case uses says least about any of them."""
    every = [past(f"p-{n}", True) for n in range(3)]
    lines = part(Brief([ASK, LAST], 2, [], evidence={"rul-0001": every, "rul-0002": every[1:2]}), layout.PAST)
    assert lines == [
        "## [rul-0002]",
        "+ #1 | situation p-1 | choice p-1",
        "## [rul-0001]",
        "+ #2 | situation p-0 | choice p-0",
        "+ #3 | situation p-2 | choice p-2",
        "also + #1",
    ]


def test_a_new_attempt_is_not_told_among_the_past_ones_too() -> None:
    brief = Brief([ASK], 1, [made("n-1", True)], evidence={"rul-0001": [past("n-1", True)]}, uncited=[past("n-1", True)])
    assert layout.PAST not in shown(brief)
    assert question(brief, MUCH).numbers == {1: "n-1"}


def test_new_attempts_come_last_with_their_diagnoses() -> None:
    brief = Brief([ASK], 1, [made("n-1", True, "rul-0001"), made("n-2", False)], uncited=[past("p-1", True)])
    assert part(brief, layout.NEW) == [
        "## #1 success, used [rul-0001]",
        "situation: situation n-1",
        "done: choice n-1",
        "diagnosis: diagnosis n-1",
        "lesson: lesson n-1",
        "## #2 failure, used no lesson",
        "situation: situation n-2",
        "done: choice n-2",
        "diagnosis: diagnosis n-2",
        "lesson: lesson n-2",
    ]
    assert shown(brief).endswith("lesson: lesson n-2")


def test_what_all_new_attempts_could_choose_from_is_listed() -> None:
    new = [made("n-1", True, options=("open", "close", "ring")), made("n-2", True, options=("ring", "open"))]
    assert part(Brief([], 0, new), layout.ANSWERS) == ["- open", "- ring"]
    assert layout.ANSWERS not in shown(Brief([], 0, [*new, made("n-3", True)]))
    many = tuple(f"answer {n}" for n in range(41))
    assert layout.ANSWERS not in shown(Brief([], 0, [made("n-1", True, options=many)]))


def numbered(brief: Brief, tokens: int) -> set[str]:
    return set(question(brief, by_lesson(tokens)).numbers.values())


def test_where_there_is_too_much_the_oldest_of_the_longest_lists_goes_first() -> None:
    """Each of these takes 110 tokens."""
    long = [past(f"p-{n}", bool(n % 2), 397) for n in range(1, 6)]
    short = [past("p-8", True, 397), past("p-9", False, 397)]
    brief = Brief([ASK, LAST], 2, [], evidence={"rul-0001": long, "rul-0002": short})
    assert numbered(brief, 770) == {"p-1", "p-2", "p-3", "p-4", "p-5", "p-8", "p-9"}
    assert numbered(brief, 769) == {"p-2", "p-3", "p-4", "p-5", "p-8", "p-9"}
    assert numbered(brief, 450) == {"p-4", "p-5", "p-8", "p-9"}
    assert numbered(brief, 0) == numbered(brief, -1) == set()


def test_an_attempt_in_several_lists_counts_once_and_goes_when_the_last_list_drops_it() -> None:
    every = [past(f"p-{n}", True, 397) for n in range(3)]
    brief = Brief([ASK, LAST], 2, [], evidence={"rul-0001": every, "rul-0002": every})
    assert numbered(brief, 330) == {"p-0", "p-1", "p-2"}
    assert numbered(brief, 329) == {"p-1", "p-2"}
    assert part(brief, layout.PAST, by_lesson(329)).count("also + #1 #2") == 1


def test_how_often_a_lesson_won_is_said_even_where_no_attempt_is_left() -> None:
    brief = Brief([ASK], 1, [], {"rul-0001": Record(cited_won=3)}, evidence={"rul-0001": [past("p-1", True)]})
    assert part(brief, layout.PAST, by_lesson(0)) == ["## [rul-0001]: followed 3 times, won 3, lost 0"]


# What its reply means


def edits(asked: CuratorRequest, **lists: Sequence[Mapping[str, Any]]) -> list[Operation]:
    empty: dict[str, Any] = {name: [] for name in ("retire", "revise", "merge", "move", "add")}
    filled = {name: [{"reason": "", "attempts": [], **row} for row in rows] for name, rows in lists.items()}
    return operations(Curation.model_validate({"reasoning": "", **empty, **filled}), asked)


def adding(text: str, after: str = "", section: str = "Rules") -> dict[str, Any]:
    return {"section": section, "text": text, "after_id": after}


@pytest.fixture
def asked() -> CuratorRequest:
    return question(Brief([ASK, LAST], 2, [made("n-1", True), made("n-2", False)], uncited=[past("p-1", True)]), MUCH)


def test_numbers_become_episodes_and_those_that_stand_for_none_are_dropped(asked: CuratorRequest) -> None:
    reason = "It won in #1 and #3, lost in #2; #4 and #12345678 are not known, nor is 1 or a#b."
    [o] = edits(asked, retire=[{"lesson_id": "rul-0001", "reason": reason, "attempts": [3, 1, 3, 4, -1]}])
    assert o.episodes == ("p-1", "n-1")
    assert o.reason == "It won in n-1 and p-1, lost in n-2; #4 and #12345678 are not known, nor is 1 or a#b."


def test_edits_come_in_the_order_in_which_they_are_done(asked: CuratorRequest) -> None:
    made = edits(
        asked,
        add=[adding("new")],
        move=[{"lesson_id": "rul-0002", "section": "", "after_id": "first"}],
        merge=[{"source_ids": ["[rul-0001]", " rul-0002 "], "text": "both"}],
        revise=[{"lesson_id": "[rul-0001]", "text": "Ask twice."}],
        retire=[{"lesson_id": "rul-0002"}],
    )
    assert [o.op for o in made] == [Op.RETIRE, Op.REVISE, Op.MERGE, Op.MOVE, Op.ADD]
    assert (made[1].id, made[2].sources) == ("rul-0001", ("rul-0001", "rul-0002"))


def test_lessons_after_the_same_lesson_end_up_in_the_order_given(asked: CuratorRequest) -> None:
    """Each is placed right after its anchor, so the last must come first."""
    made = edits(asked, add=[adding("a", "rul-0001"), adding("z"), adding("b", "[rul-0001]"), adding("c", "top")])
    assert [(o.text, o.after) for o in made] == [("c", "top"), ("b", "rul-0001"), ("a", "rul-0001"), ("z", "")]


def test_a_lesson_after_one_that_is_not_there_is_placed_last_and_says_so(asked: CuratorRequest) -> None:
    [o] = edits(asked, add=[{**adding("a", "rul-0009"), "reason": "Why not.", "attempts": [1]}])
    assert (o.after, o.episodes) == ("", ("n-1",))
    assert o.reason == "Why not. (Placed last: there is no lesson 'rul-0009' to stand after.)"
    [kept] = edits(asked, add=[{**adding("a", "rul-0001"), "reason": "Why not."}])
    assert (kept.after, kept.reason) == ("rul-0001", "Why not.")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Refunds", "Refunds"),
        ("How to answer visitors who ring at night " * 2, "How to answer visitors who ring at night How to answer"),
        ("x" * 80, "x" * MAX_SECTION),
        ("訪" * 80, "訪" * MAX_SECTION),
        (" " + "x" * 80, " " + "x" * (MAX_SECTION - 1)),
    ],
)
def test_a_long_name_of_a_section_is_cut_and_never_lost(asked: CuratorRequest, name: str, kept: str) -> None:
    [o] = edits(asked, add=[adding("a", section=name)])
    assert o.section == kept
