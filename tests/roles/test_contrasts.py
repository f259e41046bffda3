"""Free answers: right and wrong attempts of one kind side by side, with what the environment said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from ace.evidence.attempts import Attempts
from ace.evidence.nearest import LOOKED_AT, contrasts, nearest
from ace.models import layout
from ace.roles.curator.brief import Brief
from ace.roles.curator.request import question
from ace.roles.curator.settings import Shown
from ace.types import Past
from tests.roles.prompts import checked, saying, several, unbroken
from tests.roles.test_curator import made, part


def past(n: int, situation: str, won: bool, kind: str = "", said: str = "") -> Past:
    return Past(f"p-{n}", situation, f"answer {n}", won, said, kind=kind)


def brief(*stored: Past, kind: str = "", options: tuple[str, ...] = (), won: bool = False) -> Brief:
    """A brief about one new attempt, a complaint about a lamp, after the `stored` ones."""
    e, r = made("n-1", won, said="too long", options=options)
    e, r = replace(e, task=replace(e.task, kind=kind)), replace(r, situation="kind: complaint; about: a lamp")
    return Brief([], 0, [(e, r)], attempts=Attempts.of([e], [r], stored))


LAMP = past(1, "kind: complaint; about: a broken lamp", True, said="short and right")
ORDER = past(2, "asks for: the date of an order", True)


@pytest.mark.parametrize("rows", [True, False])
def test_a_lost_attempt_stands_beside_the_nearest_one_that_won(rows: bool) -> None:
    lines = part(brief(ORDER, LAMP), layout.CONTRASTS, Shown(rows=rows))
    assert [line.split(layout.FIELD, 1)[1] for line in lines[1:]] == [
        "kind: complaint; about: a broken lamp | done: answer 1 | the environment said: short and right",
        "kind: complaint; about: a lamp | done: choice n-1 | the environment said: too long",
    ]
    assert [line[:3] for line in lines] == ["## ", "+ #", "- #"]


def test_the_numbers_are_those_of_the_rows() -> None:
    asked = question(brief(ORDER, LAMP), Shown())
    [won] = [n for n, id in asked.numbers.items() if id == "p-1"]
    assert f"+ #{won} | kind: complaint; about: a broken lamp | done" in asked.messages[1].content


def test_a_kind_decides_before_words_do() -> None:
    stored = (replace(LAMP, kind="letters"), replace(ORDER, kind="mails"))
    lines = part(brief(*stored, kind="mails"), layout.CONTRASTS, Shown())
    assert lines[0] == "## Pair 1 of the kind mails"
    assert "answer 2" in lines[1]
    assert part(brief(*stored, kind="calls"), layout.CONTRASTS, Shown()) == []


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        (brief(LAMP, options=("pay", "refuse")), Shown()),
        (brief(LAMP), Shown(contrasts=False)),
        (brief(LAMP, won=True), Shown()),
        (brief(ORDER), Shown()),
        (brief(), Shown()),
    ],
    ids=["answers are listed", "off", "both won", "nothing in common", "nothing before"],
)
def test_nothing_stands_there_where_nothing_contrasts(about: Brief, shown: Shown) -> None:
    assert layout.CONTRASTS not in question(about, shown).messages[1].content


def test_a_request_that_is_too_long_leaves_them_out_because_they_stand_in_the_table() -> None:
    assert layout.CONTRASTS not in question(brief(LAMP), Shown(), halvings=1).messages[1].content


def test_each_attempt_is_in_one_pair_and_pairs_are_few() -> None:
    lost = [past(n, "a lamp", False) for n in range(10)]
    won = [past(n, "a lamp", True) for n in range(20, 24)]
    found = contrasts(lost, [*lost, *won], 3)
    assert [(w.episode, p.episode) for w, p in found] == [("p-23", "p-9"), ("p-22", "p-8"), ("p-21", "p-7")]


def test_the_nearest_come_first_and_only_the_newest_are_looked_at() -> None:
    near, far = past(1, "a broken lamp", True), past(2, "a broken lamp and a late parcel", True)
    assert nearest("a broken lamp", "", [far, near, past(3, "an invoice", True)], 5) == [near, far]
    assert nearest("a broken lamp", "", [near, *[past(n, "an invoice", True) for n in range(LOOKED_AT)]], 5) == []
    assert nearest("", "", [near], 5) == []
    assert nearest("a broken lamp", "", [near], 0) == []


@given(several)
@checked
def test_nothing_that_is_said_passes_for_a_pair_or_a_part_of_the_prompt(texts: list[str]) -> None:
    say = saying(texts)
    stored = Past("p-1", say(), say(), True, say(), kind="mails")
    about = brief(stored, kind="mails")
    [(e, r)] = about.new
    r = replace(r, situation=say(), choice=say(), diagnosis=say(), lesson=say())
    about = replace(about, new=[(e, r)], attempts=Attempts.of([e], [r], [stored]))
    assert unbroken(question(about, Shown()).messages)
    lines = part(about, layout.CONTRASTS, Shown())
    assert [line.split(layout.FIELD)[0] for line in lines] == ["## Pair 1 of the kind mails", "+ #1", "- #2"]
    assert [line.count(layout.FIELD) for line in lines] == [0, 3, 3]
