"""All attempts in one table: what stands in it, what is left out, and that a reader gets back what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace.evidence.attempts import Attempts
from ace.models import layout
from ace.models.novice.reading import read_brief
from ace.playbooks.bullet import Bullet
from ace.roles.curator.brief import Brief
from ace.roles.curator.request import question
from ace.roles.curator.rows import HELP, kept, size, table
from ace.roles.curator.settings import Shown
from ace.types import Past, Record, Reflection
from tests.roles.prompts import ENDLESS, checked, plain, saying, several, skeleton, unbroken
from tests.roles.test_curator import ASK, by_lesson, everything, made, part

FLAT = Shown()
ROWS = Shown(contrasts=False)
"""Which attempts are alike depends on what is said."""


def past(n: int, situation: str, won: bool = False, *cited: str, choice: str = "ring", said: str = "", task: str = "") -> Past:
    return Past(f"p-{n}", situation, choice, won, said, cited, task or f"t-{n}")


def rows(*attempts: Past, new: tuple[Past, ...] = (), tokens: int = 10**9) -> list[str]:
    """The lines of the table below its explanation."""
    lines = table(Attempts(attempts, new), {}, tokens)
    assert lines[:1] == [HELP]
    return lines[1:]


def after(brief: Brief, stored: Sequence[Past]) -> Brief:
    """`brief` about a batch after the `stored` attempts."""
    episodes = (*brief.played, *(e for e, _ in brief.new))
    return replace(brief, attempts=Attempts.of(episodes, [r for _, r in brief.new], stored))


def test_names_stand_once_and_values_in_rows() -> None:
    lines = rows(
        past(1, "tier: gold; amount: 240", True, "rul-0001", "rul-0002"),
        past(2, "Amount: 30; tier: Gold.", choice="open > ring"),
        past(3, "tier: silver; amount: 30; told: he was angry; colour: red"),
        past(4, "tier: silver"),
        new=(past(5, "tier: gold; amount: 7", True),),
    )
    assert lines == [
        "row | tier | amount | choice | lessons | more",
        "+ #1 | gold | 240 | ring | rul-0001 rul-0002",
        "- #2 | gold | 30 | open > ring",
        "- #3 | silver | 30 | ring |  | colour: red; told: he was angry",
        "- #4 | silver | ? | ring",
        "+ #5 new | gold | 7 | ring",
    ]


def test_a_case_told_in_sentences_keeps_its_text() -> None:
    lines = rows(
        past(1, "A visitor rings; it is late.", said="it was: open"),
        past(2, "text: Dear all, we ring; twice"),
        past(3, "kind: letter; text: Dear all"),
    )
    assert lines == [
        "row | kind | choice | lessons | more | the environment said",
        "- #1 | ? | ring |  | A visitor rings; it is late. | it was: open",
        "- #2 | ? | ring |  | text: Dear all, we ring; twice",
        "- #3 | letter | ring |  | text: Dear all",
    ]


def test_attempts_at_one_case_stand_together_and_its_facts_stand_once() -> None:
    facts = "a: 1; b: 2; c: 3"
    chain = [past(n, facts, n == 4, choice=f"c{n}", task="one") for n in (1, 3, 4)]
    lines = rows(chain[0], past(2, "a: 9; b: 9; c: 9"), *chain[1:], past(5, facts))
    assert lines[1:] == [
        "- #1 | 1 | 2 | 3 | c1",
        "- #2 | as #1 | c3",
        "+ #3 | as #1 | c4",
        "- #4 | 9 | 9 | 9 | ring",
        "- #5 | 1 | 2 | 3 | ring",
    ]
    # One that saw more than another is told in full.
    seen = rows(chain[0], replace(chain[1], situation=facts + "; d: 4"), chain[2])
    assert [line.count(layout.SAME_CASE) for line in seen[1:]] == [0, 0, 0]


def test_facts_that_all_attempts_share_stand_once_above_the_table_where_that_is_shorter() -> None:
    shared = "shop: north branch; Currency: EUR; tier: {}"
    told = [past(n, shared.format("gold" if n % 2 else "none"), n == 1) for n in range(1, 5)]
    lines = rows(*told)
    assert lines == [
        "the same in every row | shop: north branch | Currency: EUR",
        "row | tier | choice | lessons | more",
        "+ #1 | gold | ring",
        "- #2 | none | ring",
        "- #3 | gold | ring",
        "- #4 | none | ring",
    ]
    brief = read_brief("\n".join([layout.ROWS, HELP, *lines]))
    assert [t.situation for t in brief.attempts.values()] == [p.situation for p in told]
    # Of two short attempts the line would be longer than what it saves.
    assert rows(*told[:2])[0] == "row | shop | Currency | tier | choice | lessons | more"
    # One attempt that did not see a fact, or saw another value, tells it from the others; case and ending do not.
    other = [replace(told[1], situation=f"SHOP: North branch.; tier: {tier}; Currency: USD") for tier in ("gold", "none")]
    assert rows(*told, *other)[:2] == [
        "the same in every row | shop: north branch",
        "row | Currency | tier | choice | lessons | more",
    ]
    assert rows(*told, past(9, "tier: gold; Currency: EUR"))[0].startswith("row | shop")
    # What is not seen is no value.
    assert rows(*(past(n, f"note of the desk: ?; tier: {n}") for n in range(20)))[0].startswith("row | note of the desk")


@given(st.lists(st.tuples(st.sampled_from(["a", "?", "north branch"]), st.sampled_from(["b", "c"])), min_size=1, max_size=12))
def test_what_stands_above_the_table_never_makes_it_longer(values: list[tuple[str, str]]) -> None:
    told = [past(n, f"shop: {a}; tier: {b}") for n, (a, b) in enumerate(values)]
    lines, alone = rows(*told), [rows(p)[-1] for p in told]
    plain = ["row | shop | tier | choice | lessons | more", *alone]
    # The number of a row has two digits at most here, and one in the rows made alone.
    assert len("".join(lines)) <= len("".join(plain)) + len(told)


def test_a_value_that_looks_like_another_row_is_told_apart() -> None:
    lines = ["\n".join([layout.ROWS, HELP, *rows(past(1, "a: 1; b: 2; c: 3"), past(2, "a: as #1; b: x; c: y"))])]
    assert read_brief(lines[0]).attempts[2].situation == "a: 'as #1; b: x; c: y"


def test_over_the_budget_the_newest_and_the_most_telling_are_kept_and_the_rest_counted() -> None:
    """Each row takes 24 tokens; wins, and losses that contradict the present list, tell most."""
    wide = "x: " + "v" * 80
    old = [past(n, wide, n % 5 == 0) for n in range(40)]
    each = size(old[1])
    assert [p.episode for p in kept(old, 10 * each)] == [f"p-{n}" for n in (10, 15, 20, 25, 30, 35, 36, 37, 38, 39)]
    assert len(kept(old, 10**6)) == 40
    assert kept(old, 0) == []
    lines = rows(*old, tokens=10 * each)
    assert lines[-1] == "(30 more past attempts are left out: 2 right, 28 wrong)"
    lost = [p for p in old if not p.won]
    assert "p-2" in {p.episode for p in kept(lost, 10 * each, {"p-2"})}
    assert "p-3" not in {p.episode for p in kept(lost, 10 * each, {"p-2"})}


def test_the_losses_kept_over_the_budget_contradict_the_present_list_by_its_texts() -> None:
    """A loss that followed a lesson with another text than it has now says nothing of the list; one that no lesson was cited in
    may. Of a lesson whose text states no condition only following it tells."""
    gold = Bullet("rul-0001", "Rules", 'When "tier" is "gold": choose "ring".')
    unread = Bullet("rul-0002", "Rules", "Be kind to visitors.")
    told = {
        "contradicts": past(0, "tier: gold"),
        "of the lesson's old text": past(1, "tier: silver", False, "rul-0001"),
        "of another choice": past(2, "tier: gold", choice="open"),
        "of a lesson that is not read": past(3, "tier: silver", False, "rul-0002"),
        "of a lesson that has gone": past(4, "tier: silver", False, "rul-0009"),
    }
    newer = [past(n, "tier: silver") for n in range(10, 40)]
    brief = after(Brief([gold, unread], 2, [made("n-1", True)]), [*told.values(), *newer])
    shown = replace(FLAT, evidence_tokens=sum(size(p) for p in newer[:8]))
    numbers = question(brief, shown).numbers
    assert {name for name, p in told.items() if p.episode in numbers.values()} == {
        "contradicts",
        "of a lesson that is not read",
    }


def test_a_request_holds_each_attempt_once_with_what_it_says_of_the_new_ones() -> None:
    new = [made("n-1", True, "rul-0001"), made("n-2", False)]
    retried, _ = made("n-0", False)
    retried = replace(retried, task=new[0][0].task)
    stored = [past(1, "situation 1", True, "rul-0001"), Past("n-1", "situation 9", "choice 9", True)]
    lesson = "Before answering, look at the door."
    second = (new[1][0], replace(new[1][1], diagnosis="It was wrong here.", lesson=lesson))
    played = [retried, *(e for e, _ in new)]
    brief = after(Brief([ASK], 1, [new[0], second], {"rul-0001": Record(cited_won=3)}, played=played), stored)
    asked = question(brief, FLAT)
    assert asked.numbers == {1: "p-1", 2: "n-0", 3: "n-1", 4: "n-2"}
    text = asked.messages[1].content
    listed = part(brief, layout.ROWS, FLAT)
    assert [line.split(" | ")[0] for line in listed[2:]] == ["+ #1", "- #2 new", "+ #3 new", "- #4 new"]
    assert part(brief, layout.PLAYBOOK, FLAT)[1] == "- [rul-0001] Ask first.  (followed 4 times, won 4, lost 0)"
    # Nothing was listed to choose from, so what the agent did wrong is told whole.
    assert text.endswith(f"- #4 | diagnosis: It was wrong here. | lesson: {lesson}")
    listing = replace(second[0], first=replace(second[0].first, answers=("ring", "open")))
    text = question(replace(brief, new=[new[0], (listing, second[1])]), FLAT).messages[1].content
    assert text.endswith(f"- #4 | lesson: {lesson}")


@given(several)
@checked
def test_nothing_that_is_said_passes_for_a_row_or_a_part_of_the_prompt(texts: list[str]) -> None:
    asked, harmless = (free(after(everything(say), stored(say))) for say in (saying(texts), plain()))
    said = question(asked, ROWS).messages
    assert unbroken(said)
    assert skeleton(said) == skeleton(question(harmless, ROWS).messages)
    read, expected = (read_brief(question(b, ROWS).messages[1].content) for b in (asked, harmless))
    assert read.counts == expected.counts
    ends = [{n: (a.won, a.new, a.groups) for n, a in b.attempts.items()} for b in (read, expected)]
    assert ends[0] == ends[1]
    assert len(ends[0]) == 6


def free(brief: Brief) -> Brief:
    """With nothing listed to choose from, so that every diagnosis is told."""
    return replace(brief, new=[(replace(e, first=replace(e.first, actions=(), answers=())), r) for e, r in brief.new])


def stored(say: object) -> list[Past]:
    assert callable(say)
    return [Past(f"p-{n}", say(), say(), bool(n % 2), say(), ("rul-0001", say())) for n in range(4)]


_names = st.sampled_from(["tier", "amount", "kind", "choice", "more", "row", "the environment said", "lessons"])
_values = st.sampled_from(["gold", "12 kg", "as #1", "a | b", "x: y", "?", "none"])
_facts = st.dictionaries(_names, _values, max_size=6)


@given(st.lists(st.tuples(_facts, st.booleans(), st.sampled_from(["", "a", "b"])), min_size=1, max_size=8))
@checked
def test_a_reader_gets_back_the_facts_of_every_row(cases: list[tuple[dict[str, str], bool, str]]) -> None:
    attempts = [
        past(
            n,
            "; ".join(f"{k}: {v}" for k, v in facts.items()),
            won,
            "rul-0001",
            task=task and f"{task} {sorted(facts.items())}",
        )
        for n, (facts, won, task) in enumerate(cases)
    ]
    numbers: dict[str, int] = {}
    text = "\n".join([layout.ROWS, *table(Attempts(attempts, ()), numbers, 10**9)])
    read = read_brief(text).attempts
    for p, (facts, won, _) in zip(attempts, cases, strict=True):
        told = read[numbers[p.episode]]
        wanted = {k: v.replace("|", "/") for k, v in facts.items() if v != layout.UNSEEN}
        got = dict(fact.split(": ", 1) for fact in told.situation.replace("'as #", "as #").split("; ") if fact)
        assert {k: v for k, v in got.items() if v != layout.UNSEEN} == wanted
        assert (told.won, told.choice, told.groups) == (won, "ring", ["rul-0001"])


def test_a_flood_of_words_is_cut(tmp_path: Path) -> None:
    brief = after(everything(saying([ENDLESS])), [Past("p-1", ENDLESS, ENDLESS, True, ENDLESS)])
    assert len(question(brief, FLAT).messages[1].content) < 3 * len(ENDLESS) + 60 * layout.MAX_LINE


def test_with_everything_off_the_request_is_the_one_of_before() -> None:
    _, user = question(everything(plain()), by_lesson()).messages
    assert f"{user.content}\n" == Path(__file__).with_name("curator_by_lesson.txt").read_text()


@pytest.mark.parametrize("halvings", [1, 2, 4])
def test_halving_leaves_the_new_attempts_and_fewer_past_ones(halvings: int) -> None:
    old = [past(n, "x: " + "v" * 80, True) for n in range(32)]
    brief = after(Brief([Bullet("rul-0001", "Rules", "Ask.")], 1, [made("n-1", True)]), old)
    numbers = question(brief, FLAT, halvings=halvings).numbers
    assert "n-1" in numbers.values()
    assert len(numbers) - 1 == 32 >> halvings
    assert isinstance(brief.new[0][1], Reflection)


@pytest.mark.parametrize("shown", [FLAT, by_lesson()], ids=["flat", "by lesson"])
def test_a_choice_is_not_cut_however_often_the_rest_is_halved(shown: Shown) -> None:
    """Half an answer is another one, which a list would then choose."""
    choice = " > ".join(["look up the customer", "look up the order", "look up the returned item", "refund in full"])
    brief = after(Brief([Bullet("rul-0001", "Rules", "Ask.")], 1, [made("n-1", True)]), [])
    episode, reflection = brief.new[0]
    brief = after(replace(brief, new=[(episode, replace(reflection, choice=choice))]), [past(1, "x: y", True, choice=choice)])
    text = question(brief, shown, halvings=4).messages[1].content
    assert choice in text
